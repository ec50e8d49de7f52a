"""Subscriptions over sockets: WebSocket (graphql-transport-ws) and server-sent events."""

import asyncio
import gc
import itertools
from collections.abc import AsyncIterator
from hashlib import sha256
from pathlib import Path

import httpx
import orjson
import pytest
from conftest import REAL_TIME
from support.generated import IS_RANDOM
from support.keys import CLIENTS, READER
from support.live_server import (
    PROTOCOL,
    LiveServer,
    ask,
    begin,
    closed_with,
    listen,
    receive,
    send,
    serve,
)
from support.worlds import NO_COPIES, World, mixed_world
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

LIVE = """subscription { notificationEvents {
  __typename cursor ... on NotificationArrived { edge { node { id } } } } }"""
RENEW = "{ notifications(first: 1) { nodes { id isUnread } } }"


@pytest.fixture
def anyio_backend() -> tuple[str, dict[str, object]]:
    """A socket needs real time."""
    return REAL_TIME


@pytest.fixture
def world() -> World:
    """Without copies, so that each query renews what is watched."""
    made = mixed_world()
    made.sections = {"cache": NO_COPIES}
    return made


@pytest.fixture
async def live(world: World) -> AsyncIterator[LiveServer]:
    """A gateway that runs."""
    async with serve(world) as server:
        yield server


async def close_code(live: LiveServer, *messages: object) -> int:
    """With which a socket is closed after these messages."""
    async with live.connect() as socket:
        for message in messages:
            if isinstance(message, str):
                await socket.send(message)
            else:
                await send(socket, message)
        return await closed_with(socket)


INIT = {"type": "connection_init"}


def subscribe(name: str, document: str) -> dict[str, object]:
    """A message that asks something."""
    return {"type": "subscribe", "id": name, "payload": {"query": document}}


async def test_a_socket_listens(world: World, live: LiveServer) -> None:
    """It is told at once that it does, and of each notification that arrives."""
    async with live.connect() as socket:
        await begin(socket)
        await send(socket, subscribe("a", LIVE))
        kinds = [await receive(socket) for _ in range(4)]
        told = [each["payload"]["data"]["notificationEvents"]["__typename"] for each in kinds]
        assert told == ["LiveStarted"] + ["InboxChanged"] * 3
        world.post("home", 100)
        await ask(live, RENEW)
        message = await receive(socket)
        assert message["id"] == "a" and message["type"] == "next"
        assert (
            message["payload"]["data"]["notificationEvents"]["__typename"] == "NotificationArrived"
        )
        await send(socket, {"type": "complete", "id": "a"})
        await send(socket, {"type": "ping"})
        assert await receive(socket) == {"type": "pong"}
        assert await live.is_left()


async def test_a_socket_asks(live: LiveServer) -> None:
    """Queries and mutations too; what is wrong with one leaves the others and the socket."""
    async with live.connect() as socket:
        await begin(socket)
        for name, document in (("a", "{"), ("b", "{ nonsense }"), ("c", "{ inboxes { name } }")):
            await send(socket, subscribe(name, document))
        answers = [await receive(socket) for _ in range(4)]
        errors = {each["id"]: each["payload"][0] for each in answers if each["type"] == "error"}
        assert errors["a"]["extensions"]["code"] == "GRAPHQL_PARSE_FAILED"
        assert errors["b"]["extensions"]["code"] == "GRAPHQL_VALIDATION_FAILED"
        (answer,) = [each for each in answers if each["type"] == "next"]
        assert len(answer["payload"]["data"]["inboxes"]) == 3
        assert {"type": "complete", "id": "c"} in answers


@pytest.mark.parametrize(
    ("messages", "code"),
    [
        (["[]"], 4400),
        (["nonsense"], 4400),
        ([{"type": "nonsense"}], 4400),
        ([{"type": "connection_init", "payload": []}], 4400),
        ([INIT, INIT], 4429),
        ([subscribe("a", LIVE)], 4401),
        ([INIT, subscribe("a", LIVE), subscribe("a", LIVE)], 4409),
        ([INIT, subscribe("\N{CAT}" * 99, LIVE), subscribe("\N{CAT}" * 99, LIVE)], 4409),
        ([INIT, {"type": "subscribe", "id": "a", "payload": {}}], 4400),
        ([INIT, {"type": "subscribe", "id": 1, "payload": {"query": LIVE}}], 4400),
        ([INIT, *(subscribe(str(number), LIVE) for number in range(21))], 1013),
    ],
)
async def test_what_a_socket_may_not_say(
    live: LiveServer, messages: list[object], code: int
) -> None:
    """Each mistake has its code."""
    assert await close_code(live, *messages) == code


