"""When an instance is asked again whether anything came."""

import asyncio
from contextlib import suppress
from datetime import datetime, timedelta

from app.clock import Clock
from resolvers.types.inbox_status import RateLimit

SHORTEST, LONGEST = timedelta(seconds=10), timedelta(minutes=5)
"""Between two looks: doubled while nothing comes."""
_LEFT_OF_LIMIT = 4
"""Who has less than one in so many requests left is asked as rarely as can be."""


class Pace:
    """Of one list; `has_arrivals` is to be set where something came since the last look."""

    def __init__(self) -> None:
        self.has_arrivals = False
        self._pause = SHORTEST / 2  # which is doubled

    def begin_again(self) -> None:
        """From the shortest."""
        self._pause = SHORTEST / 2

    def choose_pause(self) -> timedelta:
        """Until the next look."""
        self._pause = SHORTEST if self.has_arrivals else min(LONGEST, self._pause * 2)
        return self._pause


class NextLook:
    """When the next look is; `at` is None while the instance is being asked."""

    def __init__(self, clock: Clock) -> None:
        self.at: datetime | None = None
        self._clock = clock
        self._began_at = clock.now()
        self._latest: datetime | None = None
        self._sooner = asyncio.Event()

    def begin(self) -> datetime:
        """A look begins, at this instant."""
        self.at = self._latest = None
        self._began_at = self._clock.now()
        return self._began_at

    def be_in(self, pause: timedelta, not_before: datetime | None) -> None:
        """The next is after a pause, or sooner where somebody has wanted that since the last."""
        at = self._clock.now() + pause
        at = at if self._latest is None else min(at, self._latest)
        self.at = at if not_before is None else max(at, not_before)

    def by(self, at: datetime) -> None:
        """It is at this instant at the latest."""
        self._latest = at if self._latest is None else min(at, self._latest)
        if self.at is not None and at < self.at:
            self.at = at
            self._sooner.set()

    def put_off(self, pause: timedelta) -> None:
        """It is after a pause since the last, unless somebody has wanted it sooner."""
        if self.at is not None and self._latest is None:
            self.at = max(self.at, self._began_at + pause)

    def soon(self) -> None:
        """It is now, or a while after the last."""
        self.by(max(self._clock.now(), self._began_at + SHORTEST))

    async def wait(self) -> None:
        """Until it is due."""
        while self.at is not None and self.at > (now := self._clock.now()):
            self._sooner.clear()
            with suppress(TimeoutError):
                async with asyncio.timeout((self.at - now).total_seconds()):
                    await self._sooner.wait()


def is_scarce(limit: RateLimit | None) -> bool:
    """Whether so few requests are left that others need them more."""
    return limit is not None and limit.remaining * _LEFT_OF_LIMIT < limit.limit
