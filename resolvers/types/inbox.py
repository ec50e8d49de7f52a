"""An inbox and the instance that it is at."""

from dataclasses import replace
from enum import Enum

import strawberry
from strawberry.types.lazy_type import LazyType

from resolvers.types.failure import UpstreamFailure
from resolvers.types.feed import Feed
from resolvers.types.node import Node
from resolvers.types.scalars import URL


@strawberry.type(
    description="What can be done with an inbox, so that a frontend need not find out by failing. "
    "Null where the gateway does not know the server's software: try it."
)
class InboxCapabilities:
    """By its software; at a wiki also by the rights of the login."""

    can_dismiss: bool | None = strawberry.field(
        default=None, description="Whether `dismissNotification` works here."
    )
    can_clear: bool | None = strawberry.field(
        default=None, description="Whether `clearNotifications` works here."
    )
    can_set_timestamp: bool | None = strawberry.field(
        default=None, description="Whether `setNotificationTimestamp` works here: at wikis."
    )
    can_mark_read: bool | None = strawberry.field(
        default=None,
        description="Whether `markNotificationsRead` works here: where there are markers.",
    )
    can_answer_follow_requests: bool | None = strawberry.field(
        default=None, description="Whether `answerFollowRequest` works here."
    )
    can_mute_conversations: bool | None = strawberry.field(
        default=None, description="Whether `muteConversation` works here."
    )
    can_filter_notifications: bool | None = strawberry.field(
        default=None,
        description="Whether there are `notificationPolicy` and `notificationRequests`: from "
        "Mastodon 4.3 on.",
    )
    can_count_unread: bool | None = strawberry.field(
        default=None, description="Whether `unreadCount` has a count."
    )
    can_page_upwards: bool | None = strawberry.field(
        default=None,
        description="Whether `last` works from anywhere. If false, `before` works among the newest "
        "some hundred alone, and is a failure UNSUPPORTED below.",
    )

    def of_reader(self) -> "InboxCapabilities":
        """Those of a caller that may change nothing."""
        return replace(self, **dict.fromkeys(_WRITES, False))


_WRITES = (
    *("can_dismiss", "can_clear", "can_set_timestamp", "can_mark_read"),
    *("can_answer_follow_requests", "can_mute_conversations"),
)


@strawberry.type(description="How many notifications are unread.")
class UnreadCount:
    """A failure to count is data: one inbox that cannot does not spoil the others' numbers."""

    count: int | None = strawberry.field(
        description="By what the instance says: at Mastodon notifications beyond the marker, on a "
        "watchlist pages with a mark, which can be more than the list shows, and of a wiki's own "
        "notifications those that were not read. Null where `failure` says why."
    )
    is_capped: bool = strawberry.field(
        description="Whether counting stopped here: there may be more. Show `1000+`."
    )
    failure: UpstreamFailure | None = strawberry.field(
        description="Why there is no count: UNSUPPORTED where the instance cannot."
    )


@strawberry.type
class Instance(Node):
    """One Mastodon-API server or one wiki, as the configuration names it.

    What has to be asked of it stands in `resolvers.fields.inbox`.
    """

    platform: Enum = strawberry.field(
        graphql_type=LazyType("Platform", "resolvers.platforms"), description="Which API it speaks."
    )
    url: URL = strawberry.field(description="Where it is, as the operator configured it.")
    inbox_name: strawberry.Private[str]


@strawberry.type
class Inbox(Node):
    """One `[[inboxes]]` entry of the configuration.

    What has to be asked of it stands in `resolvers.fields.inbox`.
    """

    configured_feeds: strawberry.Private[frozenset[Feed]]
    name: str = strawberry.field(
        description="The name given in the configuration, such as `work`; unique and stable."
    )
    instance: Instance = strawberry.field(description="The server that this login is at.")


ShownInbox: LazyType[str, str] = LazyType("InboxFields", "resolvers.fields.inbox")
"""The GraphQL type of an inbox that something else has as a field. It is found by its name when the
schema is built: an inbox has a list of notifications, and each of them is of an inbox."""
