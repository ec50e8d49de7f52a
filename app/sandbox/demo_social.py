"""A Mastodon of the demo, with something to read."""

import random
from collections.abc import Sequence
from datetime import datetime, timedelta

from app.clock import Clock
from app.sandbox.demo_people import PEOPLE, instants
from app.sandbox.listing import Entity
from app.sandbox.mastodon import SandboxMastodon

KINDS = ("mention", "favourite", "reblog", "follow", "status", "poll", "quote", "update")
POSTS = (
    "The tide is <em>very</em> low this morning.",
    "Does anybody know a good book about lighthouses?",
    "I wrote about <strong>pigeon post</strong>: comments are welcome.",
    "Rain again. The semaphore is hardly to be seen.",
)


def make_social(
    clock: Clock, host: str, token: str, count: int, now: datetime, origin: str | None = None
) -> SandboxMastodon:
    """A Mastodon with one account that received `count` notifications; the same for a same host."""
    chance = random.Random(host)  # noqa: S311 - a seed, no secret
    sandbox = SandboxMastodon(host, clock, origin=origin)
    sandbox.open_mailbox(token, "me")
    people = [sandbox.make_account(f"{name.lower()}@elsewhere.sandbox", name) for name in PEOPLE]
    for at in instants(chance, count, timedelta(hours=60), now):
        _happen(sandbox, token, chance, chance.choice(KINDS), people, at)
    return sandbox


def let_social_happen(sandbox: SandboxMastodon, token: str, at: datetime) -> None:
    """One more notification, the same after as many others."""
    before = len(sandbox.mailboxes[token].notifications)
    chance = random.Random(f"{sandbox.host} {before}")  # noqa: S311 - a seed, no secret
    name = chance.choice(PEOPLE)
    people = [sandbox.make_account(f"{name.lower()}@elsewhere.sandbox", name)]
    _happen(sandbox, token, chance, chance.choice(KINDS), people, at)


def _happen(
    sandbox: SandboxMastodon,
    token: str,
    chance: random.Random,
    kind: str,
    people: Sequence[Entity],
    at: datetime,
) -> None:
    who, me = chance.choice(people), sandbox.mailboxes[token].account
    parts: dict[str, Entity] = {}
    if kind != "follow":
        author = who if kind in ("mention", "status", "quote", "update", "poll") else me
        content = f"<p>{chance.choice(POSTS)}</p>"
        parts["status"] = sandbox.make_status(author, content, at - timedelta(minutes=3))
    sandbox.notify(token, kind, who, at, **parts)
