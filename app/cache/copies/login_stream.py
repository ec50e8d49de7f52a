"""The stream of one login: open while anybody watches, and opened again whenever it ends."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Protocol

from app.cache.copies.stream_turn import RENEWS, StreamTurn
from app.cache.shared.login import SharedLogin
from app.clock import Clock
from resolvers.errors import UpstreamError, UpstreamFailureCode
from resolvers.seam.chunk import Row
from resolvers.seam.streaming import NotificationStream, StreamSign, Told
from resolvers.types.notification import Notification

LINGERS = 30.0
"""Seconds for which it stays open after the last one who watched has left."""
COLLECTS = 0.1
"""Seconds in which what comes is put in order, and told at once."""
FIRST_PAUSE, LONGEST_PAUSE = 1.0, 60.0
"""Seconds before it is opened again, doubled while it does not last; half is left to chance."""
REFUSED_PAUSE = 300.0
"""The same where the instance has none, or not for this credential."""
LASTING = timedelta(seconds=15)
"""One that was open for so long is opened again after the shortest pause."""
_MOST_AT_ONCE = 100
_CLOSING = 2.0
_FINAL = {
    *(UpstreamFailureCode.UNSUPPORTED, UpstreamFailureCode.UNAUTHORIZED),
    *(UpstreamFailureCode.REJECTED, UpstreamFailureCode.BAD_RESPONSE),
}

LiesAbove = Callable[[Row, Row], bool]
"""As `NotificationStream.lies_above`."""


class Listener(Protocol):
    """Who is told what the stream brings."""

    def stream_began(self) -> None:
        """It is open: whatever came before is to be read."""

    def stream_ended(self, *, was_open: bool) -> None:
        """It is not any more, or could not be opened."""

    async def look_in_store(self) -> None:
        """What other processes have read is to be taken over, as far as it is newer."""

    async def stream_brought(
        self, rows: Sequence[Notification], lies_above: LiesAbove, *, is_changed: bool
    ) -> None:
        """These came; if `is_changed`, the list may be another one beside."""


class LoginStream:
    """One login's; `alive_at` is when its instance last gave a sign of life, `failure` why there is
    no stream. `random` is from 0 to 1.
    """

    def __init__(
        self,
        open_stream: Callable[[], Awaitable[NotificationStream]],
        shared: SharedLogin,
        clock: Clock,
        random: Callable[[], float],
    ) -> None:
        self._shared = shared
        self._turn = StreamTurn(shared, clock, self._look_in_store)
        self._open_stream = open_stream
        self._clock = clock
        self._random = random
        self._listeners: dict[Listener, None] = {}
        self._running: asyncio.Task[None] | None = None
        self._ending: asyncio.TimerHandle | None = None
        self._closing: set[asyncio.Task[None]] = set()
        self._alive_for = timedelta()
        self.began_at: datetime | None = None
        self.alive_at: datetime | None = None
        self.failure: UpstreamError | None = None

    @property
    def is_alive(self) -> bool:
        """Whether it is open, and the instance was there a moment ago."""
        alive_at = self.alive_at if self.began_at is not None else None
        return alive_at is not None and self._clock.now() - alive_at < self._alive_for

    def join(self, listener: Listener) -> None:
        """Another one who listens; one who is told already that it is open, if it is."""
        self._listeners[listener] = None
        if self._ending is not None:
            self._ending.cancel()
            self._ending = None
        if self._running is None:
            self._running = asyncio.ensure_future(self._run())
        if self.began_at is not None:
            listener.stream_began()

    def leave(self, listener: Listener) -> None:
        """One who listens no more; after the last one it ends in a while."""
        self._listeners.pop(listener, None)
        if not self._listeners and self._running is not None and self._ending is None:
            loop, seconds = asyncio.get_running_loop(), LINGERS if self.began_at is not None else 0
            self._ending = loop.call_later(seconds, self._end)

    async def aclose(self) -> None:
        """Ends it at once."""
        self._end()
        await asyncio.gather(*self._closing, return_exceptions=True)

    def _end(self) -> None:
        """Whoever joins from now on waits until this one has ended."""
        if self._ending is not None:
            self._ending.cancel()
        if self._running is not None:
            self._running.cancel()
            self._closing.add(self._running)
            self._running.add_done_callback(self._closing.discard)
        self._running = self._ending = self.began_at = None

    async def _run(self) -> None:
        pause = FIRST_PAUSE
        try:
            if self._closing:
                await asyncio.wait(self._closing)
            while True:
                await self._turn.take()
                ended = await self._turn.keep(self._stream_once())
                if ended is None:  # it is another process's turn
                    self._tell_ended(was_open=True)
                    continue
                lasted, self.failure = ended
                self._tell_ended(was_open=lasted is not None)
                pause = FIRST_PAUSE if lasted is not None and lasted >= LASTING else pause
                seconds = self._choose_pause(self.failure, pause)
                if seconds > RENEWS:
                    await self._turn.give_back()
                await asyncio.sleep(seconds)
                pause = min(LONGEST_PAUSE, pause * 2)
        finally:
            await self._turn.give_back()

    async def _look_in_store(self) -> None:
        for listener in [*self._listeners]:
            await listener.look_in_store()
        if not self._listeners:
            await self._shared.pull()

    async def _stream_once(self) -> tuple[timedelta | None, UpstreamError]:
        """Opens a stream and passes on what it tells; how long it was open, and why it ended."""
        try:
            stream = await self._open_stream()
        except UpstreamError as failure:
            return None, failure.with_traceback(None)
        self._alive_for = timedelta(seconds=stream.alive_seconds)
        began_at = self.began_at = self.alive_at = self._clock.now()
        self.failure = None
        try:
            for listener in [*self._listeners]:
                listener.stream_began()
            while True:
                await self._pass_on(stream)
        except UpstreamError as failure:
            return self._clock.now() - began_at, failure.with_traceback(None)
        finally:
            self.began_at = None
            await _close(stream)

    async def _pass_on(self, stream: NotificationStream) -> None:
        """What comes within a moment. Raises UpstreamError where the stream has ended."""
        told, failure = [await self._receive(stream)], None
        if told[0] is not StreamSign.ALIVE:
            try:
                with suppress(TimeoutError):
                    async with asyncio.timeout(COLLECTS):
                        while len(told) < _MOST_AT_ONCE:
                            told.append(await self._receive(stream))
            except UpstreamError as ended:
                failure = ended
            rows = [each for each in told if not isinstance(each, StreamSign)]
            is_changed = StreamSign.LIST_CHANGED in told
            for listener in [*self._listeners]:
                await listener.stream_brought(rows, stream.lies_above, is_changed=is_changed)
        if failure is not None:
            raise failure

    async def _receive(self, stream: NotificationStream) -> Told:
        told = await stream.receive()
        self.alive_at = self._clock.now()
        return told

    def _tell_ended(self, *, was_open: bool) -> None:
        for listener in [*self._listeners]:
            listener.stream_ended(was_open=was_open)

    def _choose_pause(self, failure: UpstreamError, pause: float) -> float:
        """Seconds until it is opened again."""
        longest = REFUSED_PAUSE if failure.failure_code in _FINAL else pause
        if failure.retry_at is not None:
            longest = max(longest, (failure.retry_at - self._clock.now()).total_seconds())
        return longest * (1 + self._random()) / 2


async def _close(stream: NotificationStream) -> None:
    """Who does not close a stream in time is not waited for."""
    with suppress(TimeoutError, UpstreamError):
        async with asyncio.timeout(_CLOSING):
            await stream.aclose()
