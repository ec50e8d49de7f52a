"""Clients that send slowly, send too much, are too many, or do not read: in virtual time."""

import asyncio
from typing import Any

import pytest
from support.raw_requests import DEADLINES, Line, Server

from app.web.protocol import LONGEST_HEAD, DeadlineProtocol

LINE = b"POST /graphql HTTP/1.1\r\nHost: localhost:8000\r\nContent-Type: application/json\r\n"
QUERY = b'{"query": "{ __typename }"}'


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


async def test_an_empty_line_behind_an_answer() -> None:
    """It begins a request, which has ten seconds."""
    protocol, line = Server().connect()
    protocol.data_received(LINE + b"Content-Length: %d\r\n\r\n" % len(QUERY) + QUERY)
    await asyncio.sleep(1)
    protocol.data_received(b"\r\n")
    await asyncio.sleep(9)
    assert line.is_open
    await asyncio.sleep(2)
    assert not line.is_open


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
    """Its request gets 503 and a second to read it; when one has ended the next is let in."""
    server = Server()
    lines = [server.connect() for _ in range(DEADLINES.connections)]
    protocol, line = server.connect()
    protocol.data_received(LINE + b"\r\n")
    assert (line.status, line.code) == (503, "OVERLOADED")
    assert b"retry-after: 1\r\n" in line.written and line.has_ended
    protocol.data_received(LINE)
    await asyncio.sleep(0.5)
    assert line.is_open
    await asyncio.sleep(1)
    assert not line.is_open
    lines[0][1].close()
    await asyncio.sleep(0)
    protocol, line = server.connect()
    protocol.data_received(LINE + b"Content-Length: %d\r\n\r\n" % len(QUERY) + QUERY)
    await asyncio.sleep(1)
    assert line.status == 200


async def test_health_is_answered_beyond_the_most_connections() -> None:
    """As load balancers ask most when there is most to do; 20 connections at once."""
    server = Server()
    full = [server.connect() for _ in range(DEADLINES.connections)]
    protocol, line = server.connect()
    protocol.data_received(b"GET /health/ready HTTP/1.1\r\nHost: 10.0.0.7\r\n\r\n")
    await asyncio.sleep(0.1)
    assert line.status == 200 and b"connection: close" in line.written.lower()
    silent = [server.connect() for _ in range(20)]
    assert not any(line.written for _, line in [*full, *silent])
    assert server.connect()[1].status == 503
    await asyncio.sleep(1.5)
    assert not any(line.is_open for _, line in silent)


async def test_an_answer_is_one_write() -> None:
    """Its head and its body, so that a process that is killed sends both or neither."""
    protocol, line = Server().connect()
    protocol.data_received(LINE + b"Content-Length: %d\r\n\r\n" % len(QUERY) + QUERY)
    await asyncio.sleep(1)
    assert line.status == 200 and line.writes == 1


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


CHUNKED = LINE + b"Transfer-Encoding: chunked\r\n\r\n%x\r\n%s\r\n0\r\n" % (len(QUERY), QUERY)


def seen_by_an_app() -> tuple[Server, list[list[tuple[bytes, bytes]]], list[bytes]]:
    """A server whose application notes each request's headers and body, and answers `well`."""
    headers: list[list[tuple[bytes, bytes]]] = []
    bodies: list[bytes] = []

    async def answer(scope: Any, receive: Any, send: Any) -> None:
        message, body = await receive(), b""
        while message["type"] == "http.request":
            body += message["body"]
            if not message["more_body"]:
                break
            message = await receive()
        if message["type"] == "http.request":
            headers.append([*scope["headers"]])
            bodies.append(body)
        length = [(b"content-length", b"4")]
        await send({"type": "http.response.start", "status": 200, "headers": length})
        await send({"type": "http.response.body", "body": b"well"})

    return Server(answer), headers, bodies


