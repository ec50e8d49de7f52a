"""The filters that callers give, and what they mean."""

from collections.abc import Iterable
from datetime import datetime
from typing import TypeVar

import strawberry

from resolvers.errors import BadUserInput, NotFound
from resolvers.identity import GlobalID, parse_id
from resolvers.merging.echo import EchoPart
from resolvers.merging.filter import Filter
from resolvers.merging.watchlist import WatchlistPart
from resolvers.platforms import PLATFORMS, Platform
from resolvers.seam.chunk import Scope
from resolvers.seam.lists import Lists, main_list
from resolvers.types.echo import EchoSection
from resolvers.types.feed import Feed
from resolvers.types.inbox import Inbox
from resolvers.types.notification_type import NotificationType

Value = TypeVar("Value")


@strawberry.input(description="What to take of a wiki's watchlist. Mastodon inboxes ignore it.")
class WatchlistFilter:
    """Part of a NotificationFilter."""

    include_seen: bool | None = strawberry.field(
        default=strawberry.UNSET,
        description="Also changes that were seen: the whole watchlist, as far back as the wiki "
        "keeps it. Left out: only what is pending.",
    )
    namespaces: list[int] | None = strawberry.field(
        default=strawberry.UNSET,
        description="Only pages in these namespaces: 0 for articles, 1 for their talk pages …",
    )
    exclude_minor: bool | None = strawberry.field(
        default=strawberry.UNSET, description="Without the changes that their users call minor."
    )
    exclude_user: str | None = strawberry.field(
        default=strawberry.UNSET,
        description="Without what this user did: a name without `User:`, often one's own.",
    )
    latest_only: bool | None = strawberry.field(
        default=strawberry.UNSET,
        description="Only the newest revision of each page, and every log entry, as the wiki picks "
        "them; after a move or a protection that is the log entry alone.",
    )


