"""The contract of a transport, over real sockets: each fact holds for every implementation."""

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import replace
from pathlib import Path

import httpx
import pytest
import trustme
import uvloop
from support.answers import BAD_ANSWERS, EMPTY_ANSWERS, LARGE, ODD_ANSWERS, WELL
from support.servers import (
    Serve,
    http_response,
    read_request,
    reset,
    run_connections,
)

from app.upstreams.http.connections.opening import Client, open_transport
from app.upstreams.http.connections.pool import AddressInfo, resolve
from app.upstreams.http.reply import Reply
from app.upstreams.http.transport import (
    Closed,
    ConnectionRefused,
    Request,
    Stage,
    TooLarge,
    Transport,
    UnknownName,
)

KINDS: dict[str, tuple[Client, dict[str, object]]] = {
    "pool": ("pool", {"loop_factory": uvloop.new_event_loop}),
    "pool-asyncio": ("pool", {}),
    "httpx": ("httpx", {}),
}


@pytest.fixture(params=KINDS)
def kind(request: pytest.FixtureRequest) -> str:
    """Each implementation, our own on both kinds of loop."""
    name: str = request.param
    return name


@pytest.fixture
def anyio_backend(kind: str) -> tuple[str, dict[str, object]]:
    """Sockets need real time."""
    return "asyncio", KINDS[kind][1]


@pytest.fixture
async def transport(kind: str) -> AsyncIterator[Transport]:
    """Real connections, at most four and three of these to one host."""
    async with open_transport(4, 3, client=KINDS[kind][0]) as opened:
        yield opened


async def get(transport: Transport, port: int, path: str = "/") -> Reply:
    """What a server on loopback answers."""
    return await transport.send(Request("GET", f"http://127.0.0.1:{port}{path}", {}))


async def wait_until(condition: Callable[[], object]) -> None:
    """Until something holds, for ten seconds at most."""
    async with asyncio.timeout(10):
        while not condition():  # noqa: ASYNC110 - what is waited for happens elsewhere
            await asyncio.sleep(0.001)


async def take_turns() -> None:
    """Whatever can happen by now has happened."""
    for _ in range(50):
        await asyncio.sleep(0)


def answering(*answers: bytes) -> Serve:
    """A server that gives these answers one after another, the last one again and again."""
    left = [*answers]

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            await read_request(reader)
            answer = left.pop(0) if len(left) > 1 else left[0]
            writer.write(answer)
            await writer.drain()
            if b"content-length" not in answer.lower() and b"chunked" not in answer.lower():
                return

    return serve


@pytest.mark.parametrize("answer", ODD_ANSWERS.values(), ids=ODD_ANSWERS)
async def test_what_servers_send(transport: Transport, answer: bytes) -> None:
    """An answer is read however it is framed and coded, and so is the next one."""
    async with run_connections(answering(answer, WELL)) as port:
        assert [(await get(transport, port)).body for _ in range(2)] == [b"well", b"well"]


@pytest.mark.parametrize("answer", EMPTY_ANSWERS.values(), ids=EMPTY_ANSWERS)
async def test_answers_without_a_body(transport: Transport, answer: bytes) -> None:
    """What comes all the same is nobody's answer."""
    async with run_connections(answering(answer, WELL)) as port:
        assert (await get(transport, port)).body == b""
        assert (await get(transport, port)).body == b"well"


async def test_a_length_that_is_too_small(transport: Transport) -> None:
    """The rest is dropped, and is not taken for the answer to the next request."""
    short = b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nwellHTTP/1.1 200 OK\r\n\r\nevil"
    async with run_connections(answering(short, WELL)) as port:
        assert [(await get(transport, port)).body for _ in range(2)] == [b"well", b"well"]


@pytest.mark.parametrize(("answer", "error"), BAD_ANSWERS.values(), ids=BAD_ANSWERS)
async def test_bad_answers(transport: Transport, answer: bytes, error: type[Exception]) -> None:
    """Each has an error of its own, and the next request is answered all the same."""
    first = iter([True])

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_request(reader)
        writer.write(answer if next(first, False) else WELL)

    async with run_connections(serve) as port:
        with pytest.raises(error):
            await get(transport, port)
        assert (await get(transport, port)).body == b"well"