async def test_another_protocol_is_not_spoken(live: LiveServer) -> None:
    """Such as the older one of the same name."""
    address = live.address.replace("http:", "ws:")
    async with connect(address) as socket:
        assert await closed_with(socket) == 4406


@pytest.mark.parametrize("origin", ["http://evil.test", "null"])
async def test_pages_of_other_origins_get_nothing(live: LiveServer, origin: str) -> None:
    """A browser lets any page open a WebSocket, and asks nobody first."""
    with pytest.raises(InvalidStatus) as caught:
        async with live.connect(origin=origin):
            pass
    assert caught.value.response.status_code == 403
    headers = {"accept": "text/event-stream", "origin": origin}
    async with httpx.AsyncClient() as client:
        response = await client.post(live.address, json={"query": LIVE}, headers=headers)
    assert response.status_code == 403


async def test_keys(world: World) -> None:
    """In the header of the handshake or in `connection_init`, but not two different ones."""
    world.sections["clients"] = CLIENTS
    async with serve(world) as live:
        good = {"Authorization": f"Bearer {READER}"}
        async with live.connect() as socket:
            await begin(socket, good)
        async with live.connect(additional_headers=good) as socket:
            await begin(socket)
        assert await close_code(live, INIT) == 4403
        wrong = {"type": "connection_init", "payload": {"Authorization": "Bearer x"}}
        assert await close_code(live, wrong) == 4403
        async with live.connect(additional_headers=good) as socket:
            await send(socket, wrong)
            assert await closed_with(socket) == 4400


async def test_an_event_stream(world: World, live: LiveServer) -> None:
    """Each event has its cursor as its ID, from which `Last-Event-ID` goes on."""
    async with listen(live, LIVE) as events:
        first = await anext(events)
        assert first["event"] == "next"
        started = orjson.loads(first["data"])["data"]["notificationEvents"]
        assert started == {"__typename": "LiveStarted", "cursor": first["id"]}
    world.post("home", 100)
    async with listen(live, LIVE, {"last-event-id": first["id"]}) as events:
        seen = []
        while "NotificationArrived" not in seen:
            event = orjson.loads((await anext(events))["data"])["data"]["notificationEvents"]
            seen.append(event["__typename"])
    assert seen.count("LiveStarted") == 1


async def test_an_event_stream_of_what_ends(live: LiveServer) -> None:
    """A query for somebody who takes nothing else, and what is refused: once, and the end."""
    for document in ("{ inboxes { name } }", "subscription { nonsense }"):
        async with listen(live, document) as events:
            said = [event async for event in events]
        assert [each["event"] for each in said] == ["next", "complete"]
        assert [each["id"] for each in said] == ["end", "end"]
    async with httpx.AsyncClient() as client:
        headers = {"accept": "text/event-stream", "last-event-id": "end"}
        response = await client.get(live.address, params={"query": LIVE}, headers=headers)
    assert response.status_code == 204  # which stops an EventSource


async def test_the_end_of_the_gateway_is_one_to_come_again_after(live: LiveServer) -> None:
    """No `complete` and no `error`: a socket is closed with 1001, a stream ends after `retry`."""
    async with live.connect() as socket, listen(live, LIVE) as events:
        await begin(socket)
        await send(socket, subscribe("a", LIVE))
        await receive(socket)
        stopping = asyncio.create_task(live.stop())
        said = [event async for event in events]
        assert "retry" in said[-1] and all(each.get("event") != "complete" for each in said)
        assert await closed_with(socket) == 1001
        await stopping


async def test_a_socket_stays(world: World) -> None:
    """The time in which a request has to arrive is over once it is a WebSocket."""
    world.sections["server"] = {"head_timeout": 0.1, "body_timeout": 0.1}
    async with serve(world) as live, live.connect() as socket:
        await begin(socket)
        for _ in range(10):
            await asyncio.sleep(0.05)
            await send(socket, {"type": "ping"})
            assert await receive(socket) == {"type": "pong"}


