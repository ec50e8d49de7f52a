"""The demo: two Mastodon inboxes and a wiki's watchlist, with some hundred notifications."""

import asyncio
import random
from collections.abc import Callable, Mapping
from urllib.parse import urlsplit

import httpx

from app.clock import Clock
from app.config.load import Table
from app.platforms.registry import PLATFORMS
from app.sandbox.faults import FAULTS, FaultyTransport
from app.upstreams.http.over_httpx import TransportByHost
from app.upstreams.http.transport import Transport

_INBOXES = [inbox for platform in PLATFORMS.values() for inbox in platform.demo]

DEMO: Table = {
    "upstream": {"contact": "demo@tidings.invalid"},
    "inboxes": [dict(inbox.table) for inbox in _INBOXES],
}
"""The demo's configuration, as a file would have it."""


def with_demo(table: Table) -> Table:
    """A configuration with the demo's inboxes after its own."""
    own = table.get("inboxes", [])
    inboxes = [*own, *DEMO["inboxes"]] if isinstance(own, list) else own
    return {**DEMO, **table, "inboxes": inboxes}


ARRIVAL_EVERY = (3.0, 8.0)
"""Seconds, from and to."""


class Demo:
    """The demo's instances, reached without a network, and `others` for all other hosts.

    `ways` lead to them by the names of their inboxes: a fault can be put into each.
    """

    def __init__(self, clock: Clock, others: Transport) -> None:
        now = clock.now()
        self.ways: dict[str, FaultyTransport] = {}
        self._arrive: dict[str, Callable[[], None]] = {}
        self._arriving: asyncio.Task[None] | None = None
        hosts: dict[str, httpx.AsyncBaseTransport] = {}
        for inbox in _INBOXES:
            instance = inbox.make_instance(clock, now)
            name = inbox.table["name"]
            self._arrive[name] = instance.arrive
            way = self.ways[name] = FaultyTransport(httpx.ASGITransport(instance.app), clock)
            hosts[urlsplit(inbox.table["url"]).hostname or ""] = way
        self.transport = TransportByHost(hosts, others)

    def begin_arrivals(self) -> None:
        """From now on something happens every few seconds; nothing where that is so already."""
        if self._arriving is None:
            self._arriving = asyncio.create_task(self._keep_arriving())

    def arrive(self, name: str) -> None:
        """Lets one thing happen in an inbox. Raises UnknownFault."""
        if name not in self._arrive:
            raise UnknownFault(f"there is no inbox {name}: there are {', '.join(self.ways)}.")
        self._arrive[name]()

    async def _keep_arriving(self) -> None:
        chance = random.Random("arrivals")  # noqa: S311 - a seed, no secret
        while True:
            await asyncio.sleep(chance.uniform(*ARRIVAL_EVERY))
            self._arrive[chance.choice([*self._arrive])]()

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


class UnknownFault(Exception):
    """The sandbox has no such inbox, or no such fault."""


def demo_transport(clock: Clock, others: Transport) -> Transport:
    """The demo without faults."""
    return Demo(clock, others).transport
