"""The writes of one login: one at a time, each between its two entries of the write log."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from app.cache.shared.login import SharedLogin
from app.cache.write_log import LogEntry, Token, What, WriteOutcome
from app.clock import Clock
from resolvers.errors import InvalidInput, NotFound, UpstreamError, UpstreamFailureCode
from resolvers.seam.writes import Dismissal, TimestampSet
from resolvers.tasks import carry_out

Value = TypeVar("Value")

LONGEST_WRITE = 20.0
"""Seconds; less than the lease of a shared login's turn."""
TURN_PAUSE = 0.05
"""Seconds between looks whether another process has ended its write."""

NOTHING = Dismissal(())
"""What a write took away that was certainly not carried out, or that no list shows."""


class LoginWrites:
    """The turn to write, which a login has once, in whichever process; waited for in seconds."""

    def __init__(
        self, instance: str, shared: SharedLogin, longest_wait: float, clock: Clock
    ) -> None:
        self._shared = shared
        self._log = shared.log
        self._instance = instance
        self._longest_wait = longest_wait
        self._clock = clock
        self._turn = asyncio.Lock()

    @property
    def is_under_way(self) -> bool:
        """Whether one is being carried out."""
        return self._turn.locked()

    async def finish(self) -> None:
        """Waits until none is."""
        async with self._turn:
            pass

    async def write(
        self,
        write: Callable[[], Awaitable[Value]],
        tell: Callable[[Value], What],
    ) -> Value:
        """A write between its two entries; `tell` says of its answer what it has taken away.

        Writes of a login go one at a time: each looks before it acts, and what it saw must hold.
        """
        token = await self._begin()
        what: What = WriteOutcome.UNKNOWN
        try:
            done = await self._in_time(write)
            what = tell(done)
        except UpstreamError as failure:
            what = outcome_of(failure)
            raise
        except (NotFound, InvalidInput):
            what = NOTHING
            raise
        finally:  # also where the caller has gone away in the middle
            await carry_out(self._end(token, what))
        return done

    async def _in_time(self, write: Callable[[], Awaitable[Value]]) -> Value:
        """A write that takes longer than its turn may last is left alone. Raises UpstreamError."""
        try:
            async with asyncio.timeout(LONGEST_WRITE):
                return await write()
        except TimeoutError:
            raise UpstreamError(
                UpstreamFailureCode.TIMEOUT,
                f"{self._instance} did not answer in time, and may have done it or not: try again.",
                is_outcome_unknown=True,
            ) from None

    async def _begin(self) -> Token:
        """Waits until no other write of the login is under way. Raises UpstreamError."""
        begun: LogEntry | None = None
        try:
            async with asyncio.timeout(self._longest_wait):
                await self._turn.acquire()
                begun = self._log.begin(self._clock.now())
                while not await self._shared.begin(begun):  # noqa: ASYNC110 - no event from others
                    await asyncio.sleep(TURN_PAUSE)
        except BaseException as error:
            if begun is not None:  # others may have been told that it begins
                await carry_out(self._end(begun.token, NOTHING))
            if isinstance(error, TimeoutError):
                raise UpstreamError(
                    UpstreamFailureCode.TIMEOUT,
                    f"{self._instance} is still busy with an earlier write, and nothing was sent: "
                    "try again.",
                ) from None
            raise
        return begun.token

    async def _end(self, write: Token, what: What) -> None:
        try:
            await self._shared.say(self._log.end(write, what, self._clock.now()))
        finally:
            self._turn.release()


def outcome_of(failure: UpstreamError) -> WriteOutcome | Dismissal:
    """What a failed write has taken away, as far as is known."""
    return WriteOutcome.UNKNOWN if failure.is_outcome_unknown else NOTHING


def outcome_of_change(done: object) -> WriteOutcome | Dismissal:
    """What has left the list, where the answer says so; else anything in it may be another."""
    return done if isinstance(done, Dismissal) and done.notification_ids else WriteOutcome.CHANGED


def outcome_of_setting(done: TimestampSet) -> WriteOutcome | Dismissal:
    """Where it failed in the middle, the pages before that are set."""
    if done.failure is not None and not done.pages:
        return outcome_of(done.failure)
    return WriteOutcome.UNKNOWN if done.failure is not None else WriteOutcome.CHANGED
