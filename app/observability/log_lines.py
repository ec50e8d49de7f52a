"""The log of operations and of trouble with instances: a line each."""

import time
from functools import lru_cache

import orjson
import structlog

from app.observability.logging import Writable
from app.observability.telemetry import EndReason, OperationDone, Outcome, RequestOutcome

log = structlog.get_logger()


class LogLines:
    """Writes what happens into the log; who is asked and for what, but nothing of its content.

    With `lines`, operations go there as JSON, past structlog, which takes twenty times as long.
    """

    def __init__(self, lines: Writable | None = None) -> None:
        self._lines = lines

    def note_operation(self, done: OperationDone) -> None:
        ms = done.seconds * 1000
        if self._lines is not None:
            begun = _begin_line(done.kind, done.outcome, done.name, done.sha256, done.client)
            trace = f',"trace_id":"{done.trace_id}"' if done.trace_id else ""
            rest = f',"ms":{ms:.1f},"request_id":"{done.request_id}"{trace}'
            self._lines.write(f'{begun}{rest},"timestamp":"{_write_now()}"}}\n')
            return
        told = {"name": done.name, "sha256": done.sha256, "client": done.client}
        told = {key: value for key, value in told.items() if value}
        if done.trace_id:
            told["trace_id"] = done.trace_id
        write = log.error if done.outcome is Outcome.INTERNAL else log.info
        ids = {"ms": round(ms, 1), "request_id": done.request_id}
        write("operation", kind=done.kind, outcome=done.outcome.value, **told, **ids)

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


@lru_cache(maxsize=512)
def _begin_line(kind: str, outcome: Outcome, name: str, sha256: str, client: str) -> str:
    """What a line has in common with others of its document and client, without its end."""
    level = "error" if outcome is Outcome.INTERNAL else "info"
    told = {"event": "operation", "level": level, "kind": kind, "outcome": outcome.value}
    more = {"name": name, "sha256": sha256, "client": client}
    told |= {key: value for key, value in more.items() if value}
    return orjson.dumps(told).decode().removesuffix("}")


def _write_now() -> str:
    """The time of day, UTC, in milliseconds."""
    now = time.time()
    second = int(now)
    return f"{_write_second(second)}.{int((now - second) * 1000):03d}Z"


@lru_cache(maxsize=2)
def _write_second(second: int) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(second))
