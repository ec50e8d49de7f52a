"""The wiki of the demo, with something to read."""

import random
from datetime import datetime, timedelta

from app.clock import Clock
from app.sandbox.demo_people import BOT_PASSWORD, PEOPLE, WATCHER, instants
from app.sandbox.mediawiki import SandboxWiki

PAGES = ("Moon", "Talk:Moon", "Tide", "Lighthouse", "Semaphore", "Talk:Tide", "Pigeon post")
COMMENTS = ("add a source", "typo", "more about the winter", "undo", "shorter")


def make_wiki(
    clock: Clock, host: str, count: int, now: datetime, origin: str | None = None
) -> SandboxWiki:
    """A wiki with one watcher and `count` changes that they have not seen."""
    chance = random.Random(host)  # noqa: S311 - a seed, no secret
    wiki = SandboxWiki(host, clock, origin=origin)
    wiki.pages.make_user(WATCHER, "tidings", BOT_PASSWORD, "viewmywatchlist", "editmywatchlist")
    wiki.pages.watch(WATCHER, *PAGES)
    for at in instants(chance, count, timedelta(hours=60), now):
        page, who = chance.choice(PAGES), chance.choice(PEOPLE[1:])
        if chance.random() < 0.05:
            wiki.pages.protect(page, who, "too many disputes", at)
        else:
            comment, is_minor = chance.choice(COMMENTS), chance.random() < 0.2
            delta = chance.randint(-40, 200)
            wiki.pages.edit(page, who, comment, at, delta=delta, is_minor=is_minor)
    return wiki


def let_wiki_happen(wiki: SandboxWiki, at: datetime) -> None:
    """One more edit, the same after as many others."""
    chance = random.Random(len(wiki.pages.changes))  # noqa: S311 - a seed, no secret
    wiki.pages.edit(chance.choice(PAGES), chance.choice(PEOPLE[1:]), chance.choice(COMMENTS), at)
