"""WebSockets as servers break them."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import httpx
import pytest
from conftest import REAL_TIME, Backend
from support.servers import run_connections
from websockets.asyncio.server import ServerConnection, serve
from websockets.http11 import Request as Handshake
from websockets.http11 import Response as Answer
from websockets.utils import accept_key

from app.upstreams.http.connections.opening import open_transport
from app.upstreams.http.reply import Reply
from app.upstreams.http.sockets.over_network import MOST_MESSAGE, StreamTransport
from app.upstreams.http.transport import Closed, Messages, NotHttp, Request, Transport


@pytest.fixture
def anyio_backend() -> Backend:
    """Sockets have the real time."""
    return REAL_TIME


@asynccontextmanager
async def opening(ping: float = 10, pong: float = 5) -> AsyncIterator[Transport]:
    """What opens WebSockets, and pings after so many seconds."""
    async with open_transport(20) as inner:
        yield StreamTransport(inner, inner, ssl.create_default_context(), {}, ping, pong)


async def open_at(transport: Transport, port: int) -> Messages:
    """A WebSocket to a port of loopback."""
    opened = await transport.open_socket(Request("GET", f"http://127.0.0.1:{port}/", {}))
    assert isinstance(opened, Messages)
    return opened


@asynccontextmanager
async def websockets(
    handle: Callable[[ServerConnection], object], **more: object
) -> AsyncIterator[int]:
    """A server of WebSockets; its port."""
    async with serve(handle, "127.0.0.1", 0, ping_interval=None, **more) as server:  # type: ignore[arg-type] # a test's own
        yield next(iter(server.sockets)).getsockname()[1]


async def test_who_answers_pings_is_there() -> None:
    """Signs of life come while nothing else does, and messages between them are not lost."""
    release = asyncio.Event()

    async def handle(socket: ServerConnection) -> None:
        await release.wait()
        await socket.send("hello")
        await socket.wait_closed()

    async with opening(0.02, 5) as transport, websockets(handle) as port:
        messages = await open_at(transport, port)
        assert messages.alive_seconds == 5.02
        assert [await messages.receive() for _ in range(3)] == [None] * 3
        release.set()
        while (text := await messages.receive()) is None:
            pass
        assert text == "hello"
        await messages.aclose()


async def test_a_half_open_socket() -> None:
    """Who answers neither is gone, though the connection stands."""

    async def shake_hands_and_hang(
        reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        key = next(x for x in head.split("\r\n") if x.lower().startswith("sec-websocket-key"))
        accepted = accept_key(key.partition(":")[2].strip())
        writer.write(
            b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            + f"Sec-WebSocket-Accept: {accepted}\r\n\r\n".encode()
        )
        await asyncio.Event().wait()

    async with (
        opening(0.02, 0.02) as transport,
        run_connections(shake_hands_and_hang) as port,
    ):
        messages = await open_at(transport, port)
        with pytest.raises(Closed):
            await messages.receive()


async def test_no_redirect_is_followed() -> None:
    """The token would go there."""
    asked = []

    def redirect(socket: ServerConnection, request: Handshake) -> Answer:
        asked.append(request.path)
        answer = socket.respond(302, "")
        answer.headers["Location"] = "ws://127.0.0.1:1/other"
        return answer

    async def handle(socket: ServerConnection) -> None:
        raise AssertionError

    async with opening() as transport, websockets(handle, process_request=redirect) as port:
        answer = await transport.open_socket(Request("GET", f"http://127.0.0.1:{port}/", {}))
    assert isinstance(answer, Reply) and answer.status == 302 and asked == ["/"]


async def test_a_message_without_end() -> None:
    """It is not read to its end."""

    async def handle(socket: ServerConnection) -> None:
        await socket.send("x" * (MOST_MESSAGE + 1))
        await socket.wait_closed()

    async with opening() as transport, websockets(handle) as port:
        messages = await open_at(transport, port)
        with pytest.raises(Closed):
            await messages.receive()


@pytest.mark.parametrize(
    ("said", "error"),
    [
        (b"", Closed),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nOK", None),
        (b"SSH-2.0-OpenSSH_9.2\r\n\r\n", NotHttp),
        (b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: tea\r\n\r\n", NotHttp),
    ],
)
async def test_what_is_no_handshake(said: bytes, error: type[Exception] | None) -> None:
    """Each is an error of its own, or an answer."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(said)

    async with opening() as transport, run_connections(answer) as port:
        request = Request("GET", f"http://127.0.0.1:{port}/", {})
        if error is None:
            reply = await transport.open_socket(request)
            assert isinstance(reply, Reply) and (reply.status, reply.body) == (200, b"OK")
            return
        with pytest.raises(httpx.HTTPError) as caught:
            await transport.open_socket(request)
        assert isinstance(caught.value, error)


async def test_nobody_there() -> None:
    """As at a request."""
    async with opening() as transport:
        with pytest.raises(httpx.ConnectError):
            await transport.open_socket(Request("GET", "http://127.0.0.1:1/", {}))
        with pytest.raises(httpx.HTTPError):
            await transport.open_socket(Request("GET", "http://nobody.invalid/", {}))


async def test_the_end_of_the_transport() -> None:
    """All that is open ends with it."""

    async def handle(socket: ServerConnection) -> None:
        await socket.wait_closed()

    async with opening() as transport, websockets(handle) as port:
        messages = await open_at(transport, port)
        waiting = asyncio.ensure_future(messages.receive())
        await asyncio.sleep(0)
        await transport.aclose()
        with pytest.raises(Closed):
            await waiting
