"""One connection to an instance: one request at a time, each answer read to its end."""

import asyncio
from collections.abc import Callable
from typing import NamedTuple, cast

import httpx

from app.upstreams.http.connections.response import ResponseReader
from app.upstreams.http.reply import Reply
from app.upstreams.http.transport import Closed


class Origin(NamedTuple):
    """Where connections lead to; `host` is in ASCII."""

    is_encrypted: bool
    host: str
    port: int


class Connection(asyncio.Protocol):
    """Calls `on_end` once, when it can be used no more."""

    def __init__(self, origin: Origin, on_end: Callable[["Connection"], None]) -> None:
        self.origin = origin
        self.loop = asyncio.get_running_loop()
        self.has_answered = False
        self.usable_until = 0.0
        self._on_end = on_end
        self._transport: asyncio.Transport | None = None
        self._reader: ResponseReader | None = None
        self._waiter: asyncio.Future[Reply] | None = None
        self._keep_seconds = 0.0

    async def exchange(self, request: bytes, keep_seconds: float) -> Reply:
        """The answer to a request. Afterwards the connection can be used until `usable_until`.

        `has_answered` says whether any of the answer came; it is False at the start of each.
        Raises the transport's errors.
        """
        if self._transport is None:
            raise Closed("before it was used")
        self.has_answered, self.usable_until, self._keep_seconds = False, 0.0, keep_seconds
        self._reader, self._waiter = ResponseReader(), self.loop.create_future()
        self._transport.write(request)
        try:
            return await self._waiter
        finally:
            self._waiter = None
            if not self.usable_until:
                self.abort()

    def abort(self) -> None:
        """Ends it at once, whatever is under way."""
        self._end_exchange(Closed("by this side"))
        if self._transport is not None:
            self._transport.abort()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)  # uvloop's are of another class

    def data_received(self, data: bytes) -> None:
        reader = self._reader
        if reader is None:  # nobody has asked
            self.abort()
            return
        self.has_answered = True
        try:
            reader.feed(data)
        except httpx.HTTPError as error:
            self._end_exchange(error)
            return
        if reader.reply is not None:
            self._set_usable(reader)
            self._end_exchange(reader.reply)

    def eof_received(self) -> None:
        self._end_reading()

    def connection_lost(self, exc: Exception | None) -> None:
        if exc is None:
            self._end_reading()
        else:
            self._end_exchange(Closed("reset"))
        self._transport, self.usable_until = None, 0.0
        self._on_end(self)

    def _set_usable(self, reader: ResponseReader) -> None:
        if reader.can_reuse:
            kept = reader.keep_seconds
            seconds = self._keep_seconds if kept is None else min(self._keep_seconds, kept - 1)
            self.usable_until = self.loop.time() + seconds

    def _end_reading(self) -> None:
        """No more bytes come."""
        if self._reader is None:
            return
        try:
            self._end_exchange(self._reader.finish())
        except httpx.HTTPError as error:
            self._end_exchange(error)

    def _end_exchange(self, outcome: Reply | httpx.HTTPError) -> None:
        self._reader, waiter = None, self._waiter
        if waiter is None or waiter.done():
            return
        if isinstance(outcome, Reply):
            waiter.set_result(outcome)
        else:
            waiter.set_exception(outcome)
