"""The mutations of lists: dismiss, clear, mark as read, set a timestamp."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from typing import Annotated

import strawberry

from resolvers.context import Context
from resolvers.errors import (
    Forbidden,
    InvalidInput,
    TidingsError,
    UpstreamError,
    UpstreamFailureCode,
)
from resolvers.inputs.filters import given
from resolvers.inputs.ids import check_inbox, check_notification
from resolvers.mutations.dismissing import dismiss_everywhere
from resolvers.mutations.inputs import (
    ClearNotificationsInput,
    DismissNotificationInput,
    DismissNotificationsInput,
    MarkNotificationsReadInput,
    SetNotificationTimestampInput,
    check_pages,
    check_unseen_from,
)
from resolvers.mutations.payloads import (
    ClearNotificationsPayload,
    DismissNotificationPayload,
    DismissNotificationsPayload,
    MarkNotificationsReadPayload,
    SetNotificationTimestampPayload,
)
from resolvers.mutations.refusals import Request, explain, write
from resolvers.seam.lists import list_of_feed, lists_of, main_list
from resolvers.seam.upstream import Upstream
from resolvers.seam.writes import TimestampSet
from resolvers.types.feed import Feed
from resolvers.types.inbox import Inbox
from resolvers.types.mediawiki import WatchedPageResult


@strawberry.type
class ListMutations:
    """Each answers with a payload, also where it did nothing."""

    @strawberry.mutation(
        description="Take one notification out of the list. Mastodon deletes it. On a watchlist "
        "the page is marked as seen up to and including this change, never past it: its earlier "
        "changes leave with it. A wiki's own notification is marked as read. One that is gone "
        "already is a success."
    )
    async def dismiss_notification(
        self,
        info: Request,
        input: Annotated[  # noqa: A002 - Relay's name for it
            DismissNotificationInput, strawberry.argument(description="Which one.")
        ],
    ) -> DismissNotificationPayload | None:
        inbox, ids, errors = None, [], []
        try:
            upstream, key = check_notification(input.notification_id, info.context.upstreams)
            inbox = upstream.inbox
            dismissal = await write(info, upstream, lambda: upstream.dismiss(key))
            ids = [strawberry.ID(each) for each in dismissal.notification_ids]
        except TidingsError as error:
            errors = [explain(info, error, inbox, "notificationId")]
        info.context.snapshot.forget()
        return DismissNotificationPayload(
            dismissed_notification_ids=ids,
            inbox=inbox,
            user_errors=errors,
            client_mutation_id=given(input.client_mutation_id),
        )

    @strawberry.mutation(
        description="Take several notifications out of their lists, each as `dismissNotification` "
        "does; of a watchlist's page the newest that is named is what counts. What there was no "
        "time for, or what an instance's rate limit did not allow, is a user error: ask again."
    )
    async def dismiss_notifications(
        self,
        info: Request,
        input: Annotated[  # noqa: A002
            DismissNotificationsInput, strawberry.argument(description="Which ones.")
        ],
    ) -> DismissNotificationsPayload | None:
        outcome = await dismiss_everywhere(info, input.notification_ids)
        info.context.snapshot.forget()
        return DismissNotificationsPayload(
            dismissed_notification_ids=outcome.ids,
            inboxes=outcome.inboxes,
            user_errors=outcome.errors,
            client_mutation_id=given(input.client_mutation_id),
        )

    @strawberry.mutation(
        description="Take all notifications out of the named inboxes, or out of some of their "
        "lists. Mastodon deletes them, which nothing can undo; a wiki marks the entire watchlist "
        "as seen and its own notifications as read. One that fails does not stop the others."
    )
    async def clear_notifications(
        self,
        info: Request,
        input: Annotated[  # noqa: A002
            ClearNotificationsInput, strawberry.argument(description="Which inboxes.")
        ],
    ) -> ClearNotificationsPayload | None:
        ids = dict.fromkeys(input.inbox_ids)  # each once, in the order given
        feeds = given(input.feeds)
        outcomes = await asyncio.gather(*(_clear(each, feeds, info) for each in ids))
        errors = [
            explain(info, error, inbox, "inboxIds", str(input.inbox_ids.index(each)))
            for each, (inbox, failed) in zip(ids, outcomes, strict=True)
            for error in failed
        ]
        if not ids:
            errors = [explain(info, InvalidInput("Expected at least one inbox.", "inboxIds"), None)]
        elif feeds == []:
            errors = [explain(info, InvalidInput("Expected at least one feed.", "feeds"), None)]
        info.context.snapshot.forget()
        return ClearNotificationsPayload(
            cleared_inboxes=[inbox for inbox, failed in outcomes if inbox and not failed],
            user_errors=errors,
            client_mutation_id=given(input.client_mutation_id),
        )

    @strawberry.mutation(
        description="Mark the notifications up to this one as read, without taking them out of the "
        "list: Mastodon's marker, never moved backwards. A wiki has none: dismiss what was read."
    )
    async def mark_notifications_read(
        self,
        info: Request,
        input: Annotated[  # noqa: A002
            MarkNotificationsReadInput, strawberry.argument(description="Up to which one.")
        ],
    ) -> MarkNotificationsReadPayload | None:
        inbox, errors = None, []
        try:
            upstream, key = check_notification(input.up_to_notification_id, info.context.upstreams)
            inbox = upstream.inbox
            await write(info, upstream, lambda: upstream.mark_read(key))
        except TidingsError as error:
            errors = [explain(info, error, inbox, "upToNotificationId")]
        info.context.snapshot.forget()
        return MarkNotificationsReadPayload(
            inbox=inbox,
            user_errors=errors,
            client_mutation_id=given(input.client_mutation_id),
        )

    @strawberry.mutation(
        description="Set from which instant on the changes of watched pages count as unseen: "
        "https://www.mediawiki.org/wiki/API:Setnotificationtimestamp"
    )
    async def set_notification_timestamp(
        self,
        info: Request,
        input: Annotated[  # noqa: A002
            SetNotificationTimestampInput, strawberry.argument(description="Where and what.")
        ],
    ) -> SetNotificationTimestampPayload | None:
        inbox, errors, done = None, [], TimestampSet()
        try:
            inbox = check_inbox(input.inbox_id, info.context.upstreams)
            upstream = _find_watchlist(inbox, info.context)
            pages = check_pages(input.pages, upstream)
            unseen_from = check_unseen_from(input.unseen_from, pages)
            done = await write(info, upstream, lambda: upstream.set_timestamp(pages, unseen_from))
            if done.failure:
                raise done.failure
        except TidingsError as error:
            errors = [explain(info, error, inbox, *(() if inbox else ("inboxId",)))]
        info.context.snapshot.forget()
        return SetNotificationTimestampPayload(
            inbox=inbox,
            notification_timestamp=done.timestamp,
            pages=_as_given(done, given(input.pages.notification_ids)),
            user_errors=errors,
            client_mutation_id=given(input.client_mutation_id),
        )


async def _clear(
    inbox_id: str, feeds: Sequence[Feed] | None, info: Request
) -> tuple[Inbox | None, Sequence[TidingsError]]:
    """The inbox, if there is one, and what went wrong with each of the lists meant, if anything."""
    try:
        inbox = check_inbox(inbox_id, info.context.upstreams)
    except TidingsError as error:
        return None, [error]
    if not info.context.may_write:
        return inbox, [Forbidden()]
    lists = {each.feed: each for each in lists_of(inbox.name, info.context.upstreams)}
    meant = [each for each in lists.values() if each.left_out is None]
    failed: list[TidingsError] = []
    if feeds is not None:
        meant = [lists[feed] for feed in dict.fromkeys(feeds) if feed in lists]
        failed = [_lacks(inbox, feed) for feed in dict.fromkeys(feeds) if feed not in lists]
    cleared = await asyncio.gather(*(_clear_list(each, info) for each in meant))
    return inbox, [*failed, *(error for error in cleared if error is not None)]


async def _clear_list(upstream: Upstream, info: Request) -> TidingsError | None:
    """What went wrong; a list that turns out not to be there is as good as empty."""
    is_asked_for = upstream.left_out is not None
    try:
        await write(info, upstream, upstream.clear)
    except TidingsError as error:
        return None if upstream.left_out is not None and not is_asked_for else error
    return None


def _lacks(inbox: Inbox, feed: Feed) -> UpstreamError:
    return UpstreamError(
        UpstreamFailureCode.UNSUPPORTED,
        f"{inbox.instance.url} has no {feed.name} for this login: ask for `Inbox.feeds`.",
    )


def _find_watchlist(inbox: Inbox, context: Context) -> Upstream:
    """What timestamps are set of; where there is none, what says so."""
    found = list_of_feed(inbox.name, Feed.WATCHLIST, context.upstreams)
    upstream = found or main_list(inbox.name, context.upstreams)
    assert upstream is not None  # or there would be no such inbox
    return upstream


def _as_given(done: TimestampSet, ids: Sequence[str] | None) -> list[WatchedPageResult]:
    """The pages that were set, each with what the caller named it by, in the order asked."""
    if ids is None:
        return list(done.pages)
    return [replace(page, requested=each) for page, each in zip(done.pages, ids, strict=False)]
