"""What one account of a sandbox Mastodon has, and how calls of it are answered."""

from collections import deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from starlette.requests import Request
from starlette.responses import Response

from app.sandbox.listing import Entity

RULES = (
    *("for_not_following", "for_not_followers", "for_new_accounts"),
    *("for_private_mentions", "for_limited_accounts"),
)


@dataclass
class Mailbox:
    """What one account has received; `notifications` is newest first, as the API lists it.

    `requests` are of those that its `rules` keep out of sight, newest first.
    """

    account: Entity
    notifications: list[Entity] = field(default_factory=list)
    scopes: set[str] = field(default_factory=lambda: {"read", "write"})
    marker: Entity | None = None
    requests: int = 0
    window_ends: datetime | None = None
    paged: deque[datetime] = field(default_factory=deque)
    rules: dict[str, str] = field(default_factory=lambda: dict.fromkeys(RULES, "accept"))
    kept_apart: list[Entity] = field(default_factory=list)


Form = Mapping[str, str]
Answer = Callable[[Request, Mailbox, Form], Response]


class SandboxCall(NamedTuple):
    """One call of the API below /api: whether this software has it, and which scope it needs."""

    is_there: bool
    method: str
    path: str
    scope: str
    answer: Answer


def join_form(pairs: Iterable[tuple[str, str]]) -> Form:
    """A form; what it names several times is one text, with commas."""
    form: dict[str, str] = {}
    for name, value in pairs:
        form[name] = f"{form[name]},{value}" if name in form else value
    return form
