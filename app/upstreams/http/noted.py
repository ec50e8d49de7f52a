"""The way to an instance, on which each request is noted."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

import httpx

from app.observability.spans import RequestSpan
from app.observability.telemetry import RequestOutcome
from app.upstreams.http.reply import Reply
from app.upstreams.http.transport import Messages, Request, Transport

NoteRequest = Callable[[RequestOutcome, float], None]
"""Is told how a request ended, and after how many seconds."""

Got = TypeVar("Got", bound=Reply | Messages)


class NotedTransport(Transport):
    """Another transport's requests, of one inbox. It closes nothing: the other is shared.

    `open_span` opens the span of a request, by its method, where there is to be one.
    """

    def __init__(
        self,
        inner: Transport,
        note: NoteRequest,
        now: Callable[[], float],
        open_span: Callable[[str], RequestSpan] | None = None,
    ) -> None:
        self._inner = inner
        self._note = note
        self._now = now
        self._open_span = open_span

    @property
    def repeats(self) -> int:
        return self._inner.repeats

    async def send(self, request: Request) -> Reply:
        if self._open_span is None:
            return await self._noted(self._inner.send(request))
        with self._open_span(request.method) as headers:
            request.headers = {**request.headers, **headers}
            return await self._noted(self._inner.send(request))

    async def open_socket(
        self, request: Request, subprotocol: str | None = None
    ) -> Messages | Reply:
        return await self._noted(self._inner.open_socket(request, subprotocol))

    async def open_events(self, request: Request) -> Messages | Reply:
        return await self._noted(self._inner.open_events(request))

    async def _noted(self, sending: Awaitable[Got]) -> Got:
        began = self._now()
        outcome = RequestOutcome.TIMEOUT  # which is how its end in time looks from here
        try:
            got = await sending
            outcome = _outcome_of(got)
        except asyncio.CancelledError:
            raise
        except Exception as error:
            outcome = _outcome_of_error(error)
            raise
        finally:
            self._note(outcome, self._now() - began)
        return got


def _outcome_of(got: Reply | Messages) -> RequestOutcome:
    status = got.status if isinstance(got, Reply) else 101
    if status == httpx.codes.TOO_MANY_REQUESTS:
        return RequestOutcome.RATE_LIMITED
    if status >= 500:
        return RequestOutcome.SERVER_ERROR
    return RequestOutcome.CLIENT_ERROR if status >= 400 else RequestOutcome.OK


def _outcome_of_error(error: Exception) -> RequestOutcome:
    if isinstance(error, httpx.TimeoutException | TimeoutError):
        return RequestOutcome.TIMEOUT
    if isinstance(error, httpx.NetworkError):
        return RequestOutcome.UNREACHABLE
    return RequestOutcome.BAD_RESPONSE
