"""The time, passed in wherever it is needed so that tests can hold it still.

There are two. What lasts, waits or grows old goes by `now`, which nobody can set: when the
machine's clock is put right, no copy becomes fresh for an hour and no wait lasts one. `wall` is the
time of day, for what is shown to people and for instants that instances name.
"""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Protocol

_NOTHING = timedelta()
_SMALL = timedelta(seconds=1)


class Clock(Protocol):
    """Tells both times, aware and in UTC."""

    def now(self) -> datetime:
        """The present instant, of a time that only ever goes on, and at the speed of seconds."""

    def wall(self) -> datetime:
        """The time of day, which somebody may set."""


_boot_time: Callable[[], float] = (
    partial(time.clock_gettime, time.CLOCK_BOOTTIME)
    if hasattr(time, "CLOCK_BOOTTIME")
    else time.monotonic
)
"""Seconds that also go on while the machine sleeps, where it has such a clock."""


def _wall_time() -> datetime:
    return datetime.now(UTC)


class SystemClock:
    """The machine's clocks; `now` was the time of day when this was made."""

    def __init__(
        self, steady: Callable[[], float] = _boot_time, wall: Callable[[], datetime] = _wall_time
    ) -> None:
        self._steady = steady
        self.wall = wall
        self._ahead = wall().timestamp() - steady()

    def now(self) -> datetime:
        return datetime.fromtimestamp(self._ahead + self._steady(), UTC)


def shift_of(clock: Clock) -> timedelta:
    """How far the time of day has been set; what is less than a second is none."""
    shift = clock.wall() - clock.now()
    return shift if abs(shift) >= _SMALL else _NOTHING


def to_wall(clock: Clock, instant: datetime) -> datetime:
    """An instant of `now` as the time of day that people see it at."""
    shift = shift_of(clock)
    return instant + shift if shift else instant


def to_come(clock: Clock, instant: datetime) -> datetime | None:
    """The same of one that is still to come; None for one that has passed."""
    return to_wall(clock, instant) if instant > clock.now() else None
