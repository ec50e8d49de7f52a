"""Counts what happens, for Prometheus: https://prometheus.io/docs/practices/naming/

Labels are bounded: inboxes by the configuration, operations by trusted documents and MOST_NAMES.
"""

from collections.abc import Iterator

from prometheus_client import CollectorRegistry
from prometheus_client.core import Metric
from prometheus_client.registry import Collector

from app.observability.tallies import CountTally, DurationTally
from app.observability.telemetry import EndReason, OperationDone, RequestOutcome

MOST_NAMES = 200
"""Names of operations; those of other trusted documents, and of all others, count together."""
OTHER = "other"


class Metrics(Collector):
    """What one process has counted since it started; `registry` has all of it."""

    def __init__(self) -> None:
        self._names: set[str] = set()
        self._operations = CountTally(
            "tidings_operations",
            "Queries and mutations, by the name of a trusted document.",
            *("operation", "type", "outcome"),
        )
        self._operation_seconds = DurationTally(
            "tidings_operation_duration_seconds",
            "How long they took, from the request's head to the answer.",
            *("operation", "type"),
        )
        self._requests = CountTally(
            "tidings_upstream_requests",
            "Requests that instances were sent.",
            *("inbox", "outcome"),
        )
        self._request_seconds = DurationTally(
            "tidings_upstream_request_duration_seconds",
            "How long instances took to answer.",
            "inbox",
        )
        self._events = CountTally("tidings_events", "Events that subscribers were sent.", "type")
        self._lag = DurationTally(
            "tidings_event_lag_seconds",
            "From when the gateway knew of a notification to when a subscriber was sent it.",
        )
        self._ends = CountTally(
            "tidings_subscriptions_ended", "Subscriptions that have ended.", "reason"
        )
        self._reloads = CountTally(
            "tidings_configuration_reloads", "Configurations that were read again.", "outcome"
        )
        self.registry = CollectorRegistry()
        self.registry.register(self)

    def collect(self) -> Iterator[Metric]:
        """All of them, as they are now."""
        yield from self._operations.collect()
        yield from self._operation_seconds.collect()
        yield from self._requests.collect()
        yield from self._request_seconds.collect()
        yield from self._events.collect()
        yield from self._lag.collect()
        yield from self._ends.collect()
        yield from self._reloads.collect()

    def note_operation(self, done: OperationDone) -> None:
        name = self._name(done.name) if done.is_trusted and done.name else OTHER
        self._operations.counts[name, done.kind, done.outcome.value] += 1
        self._operation_seconds.note(done.seconds, name, done.kind)

    def note_request(self, inbox: str, outcome: RequestOutcome, seconds: float) -> None:
        self._requests.counts[inbox, outcome.value] += 1
        self._request_seconds.note(seconds, inbox)

    def note_event(self, kind: str, lag: float | None) -> None:
        self._events.counts[kind,] += 1
        if lag is not None:
            self._lag.note(lag)

    def note_end(self, reason: EndReason, seconds: float, client: str) -> None:
        self._ends.counts[reason.value,] += 1

    def note_reload(self, *, is_good: bool) -> None:
        self._reloads.counts["good" if is_good else "bad",] += 1

    def _name(self, name: str) -> str:
        if name in self._names:
            return name
        if len(self._names) >= MOST_NAMES:
            return OTHER
        self._names.add(name)
        return name