async def test_how_a_large_answer_begins(transport: Transport) -> None:
    """Its head and its first bytes are there, for whoever can make something of them."""
    large = http_response(b'[{"id": "1"' + bytes(LARGE), "Link: <next>")
    async with run_connections(answering(large)) as port:
        with pytest.raises(TooLarge) as caught:
            await get(transport, port)
    assert caught.value.reply.headers["link"] == "<next>"
    assert caught.value.reply.body.startswith(b'[{"id": "1"')


async def test_cookies_and_headers(transport: Transport) -> None:
    """Headers of one name are joined, save cookies, which are given to whoever asked alone."""
    answer = http_response(b"", "Link: <a>", "link: <b>", "Set-Cookie: a=1", "Set-Cookie: b=2")
    async with run_connections(answering(answer)) as port:
        reply = await get(transport, port)
    assert reply.headers["link"] == "<a>, <b>"
    assert "set-cookie" not in reply.headers and reply.set_cookies == ["a=1", "b=2"]


async def test_what_is_sent(transport: Transport) -> None:
    """Exactly the request: Host, the headers and the body, and a length for every write."""
    seen: list[bytes] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        seen.append(await read_request(reader))
        writer.write(http_response(b"", "Connection: close"))

    async with run_connections(serve) as port:
        url = f"http://127.0.0.1:{port}/api?a=b%20c"
        await transport.send(Request("POST", url, {"authorization": "Bearer x"}, b"form"))
        await transport.send(Request("POST", url, {}))
        await transport.send(Request("GET", url, {}))
    write, empty, read = (each.lower() for each in seen)
    assert write.startswith(b"post /api?a=b%20c http/1.1\r\n") and write.endswith(b"\r\n\r\nform")
    assert b"host: 127.0.0.1:%d\r\n" % port in write and b"authorization: bearer x" in write
    assert b"content-length: 4\r\n" in write and b"content-length: 0\r\n" in empty
    assert b"content-length" not in read and b"cookie" not in read


@pytest.mark.parametrize(
    ("url", "headers", "error"),
    [
        ("mailto:me@example.test", {}, httpx.UnsupportedProtocol),
        ("http://127.0.0.1:1/", {}, ConnectionRefused),
        (f"http://{'a' * 64}.test/", {}, UnknownName),
        ("http://nobody.invalid/", {}, UnknownName),
    ],
)
async def test_what_is_not_sent(
    transport: Transport, url: str, headers: dict[str, str], error: type[Exception]
) -> None:
    """It is known that nothing was, also of a write."""
    request = Request("POST", url, headers, b"")
    with pytest.raises(error):
        await transport.send(request)
    assert request.stage is not Stage.SENT


@pytest.mark.parametrize("value", ["a\r\nb: c", "a\nb", "a\rb", "a\0b"])
async def test_a_header_of_two_lines(transport: Transport, value: str) -> None:
    """Nothing of such a request is sent."""
    async with run_connections(answering(WELL)) as port:
        request = Request("POST", f"http://127.0.0.1:{port}/", {"authorization": value}, b"")
        with pytest.raises(httpx.LocalProtocolError):
            await transport.send(request)
    assert request.stage is not Stage.SENT


async def test_servers_that_close_without_a_word(transport: Transport) -> None:
    """After each answer, as snac does: reads and writes in turn all succeed, each once."""
    seen: list[bytes] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        seen.append(await read_request(reader))
        writer.write(WELL)

    async with run_connections(serve) as port:
        for number in range(64):
            method = "POST" if number % 3 == 2 else "GET"
            request = Request(method, f"http://127.0.0.1:{port}/{number}", {})
            assert (await transport.send(request)).body == b"well"
    assert [int(each.split()[1][1:]) for each in seen] == [*range(64)]


