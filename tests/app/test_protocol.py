"""Clients that send slowly, send too much, are too many, or do not read: in virtual time."""

import asyncio
import json
from typing import Any

import pytest
import uvicorn
from starlette.types import ASGIApp
from support.worlds import World
from uvicorn.server import ServerState

from app.web.protocol import LONGEST_HEAD, DeadlineProtocol, Deadlines, protocol_with

DEADLINES = Deadlines(head=10, body=10, reading=30, connections=3)
LINE = b"POST /graphql HTTP/1.1\r\nHost: localhost:8000\r\nContent-Type: application/json\r\n"
QUERY = b'{"query": "{ __typename }"}'


class Line(asyncio.Transport):
    """The gateway's end of a connection: what was written to it, and whether it is still open."""

    def __init__(self) -> None:
        super().__init__({"peername": ("127.0.0.1", 1), "sockname": ("127.0.0.1", 8000)})
        self.written = bytearray()
        self.is_open = True
        self.has_ended = False
        self.protocol: DeadlineProtocol | None = None

    def write(self, data: Any) -> None:
        self.written += data

    def write_eof(self) -> None:
        self.has_ended = True

    def abort(self) -> None:
        self.close()

    def close(self) -> None:
        if self.is_open and self.protocol is not None:
            asyncio.get_running_loop().call_soon(self.protocol.connection_lost, None)
        self.is_open = False

    def is_closing(self) -> bool:
        return not self.is_open

    def pause_reading(self) -> None:
        pass

    def resume_reading(self) -> None:
        pass

    @property
    def status(self) -> int:
        """Of the first answer."""
        return int(self.written.split(b" ")[1])

    @property
    def code(self) -> str:
        """Of the first answer's error."""
        answer = json.loads(self.written.split(b"\r\n\r\n")[1])
        code: str = answer["errors"][0]["extensions"]["code"]
        return code


class Server:
    """Opens connections to one gateway."""

    def __init__(self, app: ASGIApp | None = None) -> None:
        self._config = uvicorn.Config(app or World().gateway(), log_config=None)
        self._config.load()
        self._state = ServerState()

    def connect(self) -> tuple[DeadlineProtocol, Line]:
        """A new connection, as both ends see it."""
        open_protocol = protocol_with(DEADLINES)
        protocol = open_protocol(config=self._config, server_state=self._state, app_state={})
        line = Line()
        line.protocol = protocol
        protocol.connection_made(line)
        return protocol, line


async def drip(protocol: DeadlineProtocol, line: Line, text: bytes = b"x") -> float:
    """Sends a little every second for as long as the connection is open; how long that is."""
    began = asyncio.get_running_loop().time()
    while line.is_open:
        protocol.data_received(text)
        await asyncio.sleep(1)
        assert asyncio.get_running_loop().time() - began < 100
    return asyncio.get_running_loop().time() - began


async def test_a_whole_request_is_answered_and_another_one() -> None:
    """Deadlines do not touch who sends what he has to send."""
    protocol, line = Server().connect()
    request = LINE + b"Content-Length: %d\r\n\r\n" % len(QUERY) + QUERY
    for count in (1, 2):
        protocol.data_received(request)
        await asyncio.sleep(1)
        assert line.is_open and line.written.count(b"HTTP/1.1 200") == count
    await asyncio.sleep(5)
    assert not line.is_open  # uvicorn's pause between two requests


async def test_a_client_that_says_nothing() -> None:
    """Its connection ends when a head would have had to be there."""
    _, line = Server().connect()
    await asyncio.sleep(9)
    assert line.is_open
    await asyncio.sleep(2)
    assert not line.is_open


@pytest.mark.parametrize("beginning", [b"", LINE, LINE + b"X: "])
async def test_a_head_that_drips(beginning: bytes) -> None:
    """It has ten seconds in all, however it is cut up."""
    protocol, line = Server().connect()
    protocol.data_received(beginning)
    assert await drip(protocol, line) <= 11


async def test_lines_before_a_second_head() -> None:
    """Empty lines count as the beginning of a request and do not hold the connection."""
    protocol, line = Server().connect()
    request = LINE + b"Content-Length: %d\r\n\r\n" % len(QUERY) + QUERY
    protocol.data_received(request)
    await asyncio.sleep(1)
    assert await drip(protocol, line, b"\r\n") <= 11


