"""How long one waits for an instance, by what is in hand meanwhile."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from app.cache.copies.copies import Standing
from app.cache.kept import CacheTimes
from app.cache.write_log import WriteLog
from app.clock import Clock
from resolvers.errors import UpstreamError, UpstreamFailureCode

Value = TypeVar("Value")


class Waiting:
    """For what one login is told; `instance` is what messages call where that is."""

    def __init__(self, times: CacheTimes, log: WriteLog, clock: Clock, instance: str) -> None:
        self._times = times
        self._log = log
        self._clock = clock
        self._instance = instance

    def is_fresh(self, standing: Standing) -> bool:
        """Whether something held is served unasked."""
        return standing.age < self._times.fresh and self.holds(standing)

    def holds(self, standing: Standing) -> bool:
        """Whether something held is what the instance has, as far as writes are known."""
        return standing.since.holds and not self.is_settling()

    def is_settling(self) -> bool:
        """Whether a write is so young that the instance may still say what was before it."""
        return self._log.is_settling(self._clock.now())

    async def renew(
        self, standing: Standing, ask: Callable[[], Awaitable[Value]], *, waits_long: bool
    ) -> Value:
        """A newer answer. TimeoutError where what is held is good enough not to wait any longer.

        UpstreamError with TIMEOUT where the instance hangs.
        """
        times = self._times
        is_good = standing.since.holds and standing.age < times.stale and not self.is_settling()
        if is_good and not waits_long:
            async with asyncio.timeout(times.patience):
                return await ask()
        return await self.in_time(ask())

    async def in_time(self, asking: Awaitable[Value]) -> Value:
        """The answer, if it is there before a page gives up. Raises UpstreamError."""
        try:
            async with asyncio.timeout(self._times.longest_wait):
                return await asking
        except TimeoutError:
            raise UpstreamError(
                UpstreamFailureCode.TIMEOUT, f"{self._instance} did not answer in time: ask again."
            ) from None