@pytest.mark.parametrize("ending", ["closed", "reset"])
async def test_a_read_goes_again_once(transport: Transport, kind: str, ending: str) -> None:
    """On a new connection, where the used one ended before the first byte; that is counted."""
    connections = 0

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal connections
        connections += 1
        await read_request(reader)
        if connections == 1:
            writer.write(WELL)
            await read_request(reader)
        if ending == "reset":
            reset(writer)

    async with run_connections(serve) as port:
        assert (await get(transport, port)).body == b"well"
        with pytest.raises(Closed):
            await get(transport, port)
    assert connections == 2
    assert transport.repeats == (0 if kind == "httpx" else 1)


async def test_a_read_does_not_go_again_after_a_byte(transport: Transport) -> None:
    """An answer that has begun and breaks off is an error, on whatever connection."""
    requests = 0

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal requests
        while True:
            await read_request(reader)
            requests += 1
            writer.write(WELL if requests == 1 else b"HTTP/1.1 200")
            if requests > 1:
                return

    async with run_connections(serve) as port:
        await get(transport, port)
        with pytest.raises(Closed):
            await get(transport, port)
    assert (requests, transport.repeats) == (2, 0)


@pytest.mark.parametrize("ending", ["closed", "reset"])
@pytest.mark.parametrize("moment", ["accepted", "read", "in the head", "in the body"])
async def test_a_write_is_never_sent_twice(transport: Transport, moment: str, ending: str) -> None:
    """Also where a connection was used before; its outcome is unknown once any of it was sent."""
    seen: list[bytes] = []
    parts = {"in the head": b"HTTP/1.1 2", "in the body": b"HTTP/1.1 200 OK\r\n\r\nhal"}

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if moment != "accepted" or not seen:
            seen.append(await read_request(reader))
            while seen[-1].startswith(b"GET"):
                writer.write(WELL)
                seen.append(await read_request(reader))
            writer.write(parts.get(moment, b""))
            await writer.drain()
        if ending == "reset":
            reset(writer)

    async with run_connections(serve) as port:
        await get(transport, port)
        request = Request("POST", f"http://127.0.0.1:{port}/", {}, b"once")
        try:
            await transport.send(request)
        except Closed:
            pass
        else:
            assert (moment, ending) == ("in the body", "closed")  # such an answer has no length
    assert request.stage is Stage.SENT
    assert len([each for each in seen if each.startswith(b"POST")]) <= 1


async def test_connections_that_close_at_that_very_moment(kind: str) -> None:
    """4,000 requests race with a server that closes idle connections: each is carried out once."""
    writes: list[bytes] = []
    pauses = iter(range(10**6))

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            request = await read_request(reader)
            if request.startswith(b"POST"):
                writes.append(request.split()[1])
            writer.write(WELL)
            for _ in range(next(pauses) % 5):  # turns of the loop
                await asyncio.sleep(0)
            if next(pauses) % 3 == 0:
                return

    async def ask(transport: Transport, port: int, first: int) -> None:
        for number in range(first, first + 250):
            method = "POST" if number % 4 == 0 else "GET"
            request = Request(method, f"http://127.0.0.1:{port}/{number}", {})
            assert (await transport.send(request)).body == b"well"

    async with (
        run_connections(serve) as port,
        open_transport(16, client=KINDS[kind][0]) as transport,
    ):
        await asyncio.gather(*(ask(transport, port, n * 250) for n in range(16)))
    assert sorted(writes) == sorted(b"/%d" % n for n in range(0, 4000, 4))