async def test_who_reads_nothing_is_closed(world: World) -> None:
    """After the time that an answer may be left unread."""
    world.sections["server"] = {"reading_timeout": 0.3}
    handshake = (
        "GET /graphql HTTP/1.1\r\nHost: {}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
        f"Sec-WebSocket-Protocol: {PROTOCOL}\r\n\r\n"
    )
    async with serve(world) as live:
        host = live.address.split("/")[2]
        reader, writer = await asyncio.open_connection(*host.split(":"))
        writer.write(handshake.format(host).encode())
        async with asyncio.timeout(5):
            await reader.read()  # and no ping is answered
        writer.close()


async def test_who_does_not_say_who_it_is(live: LiveServer) -> None:
    """Has ten seconds for it."""
    async with live.connect() as socket:
        with pytest.raises(ConnectionClosed) as closed:
            await socket.recv()
    assert closed.value.rcvd is not None and closed.value.rcvd.code == 4408


async def test_another_name_is_refused(live: LiveServer) -> None:
    """As by HTTP: a page can make its own name lead here."""
    port = int(live.address.split(":")[2].partition("/")[0])
    with pytest.raises(InvalidStatus) as refused:
        async with connect("ws://evil.example/graphql", host="127.0.0.1", port=port):
            pass
    assert refused.value.response.status_code == 421


async def test_trusted_documents(world: World, tmp_path: Path) -> None:
    """Go by their IDs over a socket too, and nothing else does."""
    digest = sha256(LIVE.encode()).hexdigest()
    manifest = tmp_path / "manifest.json"
    manifest.write_bytes(orjson.dumps({digest: LIVE}))
    world.sections["documents"] = {"mode": "enforce", "manifest": manifest}
    async with serve(world) as live, live.connect() as socket:
        await begin(socket)
        by_id = {"documentId": f"sha256:{digest}"}
        await send(socket, {"type": "subscribe", "id": "a", "payload": by_id})
        assert (await receive(socket))["type"] == "next"
        async with live.connect() as another:
            await begin(another)
            await send(another, subscribe("a", RENEW))
            refused = await receive(another)
        assert refused["type"] == "error" and "data" not in refused


async def test_live_connections_have_a_limit_of_their_own(world: World) -> None:
    """They take no place from queries; those beyond it are told to come again later."""
    world.sections["server"] = {"connections": 2, "sockets": 2}
    async with serve(world) as live, live.connect() as socket, listen(live, LIVE) as events:
        await begin(socket)
        await anext(events)
        assert (await ask(live, RENEW))["data"]
        assert await close_code(live) == 1013
        async with httpx.AsyncClient(headers={"accept": "text/event-stream"}) as client:
            refused = await client.post(live.address, json={"query": LIVE})
        assert refused.status_code == 503 and refused.headers["retry-after"]
        await socket.close()
        async with live.connect() as another:
            await begin(another)


async def test_thousands_come_and_go(world: World) -> None:
    """On one socket: no task, no place and no memory is left."""
    async with serve(world, itertools.count().__next__) as live, live.connect() as socket:
        await begin(socket)

        async def come_and_go(times: int) -> None:
            for number in range(times):
                await send(socket, subscribe(str(number), LIVE))
                await receive(socket)
                await send(socket, {"type": "complete", "id": str(number)})
                await send(socket, {"type": "ping"})
                while (await receive(socket))["type"] != "pong":
                    pass
            assert await live.is_left()
            gc.collect()

        await come_and_go(100)
        tasks, objects = len(asyncio.all_tasks()), len(gc.get_objects())
        await come_and_go(10_000 if IS_RANDOM else 1_000)
        assert len(asyncio.all_tasks()) <= tasks
        assert len(gc.get_objects()) - objects < 1000  # some of asyncio's timers wait to be dropped


async def test_who_goes_away_leaves_nothing(world: World) -> None:
    """Neither a place nor anybody who asks an instance."""
    async with serve(world, itertools.count().__next__) as live:
        for _ in range(500 if IS_RANDOM else 5):
            async with listen(live, LIVE) as events:
                await anext(events)
            async with live.connect() as socket:
                await begin(socket)
                await send(socket, subscribe("a", LIVE))
                await receive(socket)
                socket.transport.abort()
        assert await live.is_left()
