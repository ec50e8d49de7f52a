"""The only way to instances: cookies, limits, and what its errors become."""

import asyncio
import gzip
import itertools
from collections.abc import AsyncIterator, Sequence

import httpx
import pytest
from conftest import REAL_TIME
from starlette.applications import Starlette
from starlette.requests import Request as AsgiRequest
from starlette.responses import JSONResponse
from starlette.routing import Route
from support.servers import http_response, run_server

from app.upstreams.http import transport as seam
from app.upstreams.http.client import Http
from app.upstreams.http.connections.opening import open_transport
from app.upstreams.http.over_httpx import TransportByHost
from app.upstreams.http.reply import Reply
from app.upstreams.http.transport import (
    MOST_RECEIVED,
    BadCertificate,
    Closed,
    ConnectionRefused,
    HeadTooLarge,
    NotHttp,
    NoTLS,
    Request,
    Stage,
    TooLarge,
    Transport,
    UnknownName,
)
from resolvers.errors import UpstreamError, UpstreamFailureCode


@pytest.fixture
def anyio_backend() -> tuple[str, dict[str, object]]:
    """Sockets need real time."""
    return REAL_TIME


@pytest.fixture(params=["pool", "httpx"])
async def transport(request: pytest.FixtureRequest) -> AsyncIterator[Transport]:
    """Real connections, of each client."""
    async with open_transport(10, client=request.param) as opened:
        yield opened


async def fail_with(http: Http, url: str) -> UpstreamError:
    """The error that a request ends with."""
    with pytest.raises(UpstreamError) as caught:
        await http.get(url)
    return caught.value


def cookie_instance() -> Starlette:
    """Gives every caller without a cookie a new one, and says which it was sent."""
    numbers = itertools.count(1)

    async def answer(request: AsgiRequest) -> JSONResponse:
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


async def test_a_late_answer_keeps_no_cookie_of_before() -> None:
    """What an older request brings after a session was forgotten is no cookie of the new one."""
    go_on = asyncio.Event()

    class Late(Transport):
        async def send(self, request: Request) -> Reply:
            await go_on.wait()
            return Reply(200, {}, b"{}", ["session=old; Path=/"])

    http = Http("it", Late(), "test", 4)
    asking = asyncio.create_task(http.get("https://one.test/"))
    await asyncio.sleep(0)
    http.forget_cookies()
    go_on.set()
    await asking
    assert not http.cookies


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


URL = "https://it.test"
FAILURES: Sequence[tuple[Exception, UpstreamFailureCode, str]] = (
    (ConnectionRefused(""), UpstreamFailureCode.UNREACHABLE, "is it running"),
    (UnknownName(""), UpstreamFailureCode.UNREACHABLE, "check its spelling"),
    (BadCertificate(""), UpstreamFailureCode.UNREACHABLE, "`upstream.ca_file`"),
    (NoTLS(""), UpstreamFailureCode.UNREACHABLE, "is `https` right"),
    (httpx.ProxyError(""), UpstreamFailureCode.UNREACHABLE, "NO_PROXY"),
    (httpx.ConnectError(""), UpstreamFailureCode.UNREACHABLE, "check its address"),
    (httpx.UnsupportedProtocol(""), UpstreamFailureCode.UNREACHABLE, "check its spelling"),
    (httpx.InvalidURL(""), UpstreamFailureCode.UNREACHABLE, "check its spelling"),
    (httpx.LocalProtocolError(""), UpstreamFailureCode.UNAUTHORIZED, "line break"),
    (Closed(""), UpstreamFailureCode.UNREACHABLE, "ask again"),
    (NotHttp(""), UpstreamFailureCode.UNREACHABLE, "check the port"),
    (HeadTooLarge(""), UpstreamFailureCode.BAD_RESPONSE, "look for what adds them"),
    (TooLarge(Reply(200, {}, b"")), UpstreamFailureCode.BAD_RESPONSE, "too large"),
    (httpx.DecodingError(""), UpstreamFailureCode.BAD_RESPONSE, "ask again"),
)


class Failing(Transport):
    """Fails, or hangs, after a request has come so far."""

    def __init__(self, error: Exception | None, stage: Stage) -> None:
        self._error = error
        self._stage = stage

    async def send(self, request: Request) -> Reply:
        request.stage = self._stage
        if self._error is None:
            await asyncio.Event().wait()
        assert self._error is not None
        raise self._error


@pytest.mark.parametrize("stage", Stage)
@pytest.mark.parametrize(
    ("error", "code", "step"), FAILURES, ids=[type(each[0]).__name__ for each in FAILURES]
)
async def test_every_failure_has_its_sentence(
    error: Exception, code: UpstreamFailureCode, step: str, stage: Stage
) -> None:
    """It names the instance and the next step; a write's outcome is unknown once it was sent."""
    http = Http(URL, Failing(error, stage), "test", 4)
    for ask, is_write in ((http.get, False), (http.post, True)):
        with pytest.raises(UpstreamError) as caught:
            await ask(URL)
        assert caught.value.failure_code is code
        assert str(caught.value).startswith(URL) and step in str(caught.value)
        is_unknown = is_write and (stage is Stage.SENT or isinstance(error, TooLarge))
        assert caught.value.is_outcome_unknown is is_unknown


def test_every_error_of_a_transport_is_told() -> None:
    """None of those that the seam names is left to another's sentence."""
    named = {each for each in vars(seam).values() if isinstance(each, type)}
    kinds = {each for each in named if issubclass(each, httpx.HTTPError)}
    assert kinds and kinds <= {type(error) for error, *_ in FAILURES}


@pytest.mark.parametrize(
    ("stage", "step"),
    [
        (Stage.WAITING, "allow more `upstream.connections`"),
        (Stage.CONNECTING, "did not take a connection"),
        (Stage.SENT, "may be busy"),
    ],
)
async def test_too_late(stage: Stage, step: str) -> None:
    """What was not sent in time was not done; who was not asked has no outage."""
    with pytest.raises(UpstreamError) as caught:
        await Http(URL, Failing(None, stage), "test", 0.01).post(URL)
    assert caught.value.failure_code is UpstreamFailureCode.TIMEOUT
    assert step in str(caught.value)
    assert caught.value.is_outcome_unknown is (stage is Stage.SENT)
    assert caught.value.is_outage is (stage is not Stage.WAITING)


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
