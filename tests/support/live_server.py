"""A gateway on a port of loopback, as the command serves it, for clients that keep a connection."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import httpx
import orjson
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed
from websockets.typing import Subprotocol

from app.gateway import Gateway
from app.main import build_app
from app.server import GatewayServer
from app.serving import configure
from app.web.subscriptions import Subscriptions
from support.debian import free_port
from support.virtual_time import LoopClock
from support.worlds import Json, World

PROTOCOL = Subprotocol("graphql-transport-ws")


@dataclass
class LiveServer:
    """Where a gateway over a world is; `subscriptions` are those that it serves."""

    world: World
    gateway: Gateway
    address: str
    subscriptions: Subscriptions
    server: GatewayServer
    serving: "asyncio.Task[None]"

    async def stop(self) -> None:
        """As the signal does."""
        self.server.should_exit = True
        await self.serving

    async def reload(self) -> None:
        """Takes the world's configuration as it is now."""
        await self.gateway.reload(self.world.settings())

    async def is_left(self) -> bool:
        """Whether nobody listens any more, a few seconds from now at the latest."""
        async with asyncio.timeout(5):
            while len(self.subscriptions):  # noqa: ASYNC110 - what is counted has no event
                await asyncio.sleep(0.01)
        return True

    def connect(self, **more: Any) -> connect:
        """A WebSocket there."""
        address = self.address.replace("http:", "ws:")
        return connect(address, subprotocols=[PROTOCOL], **more)


@asynccontextmanager
async def serve(
    world: World, now: Callable[[], float] = time.monotonic
) -> AsyncIterator[LiveServer]:
    """A gateway over a world, for the time of a test; `now` counts what is opened in a second."""
    port = free_port()
    world.sections = {
        **world.sections,
        "server": {**world.sections.get("server", {}), "port": port},
    }
    settings = world.settings()
    subscriptions = Subscriptions(now, settings.server.sockets)
    transport = world._transport()  # noqa: SLF001 - the world's own
    app = build_app(
        settings,
        LoopClock(),
        transport,
        subscriptions=subscriptions,
        telemetry=world.telemetry,
    )
    server = GatewayServer(configure(app, settings), app)
    serving = asyncio.create_task(server._serve())  # noqa: SLF001 - without its signal handlers
    while not server.started:  # noqa: ASYNC110 - uvicorn has no event for it
        await asyncio.sleep(0.01)
    address = f"http://127.0.0.1:{port}/graphql"
    live = LiveServer(world, app, address, subscriptions, server, serving)
    try:
        yield live
    finally:
        await live.stop()


async def begin(socket: ClientConnection, payload: Json | None = None) -> None:
    """Says who it is, and waits until it may ask."""
    await send(socket, {"type": "connection_init", **({"payload": payload} if payload else {})})
    assert await receive(socket) == {"type": "connection_ack"}


async def send(socket: ClientConnection, message: object) -> None:
    """A message, as JSON."""
    await socket.send(orjson.dumps(message).decode())


async def receive(socket: ClientConnection) -> Json:
    """The next message."""
    async with asyncio.timeout(5):
        message: Json = orjson.loads(await socket.recv())
    return message


async def closed_with(socket: ClientConnection) -> int:
    """The code that a socket is closed with, after whatever else it is sent."""
    try:
        while True:
            await receive(socket)
    except ConnectionClosed as closed:
        return closed.rcvd.code if closed.rcvd is not None else 1006


async def ask(live: LiveServer, document: str) -> Json:
    """A query by HTTP, which also renews what is watched."""
    async with httpx.AsyncClient() as client:
        response = await client.post(live.address, json={"query": document})
    answer: Json = response.json()
    return answer


@asynccontextmanager
async def listen(
    live: LiveServer, document: str, headers: dict[str, str] | None = None
) -> AsyncIterator[AsyncIterator[dict[str, str]]]:
    """The messages of an event stream, each by its fields."""
    accepts = {"accept": "text/event-stream", **(headers or {})}
    async with (
        httpx.AsyncClient(timeout=5) as client,
        client.stream("POST", live.address, json={"query": document}, headers=accepts) as response,
    ):
        assert response.headers["content-type"] == "text/event-stream; charset=utf-8", response
        yield _read(response)


async def _read(response: httpx.Response) -> AsyncIterator[dict[str, str]]:
    fields: dict[str, str] = {}
    async for line in response.aiter_lines():
        if line:
            name, _, value = line.partition(":")
            fields[name] = value.strip()
        elif fields:
            yield fields
            fields = {}
