"""The GraphQL inputs, and what becomes of them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import TypeVar

import strawberry

from resolvers.chunk import PENDING, Scope
from resolvers.errors import BadUserInput, NotFound
from resolvers.identity import parse_id
from resolvers.types.inbox import Platform
from resolvers.upstream import Upstream

PAGE_SIZE = 20
"""Notifications where the caller does not say how many."""
LARGEST_PAGE = 100


@strawberry.input(description="What to take of a wiki's watchlist. Mastodon inboxes ignore it.")
class WatchlistFilter:
    """Part of a NotificationFilter."""

    include_seen: bool | None = strawberry.field(
        default=strawberry.UNSET,
        description="Also changes that were seen: the whole watchlist, as far back as the wiki "
        "keeps it. Left out: only what is pending.",
    )


@strawberry.input(
    description="Which notifications to list. What is left out, or null, does not narrow the list."
)
class NotificationFilter:
    """As the caller wrote it; `Filter` is what it means."""

    inbox_ids: list[strawberry.ID] | None = strawberry.field(
        default=strawberry.UNSET,
        description="Only these inboxes, by their `id`; the others are not even asked.",
    )
    platforms: list[Platform] | None = strawberry.field(
        default=strawberry.UNSET,
        description="Only inboxes at instances of these platforms; the others are not even asked.",
    )
    watchlist: WatchlistFilter | None = strawberry.field(
        default=strawberry.UNSET, description="How wikis' watchlists are listed."
    )


@dataclass(frozen=True, slots=True)
class Filter:
    """A NotificationFilter that was checked: None means that it does not narrow the list."""

    inboxes: frozenset[str] | None = None
    platforms: frozenset[Platform] | None = None
    scope: Scope = PENDING

    def select(self, upstreams: Mapping[str, Upstream]) -> Sequence[Upstream]:
        """The inboxes to ask, in the configuration's order."""
        return [
            upstream
            for name, upstream in upstreams.items()
            if (self.inboxes is None or name in self.inboxes)
            and (self.platforms is None or upstream.inbox.instance.platform in self.platforms)
        ]

    @property
    def digest(self) -> bytes:
        """4 bytes that tell this filter from another one, the same in every process."""
        inboxes = sorted(self.inboxes) if self.inboxes is not None else None
        platforms = sorted(p.name for p in self.platforms) if self.platforms is not None else None
        text = repr((inboxes, platforms, self.scope.include_seen))
        return blake2b(text.encode(), digest_size=4).digest()


Value = TypeVar("Value")


def given(value: Value | None) -> Value | None:
    """An argument or an input field; None where it was left out, the same as null."""
    return None if value is strawberry.UNSET else value


def check_filter(wanted: NotificationFilter | None, upstreams: Mapping[str, Upstream]) -> Filter:
    """What the caller's filter means; BadUserInput where it names nothing or contradicts itself."""
    if wanted is None:
        return Filter()
    watchlist = given(wanted.watchlist)
    ids = _members(wanted.inbox_ids, "inboxIds")
    checked = Filter(
        inboxes=None if ids is None else frozenset(_inbox_name(each, upstreams) for each in ids),
        platforms=_members(wanted.platforms, "platforms"),
        scope=Scope(include_seen=bool(watchlist and given(watchlist.include_seen))),
    )
    if checked.inboxes and len(checked.select(upstreams)) < len(checked.inboxes):
        raise BadUserInput("filter.inboxIds names an inbox that filter.platforms leaves out.")
    return checked


def check_count(first: int | None) -> int:
    """How many notifications a page is to have."""
    if first is None:
        return PAGE_SIZE
    if not 1 <= first <= LARGEST_PAGE:
        raise BadUserInput(f"first: expected 1 to {LARGEST_PAGE}, not {first}.")
    return first


def _members(values: Iterable[Value] | None, name: str) -> frozenset[Value] | None:
    """A list argument as a set; None where it was left out, or null."""
    present = given(values)
    if present is None:
        return None
    members = frozenset(present)
    if not members:
        raise BadUserInput(f"filter.{name} is empty: leave it out, or name at least one.")
    return members


def _inbox_name(inbox_id: str, upstreams: Mapping[str, Upstream]) -> str:
    """The inbox that an ID stands for; an unknown one and one of another type look the same."""
    try:
        parsed = parse_id(inbox_id)
    except NotFound:
        parsed = None
    if parsed is None or parsed.type_name != "Inbox" or parsed.inbox not in upstreams:
        raise BadUserInput("filter.inboxIds: there is no inbox with one of these IDs.")
    return parsed.inbox
