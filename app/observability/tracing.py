"""Spans by OpenTelemetry: of operations, of their root fields, and of requests to instances.

https://opentelemetry.io/docs/specs/semconv/graphql/ and https://www.w3.org/TR/trace-context/
"""

import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext

from opentelemetry import trace
from opentelemetry.context import Context
from opentelemetry.trace import Span, SpanKind, Status, StatusCode, Tracer
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from app.observability.spans import OpenRequestSpan
from app.observability.telemetry import OperationDone, Outcome
from resolvers.context import OpenSpan

_W3C = TraceContextTextMapPropagator()
_TRACEPARENT = b"traceparent"
_HEADERS = (_TRACEPARENT, b"tracestate")
_NOTHING: AbstractContextManager[None] = nullcontext()
_FAILED = (Outcome.INTERNAL, Outcome.OVERLOADED, Outcome.BROKEN_OFF)


class Tracing:
    """Makes spans where the operation is recorded, and none below one that is not.

    `sample` is the share of operations that is drawn, by `chance`, before anything else is done for
    one: only what a caller has drawn is left to the tracer's sampler. `propagates` is whether
    instances are told of the trace.
    """

    def __init__(
        self,
        tracer: Tracer,
        sample: float,
        chance: Callable[[], float] = random.random,
        *,
        propagates: bool,
    ) -> None:
        self._tracer = tracer
        self._sample = sample
        self._chance = chance
        self._propagates = propagates
        self.open_request: OpenRequestSpan | None = self._open_request

    def operation(
        self, headers: Sequence[tuple[bytes, bytes]]
    ) -> AbstractContextManager["RecordedOperation | None"]:
        is_begun = any(name == _TRACEPARENT for name, _ in headers)
        if not is_begun and self._chance() >= self._sample:
            return _NOTHING
        return self._record(headers)

    @contextmanager
    def _record(
        self, headers: Sequence[tuple[bytes, bytes]]
    ) -> Iterator["RecordedOperation | None"]:
        span = self._tracer.start_span("graphql", _read(headers), SpanKind.SERVER)
        if not span.is_recording():
            yield None
            return
        with trace.use_span(span, end_on_exit=True, record_exception=False):
            yield RecordedOperation(span)

    def open_field(self) -> OpenSpan | None:
        return self._open_field if trace.get_current_span().is_recording() else None

    def _open_field(self, name: str) -> AbstractContextManager[object]:
        return self._tracer.start_as_current_span(name, attributes={"graphql.field.name": name})

    @contextmanager
    def _open_request(self, inbox: str, method: str) -> Iterator[Mapping[str, str]]:
        if not trace.get_current_span().is_recording():
            yield {}
            return
        attributes = {"tidings.inbox": inbox, "http.request.method": method}
        opened = self._tracer.start_as_current_span(
            f"{method} {inbox}", kind=SpanKind.CLIENT, attributes=attributes, record_exception=False
        )
        with opened:
            headers: dict[str, str] = {}
            if self._propagates:
                _W3C.inject(headers)
            yield headers


class RecordedOperation:
    """The span of one operation."""

    def __init__(self, span: Span) -> None:
        self._span = span
        self.trace_id = trace.format_trace_id(span.get_span_context().trace_id)

    def describe(self, done: OperationDone) -> None:
        """Names it by what it was, if that is a trusted document, and says how it ended."""
        name = f" {done.name}" if done.is_trusted and done.name else ""
        self._span.update_name(f"{done.kind}{name}")
        self._span.set_attributes(
            {
                "graphql.operation.type": done.kind,
                "tidings.outcome": done.outcome.value,
                "tidings.request_id": done.request_id,
                "tidings.document.sha256": done.sha256,
            }
        )
        if done.outcome in _FAILED:
            self._span.set_status(Status(StatusCode.ERROR, done.outcome.value))


def _read(headers: Sequence[tuple[bytes, bytes]]) -> Context:
    brought = {
        name.decode(): value.decode("latin-1") for name, value in headers if name in _HEADERS
    }
    return _W3C.extract(brought, Context()) if brought else Context()
