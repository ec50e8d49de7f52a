"""An upstream whose answers are noted: how its instance is, as far as this login has seen."""

from collections.abc import Callable, Coroutine
from dataclasses import replace
from typing import Any, TypeVar

from app.clock import Clock
from app.upstreams.wrappers.calls import Ask, Call
from app.upstreams.wrappers.wrapper import UpstreamWrapper
from resolvers.errors import TidingsError, UpstreamError, UpstreamFailureCode
from resolvers.seam.login import LoginHealth
from resolvers.seam.streaming import NotificationStream, Told
from resolvers.seam.upstream import Upstream

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
        self._health = LoginHealth()

    @property
    def health(self) -> LoginHealth:
        return replace(self._health, rate_limit=self._inner.health.rate_limit)

    async def pass_on(self, call: Call, ask: Ask[Value]) -> Value:
        """A scope that is missing for one thing alone is no trouble of the login."""
        if call is Call.ABOUT:
            return await self._foresee(ask)
        try:
            answer = await self._foresee(ask)
        except UpstreamError as failure:
            is_scope = failure.failure_code is UpstreamFailureCode.UNAUTHORIZED
            is_small = is_scope and call is not Call.LIST and not failure.is_login_refused
            is_small |= failure.is_unasked
            if failure.failure_code not in _ANSWERS and not is_small:
                self._note_failure(failure)
            raise
        self._health = replace(self._health, last_success_at=self._clock.now(), is_failing=False)
        return answer

    async def open_stream(self) -> NotificationStream:
        return _ForeseenStream(await super().open_stream(), self._foresee)

    async def _foresee(self, ask: Ask[Value]) -> Value:
        """Whatever else is raised is this inbox's failure, and never another's."""
        try:
            return await ask()
        except TidingsError:
            raise
        except Exception as error:
            trace_id = self._report(error)
            raise UpstreamError(
                UpstreamFailureCode.BAD_RESPONSE,
                f"{self.inbox.instance.url} said something that the gateway makes nothing of: ask "
                f"its operator to look in the log for {trace_id}.",
                is_outcome_unknown=True,
            ) from None

    def _note_failure(self, failure: UpstreamError) -> None:
        """Not the exception itself: it would keep all that its traceback leads to."""
        self._health = replace(
            self._health,
            last_failure_at=self._clock.now(),
            last_failure=UpstreamError(failure.failure_code, str(failure), failure.retry_at),
            is_failing=True,
        )


class _ForeseenStream:
    """A stream that raises nothing but UpstreamError."""

    def __init__(
        self, inner: NotificationStream, foresee: Callable[[Ask[Any]], Coroutine[Any, Any, Any]]
    ) -> None:
        self.alive_seconds = inner.alive_seconds
        self.lies_above = inner.lies_above
        self.aclose = inner.aclose
        self._inner = inner
        self._foresee = foresee

    async def receive(self) -> Told:
        told: Told = await self._foresee(self._inner.receive)
        return told
