"""The only door to instances: cookies, limits, and what its errors become."""

import asyncio
import gzip
import itertools
from collections.abc import AsyncIterator

import httpx
import pytest
from conftest import REAL_TIME
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route
from support.servers import http_response, run_server

from app.upstreams.connections import open_transport
from app.upstreams.http import Http
from app.upstreams.over_httpx import TransportByHost
from app.upstreams.transport import MOST_RECEIVED, Transport
from resolvers.errors import UpstreamError, UpstreamFailureCode


@pytest.fixture
def anyio_backend() -> tuple[str, dict[str, object]]:
    """Sockets need real time."""
    return REAL_TIME


@pytest.fixture
async def transport() -> AsyncIterator[Transport]:
    """Real connections."""
    async with open_transport(10) as opened:
        yield opened


async def fail_with(http: Http, url: str) -> UpstreamError:
    """The error that a request ends with."""
    with pytest.raises(UpstreamError) as caught:
        await http.get(url)
    return caught.value


def cookie_instance() -> Starlette:
    """Gives every caller without a cookie a new one, and says which it was sent."""
    numbers = itertools.count(1)

    async def answer(request: Request) -> JSONResponse:
        response = JSONResponse(request.cookies)
        if not request.cookies:
            response.set_cookie("session", str(next(numbers)))
        return response

    return Starlette(routes=[Route("/", answer)])


async def test_every_login_has_a_jar_of_its_own() -> None:
    """Two logins over one transport never send each other's cookies, at one host or at two."""
    one, two = cookie_instance(), cookie_instance()
    hosts = {"one.test": httpx.ASGITransport(one), "two.test": httpx.ASGITransport(two)}
    shared = TransportByHost(hosts)
    logins = [Http(f"login {number}", shared, "test", 4) for number in range(3)]
    for login in logins:
        for host in hosts:
            assert (await login.get(f"https://{host}/")).body == b"{}"
    for number, login in enumerate(logins, 1):
        for host in hosts:
            reply = await login.get(f"https://{host}/")
            assert reply.body == f'{{"session":"{number}"}}'.encode()


async def test_forgotten_cookies_are_gone() -> None:
    """A login can begin a new session."""
    transport = TransportByHost({"one.test": httpx.ASGITransport(cookie_instance())})
    http = Http("it", transport, "test", 4)
    await http.get("https://one.test/")
    http.forget_cookies()
    assert (await http.get("https://one.test/")).body == b"{}"


async def test_says_who_asks(transport: Transport) -> None:
    """User-Agent, Accept and the token go with every request, and are in no repr."""
    heads: list[bytes] = []

    async def remember(head: bytes, writer: asyncio.StreamWriter) -> None:
        heads.append(head)
        writer.write(http_response(b"{}", "Connection: close"))

    async with run_server(remember) as url:
        http = Http(url, transport, "Tidings/1 (me@example.test)", 4, "s3cret")
        await http.get(url, [("types[]", "mention"), ("types[]", "follow")])
        await http.post(url, [("password", "a&b")])
    get, post = heads
    assert b"user-agent: Tidings/1 (me@example.test)" in get
    assert b"authorization: Bearer s3cret" in get
    assert b"types%5B%5D=mention&types%5B%5D=follow" in get
    assert b"content-type: application/x-www-form-urlencoded" in post
    assert "s3cret" not in repr(http)


async def test_nobody_there(transport: Transport) -> None:
    """A refused connection is UNREACHABLE, in a sentence that names the instance."""
    error = await fail_with(Http("https://it.test", transport, "test", 4), "http://127.0.0.1:1/")
    assert error.failure_code is UpstreamFailureCode.UNREACHABLE
    assert str(error).startswith("https://it.test cannot be reached")


async def test_a_slow_drip_ends(transport: Transport) -> None:
    """A body that comes byte by byte is cut off when the time for the whole request is over."""

    async def drip(head: bytes, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
        for _ in range(1000):
            writer.write(b"x")
            await writer.drain()
            await asyncio.sleep(0.01)

    async with run_server(drip) as url:
        error = await fail_with(Http(url, transport, "test", 0.1), url)
    assert error.failure_code is UpstreamFailureCode.TIMEOUT


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf", UpstreamFailureCode.UNREACHABLE),
        (b"SSH-2.0-OpenSSH\r\n", UpstreamFailureCode.UNREACHABLE),
        (b"", UpstreamFailureCode.UNREACHABLE),
        (
            http_response(b"no gzip", "Content-Encoding: gzip"),
            UpstreamFailureCode.BAD_RESPONSE,
        ),
        (
            http_response(gzip.compress(b"{}")[:-1], "Content-Encoding: gzip"),
            UpstreamFailureCode.BAD_RESPONSE,
        ),
        (
            http_response(gzip.compress(bytes(40_000_000)), "Content-Encoding: gzip"),
            UpstreamFailureCode.BAD_RESPONSE,
        ),
        (http_response(bytes(MOST_RECEIVED + 1)), UpstreamFailureCode.BAD_RESPONSE),
    ],
    ids=["truncated", "no HTTP", "hung up", "wrong gzip", "gzip cut off", "gzip bomb", "too large"],
)
async def test_broken_answers(
    transport: Transport, answer: bytes, code: UpstreamFailureCode
) -> None:
    """Whatever a server does, the outcome is a coded error about this instance."""

    async def send(_: bytes, writer: asyncio.StreamWriter) -> None:
        writer.write(answer)

    async with run_server(send) as url:
        error = await fail_with(Http(url, transport, "test", 4), url)
    assert error.failure_code is code
    assert url in str(error)


