"""The wiki of the demo, with something to read."""

import random
from datetime import datetime, timedelta

from app.clock import Clock
from app.sandbox.demo_people import BOT_PASSWORD, PEOPLE, WATCHER, instants
from app.sandbox.mediawiki import SandboxWiki
from app.sandbox.wiki_echo import RIGHT, SandboxEcho

PAGES = ("Moon", "Talk:Moon", "Tide", "Lighthouse", "Semaphore", "Talk:Tide", "Pigeon post")
TOLD = 12
KINDS = (
    ("mention", "Talk:Moon", "What does the watcher say to this?"),
    ("edit-user-talk", None, "Could you look at the lighthouse?"),
    ("edit-thank", "Tide", ""),
    ("page-linked", "Semaphore", ""),
    ("reverted", "Pigeon post", ""),
)
COMMENTS = ("add a source", "typo", "more about the winter", "undo", "shorter")


def make_wiki(
    clock: Clock, host: str, count: int, now: datetime, origin: str | None = None
) -> SandboxWiki:
    """A wiki with one watcher and `count` changes that they have not seen."""
    chance = random.Random(host)  # noqa: S311 - a seed, no secret
    wiki = SandboxWiki(host, clock, origin=origin)
    rights = "viewmywatchlist", "editmywatchlist", RIGHT
    wiki.pages.make_user(WATCHER, "tidings", BOT_PASSWORD, *rights)
    wiki.pages.watch(WATCHER, *PAGES)
    for at in instants(chance, count, timedelta(hours=60), now):
        page, who = chance.choice(PAGES), chance.choice(PEOPLE[1:])
        if chance.random() < 0.05:
            wiki.pages.protect(page, who, "too many disputes", at)
        else:
            comment, is_minor = chance.choice(COMMENTS), chance.random() < 0.2
            delta = chance.randint(-40, 200)
            wiki.pages.edit(page, who, comment, at, delta=delta, is_minor=is_minor)
    wiki.echo = _make_echo(wiki.origin, chance, now)
    return wiki


def _make_echo(origin: str, chance: random.Random, now: datetime) -> SandboxEcho:
    """What the wiki itself tells the watcher of, which is not on the watchlist."""
    echo = SandboxEcho(origin)
    for at in instants(chance, TOLD, timedelta(hours=60), now):
        kind, page, body = chance.choice(KINDS)
        echo.notify(
            WATCHER, kind, at, page or f"User talk:{WATCHER}", chance.choice(PEOPLE[1:]), body=body
        )
    return echo


def let_wiki_happen(wiki: SandboxWiki, at: datetime) -> None:
    """One more edit, the same after as many others."""
    chance = random.Random(len(wiki.pages.changes))  # noqa: S311 - a seed, no secret
    wiki.pages.edit(chance.choice(PAGES), chance.choice(PEOPLE[1:]), chance.choice(COMMENTS), at)
