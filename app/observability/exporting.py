"""Sends spans to a collector, with OpenTelemetry's SDK, which is an extra: `tidings[tracing]`."""

from collections.abc import Iterator
from contextlib import contextmanager

from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.sdk.trace.sampling import (
    ALWAYS_OFF,
    ALWAYS_ON,
    ParentBased,
    Sampler,
    TraceIdRatioBased,
)

from app import VERSION
from app.observability.tracing import Tracing

_LONGEST_EXPORT = 5
"""Seconds for a collector to take spans; others are lost."""


@contextmanager
def exported(endpoint: str, sample: float, *, propagates: bool) -> Iterator[Tracing]:
    """Tracing of a share of all operations, from 0 to 1, until the end of this.

    Spans go to an address of OTLP over HTTP, in a thread; what it does not take is lost.
    """
    resource = Resource.create({"service.name": "tidings", "service.version": VERSION})
    provider = TracerProvider(make_sampler(sample), resource, shutdown_on_exit=False)
    exporter = OTLPSpanExporter(endpoint, timeout=_LONGEST_EXPORT)
    provider.add_span_processor(BatchSpanProcessor(exporter))
    try:
        tracer = provider.get_tracer("tidings", VERSION)
        yield Tracing(tracer, sample, propagates=propagates)
    finally:
        provider.shutdown()


def make_sampler(sample: float) -> Sampler:
    """Draws a share of what callers have drawn: they can say that theirs is not to be recorded, but
    not that it is. What comes without a trace was drawn before.
    """
    ratio = TraceIdRatioBased(sample)
    return ParentBased(ALWAYS_ON, remote_parent_sampled=ratio, remote_parent_not_sampled=ALWAYS_OFF)
