"""What can go wrong with an instance, to be tried out: `tidings serve --demo --fault wiki=hang`.

A fault stands in the way of every request to an instance until it is taken away. Those of a
connection are what the HTTP client raises when a real one breaks; the tests have real ones too.
"""

import asyncio
import gzip
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from datetime import timedelta
from enum import Enum
from functools import cache
from urllib.parse import parse_qsl

import httpx
import orjson

from app.clock import Clock
from resolvers.types.scalars import format_instant


class Fault(Enum):
    """By the name that the command line takes."""

    LATENCY = "latency", "answers after a second"
    HANG = "hang", "never answers"
    REFUSED = "refused", "no connection"
    RESET = "reset", "the connection breaks before the headers"
    RESET_IN_BODY = "reset-in-body", "the connection breaks in the middle of the body"
    TRUNCATED = "truncated", "the body ends too early"
    WRONG_LENGTH = "wrong-length", "a length that is too small, so that the rest is not read"
    HTML = "html", "a page of HTML, as a proxy in between sends it"
    BROKEN_JSON = "broken-json", "JSON that is none"
    WRONG_SHAPE = "wrong-shape", "JSON of another shape"
    WRONG_CHARSET = "wrong-charset", "JSON in UTF-16"
    UNAUTHORIZED = "401", "the credential is refused"
    FORBIDDEN = "403", "what is asked is forbidden"
    NOT_FOUND = "404", "nothing is there"
    TEAPOT = "418", "a refusal for no good reason"
    RATE_LIMITED = "429", "too many requests, with the reset as Mastodon writes it"
    RATE_LIMITED_UNSAID = "429-unsaid", "too many requests, and no word for how long"
    SERVER_ERROR = "500", "an internal error"
    UNAVAILABLE = "503", "out of service"
    HUGE = "huge", "an answer of 40 MB"
    GZIP_BOMB = "gzip-bomb", "an answer that is 200 kB and becomes 200 MB"
    SLOW_DRIP = "slow-drip", "a byte a second"
    REDIRECT = "redirect", "a redirect to the same address"
    SESSION_LOST = "session-lost", "wiki: the session is over in the middle"
    BAD_TOKEN = "bad-token", "wiki: no csrf token is good"
    MAXLAG = "maxlag", "wiki: the database lags"
    READONLY = "readonly", "wiki: nothing can be written"
    LOGIN_THROTTLED = "login-throttled", "wiki: too many logins"

    STREAM_CUT = "stream-cut", "social: a stream breaks off after three seconds, again and again"
    STREAM_HALF_OPEN = "stream-half-open", "social: nothing comes by a stream, not even a pong"
    STREAM_LATE = "stream-late", "social: what a stream brings comes two seconds late"
    STREAM_TWICE = "stream-twice", "social: a stream brings everything twice"
    STREAM_SWAPPED = "stream-swapped", "social: of two things at once the later comes first"

    @property
    def is_of_streams(self) -> bool:
        """Whether requests go on as if nothing were."""
        return self.key.startswith("stream-")

    @property
    def key(self) -> str:
        return self.value[0]


FAULTS: Mapping[str, Fault] = {fault.key: fault for fault in Fault}
"""By the name that the command line takes."""

_STATUSES = {
    Fault.UNAUTHORIZED: 401,
    Fault.FORBIDDEN: 403,
    Fault.NOT_FOUND: 404,
    Fault.TEAPOT: 418,
    Fault.RATE_LIMITED: 429,
    Fault.RATE_LIMITED_UNSAID: 429,
    Fault.SERVER_ERROR: 500,
    Fault.UNAVAILABLE: 503,
}
_BODIES = {
    Fault.HTML: b"<!DOCTYPE html><title>Welcome to nginx!</title>",
    Fault.WRONG_LENGTH: b'[{"id": "1", "type": "ment',
    Fault.BROKEN_JSON: b'[{"id": "1", "type": ',
    Fault.WRONG_SHAPE: b'{"nothing": ["of", {"this": "kind"}]}',
    Fault.WRONG_CHARSET: '[{"id": "1"}]'.encode("utf-16"),
}
_CONNECTIONS: Mapping[Fault, Callable[[], httpx.TransportError]] = {
    Fault.REFUSED: lambda: httpx.ConnectError("connection refused"),
    Fault.RESET: lambda: httpx.ReadError("connection reset"),
}
_MEGABYTE = b" " * 1024 * 1024

Send = Callable[[httpx.Request], Awaitable[httpx.Response]]


