"""Traces, as the gateway needs them, whether there are any or not."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Protocol

from app.observability.telemetry import OperationDone
from resolvers.context import OpenSpan

RequestSpan = AbstractContextManager[Mapping[str, str]]
"""The span of a request to an instance, with the headers that it is to have."""
OpenRequestSpan = Callable[[str, str], RequestSpan]
"""Opens one, by the inbox and the method."""


class OperationSpan(Protocol):
    """The span of an operation that is recorded."""

    trace_id: str

    def describe(self, done: OperationDone) -> None:
        """Says what the operation was, and how it ended."""


class Spans(Protocol):
    """Opens spans. `open_request` is None where there are none."""

    open_request: OpenRequestSpan | None

    def operation(
        self, headers: Sequence[tuple[bytes, bytes]]
    ) -> AbstractContextManager[OperationSpan | None]:
        """That of an operation, under what its caller named; None if it is not recorded."""

    def open_field(self) -> OpenSpan | None:
        """What opens those of root fields, in an operation that is recorded."""


class NoSpans:
    """Where nobody wants any."""

    open_request: OpenRequestSpan | None = None
    _nothing: AbstractContextManager[OperationSpan | None] = nullcontext()

    def operation(
        self, headers: Sequence[tuple[bytes, bytes]]
    ) -> AbstractContextManager[OperationSpan | None]:
        return self._nothing

    def open_field(self) -> OpenSpan | None:
        return None


NO_SPANS = NoSpans()
