"""The time of day, passed in wherever it is needed so that tests can hold it still.

Waiting goes by the event loop's own time, which tests run ahead of the real one.
"""

from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """Tells the time of day."""

    def now(self) -> datetime:
        """The present instant, aware and in UTC."""


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        return datetime.now(UTC)
