"""What an inbox keeps out of sight: its policy, and the requests that came of it."""

from typing import Annotated

import strawberry

from resolvers.context import Context
from resolvers.errors import BadCursor, UpstreamError, UpstreamFailureCode
from resolvers.fields.connection import PageInfo
from resolvers.fields.deadline import within
from resolvers.inputs.filters import given
from resolvers.inputs.windows import check_window
from resolvers.seam.lists import main_list
from resolvers.seam.social import RequestPage, Social
from resolvers.seam.upstream import Upstream
from resolvers.types.failure import UpstreamFailure, show_failure
from resolvers.types.filtered import NotificationPolicy, NotificationRequest, Policy

LONGEST_KEY = 100
"""Characters of a cursor of requests, which is what their instance calls them."""

FirstRequests = Annotated[
    int | None,
    strawberry.argument(
        description="How many of the newest (below `after`). 1 to 100, unless the operator has set "
        "another limit; 20 where it is left out. An instance may give fewer: go on with "
        "`endCursor`."
    ),
]
AfterRequest = Annotated[
    str | None, strawberry.argument(description="An `endCursor`, or an edge's `cursor`.")
]


@strawberry.type(description="A notification request in its place in the list.")
class NotificationRequestEdge:
    """https://relay.dev/graphql/connections.htm#sec-Edge-Types"""

    node: NotificationRequest = strawberry.field(description="The request itself.")
    cursor: str = strawberry.field(description="For `after`: goes on below this request.")


@strawberry.type(description="Some of an inbox's notification requests, newest first.")
class NotificationRequestConnection:
    """https://relay.dev/graphql/connections.htm#sec-Connection-Types"""

    edges: list[NotificationRequestEdge] = strawberry.field(
        description="The requests with a cursor for each."
    )
    nodes: list[NotificationRequest] = strawberry.field(
        description="The nodes of this page's edges, for callers who need no cursors."
    )
    page_info: PageInfo = strawberry.field(
        description="Whether there is more, and the cursor to ask for it with: downwards alone."
    )
    failure: UpstreamFailure | None = strawberry.field(
        description="Why there are none: UNSUPPORTED where there is no policy either."
    )


def social_of(upstream: Upstream) -> Social:
    """What a login does beside reading. Raises UpstreamError where there is nothing of the kind."""
    if upstream.social is None:
        raise UpstreamError(
            UpstreamFailureCode.UNSUPPORTED,
            f"{upstream.inbox.instance.url} is no social network, and has no such thing: ask for "
            "`Inbox.capabilities` before you offer it.",
        )
    return upstream.social


async def find_policy(context: Context, name: str) -> NotificationPolicy:
    """The policy of an inbox, or why it has none."""
    upstream = _speaker(context, name)

    async def ask() -> Policy:
        asking = social_of(upstream).ask_policy()
        return await within(context.page_seconds, upstream, asking)

    try:
        return show_policy(await context.snapshot.once(f"policy {name}", ask))
    except UpstreamError as error:
        return NotificationPolicy(failure=_show(context, name, error))


def show_policy(policy: Policy) -> NotificationPolicy:
    """As the API shows it."""
    rule = policy.rules.get
    return NotificationPolicy(
        for_not_following=rule("for_not_following"),
        for_not_followers=rule("for_not_followers"),
        for_new_accounts=rule("for_new_accounts"),
        for_private_mentions=rule("for_private_mentions"),
        for_limited_accounts=rule("for_limited_accounts"),
        pending_requests_count=policy.requests,
        pending_notifications_count=policy.notifications,
    )


async def list_requests(
    context: Context, name: str, first: int | None, after: str | None
) -> NotificationRequestConnection:
    """Requests of an inbox, or why there are none. Raises BadUserInput and BadCursor."""
    window = check_window(given(first), given(after), None, None, context)
    if window.cursor is not None and not _can_be(window.cursor):
        raise BadCursor
    upstream, page, failure = _speaker(context, name), RequestPage({}, has_more=False), None
    try:
        asking = social_of(upstream).list_requests(window.count, window.cursor)
        page = await within(context.page_seconds, upstream, asking)
    except UpstreamError as error:
        failure = _show(context, name, error)
    return _show_page(page, window.cursor, failure)


def _show_page(
    page: RequestPage, after: str | None, failure: UpstreamFailure | None
) -> NotificationRequestConnection:
    keys = [*page.requests]
    start, end = (keys[0], keys[-1]) if keys else (None, after)
    return NotificationRequestConnection(
        edges=[NotificationRequestEdge(node=n, cursor=key) for key, n in page.requests.items()],
        nodes=[*page.requests.values()],
        page_info=PageInfo(
            has_next_page=page.has_more,
            has_previous_page=after is not None,
            write_start=lambda: start,
            write_end=lambda: end,
        ),
        failure=failure,
    )


def _can_be(cursor: str) -> bool:
    """Whether an instance can have named a request so; nothing else is sent to one."""
    return 0 < len(cursor) <= LONGEST_KEY and cursor.isascii() and cursor.isalnum()


def _show(context: Context, name: str, error: UpstreamError) -> UpstreamFailure:
    if error.failure_code is not UpstreamFailureCode.UNSUPPORTED:
        context.failures[name] = error.failure_code
    return show_failure(error, context.to_come)


def _speaker(context: Context, name: str) -> Upstream:
    upstream = main_list(name, context.upstreams)
    assert upstream is not None  # or the inbox would not be shown
    return upstream
