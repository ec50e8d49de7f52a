"""Server-sent events as messages: https://html.spec.whatwg.org/multipage/server-sent-events.html"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator

import httpx
import msgspec

from app.upstreams.http.reply import Reply
from app.upstreams.http.transport import Closed, Messages, TooLarge

ALIVE_SECONDS = 20.0
"""Without a byte after which nobody is there: Mastodon sends a comment every 15 s."""
MOST_EVENT = 1024 * 1024
"""Bytes of one event."""
_MOST_WAITING = 64


class EventParser:
    """Takes bytes as they come, and gives each event as JSON, with None for a comment."""

    def __init__(self) -> None:
        self._held = bytearray()
        self._name = ""
        self._data: list[str] = []
        self._size = 0

    def feed(self, part: bytes) -> Iterator[str | None]:
        """What is whole now. Raises TooLarge."""
        self._held += part
        if b"\n" in part:
            *lines, self._held = self._held.split(b"\n")
            for line in lines:
                self._size += len(line)
                yield from self._take(line.removesuffix(b"\r").decode("utf-8", "replace"))
        if self._size + len(self._held) > MOST_EVENT:
            raise TooLarge(Reply(200, {}, b""))

    def _take(self, line: str) -> Iterator[str | None]:
        name, _, value = line.partition(":")
        value = value.removeprefix(" ")
        if name == "event":
            self._name = value
        elif name == "data":
            self._data.append(value)
        elif not line and self._data:
            event = {"event": self._name, "payload": "\n".join(self._data)}
            yield msgspec.json.encode(event).decode()
        elif not name:
            yield None
        if not line:
            self._name, self._data, self._size = "", [], 0


class EventMessages(Messages):
    """One stream of events; `parts` are its bytes, and `close` ends it.

    It is read by a task of its own: who stops waiting for an event does not end the stream.
    """

    alive_seconds = ALIVE_SECONDS

    def __init__(self, parts: AsyncIterator[bytes], close: Callable[[], Awaitable[None]]) -> None:
        self._close = close
        self._queue: asyncio.Queue[str | Exception | None] = asyncio.Queue(_MOST_WAITING)
        self._reading = asyncio.ensure_future(self._read(parts))

    async def receive(self) -> str | None:
        try:
            async with asyncio.timeout(self.alive_seconds):
                told = await self._queue.get()
        except TimeoutError:
            if self._queue.empty():
                raise Closed("no sign of life") from None
            told = self._queue.get_nowait()
        if isinstance(told, Exception):
            raise told
        return told

    async def aclose(self) -> None:
        self._reading.cancel()
        await asyncio.gather(self._reading, return_exceptions=True)
        await self._close()

    async def _read(self, parts: AsyncIterator[bytes]) -> None:
        parser, end = EventParser(), Closed("the event stream")
        try:
            async for part in parts:
                for told in parser.feed(part):
                    await self._queue.put(told)
        except httpx.HTTPError as error:
            end = Closed("the event stream")
            end.__cause__ = error
        await self._queue.put(end)
