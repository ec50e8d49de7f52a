"""The connections that are open, and which one carries a request."""

import asyncio
import socket
import ssl
from collections.abc import Awaitable, Callable, Sequence
from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit

import aiohappyeyeballs
import httpx

from app.upstreams.http.connections.connection import Connection, Origin
from app.upstreams.http.connections.failures import explain_connecting
from app.upstreams.http.reply import Reply
from app.upstreams.http.transport import Closed, Request, Stage, Transport

KEEP_SECONDS = 30.0
"""For which a connection is kept that nobody uses; less where its server says so."""
_SWEEP_SECONDS = 10.0
"""Between looks for those that were kept long enough."""
_NEXT_ADDRESS_SECONDS = 0.25
"""Until another address of a host is tried beside the first: RFC 8305, section 5."""

AddressInfo = tuple[int, int, int, str, Any]
Resolve = Callable[[str, int], Awaitable[Sequence[AddressInfo]]]
"""The addresses of a host and a port, as `socket.getaddrinfo` gives them. Raises OSError."""


async def resolve(host: str, port: int) -> Sequence[AddressInfo]:
    """By the system's resolver; an address as such is taken as it is."""
    try:
        numeric = socket.AI_NUMERICHOST
        return socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=numeric)
    except socket.gaierror:
        loop = asyncio.get_running_loop()
        return await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)


class Pool(Transport):
    """Carries each request over a connection of its own, and reads over one that was used before.

    A write never goes over a used one: its server may be closing that at this very moment, and then
    nobody would know whether it was carried out. Who sends has waited for a turn, so that of no
    more than `connections`, idle ones included, one can be spared.
    """

    def __init__(
        self, connections: int, authorities: ssl.SSLContext, resolve: Resolve = resolve
    ) -> None:
        self._most = connections
        self._authorities = authorities
        self._resolve = resolve
        self._open: dict[Connection, None] = {}  # those that are being made too
        self._connecting: set[asyncio.Timeout] = set()
        self._idle: dict[Origin, dict[Connection, None]] = {}
        self._sweeping: asyncio.TimerHandle | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._is_closed = False
        self._repeats = 0

    @property
    def repeats(self) -> int:
        return self._repeats

    @property
    def sizes(self) -> tuple[int, int]:
        """How many connections are open, and how many of these idle."""
        return len(self._open), sum(len(each) for each in self._idle.values())

    async def send(self, request: Request) -> Reply:
        if self._is_closed:
            raise httpx.ConnectError("no more connections")
        origin, head = _write_head(request)
        loop = asyncio.get_running_loop()
        if loop is not self._loop:
            self._start_in(loop)
        data = head + (request.body or b"")
        used = None if request.is_write else self._take_idle(origin, loop.time())
        if used is not None:
            try:
                return await self._exchange(used, request, data)
            except Closed:
                if used.has_answered or self._is_closed:
                    raise
                self._repeats += 1
        return await self._exchange(await self._connect(origin, request), request, data)

    async def aclose(self) -> None:
        self._is_closed = True
        for connection in [*self._open]:
            connection.abort()
        for until in self._connecting:
            until.reschedule(0)
        if self._sweeping is not None:
            self._sweeping.cancel()
        await asyncio.sleep(0)  # until the loop has closed them

    def _start_in(self, loop: asyncio.AbstractEventLoop) -> None:
        """What another loop has opened went with it."""
        self._loop, self._open, self._idle, self._sweeping = loop, {}, {}, None

    async def _exchange(self, connection: Connection, request: Request, data: bytes) -> Reply:
        request.stage = Stage.SENT
        try:
            return await connection.exchange(data, KEEP_SECONDS)
        finally:
            self._give_back(connection)

    def _take_idle(self, origin: Origin, now: float) -> Connection | None:
        """The one that was used last, if it is still good; any other is older."""
        idle = self._idle.get(origin)
        if not idle:
            return None
        connection, _ = idle.popitem()
        if connection.usable_until > now:
            return connection
        connection.abort()
        return None

    def _give_back(self, connection: Connection) -> None:
        """One that is not usable has been ended."""
        if connection in self._open and connection.usable_until > connection.loop.time():
            self._idle.setdefault(connection.origin, {})[connection] = None
            if self._sweeping is None:
                self._sweep(connection.loop)
        else:
            connection.abort()

    def _sweep(self, loop: asyncio.AbstractEventLoop) -> None:
        """Ends what was kept long enough, and looks again as long as anything is kept."""
        now = loop.time()
        for idle in self._idle.values():
            for connection in [each for each in idle if each.usable_until <= now]:
                connection.abort()
        self._idle = {origin: idle for origin, idle in self._idle.items() if idle}
        self._sweeping = loop.call_later(_SWEEP_SECONDS, self._sweep, loop) if self._idle else None

    async def _connect(self, origin: Origin, request: Request) -> Connection:
        """A new connection. Raises httpx.ConnectError."""
        request.stage = Stage.CONNECTING
        self._make_room()
        connection = Connection(origin, self._forget)
        self._open[connection] = None
        try:
            async with asyncio.timeout(None) as until:  # for `aclose` to end it
                self._connecting.add(until)
                await self._open_connection(connection)
        except BaseException as error:
            self._forget(connection)
            connection.abort()
            if isinstance(error, OSError | UnicodeError):  # of ssl and of the resolver too
                raise explain_connecting(error) from error
            raise
        finally:
            self._connecting.discard(until)
        return connection

    async def _open_connection(self, connection: Connection) -> None:
        loop, origin = asyncio.get_running_loop(), connection.origin
        connected = await aiohappyeyeballs.start_connection(
            await self._resolve(origin.host, origin.port),
            happy_eyeballs_delay=_NEXT_ADDRESS_SECONDS,
        )
        try:
            await loop.create_connection(
                lambda: connection,
                sock=connected,
                ssl=self._authorities if origin.is_encrypted else None,
                server_hostname=origin.host if origin.is_encrypted else None,
            )
        except BaseException:
            connected.close()
            raise

    def _make_room(self) -> None:
        """Ends the idle connection that was kept longest, where there are as many as allowed."""
        if len(self._open) < self._most:
            return
        idle = (each for idle in self._idle.values() for each in idle)
        oldest = min(idle, key=lambda each: each.usable_until, default=None)
        if oldest is not None:
            oldest.abort()
            self._forget(oldest)

    def _forget(self, connection: Connection) -> None:
        self._open.pop(connection, None)
        if idle := self._idle.get(connection.origin):
            idle.pop(connection, None)


