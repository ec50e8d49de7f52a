"""What a subscription sends. Each event has a cursor: who has it may resume after that event."""

import dataclasses
from collections.abc import Callable, Sequence
from datetime import datetime

import strawberry

from resolvers.fields.connection import NotificationEdge
from resolvers.fields.sources import NotificationSource
from resolvers.types.failure import UpstreamFailure
from resolvers.types.inbox import Inbox, ShownInbox
from resolvers.types.live import ChangeReason, LiveMode

_CURSOR = "For `cursor` of a subscription: goes on after this event, and is for that alone."


@strawberry.interface(description="Something that happened to the list that is subscribed to.")
class NotificationEvent:
    """`write_cursor` writes it as the subscription stands at this event, when it is asked for.

    `seen_at` is when what it tells was known first, by the gateway's clock, if that is to be told.
    """

    write_cursor: strawberry.Private[Callable[[], str]]
    seen_at: strawberry.Private[datetime | None] = dataclasses.field(default=None, kw_only=True)

    @strawberry.field(description=_CURSOR)
    def cursor(self) -> str:
        return self.write_cursor()


@strawberry.type(
    description="The subscription stands: the first event, sent at once, and again when the cursor "
    "has moved for five minutes without another event."
)
class LiveStarted(NotificationEvent):
    """From its cursor on nothing is lost."""

    sources: list[NotificationSource] = strawberry.field(
        description="A report for each inbox, in the order of the configuration."
    )


@strawberry.type(description="A notification to be put into the list, where `createdAt` has it.")
class NotificationArrived(NotificationEvent):
    """In one inbox they are sent in the instance's order, the oldest first."""

    edge: NotificationEdge = strawberry.field(
        description="As in a page: `edge.cursor` is for `after` and `before`."
    )
    is_new: bool = strawberry.field(
        description="Whether it came since the subscription's cursor: ring for it. If not, it is "
        "of an inbox that has only now become readable: list it."
    )


@strawberry.type(description="Notifications to be taken out of the list.")
class NotificationsRemoved(NotificationEvent):
    """By this gateway or elsewhere; also ones that were never sent."""

    inbox: Inbox = strawberry.field(graphql_type=ShownInbox, description="The inbox they were in.")
    notification_ids: list[strawberry.ID] = strawberry.field(
        description="Their IDs; some may be unknown to you."
    )
    is_whole_inbox: bool = strawberry.field(
        description="Whether all that you hold of this inbox, of whichever feed, is gone."
    )


@strawberry.type(description="Notifications that are not unread any more.")
class NotificationsRead(NotificationEvent):
    """By the marker at Mastodon; at a wiki, where what is seen is listed too, by its marks."""

    inbox: Inbox = strawberry.field(graphql_type=ShownInbox, description="The inbox they are in.")
    up_to_notification_id: strawberry.ID | None = strawberry.field(
        description="This one and all that are older are read; null where `notificationIds` names "
        "them."
    )
    notification_ids: list[strawberry.ID] = strawberry.field(
        description="Those that are read, where it is not all up to one; you may not know all."
    )


@strawberry.type(
    description="What you hold of an inbox may be wrong, and the gateway cannot say how: read its "
    "page anew."
)
class NotificationsChanged(NotificationEvent):
    """At most one in ten seconds for an inbox."""

    inbox: Inbox = strawberry.field(graphql_type=ShownInbox, description="The inbox it is about.")
    reason: ChangeReason = strawberry.field(description="Why.")


@strawberry.type(
    description="How an inbox is watched has changed: it fails or works again, streams or is asked."
)
class InboxChanged(NotificationEvent):
    """Sent for each inbox after the first event, and then when it changes."""

    source: NotificationSource = strawberry.field(description="How the inbox is.")
    mode: LiveMode = strawberry.field(description="How the gateway learns what happens there.")
    next_look_at: datetime | None = strawberry.field(
        description="When the instance is asked next, as far as is known now."
    )
    stream_failure: UpstreamFailure | None = strawberry.field(
        description="Why the instance does not tell what arrives of its own accord, so that it is "
        "asked: `UNSUPPORTED` where it has no streams, or has them elsewhere."
    )


EVENTS: Sequence[type[NotificationEvent]] = (
    *(LiveStarted, NotificationArrived, NotificationsRemoved, NotificationsRead),
    *(NotificationsChanged, InboxChanged),
)
