"""An upstream whose answers are noted: how its instance is, as far as this login has seen."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import TypeVar

from app.clock import Clock
from app.upstreams.wrapper import UpstreamWrapper
from resolvers.errors import TidingsError, UpstreamError, UpstreamFailureCode
from resolvers.seam.chunk import Chunk, ChunkRequest
from resolvers.seam.login import LoginStatus, Profile, UnreadTally
from resolvers.seam.upstream import TellUnread, Upstream
from resolvers.seam.writes import Dismissal, Inspection, TimestampSet, UnseenFrom, WatchedPages
from resolvers.types.notification import Notification

Value = TypeVar("Value")

_ANSWERS = {UpstreamFailureCode.UNSUPPORTED, UpstreamFailureCode.REJECTED}
"""Refusals of one thing, which say nothing of how the instance is."""


class ObservedUpstream(UpstreamWrapper):
    """Wraps whatever sends requests; what is answered without one is not noted."""

    def __init__(
        self, inner: Upstream, clock: Clock, report: Callable[[Exception], str] = str
    ) -> None:
        """`report` is told of what nobody foresaw, and gives the ID that the log has it under."""
        super().__init__(inner)
        self._report = report
        self._clock = clock
        self._status = LoginStatus()

    @property
    def status(self) -> LoginStatus:
        return replace(self._status, rate_limit=self._inner.status.rate_limit)

    async def read(self, request: ChunkRequest) -> Chunk:
        return await self._note(self._inner.read(request), is_list=True)

    async def find(self, key: str) -> Notification | None:
        return await self._note(self._inner.find(key))

    async def tell_unread(self) -> TellUnread:
        return await self._note(self._inner.tell_unread())

    async def count_unread(self) -> UnreadTally:
        return await self._note(self._inner.count_unread())

    async def ask_profile(self) -> Profile:
        return await self._foresee(self._inner.ask_profile())

    async def inspect(self) -> Inspection:
        return await self._foresee(self._inner.inspect())

    async def dismiss(self, key: str) -> Dismissal:
        return await self._note(self._inner.dismiss(key))

    async def clear(self) -> None:
        await self._note(self._inner.clear())

    async def mark_read(self, key: str) -> None:
        await self._note(self._inner.mark_read(key))

    async def set_timestamp(self, pages: WatchedPages, unseen_from: UnseenFrom) -> TimestampSet:
        return await self._note(self._inner.set_timestamp(pages, unseen_from))

    async def _note(self, asking: Awaitable[Value], *, is_list: bool = False) -> Value:
        """A scope that is missing for one thing alone is no trouble of the login."""
        try:
            answer = await self._foresee(asking)
        except UpstreamError as failure:
            is_scope = failure.failure_code is UpstreamFailureCode.UNAUTHORIZED
            is_small = is_scope and not is_list and not failure.is_login_refused
            if failure.failure_code not in _ANSWERS and not is_small:
                self._note_failure(failure)
            raise
        self._status = replace(self._status, last_success_at=self._clock.now(), is_failing=False)
        return answer

    async def _foresee(self, asking: Awaitable[Value]) -> Value:
        """Whatever else is raised is this inbox's failure, and never another's."""
        try:
            return await asking
        except TidingsError:
            raise
        except Exception as error:
            trace_id = self._report(error)
            raise UpstreamError(
                UpstreamFailureCode.BAD_RESPONSE,
                f"{self.inbox.instance.url} said something that the gateway makes nothing of: its "
                f"log has it as {trace_id}.",
                is_outcome_unknown=True,
            ) from None

    def _note_failure(self, failure: UpstreamError) -> None:
        """Not the exception itself: it would keep all that its traceback leads to."""
        self._status = replace(
            self._status,
            last_failure_at=self._clock.now(),
            last_failure=UpstreamError(failure.failure_code, str(failure), failure.retry_at),
            is_failing=True,
        )
