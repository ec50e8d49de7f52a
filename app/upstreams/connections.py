"""The connections to all instances, which all logins share.

aiohttp carries them behind httpx's transport interface: with 64 callers of an instance that takes
50 ms, httpx's own pool gets a tenth as much done. What aiohttp does by itself is switched off here:
its cookie jar, which all logins would share, its redirects, its decompression, which no limit would
bound, and that it sends a GET again.
"""

import ssl
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from urllib.request import proxy_bypass

import aiohttp
import httpx
from aiohttp.typedefs import LooseHeaders
from multidict import CIMultiDict
from yarl import URL

LIBRARY = f"aiohttp/{aiohttp.__version__}"
"""What instances are told carries the requests: https://www.mediawiki.org/wiki/API:Etiquette"""

_READ_AT_ONCE = 64 * 1024


def open_transport(
    connections: int, ca_file: Path | None = None, proxies: Mapping[str, str] | None = None
) -> httpx.AsyncBaseTransport:
    """The connections that all logins share; `aclose` ends them.

    `ca_file` holds more certificate authorities than the system's. `proxies` are as
    `urllib.request.getproxies` gives them; what goes by a proxy is carried by httpx itself.
    """
    authorities = ssl.create_default_context()
    if ca_file is not None:
        authorities.load_verify_locations(ca_file)
    limits = httpx.Limits(max_connections=connections, max_keepalive_connections=connections)

    def open_proxied(proxy: str) -> httpx.AsyncBaseTransport:
        return httpx.AsyncHTTPTransport(
            verify=authorities, limits=limits, retries=0, trust_env=False, proxy=proxy
        )

    direct, proxies = PooledTransport(connections, authorities), proxies or {}
    by_scheme = {name: open_proxied(proxies[name]) for name in ("http", "https") if name in proxies}
    return TransportByProxy(by_scheme, proxies, direct) if by_scheme else direct


class PooledTransport(httpx.AsyncBaseTransport):
    """Sends requests over at most so many connections; it opens itself at the first one.

    Raises httpx's errors. Of these only `ConnectError` and its kin say that nothing was sent.
    """

    def __init__(self, connections: int, authorities: ssl.SSLContext) -> None:
        self._connections = connections
        self._authorities = authorities
        self._session: aiohttp.ClientSession | None = None

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if self._session is None:
            self._session = self._open()
        try:
            response = await self._session.request(
                request.method,
                URL(str(request.url), encoded=True),
                headers=_headers_of(request),
                data=request.content or None,
                allow_redirects=False,
            )
        except aiohttp.ClientError as error:
            raise _translate(error, request) from error
        except (ValueError, UnicodeError) as error:  # a host that no resolver takes
            raise httpx.ConnectError(str(error), request=request) from error
        return httpx.Response(
            response.status, headers=[*response.raw_headers], stream=_Body(response, request)
        )

    async def aclose(self) -> None:
        if self._session is not None:
            await self._session.close()
            self._session = None

    def _open(self) -> aiohttp.ClientSession:
        connector = aiohttp.TCPConnector(
            limit=self._connections, ssl=self._authorities, keepalive_timeout=30
        )
        session = aiohttp.ClientSession(
            connector=connector,
            cookie_jar=aiohttp.DummyCookieJar(),
            timeout=aiohttp.ClientTimeout(total=None, sock_connect=None),  # its callers have one
            auto_decompress=False,
            skip_auto_headers=("User-Agent", "Accept", "Accept-Encoding", "Content-Type"),
            trust_env=False,
            raise_for_status=False,
        )
        session._retry_connection = False  # noqa: SLF001 - else a GET is sent twice, uncounted
        return session


def _headers_of(request: httpx.Request) -> LooseHeaders:
    pairs = ((name.decode("ascii"), value.decode("latin-1")) for name, value in request.headers.raw)
    return CIMultiDict(pair for pair in pairs if pair[0].lower() != "content-length")


class _Body(httpx.AsyncByteStream):
    """An answer's bytes as they come; closing it gives the connection back, or ends it."""

    def __init__(self, response: aiohttp.ClientResponse, request: httpx.Request) -> None:
        self._response = response
        self._request = request

    async def __aiter__(self) -> AsyncIterator[bytes]:
        try:
            async for part in self._response.content.iter_chunked(_READ_AT_ONCE):
                yield part
        except aiohttp.ClientError as error:
            raise _translate(error, self._request) from error

    async def aclose(self) -> None:
        self._response.close()  # a connection whose answer was read to its end is back already


def _translate(error: aiohttp.ClientError, request: httpx.Request) -> httpx.HTTPError:
    """The same in httpx's words; what is not known to be unsent counts as sent."""
    message = f"{type(error).__name__}"
    if isinstance(error, aiohttp.ClientConnectorError):
        return httpx.ConnectError(message, request=request)
    if isinstance(error, aiohttp.InvalidURL):
        return httpx.UnsupportedProtocol(message, request=request)
    if isinstance(error, aiohttp.ServerDisconnectedError):
        return httpx.RemoteProtocolError(message, request=request)
    return httpx.ReadError(message, request=request)


class TransportByProxy(httpx.AsyncBaseTransport):
    """Goes through the proxy for a scheme, save to hosts that `no_proxy` names."""

    def __init__(
        self,
        by_scheme: Mapping[str, httpx.AsyncBaseTransport],
        proxies: Mapping[str, str],
        direct: httpx.AsyncBaseTransport,
    ) -> None:
        self._by_scheme = by_scheme
        self._proxies = dict(proxies)
        self._direct = direct

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        proxied = self._by_scheme.get(request.url.scheme)
        if proxied is None or proxy_bypass(request.url.host, self._proxies):
            return await self._direct.handle_async_request(request)
        return await proxied.handle_async_request(request)

    async def aclose(self) -> None:
        for transport in (*self._by_scheme.values(), self._direct):
            await transport.aclose()


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
