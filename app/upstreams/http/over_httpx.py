"""Transports of httpx's make: by a proxy, in place of our own, and to the sandbox.

https://www.python-httpx.org/advanced/transports/
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from functools import lru_cache
from typing import Any, cast
from urllib.request import proxy_bypass

import httpx

from app.upstreams.http.connections.content import Content
from app.upstreams.http.connections.failures import causes_of, explain_connecting
from app.upstreams.http.event_messages import EventMessages
from app.upstreams.http.reply import Reply, join_fields
from app.upstreams.http.transport import (
    MOST_FIELDS,
    MOST_RECEIVED,
    Closed,
    ConnectionRefused,
    HeadTooLarge,
    Messages,
    NotHttp,
    Request,
    Stage,
    TooLarge,
    Transport,
    UnknownName,
)

_UNSENT = (
    *(httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError),
    *(httpx.UnsupportedProtocol, httpx.LocalProtocolError),
)
"""After these nothing of a request was sent, save to a proxy."""
_HEAD_TOO_LARGE = 431
"""What h11 would answer, were it a server."""


@lru_cache(maxsize=1024)
def _read_url(url: str) -> httpx.URL:
    """A URL; logins ask for the same ones again and again, and reading one takes its time."""
    return httpx.URL(url)


class OverHttpx(Transport):
    """Sends by a transport of httpx, over a new connection each time.

    httpx does not tell whether a connection that ended had been used before, and would take for the
    next answer what comes after the end of one.
    """

    def __init__(self, transport: httpx.AsyncBaseTransport) -> None:
        self._transport = transport
        self._under_way: set[asyncio.Timeout] = set()
        self._is_closed = False

    async def send(self, request: Request) -> Reply:
        if self._is_closed:
            raise httpx.ConnectError("no more connections")
        try:
            async with asyncio.timeout(None) as until:
                self._under_way.add(until)
                return await self._send(request)
        except TimeoutError as error:
            raise Closed("by this side") from error
        finally:
            self._under_way.discard(until)

    async def open_events(self, request: Request) -> Messages | Reply:
        asked = httpx.Request("GET", _read_url(request.url), headers=request.headers)
        request.stage = Stage.CONNECTING
        try:
            response = await self._transport.handle_async_request(asked)
        except httpx.ConnectError as error:
            raise explain_connecting(error) from error
        except (httpx.RemoteProtocolError, httpx.ReadError, httpx.WriteError) as error:
            raise _explain_ended(error) from error
        if not response.headers.get("content-type", "").startswith("text/event-stream"):
            return await _receive(response)
        return EventMessages(aiter(cast("httpx.AsyncByteStream", response.stream)), response.aclose)

    async def aclose(self) -> None:
        self._is_closed = True
        for until in self._under_way:  # httpx would let them go on
            until.reschedule(0)
        await self._transport.aclose()

    async def _send(self, request: Request) -> Reply:
        headers = {**request.headers, "connection": "close"}
        opened: list[Any] = []

        async def note(event: str, info: Mapping[str, Any]) -> None:
            if event == "connection.connect_tcp.started":
                request.stage = Stage.CONNECTING
            elif event == "connection.connect_tcp.complete":
                opened.append(info["return_value"])
            elif event.endswith(".send_request_headers.started"):
                request.stage = Stage.SENT

        asked = httpx.Request(
            request.method,
            _read_url(request.url),
            headers=headers,
            content=request.body,
            extensions={"trace": note},
        )
        request.stage = Stage.SENT  # until a connection tells otherwise
        try:
            response = await self._transport.handle_async_request(asked)
            return await _receive(response)
        except _UNSENT as error:
            request.stage = Stage.CONNECTING
            if isinstance(error, httpx.ConnectError):
                raise explain_connecting(error) from error
            raise
        except (httpx.RemoteProtocolError, httpx.ReadError, httpx.WriteError) as error:
            raise _explain_ended(error) from error
        except asyncio.CancelledError:
            for connection in opened:  # httpx forgets one that is in the middle of TLS
                await connection.aclose()
            raise


async def _receive(response: httpx.Response) -> Reply:
    headers, set_cookies = join_fields(
        (name.decode("latin-1"), value.decode("latin-1")) for name, value in response.headers.raw
    )
    received = 0
    try:
        if len(response.headers.raw) > MOST_FIELDS:
            raise HeadTooLarge("too many headers")
        content = Content(headers.get("content-encoding", ""))
        async for part in cast("httpx.AsyncByteStream", response.stream):
            received += len(part)
            content.add(part)
            if received > MOST_RECEIVED or content.is_too_large:
                start = content.read_start()
                raise TooLarge(Reply(response.status_code, headers, start, set_cookies))
    finally:
        await response.aclose()
    return Reply(response.status_code, headers, content.read(), set_cookies)


def _explain_ended(error: httpx.TransportError) -> httpx.RemoteProtocolError:
    """httpx and h11 tell these apart by their words alone."""
    if isinstance(error, Closed | HeadTooLarge):
        return error
    if any(getattr(each, "error_status_hint", 0) == _HEAD_TOO_LARGE for each in causes_of(error)):
        return HeadTooLarge("too many bytes")
    is_http = not isinstance(error, httpx.RemoteProtocolError)
    if is_http or "closed" in str(error) or "disconnected" in str(error):
        return Closed("before its end")
    return NotHttp("another protocol")


class TransportByProxy(Transport):
    """Goes through the proxy for a scheme, save to hosts that `no_proxy` names."""

    def __init__(
        self, by_scheme: Mapping[str, Transport], proxies: Mapping[str, str], direct: Transport
    ) -> None:
        self._by_scheme = by_scheme
        self._proxies = dict(proxies)
        self._direct = direct

    @property
    def repeats(self) -> int:
        return self._direct.repeats

    async def send(self, request: Request) -> Reply:
        target = _read_url(request.url)
        way = self._by_scheme.get(target.scheme)
        if way is None or proxy_bypass(target.host, self._proxies):
            return await self._direct.send(request)
        try:
            return await way.send(request)
        except (ConnectionRefused, UnknownName) as error:  # for it is the proxy that was called
            raise httpx.ProxyError("no proxy") from error

    async def open_events(self, request: Request) -> Messages | Reply:
        target = _read_url(request.url)
        way = self._by_scheme.get(target.scheme)
        if way is None or proxy_bypass(target.host, self._proxies):
            return await self._direct.open_events(request)
        return await way.open_events(request)

    async def aclose(self) -> None:
        for transport in (*self._by_scheme.values(), self._direct):
            await transport.aclose()


OpenSocket = Callable[[Request, str | None], Awaitable[Messages | Reply]]
"""As `Transport.open_socket`."""


class TransportByHost(Transport):
    """Sends each request to the transport for its host: how the sandbox is reached in-process.

    `sockets` open WebSockets, by host too.
    """

    def __init__(
        self,
        hosts: Mapping[str, httpx.AsyncBaseTransport],
        others: Transport | None = None,
        sockets: Mapping[str, OpenSocket] | None = None,
    ) -> None:
        self._hosts = {host: OverHttpx(transport) for host, transport in hosts.items()}
        self._sockets = sockets or {}
        self._others = others

    async def send(self, request: Request) -> Reply:
        transport = self._hosts.get(_read_url(request.url).host, self._others)
        if transport is None:
            raise UnknownName("no such host")
        return await transport.send(request)

    async def open_socket(
        self, request: Request, subprotocol: str | None = None
    ) -> Messages | Reply:
        host = _read_url(request.url).host
        if host in self._sockets:
            return await self._sockets[host](request, subprotocol)
        if host in self._hosts or self._others is None:
            return await super().open_socket(request, subprotocol)
        return await self._others.open_socket(request, subprotocol)

    async def open_events(self, request: Request) -> Messages | Reply:
        if _read_url(request.url).host in self._hosts or self._others is None:
            return await super().open_events(request)
        return await self._others.open_events(request)

    async def aclose(self) -> None:
        for transport in (*self._hosts.values(), self._others):
            if transport is not None:
                await transport.aclose()
