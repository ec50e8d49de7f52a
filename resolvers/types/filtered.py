"""What an instance keeps out of sight for a login: https://docs.joinmastodon.org/entities/NotificationPolicy/"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import Enum

import strawberry

from resolvers.types.account import MastodonAccount
from resolvers.types.failure import UpstreamFailure
from resolvers.types.post import MastodonStatus


@strawberry.enum(description="What becomes of notifications from some kind of account.")
class NotificationPolicyRule(Enum):
    """https://docs.joinmastodon.org/entities/NotificationPolicy/#attributes"""

    ACCEPT = strawberry.enum_value("ACCEPT", description="They are listed.")
    FILTER = strawberry.enum_value(
        "FILTER",
        description="They are kept apart, and become a request that you accept or dismiss.",
    )
    DROP = strawberry.enum_value("DROP", description="They are never made.")
    OTHER = strawberry.enum_value(
        "OTHER", description="Something newer than this list. It cannot be set."
    )


@dataclass(frozen=True, slots=True)
class Policy:
    """The rules by name, as `for_new_accounts`, and what is pending by them, where it is told."""

    rules: Mapping[str, NotificationPolicyRule]
    requests: int | None
    notifications: int | None


_PENDING = "Null where the instance does not tell."


@strawberry.type(
    description="From whom an inbox takes notifications at once. Null everywhere where `failure` "
    "says why: Mastodon has it from 4.3 on."
)
class NotificationPolicy:
    """https://docs.joinmastodon.org/entities/NotificationPolicy/"""

    for_not_following: NotificationPolicyRule | None = strawberry.field(
        default=None, description="Of accounts that you do not follow."
    )
    for_not_followers: NotificationPolicyRule | None = strawberry.field(
        default=None, description="Of accounts that do not follow you."
    )
    for_new_accounts: NotificationPolicyRule | None = strawberry.field(
        default=None, description="Of accounts that were made in the last 30 days."
    )
    for_private_mentions: NotificationPolicyRule | None = strawberry.field(
        default=None, description="Of private mentions by accounts that you do not follow."
    )
    for_limited_accounts: NotificationPolicyRule | None = strawberry.field(
        default=None, description="Of accounts that a moderator has limited."
    )
    pending_requests_count: int | None = strawberry.field(
        default=None, description=f"Requests that wait for an answer. {_PENDING}"
    )
    pending_notifications_count: int | None = strawberry.field(
        default=None, description=f"Notifications that these keep out of sight. {_PENDING}"
    )
    failure: UpstreamFailure | None = strawberry.field(
        default=None, description="Why there is no policy: UNSUPPORTED where there is none."
    )


RULES = (
    *("for_not_following", "for_not_followers", "for_new_accounts"),
    *("for_private_mentions", "for_limited_accounts"),
)
"""The names of the rules that are shown and set."""


@strawberry.type(
    description="Notifications of one account that the policy keeps out of sight, until you accept "
    "or dismiss them."
)
class NotificationRequest:
    """https://docs.joinmastodon.org/entities/NotificationRequest/"""

    id: strawberry.ID = strawberry.field(
        description="Global, for normalised caches and for `acceptNotificationRequests`; not one "
        "that `node` takes."
    )
    account: MastodonAccount = strawberry.field(description="Whose they are.")
    created_at: datetime = strawberry.field(description="When the first of them came.")
    updated_at: datetime = strawberry.field(description="When the last of them came.")
    count: int = strawberry.field(description="How many there are.")
    last_status: MastodonStatus | None = strawberry.field(
        description="The newest post that one of them is about; null where none is about any."
    )
