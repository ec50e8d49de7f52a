"""WebSockets over the network: https://websockets.readthedocs.io/en/stable/"""

import asyncio
import ssl
from contextlib import suppress
from urllib.request import proxy_bypass

import httpx
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import (
    ConnectionClosed,
    InvalidHandshake,
    InvalidStatus,
    InvalidURI,
    ProxyError,
    WebSocketException,
)
from websockets.typing import Subprotocol

from app.upstreams.http.connections.failures import causes_of, explain_connecting
from app.upstreams.http.reply import Reply, join_fields
from app.upstreams.http.transport import (
    Closed,
    Messages,
    NotHttp,
    Request,
    Stage,
    Transport,
)

PING_SECONDS, PONG_SECONDS = 10.0, 5.0
"""Of silence before a ping, and after one before nobody is there."""
MOST_MESSAGE = 1024 * 1024
"""Bytes of one message, some hundred times what a notification takes."""
_CLOSE_SECONDS = 1.0


class SocketMessages(Messages):
    """One WebSocket, which is pinged while nothing comes."""

    def __init__(self, socket: ClientConnection, ping_seconds: float, pong_seconds: float) -> None:
        self.alive_seconds = ping_seconds + pong_seconds
        self._socket = socket
        self._ping_seconds = ping_seconds
        self._pong_seconds = pong_seconds

    async def receive(self) -> str | None:
        try:
            with suppress(TimeoutError):
                async with asyncio.timeout(self._ping_seconds):
                    return _text(await self._socket.recv())
            return await self._receive_or_pong()
        except ConnectionClosed as error:
            raise Closed("the WebSocket") from error

    async def aclose(self) -> None:
        await self._socket.close()

    async def _receive_or_pong(self) -> str | None:
        """Both are waited for at once: what is not taken holds up what comes after it."""
        pong = asyncio.ensure_future(await self._socket.ping())
        message = asyncio.ensure_future(self._socket.recv())
        try:
            both: set[asyncio.Future[object]] = {pong, message}  # type: ignore[arg-type] # of whatever
            await asyncio.wait(
                both, timeout=self._pong_seconds, return_when=asyncio.FIRST_COMPLETED
            )
            if message.done():
                return _text(message.result())
            if not pong.done():
                raise Closed("nobody answers a ping")
            pong.result()
            return None
        finally:
            pong.cancel()
            message.cancel()
            await asyncio.gather(pong, message, return_exceptions=True)


def _text(message: str | bytes) -> str | None:
    """Bytes are nothing that is known here."""
    return message if isinstance(message, str) else None


class StreamTransport(Transport):
    """Any transport, and streams beside it: WebSockets, and what `events` opens.

    `proxies` are as `urllib.request.getproxies` gives them.
    """

    def __init__(
        self,
        inner: Transport,
        events: Transport,
        authorities: ssl.SSLContext,
        proxies: dict[str, str],
        ping_seconds: float = PING_SECONDS,
        pong_seconds: float = PONG_SECONDS,
    ) -> None:
        self._inner = inner
        self._events = events
        self._authorities = authorities
        self._proxies = proxies
        self._seconds = ping_seconds, pong_seconds
        self._open: set[ClientConnection] = set()

    @property
    def repeats(self) -> int:
        return self._inner.repeats

    async def send(self, request: Request) -> Reply:
        return await self._inner.send(request)

    async def open_events(self, request: Request) -> Messages | Reply:
        return await self._events.open_events(request)

    async def open_socket(
        self, request: Request, subprotocol: str | None = None
    ) -> Messages | Reply:
        request.stage = Stage.CONNECTING
        try:
            socket = await self._connect(request, subprotocol)
        except InvalidStatus as refused:
            response = refused.response
            headers, cookies = join_fields(response.headers.raw_items())
            return Reply(response.status_code, headers, bytes(response.body or b""), cookies)
        except InvalidURI as error:
            raise httpx.UnsupportedProtocol("no address") from error
        except ProxyError as error:
            raise httpx.ProxyError("by the proxy") from error
        except InvalidHandshake as error:
            if any(isinstance(cause, EOFError) for cause in causes_of(error)):
                raise Closed("in the handshake") from error
            raise NotHttp("no handshake of a WebSocket") from error
        except WebSocketException as error:
            raise Closed("in the handshake") from error
        except (OSError, UnicodeError) as error:
            raise explain_connecting(error) from error
        self._open.add(socket)
        asyncio.ensure_future(socket.wait_closed()).add_done_callback(
            lambda _: self._open.discard(socket)
        )
        return SocketMessages(socket, *self._seconds)

    async def aclose(self) -> None:
        for socket in [*self._open]:
            socket.transport.abort()
        await self._events.aclose()
        await self._inner.aclose()

    async def _connect(self, request: Request, subprotocol: str | None) -> ClientConnection:
        url = httpx.URL(request.url)
        address = str(url.copy_with(scheme={"https": "wss"}.get(url.scheme, "ws")))
        proxy = self._proxies.get(url.scheme)
        if proxy is not None and proxy_bypass(url.host, self._proxies):
            proxy = None
        headers = {name: value for name, value in request.headers.items() if name != "user-agent"}
        return await _Connecting(
            address,
            additional_headers=headers,
            user_agent_header=request.headers.get("user-agent"),
            subprotocols=[Subprotocol(subprotocol)] if subprotocol is not None else None,
            ssl=self._authorities if url.scheme == "https" else None,
            proxy=proxy,
            compression=None,  # a window of its own for each would take more than it saves
            max_size=MOST_MESSAGE,
            open_timeout=None,  # whoever asks has one
            ping_interval=None,
            close_timeout=_CLOSE_SECONDS,
        )


class _Connecting(connect):
    def process_redirect(self, exc: Exception) -> Exception | str:
        """None is followed: the token would go there."""
        return exc
