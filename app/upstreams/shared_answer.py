"""One question to an instance for all who ask it at once."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Generic, TypeVar

from app.clock import Clock
from resolvers.errors import UpstreamError
from resolvers.tasks import begin, join

Value = TypeVar("Value")


class SharedAnswer(Generic[Value]):
    """Asks once and remembers the answer until it is forgotten.

    Who asks meanwhile waits for the same answer, and one who goes away does not take it from the
    others. A failure is told again, unasked, until its `retry_at`, or else for `failure_seconds` of
    it: an instance that refuses a login counts the tries.
    """

    def __init__(
        self,
        ask: Callable[[], Awaitable[Value]],
        clock: Clock,
        failure_seconds: Callable[[UpstreamError], float],
    ) -> None:
        self._ask = ask
        self._clock = clock
        self._failure_seconds = failure_seconds
        self._asking: asyncio.Future[Value] | None = None
        self._asked_again_at: datetime | None = None

    async def get(self) -> Value:
        """The answer; UpstreamError where the instance gives none."""
        if self._asking is None or self._is_failure_old(self._asking):
            self._asking = begin(self._ask_once())
        try:
            return await join(self._asking)
        except UpstreamError as failure:
            raise failure.with_traceback(None) from None

    def forget(self, answer: Value) -> None:
        """Asks anew next time, unless that was done since this very answer was given."""
        task = self._asking
        if task and task.done() and not task.exception() and task.result() is answer:
            self._asking = None

    async def _ask_once(self) -> Value:
        try:
            return await self._ask()
        except UpstreamError as failure:
            seconds = timedelta(seconds=self._failure_seconds(failure))
            self._asked_again_at = failure.retry_at or self._clock.now() + seconds
            raise

    def _is_failure_old(self, task: asyncio.Future[Value]) -> bool:
        if not task.done():
            return False
        if task.cancelled():
            return True
        has_failed = task.exception() is not None
        return has_failed and (
            self._asked_again_at is None or self._clock.now() >= self._asked_again_at
        )
