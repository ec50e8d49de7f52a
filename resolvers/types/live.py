"""How an inbox is watched, and why what a client holds of it may be wrong."""

from enum import Enum

import strawberry


@strawberry.enum(description="Why what you hold of an inbox may be wrong.")
class ChangeReason(Enum):
    """In each case its page has to be read anew."""

    TIMESTAMP_SET = strawberry.enum_value(
        "TIMESTAMP_SET", description="From where on changes are unseen was set at a wiki."
    )
    CLEARED = strawberry.enum_value(
        "CLEARED", description="One of the inbox's lists was cleared, and not the others."
    )
    UNKNOWN_OUTCOME = strawberry.enum_value(
        "UNKNOWN_OUTCOME", description="A write may have been carried out, or not."
    )
    LOG_LOST = strawberry.enum_value(
        "LOG_LOST",
        description="Nobody knows any more what was written since your cursor: it is old, or the "
        "gateway was started anew.",
    )
    FOUND_LATE = strawberry.enum_value(
        "FOUND_LATE", description="The instance lists something further down than it can be sent."
    )
    GAP = strawberry.enum_value(
        "GAP",
        description="More came since your cursor than is sent, or the instance cannot be asked for "
        "it: it goes on at the newest.",
    )
    FAILED = strawberry.enum_value(
        "FAILED", description="An event could not be executed: its `errors` say why."
    )


@strawberry.enum(description="How the gateway learns what happens in an inbox.")
class LiveMode(Enum):
    """As far as this subscription is served now."""

    STREAMING = strawberry.enum_value(
        "STREAMING", description="The instance tells what arrives, when it does."
    )
    POLLING = strawberry.enum_value(
        "POLLING", description="The instance is asked now and then: see `nextLookAt`."
    )
    PAUSED = strawberry.enum_value(
        "PAUSED", description="The instance does not answer: see `source.failure`."
    )