async def test_cancelling_at_any_moment(transport: Transport) -> None:
    """Each request gets its own answer, whatever was cancelled before, and no turn is lost."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            path = (await read_request(reader)).split()[1]
            for part in (http_response(path)[:20], http_response(path)[20:]):
                writer.write(part)
                await asyncio.sleep(0)

    async with run_connections(serve) as port:
        for turns in range(60):
            tasks = [
                asyncio.create_task(get(transport, port, f"/cancelled-{turns}-{n}"))
                for n in range(6)  # more than may be under way
            ]
            for _ in range(turns):
                await asyncio.sleep(0)
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            assert (await get(transport, port, f"/{turns}")).body == b"/%d" % turns


async def test_cancelling_while_a_connection_is_made(kind: str, tmp_path: Path) -> None:
    """Also in the middle of TLS: nothing is left behind, and the next request is answered."""
    authority = trustme.CA()
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    open_connections = 0

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal open_connections
        open_connections += 1
        try:
            while True:
                await read_request(reader)
                writer.write(WELL)
        finally:
            open_connections -= 1

    async with (
        run_connections(serve, context=context) as port,
        open_transport(4, ca_file=tmp_path / "ca.pem", client=KINDS[kind][0]) as transport,
    ):
        request = Request("GET", f"https://127.0.0.1:{port}/", {})
        for turns in range(0, 60, 2):
            task = asyncio.create_task(transport.send(replace(request)))
            for _ in range(turns):
                await asyncio.sleep(0)
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            assert (await transport.send(replace(request))).body == b"well"
        await wait_until(lambda: open_connections <= 1)


async def test_a_cancelled_request_is_ended(transport: Transport) -> None:
    """Its server sees the end of the connection at once."""
    begun, ended = asyncio.Event(), asyncio.Event()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_request(reader)
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf")
        begun.set()
        try:
            await reader.read()
        finally:
            ended.set()

    async with run_connections(serve) as port:
        task = asyncio.create_task(get(transport, port))
        await wait_until(begun.is_set)
        task.cancel()
        await wait_until(ended.is_set)
    assert task.cancelled()


async def test_what_was_waiting_is_never_sent(kind: str) -> None:
    """One that was cancelled before its turn is not sent afterwards."""
    seen: list[bytes] = []
    go_on = asyncio.Event()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            seen.append((await read_request(reader)).split()[1])
            await go_on.wait()
            writer.write(WELL)

    async with (
        run_connections(serve) as port,
        open_transport(1, client=KINDS[kind][0]) as transport,
    ):
        first = asyncio.create_task(get(transport, port, "/first"))
        await wait_until(lambda: seen)
        late = Request("POST", f"http://127.0.0.1:{port}/late", {}, b"")
        waiting = asyncio.create_task(transport.send(late))
        await take_turns()
        waiting.cancel()
        go_on.set()
        await first
        await get(transport, port, "/next")
    assert late.stage is Stage.WAITING
    assert seen == [b"/first", b"/next"]


async def test_closing_ends_what_is_under_way(kind: str) -> None:
    """At once, with an error; afterwards nothing is sent."""

    seen: list[bytes] = []

    async def hang(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        seen.append(await read_request(reader))
        await reader.read()

    async with run_connections(hang) as port:
        transport = open_transport(8, client=KINDS[kind][0])
        tasks = [asyncio.create_task(get(transport, port)) for _ in range(4)]
        await wait_until(lambda: len(seen) == 4)
        await asyncio.wait_for(transport.aclose(), 1)
        outcomes = await asyncio.wait_for(asyncio.gather(*tasks, return_exceptions=True), 1)
        assert all(isinstance(each, httpx.HTTPError) for each in outcomes)
        with pytest.raises(httpx.HTTPError):
            await get(transport, port)


@pytest.mark.parametrize("scheme", ["http", "https"])
async def test_closing_ends_what_is_being_connected(scheme: str) -> None:
    """Whether a name is being resolved or TLS is under way; nothing is sent afterwards."""
    asked = asyncio.Event()

    async def say_nothing(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.set()
        await reader.read()

    async def resolve_never(host: str, port: int) -> Sequence[AddressInfo]:
        asked.set()
        if scheme == "https":
            return await resolve(host, port)
        await asyncio.Event().wait()
        raise AssertionError

    async with run_connections(say_nothing) as port:
        transport = open_transport(4, resolve=resolve_never)
        request = Request("POST", f"{scheme}://127.0.0.1:{port}/", {}, b"")
        task = asyncio.create_task(transport.send(request))
        await wait_until(asked.is_set)
        await take_turns()
        await transport.aclose()
        (outcome,) = await asyncio.wait_for(asyncio.gather(task, return_exceptions=True), 1)
    assert isinstance(outcome, httpx.HTTPError) and request.stage is not Stage.SENT


async def test_connections_that_are_being_made_count() -> None:
    """Idle ones make room for them too: there are never more than allowed."""
    go_on, present, most = asyncio.Event(), 0, 0

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal present, most
        present += 1
        most = max(most, present)
        try:
            while True:
                await read_request(reader)
                await go_on.wait()
                writer.write(WELL)
        finally:
            present -= 1

    async with (
        run_connections(serve) as here,
        run_connections(serve) as there,
        open_transport(4) as transport,
    ):
        go_on.set()
        await asyncio.gather(*(get(transport, here) for _ in range(3)))
        await asyncio.gather(*(get(transport, there) for _ in range(4)))
        pool = transport._inner._inner  # type: ignore[attr-defined] # noqa: SLF001 - what it holds
        assert pool.sizes[0] <= 4
        await wait_until(lambda: present <= 4)


class Crowd:
    """A server that answers as often as it is told to, and knows how many are there."""

    def __init__(self) -> None:
        self.present: list[str] = []
        self.most = self.seen = 0
        self.turns = asyncio.Semaphore(0)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            name = (await read_request(reader)).split()[1].decode()
            self.present.append(name)
            self.seen += 1
            self.most = max(self.most, len(self.present))
            await self.turns.acquire()
            self.present.remove(name)
            writer.write(WELL)


async def give_turn(one: Crowd, other: Crowd) -> None:
    """One of a crowd is answered, and somebody has its place."""
    seen = one.seen
    one.turns.release()
    await wait_until(lambda: len(other.present) == 2 or one.seen > seen)


async def test_bounds_and_turns(kind: str) -> None:
    """Never more than allowed in all and to one host; one host's crowd keeps no other waiting."""
    one, other = Crowd(), Crowd()
    async with (
        run_connections(one.serve) as here,
        run_connections(other.serve) as there,
        open_transport(4, 3, client=KINDS[kind][0]) as transport,
    ):
        crowd = [asyncio.create_task(get(transport, here, f"/{n}")) for n in range(30)]
        await wait_until(lambda: len(one.present) == 3)
        late = [asyncio.create_task(get(transport, there, f"/{n}")) for n in range(2)]
        await wait_until(lambda: len(other.present) == 1)
        await take_turns()
        assert len(one.present) == 3 and len(other.present) == 1
        while len(other.present) < 2 and one.seen < 30:
            await give_turn(one, other)
        assert len(other.present) == 2
        for each in (one, other):
            for _ in range(30):
                each.turns.release()
        await asyncio.gather(*crowd, *late)
    assert one.most == 3 and other.most == 2


async def test_ipv6(transport: Transport) -> None:
    """An address in brackets is one."""
    async with run_connections(answering(WELL), "::1") as port:
        request = Request("GET", f"http://[::1]:{port}/", {})
        assert (await transport.send(request)).body == b"well"


def test_another_loop(kind: str) -> None:
    """What one loop has opened went with it; the next one opens its own."""
    transport = open_transport(4, client=KINDS[kind][0])

    async def ask() -> bytes:
        async with run_connections(answering(WELL)) as port:
            return (await get(transport, port)).body

    assert [asyncio.run(ask()) for _ in range(3)] == [b"well"] * 3


async def test_addresses_are_tried_one_after_another() -> None:
    """Also where the first one refuses, as happens where IPv6 is broken."""

    async def two_addresses(host: str, port: int) -> Sequence[AddressInfo]:
        assert host == "instance.test"
        refusing = (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", 1))
        return [refusing, *await resolve("127.0.0.1", port)]

    async with (
        run_connections(answering(WELL)) as port,
        open_transport(4, resolve=two_addresses) as transport,
    ):
        request = Request("GET", f"http://instance.test:{port}/", {})
        assert (await transport.send(request)).body == b"well"
