"""Answers as server-sent events, each subscription on a connection of its own.

https://github.com/enisdenjo/graphql-sse/blob/master/PROTOCOL.md#distinct-connections-mode
"""

import asyncio
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing, suppress
from typing import Any

import orjson
from starlette.responses import Response, StreamingResponse

from app.web.caching import VARY
from app.web.negotiation import EVENT_STREAM
from app.web.refusal import Refused
from app.web.subscriptions import Subscriptions
from resolvers.errors import RequestRefused
from resolvers.executing.answer import Answer, SentEvent
from resolvers.executing.masking import show_error

END = "end"
"""The ID of what ends for good: an EventSource that comes again with it is told to stop."""
COMMENT_EVERY = 15.0
"""Seconds between signs of life, so that what stands in between does not end the connection."""
SOONEST, LATEST = 500, 5000
"""Milliseconds after which clients come again where the gateway stops."""

_HEADERS = {
    "cache-control": "no-store",
    "content-type": f"{EVENT_STREAM}; charset=utf-8",
    "vary": VARY,
    "x-accel-buffering": "no",  # nginx would hold events back
    "x-content-type-options": "nosniff",
}


def stream_once(answer: Answer) -> Response:
    """An answer that is the only one, and the end."""
    return Response(_write_next(orjson.dumps(answer), END) + _COMPLETE, headers=_HEADERS)


def stream(
    events: AsyncGenerator[SentEvent], subscriptions: Subscriptions, random: Callable[[], float]
) -> Response:
    """All that a subscription sends, until the client goes away or the gateway stops."""
    return StreamingResponse(_connect(events, subscriptions, random), headers=_HEADERS)


async def _connect(
    events: AsyncGenerator[SentEvent], subscriptions: Subscriptions, random: Callable[[], float]
) -> AsyncGenerator[bytes]:
    with subscriptions.connected():
        async with aclosing(_write(events, subscriptions.closing, random)) as written:
            async for each in written:
                yield each


async def _write(
    events: AsyncGenerator[SentEvent], closing: asyncio.Event, random: Callable[[], float]
) -> AsyncGenerator[bytes]:
    stopping: asyncio.Future[Any] = asyncio.ensure_future(closing.wait())
    coming: asyncio.Future[Any] | None = None
    try:
        while not closing.is_set():
            if coming is None:
                coming = asyncio.ensure_future(anext(events))
            await asyncio.wait(
                {coming, stopping}, timeout=COMMENT_EVERY, return_when=asyncio.FIRST_COMPLETED
            )
            if not coming.done():
                yield b":\n\n"
                continue
            try:
                event, coming = coming.result(), None
            except (StopAsyncIteration, Refused):  # refused: who comes again is told why
                return
            except RequestRefused as refused:
                event = SentEvent({"errors": [show_error(each) for each in refused.errors]}, None)
            yield _write_next(event.write(orjson.dumps), event.cursor or END)
            if event.cursor is None:
                yield _COMPLETE
                return
        milliseconds = SOONEST + int((LATEST - SOONEST) * random())
        yield b"retry: %d\n\n" % milliseconds
    finally:
        await _end([stopping, *([coming] if coming is not None else [])])
        await events.aclose()


async def _end(tasks: Sequence["asyncio.Future[Any]"]) -> None:
    for task in tasks:
        task.cancel()
    for task in tasks:
        with suppress(asyncio.CancelledError, Exception):
            await task


def _write_next(answer: bytes, name: str) -> bytes:
    return b"event: next\nid: %s\ndata: %s\n\n" % (name.encode(), answer)


_COMPLETE = b"event: complete\nid: end\ndata:\n\n"
