"""What the mutations of social networks answer with."""

import strawberry

from resolvers.fields.inbox import InboxFields
from resolvers.mutations.payloads import Payload
from resolvers.types.filtered import NotificationPolicy
from resolvers.types.inbox import Inbox
from resolvers.types.post import MastodonStatus


@strawberry.type(description="What became of answering a follow request.")
class AnswerFollowRequestPayload(Payload):
    """Of answerFollowRequest."""

    dismissed_notification_ids: list[strawberry.ID] = strawberry.field(
        description="What left the list by it: at Mastodon the notification of the request. Empty "
        "where the server keeps it, and where nothing was answered."
    )
    inbox: Inbox | None = strawberry.field(
        graphql_type=InboxFields | None, description="The inbox that was asked."
    )


@strawberry.type(description="What became of muting a conversation.")
class MuteConversationPayload(Payload):
    """Of muteConversation."""

    status: MastodonStatus | None = strawberry.field(
        description="The post with its new `isMuted`; null where nothing was done."
    )
    inbox: Inbox | None = strawberry.field(
        graphql_type=InboxFields | None, description="The inbox that it is muted in."
    )


@strawberry.type(description="What became of accepting notification requests.")
class AcceptNotificationRequestsPayload(Payload):
    """Of acceptNotificationRequests."""

    request_ids: list[strawberry.ID] = strawberry.field(
        description="Those that were accepted, in the order asked; for each of the others there is "
        "a user error."
    )
    inboxes: list[Inbox] = strawberry.field(
        graphql_type=list[InboxFields], description="The inboxes that they are of, each once."
    )


@strawberry.type(description="What became of dismissing notification requests.")
class DismissNotificationRequestsPayload(Payload):
    """Of dismissNotificationRequests."""

    request_ids: list[strawberry.ID] = strawberry.field(
        description="Those that were dismissed, in the order asked; for each of the others there "
        "is a user error."
    )
    inboxes: list[Inbox] = strawberry.field(
        graphql_type=list[InboxFields], description="The inboxes that they are of, each once."
    )


@strawberry.type(description="What became of setting rules of a notification policy.")
class SetNotificationPolicyPayload(Payload):
    """Of setNotificationPolicy."""

    notification_policy: NotificationPolicy | None = strawberry.field(
        description="All of the policy as it is now; null where nothing was set."
    )
    inbox: Inbox | None = strawberry.field(
        graphql_type=InboxFields | None, description="The inbox that it is of."
    )
