"""The inputs of the mutations, and what becomes of them before anything is sent."""

from datetime import datetime

import strawberry

from resolvers.errors import InvalidInput, NotFound
from resolvers.inputs.filters import given
from resolvers.inputs.ids import check_notification
from resolvers.seam.upstream import Upstream
from resolvers.seam.writes import PagesBy, UnseenBy, UnseenFrom, WatchedPages
from resolvers.types.feed import Feed

MOST_PAGES = 500
"""Pages that one setNotificationTimestamp may name."""

FIRST_YEAR = 1970
"""Nothing on a wiki happened before."""

MOST_DISMISSED = 500
"""Notifications that one dismissNotifications may name."""

CLIENT_MUTATION_ID = "Comes back in the payload, for clients that match answers by it."


@strawberry.input(description="Names the notification to take out of the list.")
class DismissNotificationInput:
    """Of dismissNotification."""

    notification_id: strawberry.ID = strawberry.field(description="A notification's `id`.")
    client_mutation_id: str | None = strawberry.field(
        default=strawberry.UNSET, description=CLIENT_MUTATION_ID
    )


@strawberry.input(description="Names the notifications to take out of their lists.")
class DismissNotificationsInput:
    """Of dismissNotifications."""

    notification_ids: list[strawberry.ID] = strawberry.field(
        description="Notifications' `id`s, of any inboxes: such as a group's `notificationIds`. "
        "1 to 500."
    )
    client_mutation_id: str | None = strawberry.field(
        default=strawberry.UNSET, description=CLIENT_MUTATION_ID
    )


@strawberry.input(description="Every inbox is named: nothing is cleared by leaving something out.")
class ClearNotificationsInput:
    """Of clearNotifications."""

    inbox_ids: list[strawberry.ID] = strawberry.field(description="Inboxes' `id`s.")
    feeds: list[Feed] | None = strawberry.field(
        default=strawberry.UNSET,
        description="Only these of their lists; left out, all that they have.",
    )
    client_mutation_id: str | None = strawberry.field(
        default=strawberry.UNSET, description=CLIENT_MUTATION_ID
    )


@strawberry.input(description="Names the newest notification that was read.")
class MarkNotificationsReadInput:
    """Of markNotificationsRead."""

    up_to_notification_id: strawberry.ID = strawberry.field(
        description="It and all older ones of its inbox are read."
    )
    client_mutation_id: str | None = strawberry.field(
        default=strawberry.UNSET, description=CLIENT_MUTATION_ID
    )


@strawberry.input(one_of=True, description="Which pages; exactly one of these.")
class WatchedPagesInput:
    """An empty list and `false` are refused, never taken for more than was asked."""

    entire_watchlist: bool | None = strawberry.field(
        default=strawberry.UNSET, description="`true`: every page of the watchlist."
    )
    titles: list[str] | None = strawberry.field(
        default=strawberry.UNSET,
        description="With their namespace's prefix, in any spelling that the wiki takes. 1 to 500.",
    )
    page_ids: list[str] | None = strawberry.field(
        default=strawberry.UNSET, description="`pageId`s. 1 to 500."
    )
    revision_ids: list[str] | None = strawberry.field(
        default=strawberry.UNSET, description="The pages that these revisions are of. 1 to 500."
    )
    notification_ids: list[strawberry.ID] | None = strawberry.field(
        default=strawberry.UNSET,
        description="The pages that these changes are of, as they were called then. 1 to 500.",
    )


@strawberry.input(
    one_of=True, description="From where on changes are unseen; exactly one of these."
)
class UnseenFromInput:
    """A flag that is `false` is refused."""

    nothing: bool | None = strawberry.field(
        default=strawberry.UNSET, description="`true`: nothing is unseen, all is seen."
    )
    timestamp: datetime | None = strawberry.field(
        default=strawberry.UNSET,
        description="In whole seconds. With `entireWatchlist` every page gets it, also pages "
        "without a change since.",
    )
    to_revision_id: str | None = strawberry.field(
        default=strawberry.UNSET,
        description="This revision and all later ones are unseen. One page only.",
    )
    newer_than_revision_id: str | None = strawberry.field(
        default=strawberry.UNSET,
        description="This revision and all earlier ones are seen. One page only.",
    )


@strawberry.input(description="Which pages of which wiki, and from where on they are unseen.")
class SetNotificationTimestampInput:
    """Of setNotificationTimestamp."""

    inbox_id: strawberry.ID = strawberry.field(description="The `id` of an inbox at a wiki.")
    pages: WatchedPagesInput = strawberry.field(description="The pages to set it for.")
    unseen_from: UnseenFromInput = strawberry.field(description="What to set it to.")
    client_mutation_id: str | None = strawberry.field(
        default=strawberry.UNSET, description=CLIENT_MUTATION_ID
    )


def check_pages(wanted: WatchedPagesInput, upstream: Upstream) -> WatchedPages:
    """Which pages are meant. Raises InvalidInput."""
    if (flag := given(wanted.entire_watchlist)) is not None:
        _refuse_false(flag, "pages", PagesBy.ENTIRE_WATCHLIST.value)
        return WatchedPages(PagesBy.ENTIRE_WATCHLIST)
    lists = {
        PagesBy.TITLES: given(wanted.titles),
        PagesBy.PAGE_IDS: given(wanted.page_ids),
        PagesBy.REVISION_IDS: given(wanted.revision_ids),
        PagesBy.NOTIFICATIONS: given(wanted.notification_ids),
    }
    by, values = next((by, values) for by, values in lists.items() if values is not None)
    if not 1 <= len(values) <= MOST_PAGES:
        raise InvalidInput(
            f"Expected 1 to {MOST_PAGES} of them, not {len(values)}.", "pages", by.value
        )
    if by is PagesBy.NOTIFICATIONS:
        values = [_key_of(each, index, upstream) for index, each in enumerate(values)]
    return WatchedPages(by, tuple(values))


def _key_of(notification_id: str, index: int, upstream: Upstream) -> str:
    try:
        _, key = check_notification(notification_id, {upstream.name: upstream})
    except NotFound:
        raise InvalidInput(
            f"This is no change of the watchlist of {upstream.inbox.name}.",
            *("pages", PagesBy.NOTIFICATIONS.value, str(index)),
        ) from None
    return key


def check_unseen_from(wanted: UnseenFromInput, pages: WatchedPages) -> UnseenFrom:
    """What is meant to be unseen. Raises InvalidInput."""
    if (flag := given(wanted.nothing)) is not None:
        _refuse_false(flag, "unseenFrom", UnseenBy.NOTHING.value)
        return UnseenFrom(UnseenBy.NOTHING)
    if (timestamp := given(wanted.timestamp)) is not None:
        if timestamp.year < FIRST_YEAR:
            raise InvalidInput(f"Expected a time after {FIRST_YEAR}.", "unseenFrom", "timestamp")
        return UnseenFrom(UnseenBy.TIMESTAMP, timestamp=timestamp)
    revisions = {
        UnseenBy.TO_REVISION: given(wanted.to_revision_id),
        UnseenBy.NEWER_THAN_REVISION: given(wanted.newer_than_revision_id),
    }
    by, revision_id = next((by, each) for by, each in revisions.items() if each is not None)
    if len(pages.values) != 1:
        raise InvalidInput("A revision goes with one page, named alone.", "unseenFrom", by.value)
    return UnseenFrom(by, revision_id=revision_id)


def _refuse_false(flag: bool, *path: str) -> None:
    if not flag:
        raise InvalidInput("This can only be true: to mean anything else, name it.", *path)
