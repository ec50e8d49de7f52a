"""The writes of one login: one at a time, each between its two entries of the write log."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from app.cache.write_log import LogTimes, Outcome, Token, WriteLog
from app.clock import Clock
from resolvers.errors import InvalidInput, NotFound, UpstreamError, UpstreamFailureCode
from resolvers.writes import Dismissal, TimestampSet

Value = TypeVar("Value")

NOTHING = Dismissal(())
"""What a write took away that was certainly not carried out, or that no list shows."""


class LoginWrites:
    """What a login has written (`log`), and the turn to write; a turn is waited for in seconds."""

    def __init__(
        self,
        instance: str,
        times: LogTimes,
        longest_wait: float,
        clock: Clock,
        make_token: Callable[[], Token],
    ) -> None:
        self.log = WriteLog(times, make_token)
        self._instance = instance
        self._longest_wait = longest_wait
        self._clock = clock
        self._turn = asyncio.Lock()

    async def write(
        self,
        write: Callable[[], Awaitable[Value]],
        tell: Callable[[Value], Outcome | Dismissal],
    ) -> Value:
        """A write between its two entries; `tell` says of its answer what it has taken away.

        Writes of a login go one at a time: each looks before it acts, and what it saw must hold.
        """
        await self._take_turn()
        token = self.log.begin(self._clock.now())
        what: Outcome | Dismissal = Outcome.UNKNOWN
        try:
            done = await write()
            what = tell(done)
        except UpstreamError as failure:
            what = outcome_of(failure)
            raise
        except (NotFound, InvalidInput):
            what = NOTHING
            raise
        finally:  # also where the caller has gone away in the middle
            self.log.end(token, what, self._clock.now())
            self._turn.release()
        return done

    async def _take_turn(self) -> None:
        """Waits until no other write of the login is under way. Raises UpstreamError."""
        try:
            async with asyncio.timeout(self._longest_wait):
                await self._turn.acquire()
        except TimeoutError:
            raise UpstreamError(
                UpstreamFailureCode.TIMEOUT,
                f"{self._instance} is still busy with an earlier write: nothing was sent.",
            ) from None


def outcome_of(failure: UpstreamError) -> Outcome | Dismissal:
    """What a failed write has taken away, as far as is known."""
    return Outcome.UNKNOWN if failure.is_outcome_unknown else NOTHING


def outcome_of_setting(done: TimestampSet) -> Outcome | Dismissal:
    """Where it failed in the middle, the pages before that are set."""
    if done.failure is not None and not done.pages:
        return outcome_of(done.failure)
    return Outcome.UNKNOWN if done.failure is not None else Outcome.CHANGED
