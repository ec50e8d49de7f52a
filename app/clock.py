"""The time, passed in wherever it is needed so that tests can hold it still.

There are two. What lasts, waits or grows old goes by `now`, which nobody can set: when the
machine's clock is put right, no copy becomes fresh for an hour and no wait lasts one. `wall` is the
time of day, for what is shown to people and for instants that instances name.
"""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Protocol

_NOTHING = timedelta()
_SMALL = timedelta(seconds=1)


class Clock(Protocol):
    """Tells both times, aware and in UTC."""

    def now(self) -> datetime:
        """The present instant, of a time that only ever goes on, and at the speed of seconds."""

    def wall(self) -> datetime:
        """The time of day, which somebody may set."""


def _boot_time() -> float:
    """Seconds that also go on while the machine sleeps, where it has such a clock."""
    clock = getattr(time, "CLOCK_BOOTTIME", None)
    return time.monotonic() if clock is None else time.clock_gettime(clock)


def _wall_time() -> datetime:
    return datetime.now(UTC)


class SystemClock:
    """The machine's clocks; `now` was the time of day when this was made."""

    def __init__(
        self, steady: Callable[[], float] = _boot_time, wall: Callable[[], datetime] = _wall_time
    ) -> None:
        self._steady = steady
        self.wall = wall
        self._began, self._began_at = wall(), steady()

    def now(self) -> datetime:
        return self._began + timedelta(seconds=self._steady() - self._began_at)


def shift_of(clock: Clock) -> timedelta:
    """How far the time of day has been set; what is less than a second is none."""
    shift = clock.wall() - clock.now()
    return shift if abs(shift) >= _SMALL else _NOTHING


def to_wall(clock: Clock, instant: datetime) -> datetime:
    """An instant of `now` as the time of day that people see it at."""
    return instant + shift_of(clock)
