"""The inputs of the mutations of social networks."""

from collections.abc import Mapping
from enum import Enum

import strawberry

from resolvers.errors import InvalidInput
from resolvers.inputs.filters import given
from resolvers.mutations.inputs import CLIENT_MUTATION_ID
from resolvers.types.filtered import RULES, NotificationPolicyRule

MOST_REQUESTS = 100
"""Notification requests that one mutation may name."""


@strawberry.enum(description="What to say to somebody who asks to follow you.")
class FollowRequestAnswer(Enum):
    """https://docs.joinmastodon.org/methods/follow_requests/"""

    ACCEPT = strawberry.enum_value("ACCEPT", description="They follow you from now on.")
    REJECT = strawberry.enum_value("REJECT", description="They do not, and are not told.")


@strawberry.input(description="Names the follow request, by the notification that tells of it.")
class AnswerFollowRequestInput:
    """Of answerFollowRequest."""

    notification_id: strawberry.ID = strawberry.field(
        description="The `id` of a notification of type FOLLOW_REQUEST."
    )
    answer: FollowRequestAnswer = strawberry.field(description="What to say.")
    client_mutation_id: str | None = strawberry.field(
        default=strawberry.UNSET, description=CLIENT_MUTATION_ID
    )


@strawberry.input(description="Names the conversation, by a notification of one of its posts.")
class MuteConversationInput:
    """Of muteConversation."""

    notification_id: strawberry.ID = strawberry.field(
        description="The `id` of a notification about a post."
    )
    is_muted: bool = strawberry.field(description="Whether it is to be muted; `false` ends that.")
    client_mutation_id: str | None = strawberry.field(
        default=strawberry.UNSET, description=CLIENT_MUTATION_ID
    )


@strawberry.input(description="Names the notification requests to accept.")
class AcceptNotificationRequestsInput:
    """Of acceptNotificationRequests."""

    request_ids: list[strawberry.ID] = strawberry.field(
        description="Requests' `id`s, of any inboxes. 1 to 100."
    )
    client_mutation_id: str | None = strawberry.field(
        default=strawberry.UNSET, description=CLIENT_MUTATION_ID
    )


@strawberry.input(description="Names the notification requests to dismiss.")
class DismissNotificationRequestsInput:
    """Of dismissNotificationRequests."""

    request_ids: list[strawberry.ID] = strawberry.field(
        description="Requests' `id`s, of any inboxes. 1 to 100."
    )
    client_mutation_id: str | None = strawberry.field(
        default=strawberry.UNSET, description=CLIENT_MUTATION_ID
    )


@strawberry.input(description="Which rules to set; what is left out stays as it is.")
class SetNotificationPolicyInput:
    """Of setNotificationPolicy."""

    inbox_id: strawberry.ID = strawberry.field(description="An inbox's `id`.")
    for_not_following: NotificationPolicyRule | None = strawberry.field(
        default=strawberry.UNSET, description="Of accounts that you do not follow."
    )
    for_not_followers: NotificationPolicyRule | None = strawberry.field(
        default=strawberry.UNSET, description="Of accounts that do not follow you."
    )
    for_new_accounts: NotificationPolicyRule | None = strawberry.field(
        default=strawberry.UNSET, description="Of accounts made in the last 30 days."
    )
    for_private_mentions: NotificationPolicyRule | None = strawberry.field(
        default=strawberry.UNSET,
        description="Of private mentions by accounts that you do not follow.",
    )
    for_limited_accounts: NotificationPolicyRule | None = strawberry.field(
        default=strawberry.UNSET, description="Of accounts that a moderator has limited."
    )
    client_mutation_id: str | None = strawberry.field(
        default=strawberry.UNSET, description=CLIENT_MUTATION_ID
    )


def check_policy(wanted: SetNotificationPolicyInput) -> Mapping[str, NotificationPolicyRule]:
    """The rules to set, by name. Raises InvalidInput."""
    changes = {name: rule for name in RULES if (rule := given(getattr(wanted, name))) is not None}
    if not changes:
        raise InvalidInput("Expected at least one rule to set.")
    for name, rule in changes.items():
        if rule is NotificationPolicyRule.OTHER:
            first, *rest = name.split("_")
            field = first + "".join(word.title() for word in rest)
            raise InvalidInput("OTHER is read alone: choose ACCEPT, FILTER or DROP.", field)
    return changes
