"""Answers as server-sent events."""

import asyncio
from collections.abc import AsyncGenerator

from starlette.responses import StreamingResponse

from app.web.event_stream import COMMENT_EVERY, stream
from app.web.subscriptions import Subscriptions
from resolvers.executing.answer import SentEvent


async def test_signs_of_life() -> None:
    """A comment every 15 s while nothing happens, so that no proxy ends the connection."""

    async def one_after_a_minute() -> AsyncGenerator[SentEvent]:
        await asyncio.sleep(4 * COMMENT_EVERY - 1)
        yield SentEvent({"data": None}, "here")

    response = stream(one_after_a_minute(), Subscriptions(lambda: 0, 10), lambda: 0.5)
    assert isinstance(response, StreamingResponse)
    written = aiter(response.body_iterator)
    began = asyncio.get_running_loop().time()
    assert [await anext(written) for _ in range(3)] == [b":\n\n"] * 3
    assert asyncio.get_running_loop().time() - began == 3 * COMMENT_EVERY
    assert await anext(written) == b'event: next\nid: here\ndata: {"data":null}\n\n'
    assert response.headers["x-accel-buffering"] == "no"
