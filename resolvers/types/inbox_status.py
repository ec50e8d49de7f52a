"""How an inbox's instance answers, as the API shows it."""

from datetime import datetime
from enum import Enum

import strawberry

from resolvers.types.failure import UpstreamFailure


@strawberry.type(description="How often a login may still ask, where its instance tells.")
class RateLimit:
    """The limit that is closest: https://docs.joinmastodon.org/api/rate-limits/"""

    limit: int = strawberry.field(description="Requests in the whole period.")
    remaining: int = strawberry.field(description="Requests that are left of it.")
    resets_at: datetime = strawberry.field(description="When there are more again.")


@strawberry.enum(description="How an inbox's instance answers.")
class InboxHealth(Enum):
    """Told in `InboxStatus`."""

    UNKNOWN = strawberry.enum_value("UNKNOWN", description="Not asked yet.")
    HEALTHY = strawberry.enum_value("HEALTHY", description="The last answer was good.")
    DEGRADED = strawberry.enum_value(
        "DEGRADED", description="The last request failed: see `lastFailure`."
    )
    SUSPENDED = strawberry.enum_value(
        "SUSPENDED",
        description="It failed several times in a row, and is not asked before `retryAt`.",
    )


@strawberry.type(
    description="How the instance has answered this gateway lately. It is not asked for this."
)
class InboxStatus:
    """A LoginHealth as data."""

    health: InboxHealth = strawberry.field(description="In one word.")
    last_success_at: datetime | None = strawberry.field(
        description="When it last gave a good answer; null where it never has since the start."
    )
    last_failure_at: datetime | None = strawberry.field(
        description="When a request last failed; null where none has since the start."
    )
    last_failure: UpstreamFailure | None = strawberry.field(
        description="What went wrong then, also where it has answered well since."
    )
    retry_at: datetime | None = strawberry.field(
        description="When it is asked again; null where it may be asked now."
    )
    rate_limit: RateLimit | None = strawberry.field(
        description="The closest limit of its instance, by its last answer and by what this "
        "gateway has asked; null where none is known."
    )
