"""Shows what was foreseen and hides what was not: how errors look in an answer."""

from collections.abc import Callable, Sequence
from typing import Any

from graphql import GraphQLError
from strawberry.exceptions import StrawberryInputCoercionError

from resolvers.errors import TidingsError

Report = Callable[[GraphQLError, str], None]
"""Is told of every error that callers do not get to see, and of the trace ID that they get."""

MESSAGE_LENGTH = 300
"""Characters: graphql-core quotes what it refuses, however long that is."""

MOST_LOCATIONS = 5

MISTAKE = "The gateway made a mistake: its log has the whole of it, under this trace ID."


def show_errors(
    errors: Sequence[GraphQLError], report: Report, new_trace_id: Callable[[], str]
) -> list[dict[str, Any]]:
    """Errors of an execution as they stand in the answer, each with a code."""
    trace_id: str | None = None
    shown = []
    for error in errors:
        code = _code_of(error)
        if code is None:
            trace_id = trace_id or new_trace_id()
            report(error, trace_id)
            shown.append(show_error(mask(error, trace_id)))
        else:
            error.extensions = {**(error.extensions or {}), "code": code}
            shown.append(show_error(error))
    return shown


def mask(error: GraphQLError, trace_id: str) -> GraphQLError:
    """One sentence in place of an exception that nobody raised on purpose."""
    extensions = {"code": "INTERNAL", "traceId": trace_id}
    return GraphQLError(MISTAKE, nodes=error.nodes, path=error.path, extensions=extensions)


def show_error(error: GraphQLError) -> dict[str, Any]:
    """An error as it stands in an answer; what graphql-core quotes in it is cut short."""
    shown: dict[str, Any] = {"message": _shorten(error.message)}
    if error.locations:
        shown["locations"] = [each.formatted for each in error.locations[:MOST_LOCATIONS]]
    if error.path is not None:
        shown["path"] = error.path
    shown["extensions"] = error.extensions
    return shown


def _code_of(error: GraphQLError) -> str | None:
    """The code of an error that was foreseen; None for any other.

    What graphql-core says of an argument (null from a variable where none may be) is the caller's
    mistake, and names the argument's node; what it says of a value that cannot be shown is ours.
    """
    cause = error.original_error
    if isinstance(cause, GraphQLError) and cause.original_error:
        cause = cause.original_error  # one that stood in a list
    if isinstance(cause, TidingsError):
        return cause.extensions["code"]
    if cause is None or isinstance(cause, StrawberryInputCoercionError):
        return "BAD_USER_INPUT"
    if isinstance(cause, GraphQLError) and cause.nodes:
        return "BAD_USER_INPUT"
    return None


def _shorten(message: str) -> str:
    return message if len(message) <= MESSAGE_LENGTH else f"{message[:MESSAGE_LENGTH]} …"
