"""Counts what happens, for Prometheus: https://prometheus.io/docs/practices/naming/

Labels are bounded: inboxes by the configuration, operations by trusted documents and MOST_NAMES.
"""

from collections.abc import Collection

from prometheus_client import CollectorRegistry, Counter, Histogram

from app.observability.telemetry import EndReason, OperationDone, RequestOutcome

MOST_NAMES = 200
"""Names of operations; those of other trusted documents, and of all others, count together."""
OTHER = "other"
_FAST = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
"""Seconds."""


class Metrics:
    """What one process has counted since it started; `registry` has all of it."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._names: set[str] = set()
        self._operations = Counter(
            "tidings_operations",
            "Queries and mutations, by the name of a trusted document.",
            ("operation", "type", "outcome"),
            registry=self.registry,
        )
        self._operation_seconds = Histogram(
            "tidings_operation_duration_seconds",
            "How long they took, from the request's head to the answer.",
            ("operation", "type"),
            buckets=_FAST,
            registry=self.registry,
        )
        self._requests = Counter(
            "tidings_upstream_requests",
            "Requests that instances were sent.",
            ("inbox", "outcome"),
            registry=self.registry,
        )
        self._request_seconds = Histogram(
            "tidings_upstream_request_duration_seconds",
            "How long instances took to answer.",
            ("inbox",),
            buckets=_FAST,
            registry=self.registry,
        )
        self._events = Counter(
            "tidings_events",
            "Events that subscribers were sent.",
            ("type",),
            registry=self.registry,
        )
        self._lag = Histogram(
            "tidings_event_lag_seconds",
            "From when the gateway knew of a notification to when a subscriber was sent it.",
            buckets=_FAST,
            registry=self.registry,
        )
        self._ends = Counter(
            "tidings_subscriptions_ended",
            "Subscriptions that have ended.",
            ("reason",),
            registry=self.registry,
        )
        self._reloads = Counter(
            "tidings_configuration_reloads",
            "Configurations that were read again.",
            ("outcome",),
            registry=self.registry,
        )

    def note_operation(self, done: OperationDone) -> None:
        name = self._name(done.name) if done.is_trusted and done.name else OTHER
        self._operations.labels(name, done.kind, done.outcome.value).inc()
        self._operation_seconds.labels(name, done.kind).observe(done.seconds)

    def note_request(self, inbox: str, outcome: RequestOutcome, seconds: float) -> None:
        self._requests.labels(inbox, outcome.value).inc()
        self._request_seconds.labels(inbox).observe(seconds)

    def note_event(self, kind: str, lag: float | None) -> None:
        self._events.labels(kind).inc()
        if lag is not None:
            self._lag.observe(lag)

    def note_end(self, reason: EndReason, seconds: float, client: str) -> None:
        self._ends.labels(reason.value).inc()

    def note_reload(self, *, is_good: bool) -> None:
        self._reloads.labels("good" if is_good else "bad").inc()

    def forget_inboxes(self, names: Collection[str]) -> None:
        """Drops what was counted for inboxes that there are no more."""
        for name in names:
            for outcome in RequestOutcome:
                self._requests.remove(name, outcome.value)
            self._request_seconds.remove(name)

    def _name(self, name: str) -> str:
        if name in self._names:
            return name
        if len(self._names) >= MOST_NAMES:
            return OTHER
        self._names.add(name)
        return name