async def test_a_length_that_is_too_small(transport: Transport) -> None:
    """Such an answer cannot be trusted, and its rest is not taken for that to the next request."""
    lengths = iter([4, 10])

    async def send(_: bytes, writer: asyncio.StreamWriter) -> None:
        writer.write(f"HTTP/1.1 200 OK\r\nContent-Length: {next(lengths)}\r\n\r\n".encode())
        writer.write(b"0123456789")

    async with run_server(send) as url:
        http = Http(url, transport, "test", 4)
        failure = await fail_with(http, url)
        assert failure.failure_code is UpstreamFailureCode.UNREACHABLE
        assert (await http.get(url)).body == b"0123456789"


async def test_nothing_is_sent_twice(transport: Transport) -> None:
    """On a connection that ends when the next request comes: retries are counted elsewhere."""
    heads: list[bytes] = []

    async def send_once(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heads.append(await reader.readuntil(b"\r\n\r\n"))
        writer.write(http_response(b"{}"))
        heads.append(await reader.readuntil(b"\r\n\r\n"))
        writer.close()

    server = await asyncio.start_server(send_once, "127.0.0.1", 0)
    async with server:
        url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        http = Http(url, transport, "test", 4)
        await http.get(url)
        await fail_with(http, url)
    assert len(heads) == 2


async def test_a_write_that_was_cut_off_may_have_been_done(
    transport: Transport,
) -> None:
    """The instance had it before the connection ended; only what was refused is known unsent."""

    async def cut(_: bytes, writer: asyncio.StreamWriter) -> None:
        writer.transport.abort()

    async with run_server(cut) as url:
        with pytest.raises(UpstreamError) as caught:
            await Http(url, transport, "test", 4).post(url)
        assert caught.value.is_outcome_unknown
    with pytest.raises(UpstreamError) as refused:
        await Http(url, transport, "test", 4).post(url)
    assert not refused.value.is_outcome_unknown


async def test_no_cookie_passes_through_the_pool(transport: Transport) -> None:
    """Under a host's name, where a jar that all share would keep it."""
    heads: list[bytes] = []

    async def set_cookie(head: bytes, writer: asyncio.StreamWriter) -> None:
        heads.append(head.lower())
        writer.write(http_response(b"{}", "Set-Cookie: s=secret; Path=/", "Connection: close"))

    async with run_server(set_cookie) as address:
        url = address.replace("127.0.0.1", "localhost")
        for name in ("one", "other"):
            await Http(url, transport, name, 4).get(url)
    assert len(heads) == 2 and not any(b"cookie" in head for head in heads)


async def test_what_is_decompressed(transport: Transport) -> None:
    """gzip is, and headers of one name are joined, save cookies."""
    headers = ("Content-Encoding: gzip", "Link: <a>", "Link: <b>", "Set-Cookie: a=1; Path=/")

    async def send(_: bytes, writer: asyncio.StreamWriter) -> None:
        writer.write(http_response(gzip.compress(b"plain"), *headers))

    async with run_server(send) as url:
        reply = await Http(url, transport, "test", 4).get(url)
    assert reply.body == b"plain"
    assert reply.headers["link"] == "<a>, <b>"
    assert "set-cookie" not in reply.headers and reply.set_cookies == ["a=1; Path=/"]


async def test_a_cookie_of_any_bytes(transport: Transport) -> None:
    """One beyond ASCII, which no server may set, is left out, and no request fails by it."""
    heads: list[bytes] = []

    async def send(head: bytes, writer: asyncio.StreamWriter) -> None:
        heads.append(head)
        cookies = ("Set-Cookie: a=J-rgen; Path=/", "Set-Cookie: b=1; Path=/")
        answer = http_response(b"{}", *cookies, "Connection: close")
        writer.write(answer.replace(b"J-rgen", "J\u00fcrgen".encode("latin-1")))

    async with run_server(send) as url:
        http = Http(url, transport, "test", 4)
        await http.get(url)
        assert [name for name, *_ in http.cookies] == ["b"]
        assert (await http.get(url)).body == b"{}"


async def test_redirects_are_not_followed(transport: Transport) -> None:
    """An instance cannot send a login and its token elsewhere."""
    moved = http_response(b"", "Location: https://evil.test/", status="302 Found")

    async def send(_: bytes, writer: asyncio.StreamWriter) -> None:
        writer.write(moved)

    async with run_server(send) as url:
        reply = await Http(url, transport, "test", 4).get(url)
    assert reply.status == 302
