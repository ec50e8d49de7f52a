"""HTTP to instances: the only place where the client library's errors are caught.

Every login has its own `Http` with its own cookie jar; the connections behind it are shared.
httpx's transport is called directly: its `AsyncClient` would add redirects, a jar that is easily
shared by mistake, and twice the time.
"""

import asyncio
import ssl
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode, urlsplit

import httpx
import msgspec

from resolvers.errors import UpstreamError, UpstreamFailureCode

MOST_RECEIVED = 8 * 1024 * 1024
"""Bytes of one answer as they come over the wire."""
MOST_DECODED = 32 * 1024 * 1024
"""Bytes of one answer once decompressed."""

Pairs = Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Reply:
    """An instance's whole answer; header names are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Http:
    """One login's way to its instance.

    `seconds` bounds a request as a whole, from the first byte sent to the last one received.
    """

    def __init__(
        self,
        instance: str,
        transport: httpx.AsyncBaseTransport,
        user_agent: str,
        seconds: float,
        token: str | None = None,
    ) -> None:
        self.instance = instance
        self._transport = transport
        self._seconds = seconds
        self._jar = httpx.Cookies()
        self._headers = {
            "user-agent": user_agent,
            "accept": "application/json",
            "accept-encoding": "gzip",
        }
        if token is not None:
            self._headers["authorization"] = f"Bearer {token}"

    def forget_cookies(self) -> None:
        """Ends whatever session the instance knows this login by."""
        self._jar = httpx.Cookies()  # a late answer to an older request keeps the older jar

    async def get(self, url: str, params: Pairs = ()) -> Reply:
        """Raises UpstreamError where there is no answer; an answer of any status is a Reply."""
        return await self._send("GET", url, self._headers, params=httpx.QueryParams(tuple(params)))

    async def post(self, url: str, form: Pairs = ()) -> Reply:
        """The same for a form in the body, where secrets do not end up in an access log.

        Where there is no answer, the error says whether the instance may have acted.
        """
        return await self._post(url, "application/x-www-form-urlencoded", urlencode(form).encode())

    async def post_json(self, url: str, value: object) -> Reply:
        """The same with JSON in the body."""
        return await self._post(url, "application/json", msgspec.json.encode(value))

    async def _post(self, url: str, content_type: str, body: bytes) -> Reply:
        headers = {**self._headers, "content-type": content_type}
        return await self._send("POST", url, headers, content=body)

    async def _send(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str],
        params: httpx.QueryParams | None = None,
        content: bytes | None = None,
    ) -> Reply:
        jar, is_write = self._jar, method != "GET"
        try:
            request = httpx.Request(method, url, params=params, headers=headers, content=content)
            jar.set_cookie_header(request)
            async with asyncio.timeout(self._seconds):
                return await self._receive(request, jar)
        except UpstreamError as failure:  # an answer that is too large
            failure.is_outcome_unknown = is_write
            raise
        except TimeoutError:
            raise self._failure(_TIMEOUT, is_unknown=is_write) from None
        except httpx.InvalidURL:
            raise self._failure(_NO_ADDRESS) from None
        except httpx.HTTPError as error:
            is_unknown = is_write and not isinstance(error, _UNSENT)
            raise self._failure(_explain(error), is_unknown=is_unknown) from None

    async def _receive(self, request: httpx.Request, jar: httpx.Cookies) -> Reply:
        response = await self._transport.handle_async_request(request)
        response.request = request
        try:
            jar.extract_cookies(response)
            body = bytearray()
            async for part in response.aiter_bytes():
                body += part
                if len(body) > MOST_DECODED or response.num_bytes_downloaded > MOST_RECEIVED:
                    raise self._failure(_TOO_LARGE)
        finally:
            await response.aclose()
        return Reply(response.status_code, response.headers, bytes(body))

    def _failure(self, what: "_Trouble", *, is_unknown: bool = False) -> UpstreamError:
        message = f"{self.instance} {what.sentence}"
        return UpstreamError(what.code, message, is_outcome_unknown=is_unknown)


@dataclass(frozen=True, slots=True)
class _Trouble:
    code: UpstreamFailureCode
    sentence: str


_TIMEOUT = _Trouble(
    UpstreamFailureCode.TIMEOUT, "did not answer in time: ask again, it may be busy."
)
_NO_ADDRESS = _Trouble(
    UpstreamFailureCode.UNREACHABLE, "has an address that cannot be called: check its spelling."
)
_TOO_LARGE = _Trouble(
    UpstreamFailureCode.BAD_RESPONSE, "sent an answer that is too large to be one of its API."
)
_TABLE: Sequence[tuple[type[httpx.HTTPError], _Trouble]] = (
    (httpx.TimeoutException, _TIMEOUT),
    (
        httpx.ConnectError,
        _Trouble(
            UpstreamFailureCode.UNREACHABLE,
            "cannot be reached: check its address, its certificate and the network.",
        ),
    ),
    (
        httpx.DecodingError,
        _Trouble(UpstreamFailureCode.BAD_RESPONSE, "sent an answer that cannot be decompressed."),
    ),
    (
        httpx.HTTPError,
        _Trouble(UpstreamFailureCode.UNREACHABLE, "broke the connection off: ask again."),
    ),
)
"""Every error of the client library and what it means; the first line that fits counts."""

_UNSENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.UnsupportedProtocol)
"""After these the instance has certainly not seen the request."""


def _explain(error: httpx.HTTPError) -> _Trouble:
    return next(trouble for kind, trouble in _TABLE if isinstance(error, kind))


def open_transport(connections: int) -> httpx.AsyncBaseTransport:
    """The connections that all logins share; `aclose` ends them."""
    limits = httpx.Limits(max_connections=connections, max_keepalive_connections=connections)
    authorities = ssl.create_default_context()  # the system's
    return httpx.AsyncHTTPTransport(verify=authorities, limits=limits, retries=0, trust_env=False)


class TransportByHost(httpx.AsyncBaseTransport):
    """Sends each request to the transport for its host: how the sandbox is reached in-process."""

    def __init__(
        self,
        hosts: Mapping[str, httpx.AsyncBaseTransport],
        others: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self._hosts = hosts
        self._others = others

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        transport = self._hosts.get(request.url.host, self._others)
        if transport is None:
            raise httpx.ConnectError(f"No such host: {request.url.host}", request=request)
        return await transport.handle_async_request(request)

    async def aclose(self) -> None:
        for transport in (*self._hosts.values(), self._others):
            if transport is not None:
                await transport.aclose()


def host_of(url: str) -> str:
    """The host and port of a URL, as handles and messages show it."""
    return urlsplit(url).netloc