@pytest.mark.parametrize("cut", [None, 5])
async def test_trailers_are_no_headers(cut: int | None) -> None:
    """Also those that come together with the end of the body: nobody brings one past a proxy."""
    server, headers, bodies = seen_by_an_app()
    protocol, line = server.connect()
    trailers = b"Authorization: Bearer evil\r\nOrigin: x\r\nHost: x\r\nX-Forwarded-For: 1.1.1.1\r\n"
    text = CHUNKED + trailers + b"\r\n"
    parts = [text] if cut is None else [text[:-cut], text[-cut:]]
    for part in parts:
        protocol.data_received(part)
    await asyncio.sleep(1)
    assert bodies == [QUERY] and line.status == 200
    assert {name for name, _ in headers[0]} == {b"host", b"content-type", b"transfer-encoding"}
    protocol.data_received(CHUNKED + b"\r\n")
    await asyncio.sleep(1)
    assert len(bodies) == 2


@pytest.mark.parametrize("part", [b"a:b\r\n" * 1000, b"a: " + b"b" * 5000, b"b" * 5000])
async def test_trailers_without_end(part: bytes) -> None:
    """They end at 64 KiB, and nothing of them is kept."""
    server, headers, _ = seen_by_an_app()
    protocol, line = server.connect()
    protocol.data_received(CHUNKED)
    sent = 0
    while not line.written:
        protocol.data_received(part)
        sent += len(part)
    assert sent <= LONGEST_HEAD + 2 * len(part)
    await asyncio.sleep(12)
    assert (line.status, line.code) == (431, "BAD_REQUEST")
    assert not line.is_open and not headers and line.written.count(b"HTTP/1.1 ") == 1


@pytest.mark.parametrize("kind", [b"h2c", b"TLS/1.0", b"websocket"])
async def test_an_offer_of_another_protocol(kind: bytes) -> None:
    """A body beside it is read: curl --http2 and Java send both."""
    server, headers, bodies = seen_by_an_app()
    protocol, line = server.connect()
    offer = b"Connection: Upgrade, HTTP2-Settings\r\nUpgrade: %s\r\nHTTP2-Settings: x\r\n" % kind
    request = LINE + offer + b"Content-Length: %d\r\n\r\n" % len(QUERY) + QUERY
    for cut in (len(request), len(request) - 5, len(request) - len(QUERY)):
        protocol.data_received(request[:cut])
        protocol.data_received(request[cut:])
        await asyncio.sleep(1)
    assert bodies == [QUERY] * 3 and line.written.count(b"HTTP/1.1 200") == 3
    assert all(name != b"upgrade" for name, _ in headers[0])


async def test_garbage_after_a_good_request() -> None:
    """The request is answered; the garbage ends the connection and takes nobody's place."""
    server, _, bodies = seen_by_an_app()
    protocol, line = server.connect()
    good = LINE + b"Content-Length: %d\r\n\r\n" % len(QUERY) + QUERY
    protocol.data_received(good + good + b"nonsense\r\n\r\n")
    await asyncio.sleep(1)
    assert bodies == [QUERY] * 2
    assert line.written.count(b"HTTP/1.1 200") == 2 and line.written.count(b"HTTP/1.1") == 2
    assert not line.is_open


async def test_garbage_behind_several_requests() -> None:
    """All of them are answered, also where others were answered before; the last ends it."""
    server, _, bodies = seen_by_an_app()
    protocol, line = server.connect()
    good = LINE + b"Content-Length: %d\r\n\r\n" % len(QUERY) + QUERY
    protocol.data_received(good)
    await asyncio.sleep(1)
    protocol.data_received(good * 3 + b"nonsense\r\n\r\n")
    await asyncio.sleep(1)
    assert bodies == [QUERY] * 4 and line.statuses() == [200] * 4
    assert not line.is_open


async def test_a_broken_body_behind_good_requests() -> None:
    """Those are answered; what is broken is never given to the application."""
    server, headers, _ = seen_by_an_app()
    protocol, line = server.connect()
    good = LINE + b"Content-Length: %d\r\n\r\n" % len(QUERY) + QUERY
    protocol.data_received(good * 2 + LINE + b"Transfer-Encoding: chunked\r\n\r\nnonsense")
    await asyncio.sleep(1)
    assert len(headers) == 2 and line.statuses() == [200] * 2
    assert not line.is_open


async def test_a_body_that_breaks_off_in_garbage() -> None:
    """Is told so once, whatever the application would have said."""
    protocol, line = seen_by_an_app()[0].connect()
    protocol.data_received(LINE + b"Transfer-Encoding: chunked\r\n\r\nnonsense")
    await asyncio.sleep(2)
    assert (line.status, line.code) == (400, "BAD_REQUEST") and not line.is_open
    assert line.written.count(b"HTTP/1.1 ") == 1