class FaultyTransport(httpx.AsyncBaseTransport):
    """The way to one instance. `fault` can be set and taken away at any time."""

    def __init__(self, inner: httpx.AsyncBaseTransport, clock: Clock) -> None:
        self._inner = inner
        self._clock = clock
        self.fault: Fault | None = None

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        fault, send = self.fault, self._inner.handle_async_request
        if fault is None or fault.is_of_streams:
            return await send(request)
        if fault in _CONNECTIONS:
            error = _CONNECTIONS[fault]()
            raise error
        if fault in _STATUSES:
            return self._refuse(fault)
        if fault in _BODIES:
            return httpx.Response(200, content=_BODIES[fault])
        if fault in _WIKIS:
            return await _answer_as_wiki(fault, request, send)
        return await _answer_oddly(fault, request, send)

    async def aclose(self) -> None:
        await self._inner.aclose()

    def _refuse(self, fault: Fault) -> httpx.Response:
        headers = {}
        if fault is Fault.RATE_LIMITED:
            reset = self._clock.now() + timedelta(seconds=40)
            headers = {"x-ratelimit-limit": "300", "x-ratelimit-remaining": "0"}
            headers["x-ratelimit-reset"] = format_instant(reset)
        return httpx.Response(_STATUSES[fault], headers=headers, json={"error": "a fault"})


async def _answer_oddly(fault: Fault, request: httpx.Request, send: Send) -> httpx.Response:
    match fault:
        case Fault.LATENCY:
            await asyncio.sleep(1)
            return await send(request)
        case Fault.RESET_IN_BODY | Fault.TRUNCATED:
            error = httpx.ReadError if fault is Fault.RESET_IN_BODY else httpx.RemoteProtocolError
            return httpx.Response(200, stream=_Stream(_broken(error)))
        case Fault.HUGE:
            return httpx.Response(200, stream=_Stream(_repeated(_MEGABYTE, 40)))
        case Fault.GZIP_BOMB:
            return httpx.Response(
                200, headers={"content-encoding": "gzip"}, stream=httpx.ByteStream(_make_bomb())
            )
        case Fault.SLOW_DRIP:
            return httpx.Response(200, stream=_Stream(_dripping()))
        case Fault.REDIRECT:
            return httpx.Response(302, headers={"location": str(request.url)})
        case _:
            await asyncio.Event().wait()
            raise AssertionError


_WIKIS = {
    Fault.SESSION_LOST: "assertuserfailed",
    Fault.BAD_TOKEN: "badtoken",
    Fault.MAXLAG: "maxlag",
    Fault.READONLY: "readonly",
    Fault.LOGIN_THROTTLED: "login-throttled",
}


async def _answer_as_wiki(fault: Fault, request: httpx.Request, send: Send) -> httpx.Response:
    """An error of the action API, for the calls that it can befall."""
    form = dict(parse_qsl((await request.aread()).decode()))
    params = dict(request.url.params) | form
    is_write = request.method == "POST" and params.get("action") != "login"
    befalls = {
        Fault.SESSION_LOST: "assert" in params,
        Fault.BAD_TOKEN: is_write,
        Fault.MAXLAG: True,
        Fault.READONLY: is_write,
        Fault.LOGIN_THROTTLED: params.get("action") == "login",
    }
    if not befalls[fault]:
        return await send(request)
    code = _WIKIS[fault]
    if fault is Fault.LOGIN_THROTTLED:
        answer: object = {"login": {"result": "Failed", "reason": {"code": code}}}
    else:
        answer = {"errors": [{"code": code, "text": "a fault", "module": "main"}]}
    headers = {"mediawiki-api-error": code, "content-type": "application/json"}
    return httpx.Response(200, headers=headers, content=orjson.dumps(answer))


@cache  # it takes a second
def _make_bomb() -> bytes:
    return gzip.compress(_MEGABYTE * 200)


class _Stream(httpx.AsyncByteStream):
    def __init__(self, parts: AsyncIterator[bytes]) -> None:
        self._parts = parts

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async for part in self._parts:
            yield part


async def _broken(error: type[httpx.TransportError]) -> AsyncIterator[bytes]:
    yield b'[{"id": "1'
    raise error("the connection broke")


async def _repeated(part: bytes, count: int) -> AsyncIterator[bytes]:
    for _ in range(count):
        yield part


async def _dripping() -> AsyncIterator[bytes]:
    while True:
        yield b" "
        await asyncio.sleep(1)
