"""The demo: two Mastodon inboxes and a wiki's watchlist, with some hundred notifications."""

from collections.abc import Mapping
from urllib.parse import urlsplit

import httpx

from app.clock import Clock
from app.config.load import Table
from app.demo.arrivals import Arrivals, UnknownFault
from app.platforms.registry import PLATFORMS
from app.sandbox.faults import FAULTS, FaultyTransport
from app.sandbox.stream_faults import FaultySockets
from app.upstreams.http.over_httpx import TransportByHost
from app.upstreams.http.transport import Transport

INBOXES = [inbox for platform in PLATFORMS.values() for inbox in platform.demo]

DEMO: Table = {
    "upstream": {"contact": "demo@tidings.invalid"},
    "inboxes": [dict(inbox.table) for inbox in INBOXES],
}
"""The demo's configuration, as a file would have it."""


def with_demo(table: Table) -> Table:
    """A configuration with the demo's inboxes after its own."""
    own = table.get("inboxes", [])
    inboxes = [*own, *DEMO["inboxes"]] if isinstance(own, list) else own
    return {**DEMO, **table, "inboxes": inboxes}


class Demo:
    """The demo's instances, reached without a network, and `others` for all other hosts.

    `ways` lead to them by the names of their inboxes: a fault can be put into each.
    """

    def __init__(self, clock: Clock, others: Transport) -> None:
        now = clock.now()
        made = {each: each.make_instance(clock, now, each.origin, each.rows) for each in INBOXES}
        self.arrivals = Arrivals({each.name: instance.arrive for each, instance in made.items()})
        self.ways = {
            each.name: FaultyTransport(httpx.ASGITransport(instance.app), clock)
            for each, instance in made.items()
        }
        hosts = {urlsplit(each.origin).netloc: self.ways[each.name] for each in INBOXES}
        opening = {
            urlsplit(each.origin).netloc: FaultySockets(instance.app, self.ways[each.name]).open
            for each, instance in made.items()
        }
        self.transport = TransportByHost(hosts, others, opening)

    def set_faults(self, faults: object) -> None:
        """Puts faults, by their names, into inboxes' instances; None takes one away.

        Raises UnknownFault where it is no mapping of these, and then changes nothing.
        """
        if not isinstance(faults, Mapping):
            raise UnknownFault("expected an object of inboxes and faults.")
        for name, key in faults.items():
            if name not in self.ways:
                raise UnknownFault(f"there is no inbox {name}: there are {', '.join(self.ways)}.")
            if key is not None and (not isinstance(key, str) or key not in FAULTS):
                raise UnknownFault(f"there is no fault {key}: there are {', '.join(FAULTS)}.")
        for name, key in faults.items():
            self.ways[name].fault = FAULTS[key] if key is not None else None


def demo_transport(clock: Clock, others: Transport) -> Transport:
    """The demo without faults."""
    return Demo(clock, others).transport