def _write_head(request: Request) -> tuple[Origin, bytes]:
    """The first bytes of a request. Raises UnsupportedProtocol, LocalProtocolError."""
    is_short = len(request.url) <= _LONGEST_KNOWN
    origin, host, target = (_read_known_url if is_short else _read_url)(request.url)
    lines = [f"{request.method} {target} HTTP/1.1", f"host: {host}"]
    lines += [f"{name}: {value}" for name, value in request.headers.items()]
    if request.body is not None or request.is_write:
        lines.append(f"content-length: {len(request.body or b'')}")
    head = "\r\n".join(lines)
    if head.count("\n") != len(lines) - 1 or head.count("\r") != len(lines) - 1 or "\0" in head:
        raise httpx.LocalProtocolError("a header of two lines")
    try:
        return origin, head.encode() + b"\r\n\r\n"
    except UnicodeEncodeError as error:
        raise httpx.LocalProtocolError("a header beyond Unicode") from error


_LONGEST_KNOWN = 512
"""Characters of a URL that is remembered."""


@lru_cache(maxsize=1024)
def _read_known_url(url: str) -> tuple[Origin, str, str]:
    return _read_url(url)


def _read_url(url: str) -> tuple[Origin, str, str]:
    """Where a request goes, what Host says, and what it asks for. Raises UnsupportedProtocol."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise httpx.UnsupportedProtocol("no address") from error
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise httpx.UnsupportedProtocol("no address of HTTP")
    is_encrypted = parts.scheme == "https"
    origin = Origin(is_encrypted, parts.hostname, port or (443 if is_encrypted else 80))
    target = parts.path or "/"
    host = parts.netloc.rpartition("@")[2]
    return origin, host, f"{target}?{parts.query}" if parts.query else target
