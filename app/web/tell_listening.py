"""Tells of subscriptions: their events, how late these are, and why they end."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from time import perf_counter

from app.clock import Clock
from app.observability.telemetry import EndReason, Telemetry
from app.web.refusal import Refusal, Refused
from resolvers.errors import RequestRefused


class TellListening:
    """For all subscriptions of a process; `is_stopping` tells whether that is to end."""

    def __init__(self, telemetry: Telemetry, clock: Clock, is_stopping: Callable[[], bool]) -> None:
        self._telemetry = telemetry
        self._clock = clock
        self._is_stopping = is_stopping

    def event(self, kind: str, seen_at: datetime | None) -> None:
        """One event that is sent, of what was known since then."""
        lag = (self._clock.now() - seen_at).total_seconds() if seen_at is not None else None
        self._telemetry.note_event(kind, lag)

    @contextmanager
    def told(self, client: str) -> Iterator[None]:
        """Tells of a subscription's end, and of its reason by what ends it."""
        began, reason = perf_counter(), EndReason.REFUSED  # where it has no more to say
        try:
            yield
        except RequestRefused:
            raise
        except Refused as refused:
            is_gone = refused.refusal is Refusal.UNAUTHORIZED
            reason = EndReason.KEY_GONE if is_gone else EndReason.REFUSED
            raise
        except Exception:
            reason = EndReason.INTERNAL
            raise
        except BaseException:  # cancelled, or closed
            reason = EndReason.SHUTDOWN if self._is_stopping() else EndReason.GONE
            raise
        finally:
            self._telemetry.note_end(reason, perf_counter() - began, client)
