"""WebSockets to an application of the same process: how the sandbox streams in `--demo`.

https://asgi.readthedocs.io/en/latest/specs/www.html#websocket
"""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from urllib.parse import unquote, urlsplit

from starlette.types import ASGIApp, Message, Scope

from app.upstreams.http.reply import Reply, join_fields
from app.upstreams.http.sockets.over_network import PING_SECONDS, PONG_SECONDS
from app.upstreams.http.transport import Closed, Messages, Request

_MOST_WAITING = 1000


class InProcessMessages(Messages):
    """One WebSocket of an application that runs beside; `answers_pings` stands for its pongs."""

    alive_seconds = PING_SECONDS + PONG_SECONDS

    def __init__(self, answers_pings: Callable[[], bool]) -> None:
        self._answers_pings = answers_pings
        self._to_app: asyncio.Queue[Message] = asyncio.Queue()
        self._from_app: asyncio.Queue[Message] = asyncio.Queue(_MOST_WAITING)
        self._running: asyncio.Future[None] | None = None

    async def shake_hands(self, app: ASGIApp, scope: Scope) -> Reply | None:
        """None once it is open; else what the application answers instead."""
        self._to_app.put_nowait({"type": "websocket.connect"})
        self._running = asyncio.ensure_future(self._run(app, scope))
        try:
            return await self._read_answer()
        except BaseException:
            await self.aclose()
            raise

    async def receive(self) -> str | None:
        try:
            async with asyncio.timeout(PING_SECONDS):
                message = await self._from_app.get()
        except TimeoutError:
            if self._answers_pings():
                return None
            await asyncio.sleep(PONG_SECONDS)
            raise Closed("nobody answers a ping") from None
        if message["type"] == "websocket.send":
            text: str | None = message.get("text")
            return text
        raise Closed("the WebSocket")

    async def aclose(self) -> None:
        if self._running is None:
            return
        self._to_app.put_nowait({"type": "websocket.disconnect", "code": 1001})
        self._running.cancel()
        with suppress(asyncio.CancelledError):
            await self._running

    async def _run(self, app: ASGIApp, scope: Scope) -> None:
        try:
            await app(scope, self._to_app.get, self._from_app.put)
        finally:
            with suppress(asyncio.QueueFull):
                self._from_app.put_nowait({"type": "websocket.close"})

    async def _read_answer(self) -> Reply | None:
        first = await self._from_app.get()
        if first["type"] == "websocket.accept":
            return None
        if first["type"] == "websocket.close" and self._running is not None:
            await self._running  # which may have failed
        if first["type"] != "websocket.http.response.start":
            return Reply(403, {}, b"")  # what servers make of a close before the handshake
        body = b""
        while (part := await self._from_app.get())["type"] == "websocket.http.response.body":
            body += part.get("body", b"")
            if not part.get("more_body"):
                break
        headers, cookies = join_fields(
            (name.decode("latin-1"), value.decode("latin-1")) for name, value in first["headers"]
        )
        return Reply(first["status"], headers, body, cookies)


async def open_in_process(
    app: ASGIApp, request: Request, subprotocol: str | None, answers_pings: Callable[[], bool]
) -> Messages | Reply:
    """As `Transport.open_socket`."""
    parts = urlsplit(request.url)
    headers = [("host", parts.netloc), *request.headers.items()]
    scope = {
        "type": "websocket",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "scheme": "wss" if parts.scheme == "https" else "ws",
        "path": unquote(parts.path),
        "raw_path": parts.path.encode(),
        "query_string": parts.query.encode(),
        "root_path": "",
        "headers": [(name.encode(), value.encode()) for name, value in headers],
        "client": ("127.0.0.1", 1),
        "server": (parts.hostname, parts.port or (443 if parts.scheme == "https" else 80)),
        "subprotocols": [subprotocol] if subprotocol is not None else [],
        "extensions": {"websocket.http.response": {}},
    }
    messages = InProcessMessages(answers_pings)
    refusal = await messages.shake_hands(app, scope)
    return messages if refusal is None else refusal
