"""A Mastodon of the demo, with something to read."""

import random
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


def make_social(clock: Clock, host: str, token: str, count: int, now: datetime) -> SandboxMastodon:
    """A Mastodon with one account that received `count` notifications; the same for a same host."""
    chance = random.Random(host)  # noqa: S311 - a seed, no secret
    sandbox = SandboxMastodon(host, clock)
    me = sandbox.open_mailbox(token, "me").account
    people = [sandbox.make_account(f"{name.lower()}@elsewhere.sandbox", name) for name in PEOPLE]
    for at in instants(chance, count, timedelta(hours=60), now):
        kind, who = chance.choice(KINDS), chance.choice(people)
        parts: dict[str, Entity] = {}
        if kind != "follow":
            author = who if kind in ("mention", "status", "quote", "update", "poll") else me
            content = f"<p>{chance.choice(POSTS)}</p>"
            parts["status"] = sandbox.make_status(author, content, at - timedelta(minutes=3))
        sandbox.notify(token, kind, who, at, **parts)
    return sandbox
