"""Shows what was foreseen and hides what was not."""

from collections.abc import Callable, Iterator

from graphql import GraphQLError
from strawberry.extensions import SchemaExtension

from resolvers.errors import TidingsError

Report = Callable[[GraphQLError], None]
"""Is told of every error that callers do not get to see."""


class MaskUnforeseen(SchemaExtension):
    """Replaces an exception that nobody raised on purpose by one sentence with code INTERNAL.

    Errors of graphql-core itself (a document that does not parse, a wrong variable) have no
    original error and are the caller's to read.
    """

    def __init__(self, report: Report) -> None:
        self._report = report

    def on_operation(self) -> Iterator[None]:
        yield
        result = self.execution_context.result
        errors = getattr(result, "errors", None)
        if result is not None and errors:
            result.errors = [self._mask(error) for error in errors]

    def _mask(self, error: GraphQLError) -> GraphQLError:
        cause = error.original_error
        if cause is None or isinstance(cause, TidingsError | GraphQLError):
            return error
        self._report(error)
        return GraphQLError(
            "The gateway made a mistake: its log has the whole of it.",
            nodes=error.nodes,
            path=error.path,
            extensions={"code": "INTERNAL"},
        )
