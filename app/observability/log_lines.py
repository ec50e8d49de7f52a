"""The log of operations and of trouble with instances: a line each."""

import structlog

from app.observability.telemetry import EndReason, OperationDone, Outcome, RequestOutcome

log = structlog.get_logger()


class LogLines:
    """Writes what happens into the log; who is asked and for what, but nothing of its content."""

    def note_operation(self, done: OperationDone) -> None:
        write = log.error if done.outcome is Outcome.INTERNAL else log.info
        named = {
            "name": done.name,
            "sha256": done.sha256,
            "client": done.client,
            "trace_id": done.trace_id,
        }
        write(
            "operation",
            kind=done.kind,
            outcome=done.outcome,
            ms=round(done.seconds * 1000, 1),
            request_id=done.request_id,
            **{key: value for key, value in named.items() if value},
        )

    def note_request(self, inbox: str, outcome: RequestOutcome, seconds: float) -> None:
        if outcome is not RequestOutcome.OK:
            ms = round(seconds * 1000, 1)
            log.warning("instance failed", inbox=inbox, outcome=outcome, ms=ms)

    def note_event(self, kind: str, lag: float | None) -> None:
        """There are too many for lines of their own."""

    def note_end(self, reason: EndReason, seconds: float, client: str) -> None:
        log.info("subscription ended", reason=reason, seconds=round(seconds, 1), client=client)

    def note_reload(self, *, is_good: bool) -> None:
        """What reloads says more than that."""
