"""How many notifications are unread, asked once for all who listen."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

from app.cache.write_log import Token, WriteLog
from app.clock import Clock
from resolvers.errors import UpstreamError
from resolvers.seam.login import UnreadTally
from resolvers.tasks import begin, join

COUNTED_EVERY = timedelta(seconds=15)
"""A login is asked no more often below events, however many there are."""


class SharedTally:
    """Of one login; `ask` is what its instance says now. Raises UpstreamError."""

    def __init__(
        self, ask: Callable[[], Awaitable[UnreadTally]], log: WriteLog, clock: Clock
    ) -> None:
        self._ask = ask
        self._log = log
        self._clock = clock
        self._asked: asyncio.Future[UnreadTally] | None = None
        self._asked_at: datetime | None = None
        self._token: Token = b""

    async def get(self) -> UnreadTally:
        """What was said last, unless that is too long ago or something was written since."""
        now = self._clock.now()
        is_old = self._asked_at is None or now - self._asked_at >= COUNTED_EVERY
        if self._asked is None or is_old or self._token != self._log.last:
            self._asked_at, self._token = now, self._log.last
            self._asked = begin(self._ask())
        try:
            return await join(self._asked)
        except UpstreamError as failure:  # each who gets it would make its traceback longer
            raise failure.with_traceback(None) from None

    async def aclose(self) -> None:
        """Ends what is under way."""
        if self._asked is not None:
            self._asked.cancel()
            await asyncio.gather(self._asked, return_exceptions=True)
