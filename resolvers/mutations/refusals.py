"""How mutations write, and how what is refused becomes data."""

from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

from strawberry.types import Info

from resolvers.context import Context
from resolvers.errors import (
    Forbidden,
    InvalidInput,
    NotFound,
    TidingsError,
    UpstreamError,
    UpstreamFailureCode,
)
from resolvers.fields.deadline import within
from resolvers.mutations.payloads import UserError, UserErrorCode
from resolvers.seam.upstream import Upstream
from resolvers.types.failure import show_failure
from resolvers.types.inbox import Inbox

Request = Info[Context, None]
Value = TypeVar("Value")

Failures = dict[str, tuple[TidingsError, Inbox | None]]
"""Why something was not done with some IDs, and the inbox that it happened with."""

_UNKNOWN = "It is not known whether it was done: look before you ask again."


async def write(
    info: Request, upstream: Upstream, writing: Callable[[], Awaitable[Value]]
) -> Value:
    """What the upstream says to a write. Raises Forbidden, and UpstreamError."""
    if not info.context.may_write:
        raise Forbidden
    return await within(info.context.page_seconds, upstream, writing(), is_write=True)


def explain_each(
    info: Request, ids: Sequence[str], failures: Failures, field: str
) -> list[UserError]:
    """Those of a list of IDs that failed, each once and with its place in the input's field."""
    return [
        explain(info, *failures[each], field, str(ids.index(each)))
        for each in dict.fromkeys(ids)
        if each in failures
    ]


def explain(
    info: Info[Context, None], error: TidingsError, inbox: Inbox | None, *path: str
) -> UserError:
    """A refusal as data; `path` is the input's field where the error does not know better."""
    code, message, failure = UserErrorCode.INVALID_INPUT, str(error), None
    is_unknown = isinstance(error, UpstreamError) and error.is_outcome_unknown
    if isinstance(error, NotFound):
        code = UserErrorCode.NOT_FOUND
    elif isinstance(error, Forbidden):
        code = UserErrorCode.FORBIDDEN
    elif isinstance(error, UpstreamError):
        is_unsupported = error.failure_code is UpstreamFailureCode.UNSUPPORTED
        code = UserErrorCode.NOT_SUPPORTED if is_unsupported else UserErrorCode.UPSTREAM_FAILED
        failure = None if is_unsupported else show_failure(error, info.context.to_come)
        message = f"{message} {_UNKNOWN}" if is_unknown else message
    elif isinstance(error, InvalidInput):
        path = error.path
    return UserError(
        code=code,
        message=message,
        is_outcome_unknown=is_unknown,
        path=["input", *path] if path else None,
        inbox=inbox,
        failure=failure,
    )
