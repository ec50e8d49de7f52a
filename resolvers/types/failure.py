"""An instance's trouble as data."""

from collections.abc import Callable
from datetime import datetime

import strawberry

from resolvers.errors import UpstreamError, UpstreamFailureCode


@strawberry.type(description="What went wrong between the gateway and an instance.")
class UpstreamFailure:
    """An UpstreamError as data."""

    code: UpstreamFailureCode = strawberry.field(
        description="What kind of failure, for a program to act on."
    )
    message: str = strawberry.field(
        description="One sentence for a person: which instance, what happened, what to do."
    )
    is_retryable: bool = strawberry.field(
        description="Whether it may pass by itself; if not, somebody has to mend something."
    )
    retry_at: datetime | None = strawberry.field(
        description="Not before this instant, where the instance or the gateway says so."
    )


def show_failure(
    error: UpstreamError, to_come: Callable[[datetime], datetime | None]
) -> UpstreamFailure:
    """An exception of the seam as the data that callers see; `to_come` as in `Context`."""
    return UpstreamFailure(
        code=error.failure_code,
        message=str(error),
        is_retryable=error.is_retryable,
        retry_at=to_come(error.retry_at) if error.retry_at else None,
    )
