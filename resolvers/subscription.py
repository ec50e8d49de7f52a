"""The root field of subscriptions."""

from collections.abc import AsyncIterator
from typing import Annotated

import strawberry
from strawberry.types import Info

from resolvers.context import Context
from resolvers.errors import BadUserInput
from resolvers.fields.events import NotificationEvent
from resolvers.fields.listing import check_place
from resolvers.inputs.arguments import WantedFilter
from resolvers.inputs.filters import check_filter, given
from resolvers.live.cut import decode_any_cursor
from resolvers.live.stream import EventStream
from resolvers.seam.lists import most_lists

Cursor = Annotated[
    str | None,
    strawberry.argument(
        description="Goes on from here: `cursor` of an event, or `startCursor` of a page with the "
        "same `filter`, so that nothing is lost in between. Left out: from the newest on, as the "
        "instances say it now."
    ),
]


@strawberry.type(description="What can be listened to.")
class Subscription:
    """One event at a time, each made when the last one was taken."""

    @strawberry.subscription(  # type: ignore[untyped-decorator] # Strawberry's
        description="What happens to the list of `notifications` with the same `filter`: what "
        "arrives, leaves and is read, in all inboxes. It has no end of its own: when it breaks "
        "off, resume from the last event's `cursor`."
    )
    async def notification_events(
        self,
        info: Info[Context, None],
        filter: WantedFilter = strawberry.UNSET,  # noqa: A002 - the API's name for it
        cursor: Cursor = strawberry.UNSET,
    ) -> AsyncIterator[NotificationEvent]:
        context = info.context
        checked = check_filter(given(filter), context.upstreams)
        if checked.scope.latest_only:
            raise BadUserInput(
                "filter.watchlist.latestOnly cannot be followed: what was the latest change of a "
                "page leaves the list when another comes. Leave it out."
            )
        if checked.until is not None and checked.until <= context.wall():
            raise BadUserInput("filter.until is past: nothing can arrive any more.")
        names = [upstream.name for upstream in checked.select(context.upstreams)]
        resumed_from = context.resume_from or given(cursor)
        most = most_lists(context.limits.inboxes)
        cuts = decode_any_cursor(resumed_from, checked.digest, names, most) if resumed_from else {}
        for name, cut in cuts.items():
            check_place(cut.place, context.upstreams[name])
        assert context.watch is not None  # who executes subscriptions gives it
        stream = EventStream(
            names, context.watch, cuts, checked, context, resumes=resumed_from is not None
        )
        async for event in stream.events():
            yield event
