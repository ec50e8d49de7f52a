"""An upstream that is asked again where that may help.

Reads are, after a broken connection, a 5xx and a short wait for a limit; not after a timeout, which
has taken the caller's time already. A write is only where it certainly was not sent.
"""

import asyncio
from collections.abc import Callable
from typing import TypeVar

from app.clock import Clock
from app.upstreams.wrappers.calls import Ask, Call
from app.upstreams.wrappers.wrapper import UpstreamWrapper
from resolvers.errors import UpstreamError, UpstreamFailureCode
from resolvers.seam.upstream import Upstream

Value = TypeVar("Value")
Random = Callable[[], float]
"""A number from 0 up to 1."""

MOST_RETRIES = 2
FIRST_PAUSE = 0.1
"""Seconds before the first retry, doubled for the next; half of it is left to chance."""
BUDGET = 10.0
"""Retries that a login may make in a row; each answer that needed none earns a tenth of one."""
_EARNED = 0.1

_PASSING = {UpstreamFailureCode.UNREACHABLE, UpstreamFailureCode.UNAVAILABLE}


class RetriedUpstream(UpstreamWrapper):
    """Wraps the upstream of one login; a read waits so many seconds for a limit to be over."""

    def __init__(self, inner: Upstream, clock: Clock, random: Random, longest_wait: float) -> None:
        super().__init__(inner)
        self._longest_wait = longest_wait
        self._clock = clock
        self._random = random
        self._budget = BUDGET

    async def pass_on(self, call: Call, ask: Ask[Value]) -> Value:
        if call is Call.ABOUT:
            return await ask()
        pause_of = self._pause_of_write if call is Call.WRITE else self._pause_of_read
        first: UpstreamError | None = None
        for retries in range(MOST_RETRIES + 1):
            try:
                answer = await ask()
            except UpstreamError as failure:
                if first is not None and failure.failure_code is UpstreamFailureCode.SUSPENDED:
                    raise first from None  # which says what is wrong
                pause = pause_of(failure, retries) if retries < MOST_RETRIES else None
                if pause is None or self._budget < 1:
                    raise
                first = failure
                self._budget -= 1
                await asyncio.sleep(pause)
            else:
                if not retries:
                    self._budget = min(BUDGET, self._budget + _EARNED)
                break
        return answer

    def _pause_of_read(self, failure: UpstreamError, retries: int) -> float | None:
        """Seconds to wait before the next try; None where there is to be none."""
        if failure.retry_at is not None:
            wait = (failure.retry_at - self._clock.now()).total_seconds()
            return max(0.0, wait) if wait <= self._longest_wait else None
        return self._pause(retries) if failure.failure_code in _PASSING else None

    def _pause_of_write(self, failure: UpstreamError, retries: int) -> float | None:
        """Nothing was sent where there was no connection."""
        was_not_sent = failure.failure_code is UpstreamFailureCode.UNREACHABLE
        return self._pause(retries) if was_not_sent and not failure.is_outcome_unknown else None

    def _pause(self, retries: int) -> float:
        longest: float = FIRST_PAUSE * 2**retries
        return longest * (1 + self._random()) / 2
