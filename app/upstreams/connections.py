"""The connections to all instances, which all logins share.

aiohttp carries them: with 64 callers of an instance that takes 50 ms, httpx's own pool gets a
fraction of that done, and its requests and responses alone take longer than all that aiohttp does.
What aiohttp does by itself is switched off here: its cookie jar, which all logins would share, its
redirects, its decompression, which no limit would bound, and that it sends a GET again.
"""

import ssl
import zlib
from collections.abc import Mapping
from pathlib import Path

import aiohttp
import httpx
from yarl import URL

from app.upstreams.over_httpx import OverHttpx, TransportByProxy
from app.upstreams.reply import Reply
from app.upstreams.transport import MOST_DECODED, MOST_RECEIVED, TooLarge, Transport

LIBRARY = f"aiohttp/{aiohttp.__version__}"
"""What instances are told carries the requests: https://www.mediawiki.org/wiki/API:Etiquette"""

_READ_AHEAD = 512 * 1024
"""Bytes of one answer that wait to be taken before its connection is paused: most fit whole."""

_GZIP = 16
"""Makes zlib read gzip's header and trailer: https://docs.python.org/3/library/zlib.html"""


def open_transport(
    connections: int, ca_file: Path | None = None, proxies: Mapping[str, str] | None = None
) -> Transport:
    """The connections that all logins share; `aclose` ends them.

    `ca_file` holds more certificate authorities than the system's. `proxies` are as
    `urllib.request.getproxies` gives them; what goes by a proxy is carried by httpx itself.
    """
    authorities = ssl.create_default_context()
    if ca_file is not None:
        authorities.load_verify_locations(ca_file)
    limits = httpx.Limits(max_connections=connections, max_keepalive_connections=connections)

    def open_proxied(proxy: str) -> Transport:
        return OverHttpx(
            httpx.AsyncHTTPTransport(
                verify=authorities, limits=limits, retries=0, trust_env=False, proxy=proxy
            )
        )

    direct, proxies = PooledTransport(connections, authorities), proxies or {}
    by_scheme = {name: open_proxied(proxies[name]) for name in ("http", "https") if name in proxies}
    return TransportByProxy(by_scheme, proxies, direct) if by_scheme else direct


class PooledTransport(Transport):
    """Sends requests over at most so many connections; it opens itself at the first one."""

    def __init__(self, connections: int, authorities: ssl.SSLContext) -> None:
        self._connections = connections
        self._authorities = authorities
        self._session: aiohttp.ClientSession | None = None

    async def send(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes | None
    ) -> Reply:
        if self._session is None:
            self._session = self._open()
        try:
            response = await self._session.request(
                method, URL(url, encoded=True), headers=headers, data=body, allow_redirects=False
            )
            received = await _receive(response)
        except aiohttp.ClientError as error:
            raise _translate(error) from error
        except (ValueError, UnicodeError) as error:  # a host that no resolver takes
            raise httpx.ConnectError(str(error)) from error
        encoding = response.headers.get("content-encoding", "")
        return Reply.read(response.status, response.raw_headers, decode_body(received, encoding))

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
            read_bufsize=_READ_AHEAD,
        )
        session._retry_connection = False  # noqa: SLF001 - else a GET is sent twice, uncounted
        return session


async def _receive(response: aiohttp.ClientResponse) -> bytes:
    """The body as it comes over the wire."""
    parts, size = [], 0
    try:
        while part := await response.content.readany():
            parts.append(part)
            size += len(part)
            if size > MOST_RECEIVED:
                raise TooLarge
    finally:
        response.close()  # a connection whose answer was read to its end is back already
    return b"".join(parts)


def decode_body(received: bytes, encoding: str) -> bytes:
    """A body without its gzip, which is all that instances are offered.

    Raises TooLarge, and DecodingError for what is no gzip, or is cut off.
    """
    if not received or encoding.strip().lower() not in ("gzip", "x-gzip"):
        return received
    decoder = zlib.decompressobj(zlib.MAX_WBITS | _GZIP)
    try:
        decoded = decoder.decompress(received, MOST_DECODED)
    except zlib.error as error:
        raise httpx.DecodingError(str(error)) from error
    if decoder.unconsumed_tail:
        raise TooLarge
    if not decoder.eof:
        raise httpx.DecodingError("the end is missing")
    return decoded


def _translate(error: aiohttp.ClientError) -> httpx.HTTPError:
    """The same in httpx's words; what is not known to be unsent counts as sent."""
    message = f"{type(error).__name__}"
    if isinstance(error, aiohttp.ClientConnectorError):
        return httpx.ConnectError(message)
    if isinstance(error, aiohttp.InvalidURL):
        return httpx.UnsupportedProtocol(message)
    if isinstance(error, aiohttp.ServerDisconnectedError):
        return httpx.RemoteProtocolError(message)
    return httpx.ReadError(message)
