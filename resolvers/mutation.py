"""The mutations. What is refused is told in `userErrors`; the others of an operation go on."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from typing import Annotated, TypeVar

import strawberry
from strawberry.types import Info

from resolvers.context import Context
from resolvers.errors import (
    Forbidden,
    InvalidInput,
    NotFound,
    TidingsError,
    UpstreamError,
    UpstreamFailureCode,
)
from resolvers.fields.deadline import within
from resolvers.inputs.filters import given
from resolvers.inputs.ids import check_inbox, check_notification
from resolvers.inputs.mutations import (
    ClearNotificationsInput,
    DismissNotificationInput,
    MarkNotificationsReadInput,
    SetNotificationTimestampInput,
    check_pages,
    check_unseen_from,
)
from resolvers.payloads import (
    ClearNotificationsPayload,
    DismissNotificationPayload,
    MarkNotificationsReadPayload,
    SetNotificationTimestampPayload,
    UserError,
    UserErrorCode,
)
from resolvers.seam.lists import list_of_feed, lists_of, main_list
from resolvers.seam.upstream import Upstream
from resolvers.seam.writes import TimestampSet
from resolvers.types.failure import show_failure
from resolvers.types.feed import Feed
from resolvers.types.inbox import Inbox
from resolvers.types.mediawiki import WatchedPageResult

Request = Info[Context, None]
Value = TypeVar("Value")

_UNKNOWN = "It is not known whether it was done: look before you ask again."


@strawberry.type(description="What can be changed. Several in one operation run one by one.")
class Mutation:
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
            dismissal = await _write(info, upstream, lambda: upstream.dismiss(key))
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
            await _write(info, upstream, lambda: upstream.mark_read(key))
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
            done = await _write(info, upstream, lambda: upstream.set_timestamp(pages, unseen_from))
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


async def _write(info: Request, upstream: Upstream, write: Callable[[], Awaitable[Value]]) -> Value:
    """What the upstream says to a write. Raises Forbidden, and UpstreamError."""
    if not info.context.may_write:
        raise Forbidden
    return await within(info.context.page_seconds, upstream, write(), is_write=True)


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
        await _write(info, upstream, upstream.clear)
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


def explain(
    info: Info[Context, None], error: TidingsError, inbox: Inbox | None, *path: str
) -> UserError:
    """A refusal as data; `path` is the input's field where the error does not know better."""
    code, message, failure = UserErrorCode.INVALID_INPUT, str(error), None
    if isinstance(error, NotFound):
        code = UserErrorCode.NOT_FOUND
    elif isinstance(error, Forbidden):
        code = UserErrorCode.FORBIDDEN
    elif isinstance(error, UpstreamError):
        is_unsupported = error.failure_code is UpstreamFailureCode.UNSUPPORTED
        code = UserErrorCode.NOT_SUPPORTED if is_unsupported else UserErrorCode.UPSTREAM_FAILED
        failure = None if is_unsupported else show_failure(error, info.context.to_come)
        message = f"{message} {_UNKNOWN}" if error.is_outcome_unknown else message
    elif isinstance(error, InvalidInput):
        path = error.path
    return UserError(
        code=code,
        message=message,
        path=["input", *path] if path else None,
        inbox=inbox,
        failure=failure,
    )


def _as_given(done: TimestampSet, ids: Sequence[str] | None) -> list[WatchedPageResult]:
    """The pages that were set, each with what the caller named it by, in the order asked."""
    if ids is None:
        return list(done.pages)
    return [replace(page, requested=each) for page, each in zip(done.pages, ids, strict=False)]
