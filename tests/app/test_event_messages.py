"""Server-sent events, however they are cut into pieces."""

import asyncio
from collections.abc import AsyncIterator

import httpx
import orjson
import pytest

from app.upstreams.http.event_messages import ALIVE_SECONDS, MOST_EVENT, EventMessages, EventParser
from app.upstreams.http.transport import Closed, TooLarge

SENT = (
    b':)\n:thump\nevent: notification\ndata: {"id":\n'
    b"data: 7}\n\n\r\nevent:x\r\ndata:y\r\n\r\nid: 3\n\n: bye\n"
)
HEARD = [
    *(None, None, ("notification", '{"id":\n7}'), None, ("x", "y"), None, None),
]


def read(told: list[str | None]) -> list[object]:
    """Each event as its name and its data."""
    events = [orjson.loads(each) if each is not None else None for each in told]
    return [each and (each["event"], each["payload"]) for each in events]


@pytest.mark.parametrize("size", [1, 2, 3, 7, len(SENT)])
def test_events_in_pieces(size: int) -> None:
    """The same comes out, wherever the bytes are cut."""
    parser = EventParser()
    parts = [SENT[at : at + size] for at in range(0, len(SENT), size)]
    assert read([told for part in parts for told in parser.feed(part)]) == HEARD


def read_without_end(part: bytes) -> None:
    """The same again and again, until it is too much."""
    parser = EventParser()
    for _ in range(MOST_EVENT):
        [*parser.feed(part)]


@pytest.mark.parametrize("line", [b"data: xx\n", b"x"])
def test_an_event_without_end(line: bytes) -> None:
    """It is given up before it takes more than an event may."""
    with pytest.raises(TooLarge):
        read_without_end(line * 100)


async def test_silence() -> None:
    """Without a byte nobody is there."""

    async def nothing() -> AsyncIterator[bytes]:
        await asyncio.sleep(ALIVE_SECONDS + 1)
        yield b""

    async def close() -> None:
        pass

    messages = EventMessages(nothing(), close)
    with pytest.raises(Closed):
        await messages.receive()
    await messages.aclose()


async def test_a_stream_that_breaks() -> None:
    """What came before is given, then its end."""

    async def broken() -> AsyncIterator[bytes]:
        yield b"event: a\ndata: b\n\n"
        raise httpx.ReadError("reset")

    closed = []

    async def close() -> None:
        closed.append(True)

    messages = EventMessages(broken(), close)
    assert read([await messages.receive()]) == [("a", "b")]
    with pytest.raises(Closed):
        await messages.receive()
    await messages.aclose()
    assert closed
