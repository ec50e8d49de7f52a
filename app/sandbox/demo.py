"""The demo: two Mastodon inboxes and a wiki's watchlist, with some hundred notifications."""

import random
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

import httpx
from pydantic import SecretStr

from app.clock import Clock
from app.config.load import Table
from app.sandbox.faults import FAULTS, FaultyTransport
from app.sandbox.listing import Entity
from app.sandbox.mastodon import SandboxMastodon
from app.sandbox.mediawiki import SandboxWiki
from app.upstreams.http.over_httpx import TransportByHost
from app.upstreams.http.transport import Transport

PEOPLE = ("Ada", "Bela", "Chidi", "Dora", "Emre", "Farah", "Goro", "Hana", "Iris", "Jonas")
PAGES = ("Moon", "Talk:Moon", "Tide", "Lighthouse", "Semaphore", "Talk:Tide", "Pigeon post")
KINDS = ("mention", "favourite", "reblog", "follow", "status", "poll", "quote", "update")
POSTS = (
    "The tide is <em>very</em> low this morning.",
    "Does anybody know a good book about lighthouses?",
    "I wrote about <strong>pigeon post</strong>: comments are welcome.",
    "Rain again. The semaphore is hardly to be seen.",
)
COMMENTS = ("add a source", "typo", "more about the winter", "undo", "shorter")

WATCHER = "Ada"
BOT_PASSWORD = "sandbox0sandbox0sandbox0sandbox0"  # noqa: S105 - opens nothing but the sandbox


DEMO: Table = {
    "upstream": {"contact": "demo@tidings.invalid"},
    "inboxes": [
        {
            "name": "social",
            "platform": "mastodon",
            "url": "https://social.sandbox",
            "token": SecretStr("sandbox-social"),
        },
        {
            "name": "work",
            "platform": "mastodon",
            "url": "https://work.sandbox",
            "token": SecretStr("sandbox-work"),
        },
        {
            "name": "wiki",
            "platform": "mediawiki",
            "url": "https://wiki.sandbox/w/api.php",
            "username": f"{WATCHER}@tidings",
            "password": SecretStr(BOT_PASSWORD),
        },
    ],
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
        apps = {
            "social": make_social(clock, "social.sandbox", "sandbox-social", 220, now).app,
            "work": make_social(clock, "work.sandbox", "sandbox-work", 90, now).app,
            "wiki": make_wiki(clock, "wiki.sandbox", 130, now).app,
        }
        self.ways = {
            name: FaultyTransport(httpx.ASGITransport(app), clock) for name, app in apps.items()
        }
        self.transport = TransportByHost(
            {f"{name}.sandbox": way for name, way in self.ways.items()}, others
        )

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


def make_social(clock: Clock, host: str, token: str, count: int, now: datetime) -> SandboxMastodon:
    """A Mastodon with one account that received `count` notifications; the same for a same host."""
    chance = random.Random(host)  # noqa: S311 - a seed, no secret
    sandbox = SandboxMastodon(host, clock)
    me = sandbox.open_mailbox(token, "me").account
    people = [sandbox.make_account(f"{name.lower()}@elsewhere.sandbox", name) for name in PEOPLE]
    for at in _instants(chance, count, timedelta(hours=60), now):
        kind, who = chance.choice(KINDS), chance.choice(people)
        parts: dict[str, Entity] = {}
        if kind != "follow":
            author = who if kind in ("mention", "status", "quote", "update", "poll") else me
            content = f"<p>{chance.choice(POSTS)}</p>"
            parts["status"] = sandbox.make_status(author, content, at - timedelta(minutes=3))
        sandbox.notify(token, kind, who, at, **parts)
    return sandbox


def make_wiki(clock: Clock, host: str, count: int, now: datetime) -> SandboxWiki:
    """A wiki with one watcher and `count` changes that they have not seen."""
    chance = random.Random(host)  # noqa: S311 - a seed, no secret
    wiki = SandboxWiki(host, clock)
    wiki.pages.make_user(WATCHER, "tidings", BOT_PASSWORD, "viewmywatchlist", "editmywatchlist")
    wiki.pages.watch(WATCHER, *PAGES)
    for at in _instants(chance, count, timedelta(hours=60), now):
        page, who = chance.choice(PAGES), chance.choice(PEOPLE[1:])
        if chance.random() < 0.05:
            wiki.pages.protect(page, who, "too many disputes", at)
        else:
            comment, is_minor = chance.choice(COMMENTS), chance.random() < 0.2
            delta = chance.randint(-40, 200)
            wiki.pages.edit(page, who, comment, at, delta=delta, is_minor=is_minor)
    return wiki


def _instants(
    chance: random.Random, count: int, span: timedelta, now: datetime
) -> Sequence[datetime]:
    """`count` instants of the time up to now, oldest first."""
    return sorted(now - span * chance.random() for _ in range(count))
