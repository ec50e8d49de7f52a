"""How a Mastodon in memory streams, as real servers were measured.

https://docs.joinmastodon.org/methods/streaming/
"""

import asyncio
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Protocol

import orjson
from starlette.requests import HTTPConnection, Request
from starlette.responses import JSONResponse, PlainTextResponse, Response, StreamingResponse
from starlette.routing import BaseRoute, Route, WebSocketRoute
from starlette.websockets import WebSocket

from app.clock import Clock
from app.sandbox.listing import Entity
from app.sandbox.software import Streams

STREAM = "user:notification"
PATH = "/api/v1/streaming"
THUMP_SECONDS = 15.0


class Listened(Protocol):
    """An account that can be listened to."""

    scopes: set[str]


class _Refused(Exception):
    def __init__(self, response: Response) -> None:
        super().__init__()
        self.response = response


Queue = asyncio.Queue[str | None]
"""The messages that are to be sent; None ends it."""


class SandboxStreams:
    """The streams of one instance; `opened` counts those that were, by how.

    `url` is where it says that they are, if anywhere. `lead` is by how much earlier than it is
    listed a notification is sent; while it `is_muted` nothing is published.
    If it `refuses_scopes`, no token has those for it.
    """

    def __init__(
        self, kind: Streams, origin: str, mailboxes: Mapping[str, Listened], clock: Clock
    ) -> None:
        self.url: str | None = None
        if kind is not Streams.NOTHING:
            self.url = origin.replace("http", "ws", 1)
        self.lead = timedelta()
        self.is_muted = False
        self.refuses_scopes = False
        self._clock = clock
        self._listed_at: dict[str, datetime] = {}
        self._kind = kind
        self._mailboxes = mailboxes
        self._listening: defaultdict[str, set[Queue]] = defaultdict(set)
        self.opened: Counter[str] = Counter()

    @property
    def count(self) -> int:
        """How many are open."""
        return sum(len(each) for each in self._listening.values())

    def routes(self) -> list[BaseRoute]:
        """What the server answers, if it streams at all."""
        if self._kind is Streams.NOTHING:
            return []
        by_socket = WebSocketRoute(PATH, self._serve_socket)
        if self._kind is not Streams.ALL:
            return [by_socket, Route(PATH, _want_upgrade)]
        return [
            by_socket,
            Route(f"{PATH}/health", _say_ok),
            Route(f"{PATH}/user/notification", self._serve_events),
            Route(PATH, _know_no_channel),
        ]

    def publish(self, token: str, notification: Entity) -> None:
        """Sends one to all who listen to its account."""
        if self.is_muted:
            return
        if self.lead:
            self._listed_at[notification["id"]] = self._clock.now() + self.lead
        payload = orjson.dumps(notification).decode()
        message = {"stream": [STREAM], "event": "notification", "payload": payload}
        self.send(token, orjson.dumps(message).decode())

    def send(self, token: str, message: str) -> None:
        """Sends a message as it is to all who listen to an account."""
        for queue in self._listening.get(token, ()):
            queue.put_nowait(message)

    def listed(self, rows: list[Entity]) -> list[Entity]:
        """Those of them that the list has already."""
        if not self._listed_at:
            return rows
        now = self._clock.now()
        return [row for row in rows if self._listed_at.get(row["id"], now) <= now]

    def cut(self) -> None:
        """Ends all that are open."""
        for queue in (each for queues in self._listening.values() for each in queues):
            queue.put_nowait(None)

    @contextmanager
    def _listen(self, token: str, how: str) -> Iterator[Queue]:
        queue: Queue = asyncio.Queue()
        self._listening[token].add(queue)
        self.opened[how] += 1
        try:
            yield queue
        finally:
            self._listening[token].discard(queue)

    def _recognise(self, asking: HTTPConnection) -> str:
        """The token of whoever asks. Raises _Refused."""
        kind, _, token = asking.headers.get("authorization", "").partition(" ")
        if kind != "Bearer" or self._kind is Streams.SOCKETS_BY_SUBPROTOCOL:
            token = asking.query_params.get("access_token", "")
            token = token or asking.headers.get("sec-websocket-protocol", "")
        if not token or token not in self._mailboxes:
            said = "Invalid access token" if token else "Missing access token"
            if isinstance(asking, WebSocket):
                raise _Refused(Response("", 401, {"X-Error-Message": said}))
            raise _Refused(JSONResponse({"error": said}, 401))
        if self._kind is Streams.SOCKETS and "read" not in self._mailboxes[token].scopes:
            raise _Refused(JSONResponse({"error": "Forbidden"}, 403))
        return token

    def _find_flaw(self, token: str, stream: str) -> Entity | None:
        """What Mastodon says on an open socket of a stream that it does not open."""
        if stream != STREAM:
            return {"error": "Unknown stream type", "status": 400}
        may_read = self._mailboxes[token].scopes & {"read", "read:notifications"}
        if self.refuses_scopes or not may_read:
            return {"error": "Access token does not have the required scopes", "status": 401}
        return None

    async def _serve_socket(self, socket: WebSocket) -> None:
        try:
            token = self._recognise(socket)
        except _Refused as refused:
            await socket.send_denial_response(refused.response)
            return
        chosen = socket.headers.get("sec-websocket-protocol")
        await socket.accept(subprotocol=chosen)
        flaw = self._find_flaw(token, socket.query_params.get("stream", ""))
        if flaw is not None:
            await socket.send_json(flaw)
        with self._listen("" if flaw is not None else token, "socket") as queue:
            sending = asyncio.ensure_future(_send_all(socket, queue))
            try:
                while (await socket.receive())["type"] != "websocket.disconnect":
                    pass  # what is no JSON is ignored, and nothing else is sent
            finally:
                sending.cancel()

    async def _serve_events(self, request: Request) -> Response:
        try:
            token = self._recognise(request)
        except _Refused as refused:
            return refused.response
        flaw = self._find_flaw(token, STREAM)
        if flaw is not None:
            return JSONResponse({"error": flaw["error"]}, 401)
        return StreamingResponse(
            self._write_events(token),
            headers={"cache-control": "private, no-store"},
            media_type="text/event-stream",
        )

    async def _write_events(self, token: str) -> AsyncIterator[str]:
        with self._listen(token, "events") as queue:
            yield ":)\n"
            while True:
                try:
                    async with asyncio.timeout(THUMP_SECONDS):
                        message = await queue.get()
                except TimeoutError:
                    yield ":thump\n"
                    continue
                if message is None:
                    return
                said = orjson.loads(message)
                yield f"event: {said['event']}\ndata: {said['payload']}\n\n"


async def _send_all(socket: WebSocket, queue: Queue) -> None:
    while (message := await queue.get()) is not None:
        await socket.send_text(message)
    await socket.close()


async def _want_upgrade(_: Request) -> Response:
    return JSONResponse({"error": "Bad Request: websocket: not a websocket handshake"}, 400)


async def _know_no_channel(_: Request) -> Response:
    return JSONResponse({"error": "Unknown channel requested"}, 400)


async def _say_ok(_: Request) -> Response:
    return PlainTextResponse("OK")
