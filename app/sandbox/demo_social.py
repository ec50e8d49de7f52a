"""A Mastodon of the demo, with something to read."""

import random
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from app.clock import Clock
from app.sandbox.demo_people import PEOPLE, STRANGERS, instants
from app.sandbox.listing import Entity
from app.sandbox.mastodon import SandboxMastodon

KINDS = (
    *("wave", "mention", "favourite", "favourite", "favourite", "reblog", "follow", "status"),
    *("poll", "quote", "update", "follow_request", "reaction", "reaction"),
)
"""What happens, some of it more often: reactions as forks of Mastodon have them, and a `wave`, of
which nobody knows what it is."""
POSTS = (
    "The tide is <em>very</em> low this morning.",
    "Does anybody know a good book about lighthouses?",
    "I wrote about <strong>pigeon post</strong>: comments are welcome.",
    "Rain again. The semaphore is hardly to be seen.",
)
_WITHOUT_POST = ("follow", "follow_request", "wave")
_ABOUT_MINE = ("favourite", "reblog", "reaction")
_EMOJIS = ("🎉", "😮", "🐌")
_LIKED_ON = 20
"""Notifications among which a post of one's own is looked for that may be liked again."""
_ABOUT_RAIN = {
    "filter": {"id": "1", "title": "Weather", "context": ["home"], "filter_action": "warn"},
    "keyword_matches": ["Rain"],
    "status_matches": [],
}
_WAVED = {
    "title": "{name} <strong>waved</strong> at you",
    "summary": "<p>This app does not know about waves yet: see it at the instance.</p>",
}


def make_social(
    clock: Clock, host: str, token: str, count: int, now: datetime, origin: str | None = None
) -> SandboxMastodon:
    """A Mastodon with one account that received `count` notifications; the same for a same host."""
    chance = random.Random(host)  # noqa: S311 - a seed, no secret
    sandbox = SandboxMastodon(host, clock, origin=origin)
    sandbox.open_mailbox(token, "me")
    people = [sandbox.make_account(f"{name.lower()}@elsewhere.sandbox", name) for name in PEOPLE]
    _post_with_warning(sandbox, token, people[0], now - timedelta(hours=60))
    for at in instants(chance, count, timedelta(hours=60), now):
        _happen(sandbox, token, chance, chance.choice(KINDS), people, at)
    for name in STRANGERS:
        _keep_apart(sandbox, token, chance, name, now - timedelta(hours=1))
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
    who = chance.choice(people)
    parts: dict[str, Any] = {}
    if kind in _ABOUT_MINE:
        parts["status"] = _choose_mine(sandbox, token, chance, at)
    elif kind not in _WITHOUT_POST:
        parts["status"] = _post(sandbox, who, chance, at)
    if kind == "reaction":
        parts["emoji"] = chance.choice(_EMOJIS)
    if kind == "quote":
        mine = _choose_mine(sandbox, token, chance, at)
        link = f'<p class="quote-inline">RE: <a href="{mine["url"]}">{mine["url"]}</a></p>'
        quote = {"state": "accepted", "quoted_status": mine}
        parts["status"] |= {"content": link + parts["status"]["content"], "quote": quote}
    if kind == "wave":
        name = who["display_name"]
        parts["fallback"] = {key: text.format(name=name) for key, text in _WAVED.items()}
    sandbox.notify(token, kind, who, at, **parts)


def _post(sandbox: SandboxMastodon, author: Entity, chance: random.Random, at: datetime) -> Entity:
    text = chance.choice(POSTS)
    status = sandbox.make_status(author, f"<p>{text}</p>", at - timedelta(minutes=3))
    return {**status, "filtered": [_ABOUT_RAIN]} if "Rain" in text else status


def _choose_mine(
    sandbox: SandboxMastodon, token: str, chance: random.Random, at: datetime
) -> Entity:
    """A post of one's own, often one that was liked before."""
    mailbox = sandbox.mailboxes[token]
    liked = [
        row["status"] for row in mailbox.notifications[:_LIKED_ON] if row["type"] in _ABOUT_MINE
    ]
    if liked and chance.random() < 0.8:
        chosen: Entity = chance.choice(liked)
        return chosen
    return _post(sandbox, mailbox.account, chance, at)


def _post_with_warning(sandbox: SandboxMastodon, token: str, author: Entity, at: datetime) -> None:
    """Something that its author wants folded, with a picture that not everybody wants to see."""
    status = sandbox.make_status(author, "<p>The keeper did it.</p>", at)
    picture = {
        "id": f"{status['id']}1",
        "type": "image",
        "url": f"{sandbox.origin}/media/lantern.png",
        "preview_url": f"{sandbox.origin}/media/lantern_small.png",
        "description": "A broken lantern",
    }
    parts = {"spoiler_text": "How the book ends", "sensitive": True, "media_attachments": [picture]}
    sandbox.notify(token, "mention", author, at, status=status | parts)


def _keep_apart(
    sandbox: SandboxMastodon, token: str, chance: random.Random, name: str, at: datetime
) -> None:
    """What a stranger does is kept out of sight."""
    stranger = sandbox.make_account(f"{name.lower()}@far.sandbox", name)
    status = _post(sandbox, stranger, chance, at)
    sandbox.notify(token, "mention", stranger, at, status=status, filtered=True)
