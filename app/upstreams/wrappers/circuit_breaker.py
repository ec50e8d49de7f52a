"""Does not hammer an instance that is down: https://martinfowler.com/bliki/CircuitBreaker.html"""

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, TypeVar

from app.clock import Clock
from app.upstreams.wrappers.calls import Ask, Call
from app.upstreams.wrappers.wrapper import UpstreamWrapper
from resolvers.errors import UpstreamError, UpstreamFailureCode
from resolvers.seam.login import LoginHealth
from resolvers.seam.upstream import Upstream
from resolvers.tasks import begin

Value = TypeVar("Value")
Random = Callable[[], float]

OPENED_BY = 2
"""Outages in a row; those of requests that were under way together are one."""
SHORTEST, LONGEST = 5.0, 60.0
"""Seconds before the next try: doubled each time, a fifth of it left to chance."""


class CircuitBreaker:
    """Whether an instance is asked at all, for whoever shares this: one login, or all of them.

    `patience` is how many seconds a caller waits for the request that tries whether it is back;
    `counts` tells which failures open it.
    """

    def __init__(
        self,
        instance: str,
        clock: Clock,
        random: Random,
        patience: float,
        counts: Callable[[UpstreamError], bool],
    ) -> None:
        self._counts = counts
        self._patience = patience
        self._instance = instance
        self._clock = clock
        self._random = random
        self._outages = 0
        self._pause = SHORTEST
        self._probe: asyncio.Future[Any] | None = None
        self.retry_at: datetime | None = None

    @property
    def is_open(self) -> bool:
        """Whether the instance is not to be asked now."""
        return self.retry_at is not None and self._clock.now() < self.retry_at

    async def pass_through(
        self, ask: Callable[[], Coroutine[Any, Any, Value]], *, is_write: bool = False
    ) -> Value:
        """The answer; UpstreamError with SUSPENDED where the instance is not to be asked.

        Once the time is up one request is sent, and nobody waits for it for long: it goes on by
        itself, and the circuit breaker closes if it is answered. A write is waited for to its end.
        """
        if self.retry_at is None:
            return await self._try(ask)
        if self.is_open:
            raise self._suspended()
        if self._probe is None:
            self._probe = begin(self._try(ask))
            self._probe.add_done_callback(self._end_probe)
            return await self._wait_for(self._probe, None if is_write else self._patience)
        await asyncio.wait({self._probe}, timeout=self._patience)
        if self.retry_at is not None:
            raise self._suspended()
        return await self._try(ask)

    async def aclose(self) -> None:
        """Ends a request that goes on by itself."""
        if self._probe is not None:
            self._probe.cancel()
            await asyncio.wait({self._probe})

    async def _wait_for(self, probe: "asyncio.Future[Value]", seconds: float | None) -> Value:
        if seconds is None:
            return await probe
        done, _ = await asyncio.wait({probe}, timeout=seconds)
        if not done:
            raise self._suspended()
        return probe.result()

    def _end_probe(self, _: "asyncio.Future[Any]") -> None:
        self._probe = None

    async def _try(self, ask: Callable[[], Coroutine[Any, Any, Value]]) -> Value:
        known = self._outages
        try:
            answer = await ask()
        except UpstreamError as failure:
            self._note(failure, known)
            raise
        self._close()
        return answer

    def _close(self) -> None:
        self._outages, self._pause, self.retry_at = 0, SHORTEST, None

    def _note(self, failure: UpstreamError, known: int) -> None:
        """Counts an outage, unless another was noted since this request began."""
        if failure.is_unasked:
            return
        if not self._counts(failure):
            self._close()
            return
        if known != self._outages:
            return
        self._outages += 1
        if self._outages >= OPENED_BY and not self.is_open:
            pause = self._pause * (0.8 + 0.2 * self._random())
            self.retry_at = self._clock.now() + timedelta(seconds=pause)
            self._pause = min(LONGEST, self._pause * 2)

    def _suspended(self) -> UpstreamError:
        return UpstreamError(
            UpstreamFailureCode.SUSPENDED,
            f"{self._instance} failed lately, and is left alone for a while: wait until `retryAt`.",
            self.retry_at if self.is_open else None,
        )


def is_outage(failure: UpstreamError) -> bool:
    """Whether a failure is the instance's, and so of all its logins."""
    return failure.is_outage


def is_trouble_of_one(failure: UpstreamError) -> bool:
    """Whether it may be one login's alone, as the 500 of a broken account is."""
    return failure.failure_code is UpstreamFailureCode.UNAVAILABLE and not failure.is_outage


class GuardedUpstream(UpstreamWrapper):
    """Wraps the upstream of one login with a circuit breaker, its own or that of its instance.

    What an instance told of itself is remembered elsewhere, failures too, and asks for no guard.
    """

    def __init__(self, inner: Upstream, breaker: CircuitBreaker) -> None:
        super().__init__(inner)
        self._breaker = breaker

    @property
    def health(self) -> LoginHealth:
        health = self._inner.health
        if not self._breaker.is_open:
            return health
        return replace(health, suspended_until=self._breaker.retry_at)

    async def aclose(self) -> None:
        await self._breaker.aclose()
        await super().aclose()

    async def pass_on(self, call: Call, ask: Ask[Value]) -> Value:
        if call is Call.ABOUT:
            return await ask()
        return await self._breaker.pass_through(ask, is_write=call is Call.WRITE)
