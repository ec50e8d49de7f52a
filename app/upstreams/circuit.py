"""Does not hammer an instance that is down: https://martinfowler.com/bliki/CircuitBreaker.html"""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TypeVar

from app.clock import Clock
from app.upstreams.wrapper import UpstreamWrapper
from resolvers.chunk import Chunk, ChunkRequest
from resolvers.errors import UpstreamError, UpstreamFailureCode
from resolvers.types.inbox import LoginStatus, UnreadTally
from resolvers.types.notification import Notification
from resolvers.upstream import TellUnread, Upstream
from resolvers.writes import Dismissal, TimestampSet, UnseenFrom, WatchedPages

Value = TypeVar("Value")
Random = Callable[[], float]

OPENED_BY = 2
"""Outages in a row."""
SHORTEST, LONGEST = 5.0, 60.0
"""Seconds before the next try: doubled each time, a fifth of it left to chance."""


class Circuit:
    """Whether an instance is asked at all, for all its logins: an outage is nobody's own."""

    def __init__(self, instance: str, clock: Clock, random: Random) -> None:
        self._instance = instance
        self._clock = clock
        self._random = random
        self._outages = 0
        self._pause = SHORTEST
        self._is_probing = False
        self.retry_at: datetime | None = None

    @property
    def is_open(self) -> bool:
        """Whether the instance is not to be asked now."""
        return self.retry_at is not None and self._clock.now() < self.retry_at

    async def pass_through(self, ask: Callable[[], Awaitable[Value]]) -> Value:
        """The answer; UpstreamError with SUSPENDED where the instance is not to be asked.

        Once the time is up, one caller tries and the others are told to wait.
        """
        is_probe = self.retry_at is not None
        if is_probe and (self.is_open or self._is_probing):
            raise self._suspended()
        self._is_probing = is_probe
        try:
            answer = await ask()
        except UpstreamError as failure:
            self._note(is_outage=failure.is_outage)
            raise
        else:
            self._note(is_outage=False)
            return answer
        finally:
            if is_probe:
                self._is_probing = False

    def _note(self, *, is_outage: bool) -> None:
        if not is_outage:
            self._outages, self._pause, self.retry_at = 0, SHORTEST, None
            return
        self._outages += 1
        if self._outages >= OPENED_BY and not self.is_open:
            pause = self._pause * (0.8 + 0.2 * self._random())
            self.retry_at = self._clock.now() + timedelta(seconds=pause)
            self._pause = min(LONGEST, self._pause * 2)

    def _suspended(self) -> UpstreamError:
        return UpstreamError(
            UpstreamFailureCode.SUSPENDED,
            f"{self._instance} failed lately: it is not asked again before `retryAt`.",
            self.retry_at,
        )


class GuardedUpstream(UpstreamWrapper):
    """Wraps the upstream of one login with the circuit of its instance.

    What an instance told of itself is remembered elsewhere, failures too, and asks for no guard.
    """

    def __init__(self, inner: Upstream, circuit: Circuit) -> None:
        super().__init__(inner)
        self._circuit = circuit

    @property
    def status(self) -> LoginStatus:
        suspended_until = self._circuit.retry_at if self._circuit.is_open else None
        return replace(self._inner.status, suspended_until=suspended_until)

    async def read(self, request: ChunkRequest) -> Chunk:
        return await self._circuit.pass_through(lambda: self._inner.read(request))

    async def find(self, key: str) -> Notification | None:
        return await self._circuit.pass_through(lambda: self._inner.find(key))

    async def tell_unread(self) -> TellUnread:
        return await self._circuit.pass_through(self._inner.tell_unread)

    async def count_unread(self) -> UnreadTally:
        return await self._circuit.pass_through(self._inner.count_unread)

    async def dismiss(self, key: str) -> Dismissal:
        return await self._circuit.pass_through(lambda: self._inner.dismiss(key))

    async def clear(self) -> None:
        await self._circuit.pass_through(self._inner.clear)

    async def mark_read(self, key: str) -> None:
        await self._circuit.pass_through(lambda: self._inner.mark_read(key))

    async def set_timestamp(self, pages: WatchedPages, unseen_from: UnseenFrom) -> TimestampSet:
        return await self._circuit.pass_through(
            lambda: self._inner.set_timestamp(pages, unseen_from)
        )