@strawberry.input(
    description="What to take of wikis' own notifications. Everything else ignores it."
)
class EchoFilter:
    """Part of a NotificationFilter."""

    include_read: bool | None = strawberry.field(
        default=strawberry.UNSET,
        description="Also those that were read, as far back as the wiki keeps them. Left out: only "
        "what is unread.",
    )
    sections: list[EchoSection] | None = strawberry.field(
        default=strawberry.UNSET,
        description="Only what the wiki shows behind its bell, or only in its tray.",
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
    feeds: list[Feed] | None = strawberry.field(
        default=strawberry.UNSET,
        description="Only these lists of the inboxes; the others are not even asked.",
    )
    types: list[NotificationType] | None = strawberry.field(
        default=strawberry.UNSET, description="Only these types."
    )
    exclude_types: list[NotificationType] | None = strawberry.field(
        default=strawberry.UNSET, description="All but these types."
    )
    raw_types: list[str] | None = strawberry.field(
        default=strawberry.UNSET,
        description="Only types that the instances name so, for what `OTHER` hides.",
    )
    actor_id: strawberry.ID | None = strawberry.field(
        default=strawberry.UNSET,
        description="Only what this person did: the `id` of a MastodonAccount or a WikiUser, which "
        "is of one inbox.",
    )
    unread_only: bool | None = strawberry.field(
        default=strawberry.UNSET,
        description="Only what `isUnread`. An inbox whose instance cannot say is a failure "
        "UNSUPPORTED in `sources`, not a guess.",
    )
    exclude_bots: bool | None = strawberry.field(
        default=strawberry.UNSET,
        description="Without accounts that say they are bots, and without bots' edits.",
    )
    include_filtered: bool | None = strawberry.field(
        default=strawberry.UNSET,
        description="Also what the notification policy keeps out of sight: another list, with "
        "cursors of its own. Where there is no policy it changes nothing. See `isFiltered`.",
    )
    since: datetime | None = strawberry.field(
        default=strawberry.UNSET, description="At or after this instant."
    )
    until: datetime | None = strawberry.field(
        default=strawberry.UNSET, description="Before this instant."
    )
    watchlist: WatchlistFilter | None = strawberry.field(
        default=strawberry.UNSET, description="How wikis' watchlists are listed."
    )
    echo: EchoFilter | None = strawberry.field(
        default=strawberry.UNSET, description="How wikis' own notifications are listed."
    )


def given(value: Value | None) -> Value | None:
    """An argument or an input field; None where it was left out, the same as null."""
    return None if value is strawberry.UNSET else value


def check_filter(wanted: NotificationFilter | None, lists: Lists) -> Filter:
    """What the caller's filter means; BadUserInput where it names nothing or contradicts itself."""
    if wanted is None:
        return Filter()
    ids = _members(wanted.inbox_ids, "inboxIds")
    watchlist = given(wanted.watchlist) or WatchlistFilter()
    echo = given(wanted.echo) or EchoFilter()
    checked = Filter(
        inboxes=None if ids is None else frozenset(_inbox_name(each, lists) for each in ids),
        platforms=_members(wanted.platforms, "platforms"),
        types=_members(wanted.types, "types"),
        excluded_types=_members(wanted.exclude_types, "excludeTypes"),
        raw_types=_members(wanted.raw_types, "rawTypes"),
        actor_id=_check_actor(given(wanted.actor_id), lists),
        unread_only=bool(given(wanted.unread_only)),
        exclude_bots=bool(given(wanted.exclude_bots)),
        since=given(wanted.since),
        until=given(wanted.until),
        watchlist=WatchlistPart(
            namespaces=_members(watchlist.namespaces, "watchlist.namespaces"),
            exclude_minor=bool(given(watchlist.exclude_minor)),
            exclude_user=given(watchlist.exclude_user),
        ),
        scope=Scope(
            include_seen=bool(given(watchlist.include_seen)),
            latest_only=bool(given(watchlist.latest_only)),
        ),
        feeds=_members(wanted.feeds, "feeds"),
        echo=EchoPart(
            include_read=bool(given(echo.include_read)),
            sections=_members(echo.sections, "echo.sections"),
        ),
        include_filtered=bool(given(wanted.include_filtered)),
    )
    _refuse_contradictions(checked, lists)
    return checked


def _refuse_contradictions(checked: Filter, lists: Lists) -> None:
    asked = checked.platforms or frozenset(Platform)
    for name in checked.inboxes or ():
        named = main_list(name, lists)
        if named is not None and named.inbox.instance.platform not in asked:
            raise BadUserInput("filter.inboxIds names an inbox that filter.platforms leaves out.")
    if any(
        not any(feed in PLATFORMS[each].feeds for each in asked) for feed in checked.feeds or ()
    ):
        raise BadUserInput("filter.feeds names a feed that none of filter.platforms has.")
    if checked.types and checked.types <= (checked.excluded_types or frozenset()):
        raise BadUserInput("filter.excludeTypes leaves nothing of filter.types.")
    if checked.since and checked.until and checked.since >= checked.until:
        raise BadUserInput("filter.since has to be before filter.until.")


def _members(values: Iterable[Value] | None, name: str) -> frozenset[Value] | None:
    """A list argument as a set; None where it was left out, or null."""
    present = given(values)
    if present is None:
        return None
    members = frozenset(present)
    if not members:
        raise BadUserInput(f"filter.{name} is empty: leave it out, or name at least one.")
    return members


def _inbox_name(inbox_id: str, lists: Lists) -> str:
    """The inbox that an ID stands for; an unknown one and one of another type look the same."""
    parsed = _parse(inbox_id)
    is_known = parsed is not None and main_list(parsed.inbox, lists) is not None
    if parsed is None or parsed.type_name != Inbox.__name__ or not is_known:
        raise BadUserInput("filter.inboxIds: there is no inbox with one of these IDs.")
    return parsed.inbox


def _check_actor(actor_id: str | None, lists: Lists) -> str | None:
    if actor_id is None:
        return None
    parsed = _parse(actor_id)
    kinds = [each.actor.__name__ for each in PLATFORMS.values()]
    is_known = parsed is not None and main_list(parsed.inbox, lists) is not None
    if parsed is None or parsed.type_name not in kinds or not is_known:
        raise BadUserInput(f"filter.actorId is no ID of a {' or a '.join(kinds)}.")
    return actor_id


def _parse(text: str) -> GlobalID | None:
    try:
        return parse_id(text)
    except NotFound:
        return None