@pytest.mark.parametrize("coding", [b"gzip, chunked", b"gzip", b"chunked, chunked", b"identity"])
async def test_transfer_codings(coding: bytes) -> None:
    """None but chunks is undone here."""
    server, headers, _ = seen_by_an_app()
    protocol, line = server.connect()
    protocol.data_received(LINE + b"Transfer-Encoding: %s\r\n\r\n0\r\n\r\n" % coding)
    await asyncio.sleep(2)
    assert line.status in (400, 501) and not headers and not line.is_open
    if coding == b"gzip, chunked":
        assert (line.status, line.code) == (501, "BAD_REQUEST")


@pytest.mark.parametrize(
    ("line", "host"),
    [
        (b"GET http://evil.example:80/graphql HTTP/1.1", b"evil.example:80"),
        (b"OPTIONS * HTTP/1.1", b"localhost:8000"),
        (b"GET ftp://evil.example/ HTTP/1.1", b"localhost:8000"),
    ],
)
async def test_a_target_with_a_host_of_its_own(line: bytes, host: bytes) -> None:
    """It decides, whatever Host says, and changes no other header."""
    server, headers, _ = seen_by_an_app()
    protocol, answers = server.connect()
    protocol.data_received(line + b"\r\nAccept: a\r\nHost: localhost:8000\r\nVia: b\r\n\r\n")
    await asyncio.sleep(1)
    assert answers.statuses() == [200]
    assert sorted(headers[0]) == [(b"accept", b"a"), (b"host", host), (b"via", b"b")]


async def test_a_deadline_does_not_run_while_nothing_is_read() -> None:
    """A head that has begun behind requests which are being answered ends none of them."""

    async def answer_late(scope: Any, receive: Any, send: Any) -> None:
        await receive()
        await asyncio.sleep(30)
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    protocol, line = Server(answer_late).connect()
    good = b"GET / HTTP/1.1\r\nHost: localhost:8000\r\n\r\n"
    protocol.data_received(good + good + b"GET / H")
    await asyncio.sleep(61)
    assert line.written.count(b"HTTP/1.1 200") == 2
    await asyncio.sleep(12)
    assert not line.is_open


async def test_who_is_turned_away_while_nothing_is_read() -> None:
    """His second to read why ends also where so much of a body waits that reading has paused."""
    protocol, line = Server().connect()
    head = b"POST /graphql HTTP/1.1\r\nHost: localhost:8000\r\nTransfer-Encoding: chunked\r\n\r\n"
    protocol.data_received(head + b"%x\r\n%s\r\n0\r\n" % (100_000, b"x" * 100_000))
    protocol.data_received(b"X-Evil: 1\r\n" * 9000)
    assert line.status == 431
    await asyncio.sleep(2)
    assert not line.is_open


async def test_a_deadline_runs_again_when_bytes_are_read_again() -> None:
    """Who made reading pause once is not waited for without end."""
    wakes = asyncio.Event()

    async def read_late(scope: Any, receive: Any, send: Any) -> None:
        await wakes.wait()
        await receive()
        await asyncio.Event().wait()

    protocol, line = Server(read_late).connect()
    protocol.data_received(LINE + b"Content-Length: 200000\r\n\r\n" + b"x" * 100_000)
    await asyncio.sleep(30)
    assert line.is_open
    wakes.set()
    await asyncio.sleep(12)
    assert not line.is_open


async def test_many_offers_of_another_protocol() -> None:
    """They are read one after another, however many come at once; `close` is heeded beside one."""
    server, headers, _ = seen_by_an_app()
    protocol, line = server.connect()
    others = b"Accept: close\r\nVia: close\r\n"
    offer = b"GET / HTTP/1.1\r\nHost: x\r\n" + others
    offer += b"Connection: upgrade%s\r\nUpgrade: h\r\n\r\n"
    protocol.data_received(offer % b"" * 600)
    await asyncio.sleep(1)
    assert len(headers) == 600 and line.is_open
    protocol.data_received(offer % b", close")
    await asyncio.sleep(1)
    assert len(headers) == 601 and not line.is_open