async def test_a_body_that_drips() -> None:
    """The caller is told, and the connection ends."""
    protocol, line = Server().connect()
    protocol.data_received(LINE + b"Content-Length: 1000\r\n\r\n")
    assert await drip(protocol, line) <= 12
    assert (line.status, line.code) == (408, "REQUEST_TIMEOUT")


async def test_a_body_that_nobody_reads_and_that_drips() -> None:
    """A request is refused before its body is there; the rest does not hold the connection."""
    protocol, line = Server().connect()
    head = LINE.replace(b"localhost:8000", b"evil.example")
    protocol.data_received(head + b"Content-Length: 1000\r\n\r\n")
    assert await drip(protocol, line) <= 12
    assert (line.status, line.code) == (421, "MISDIRECTED_REQUEST")


@pytest.mark.parametrize("part", [b"X: " + b"x" * 5000 + b"\r\n", b"x" * 5000])
async def test_a_head_without_end(part: bytes) -> None:
    """Many headers, or a long one, end at 64 KiB."""
    protocol, line = Server().connect()
    protocol.data_received(LINE)
    parts = 0
    while not line.written:
        protocol.data_received(part)
        parts += 1
    assert parts * len(part) <= LONGEST_HEAD + len(part)
    assert (line.status, line.code) == (431, "BAD_REQUEST")
    protocol.data_received(b"\r\n\r\n")
    await asyncio.sleep(2)
    assert not line.is_open and line.written.count(b"HTTP/1.1") == 1


@pytest.mark.parametrize(
    "text", [b"nonsense\r\n\r\n", b"GET / HTTP/9.9\r\n\r\n", b"\x16\x03\x01\x00"]
)
async def test_what_is_no_http(text: bytes) -> None:
    """It is told so, in JSON."""
    protocol, line = Server().connect()
    protocol.data_received(text)
    assert (line.status, line.code) == (400, "BAD_REQUEST")


async def test_one_connection_too_many() -> None:
    """It gets 503 at once and a second to read it; when one has ended the next is let in."""
    server = Server()
    lines = [server.connect() for _ in range(DEADLINES.connections)]
    protocol, line = server.connect()
    assert (line.status, line.code) == (503, "OVERLOADED")
    assert b"retry-after: 1\r\n" in line.written and line.has_ended
    protocol.data_received(LINE)
    await asyncio.sleep(2)
    assert not line.is_open
    lines[0][1].close()
    await asyncio.sleep(0)
    _, next_line = server.connect()
    assert not next_line.written


async def test_an_answer_that_nobody_reads() -> None:
    """The connection ends when nothing could be sent for half a minute; not if it went on."""
    protocol, line = Server().connect()
    request = LINE + b"Content-Length: %d\r\n\r\n" % len(QUERY) + QUERY
    protocol.data_received(request[:-1])
    for _ in range(2):
        protocol.pause_writing()
        await asyncio.sleep(1)
        protocol.resume_writing()
    protocol.data_received(request[-1:])
    protocol.pause_writing()
    await asyncio.sleep(29)
    assert line.is_open
    await asyncio.sleep(2)
    assert not line.is_open


async def test_a_slow_answer_is_waited_for() -> None:
    """The deadlines are the client's; how long an answer takes is another matter."""

    async def answer_late(scope: Any, receive: Any, send: Any) -> None:
        await receive()
        await asyncio.sleep(60)
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    protocol, line = Server(answer_late).connect()
    protocol.data_received(LINE + b"Content-Length: 1\r\n\r\nx")
    await asyncio.sleep(59)
    assert line.is_open and not line.written
    await asyncio.sleep(2)
    assert line.status == 200


async def test_a_wish_for_a_socket_is_an_ordinary_request() -> None:
    """There are none yet: the answer says what is missing, and nothing is logged."""
    protocol, line = Server().connect()
    upgrade = b"GET /graphql HTTP/1.1\r\nHost: localhost:8000\r\nConnection: Upgrade\r\n"
    protocol.data_received(upgrade + b"Upgrade: websocket\r\n\r\n")
    await asyncio.sleep(1)
    assert (line.status, line.code) == (400, "BAD_REQUEST")
