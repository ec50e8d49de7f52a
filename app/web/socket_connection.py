"""One connection of GraphQL over a WebSocket: its messages, and the operations under way on it."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

import orjson
from starlette.websockets import WebSocket, WebSocketDisconnect

from app.observability.telemetry import Outcome
from app.web.answering import outcome_of_answer
from app.web.callers import Callers
from app.web.clients import Client, Clients
from app.web.close_codes import Close, CloseCode
from app.web.inbox_authorization import HEADER, Credentials
from app.web.noted_operation import NotedOperation, outcome_of, read_request_id
from app.web.parameters import Json, Parameters, check_parameters
from app.web.refusal import Refusal, Refused
from app.web.view import GraphQLView
from resolvers.errors import RequestRefused
from resolvers.executing.answer import SentEvent
from resolvers.executing.masking import MISTAKE, show_error

INIT_TIMEOUT = 10.0
"""Seconds until a client has said who it is."""
MOST_OPERATIONS = 20
"""Under way on one connection."""
LONGEST_ANSWER = 1.5
"""Seconds for queries and mutations that are under way when the process stops."""


@dataclass(frozen=True, slots=True)
class _Caller:
    client: Client
    credentials: Credentials


class SocketConnection:
    """One connection, from its acceptance to its end."""

    def __init__(
        self,
        socket: WebSocket,
        find_view: Callable[[], GraphQLView],
        clients: Clients,
        callers: Callers,
        report: Callable[[Exception], str],
    ) -> None:
        self._socket = socket
        self._find_view = find_view
        self._clients = clients
        self._callers = callers
        self._report = report
        self._request_id = read_request_id(socket.scope["headers"])
        self._caller: _Caller | None = None
        self._has_begun = False
        self._operations: dict[str, asyncio.Task[None]] = {}
        self._answering: set[asyncio.Task[None]] = set()
        self._ending: asyncio.Future[Any] = asyncio.get_running_loop().create_future()

    @property
    def _view(self) -> GraphQLView:
        return self._find_view()

    def note_switch(self, changed: Collection[str]) -> None:
        """Goes on with what the caller may do now, or ends where its key is gone."""
        if self._caller is None:
            return
        try:
            client = self._callers.find_again(self._caller.client)
        except Refused as refused:
            self._stop(Close(CloseCode.FORBIDDEN, str(refused)))
        else:
            self._caller = replace(self._caller, client=client)

    async def run(self) -> None:
        """Reads messages until the end. Raises Close, WebSocketDisconnect."""
        loop = asyncio.get_running_loop()
        deadline = loop.call_later(
            INIT_TIMEOUT,
            self._stop,
            Close(CloseCode.CONNECTION_INITIALISATION_TIMEOUT, "Connection initialisation timeout"),
        )
        closing = asyncio.ensure_future(self._wait_until_stopped())
        closing.add_done_callback(lambda _: self._stop(Close(CloseCode.GOING_AWAY, "Going away")))
        reading: asyncio.Future[Any] = asyncio.ensure_future(self._read(deadline))
        try:
            await asyncio.wait([reading, self._ending], return_when=asyncio.FIRST_COMPLETED)
            if self._ending.done():
                raise self._ending.result()
            reading.result()
        finally:
            deadline.cancel()
            for task in (closing, reading):
                task.cancel()
            with suppress(asyncio.CancelledError, Close, WebSocketDisconnect):
                await reading

    async def end(self) -> None:
        """Ends what is under way."""
        tasks = [*self._operations.values()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _wait_until_stopped(self) -> None:
        await self._view.subscriptions.closing.wait()
        if self._answering:
            await asyncio.wait([*self._answering], timeout=LONGEST_ANSWER)

    def _stop(self, end: Close) -> None:
        is_late_init = end.code is CloseCode.CONNECTION_INITIALISATION_TIMEOUT
        if not self._ending.done() and not (is_late_init and self._caller is not None):
            self._ending.set_result(end)

    async def _read(self, deadline: asyncio.TimerHandle) -> None:
        while True:
            message = await self._receive()
            match message.get("type"):
                case "connection_init":
                    await self._init(message.get("payload"))
                    deadline.cancel()
                case "ping":
                    await self._send({"type": "pong"})
                case "pong":
                    pass
                case "subscribe":
                    self._subscribe(message)
                case "complete" if isinstance(message.get("id"), str):
                    task = self._operations.pop(message["id"], None)
                    if task is not None:
                        task.cancel()
                case _:
                    raise Close(CloseCode.BAD_REQUEST, "Unknown message")

    async def _receive(self) -> Json:
        received = await self._socket.receive()
        if received["type"] == "websocket.disconnect":
            raise WebSocketDisconnect
        text = received.get("text")
        try:
            message = orjson.loads(text) if text is not None else None
        except orjson.JSONDecodeError:
            message = None
        if not isinstance(message, dict):
            raise Close(CloseCode.BAD_REQUEST, "A message is a JSON object in a text frame")
        return message

    async def _init(self, payload: object) -> None:
        if self._has_begun:
            reason = "Too many initialisation requests"
            raise Close(CloseCode.TOO_MANY_INITIALISATION_REQUESTS, reason)
        self._has_begun = True
        if payload is not None and not isinstance(payload, dict):
            raise Close(CloseCode.BAD_REQUEST, "The payload of connection_init is a JSON object")
        given = {str(name).lower(): value for name, value in (payload or {}).items()}
        try:
            authorization = self._choose("authorization", given)
            brought = self._choose(HEADER.lower(), given)
            address = self._socket.client.host if self._socket.client else ""
            client = await self._clients.recognise(authorization, address)
            credentials = self._view.read_credentials(client, brought)
        except Refused as refused:
            raise Close(CloseCode.FORBIDDEN, str(refused)) from None
        self._caller = _Caller(client, credentials)
        await self._send({"type": "connection_ack"})

    def _choose(self, name: str, given: Mapping[str, object]) -> list[str]:
        """What a header says, here or in the payload; both have to be the same."""
        header, value = self._socket.headers.getlist(name), given.get(name)
        if value is None:
            return header
        if not isinstance(value, str) or (header and header != [value]):
            raise Close(CloseCode.BAD_REQUEST, f"{name} is no text, or is not that of the header")
        return [value]

    def _subscribe(self, message: Json) -> None:
        caller = self._caller
        if caller is None:
            raise Close(CloseCode.UNAUTHORIZED, "Unauthorized")
        name, payload = message.get("id"), message.get("payload")
        if not isinstance(name, str) or not name or not isinstance(payload, dict):
            raise Close(CloseCode.BAD_REQUEST, "subscribe has an id and a payload")
        if name in self._operations:
            reason = f"Subscriber for {name} already exists"
            raise Close(CloseCode.SUBSCRIBER_ALREADY_EXISTS, reason)
        if len(self._operations) >= MOST_OPERATIONS:
            raise Close(CloseCode.TRY_AGAIN_LATER, "Too many operations on one connection")
        try:
            asked = check_parameters(payload)
        except Refused as refused:
            raise Close(CloseCode.BAD_REQUEST, str(refused)) from None
        task = asyncio.create_task(self._execute(name, asked, caller))
        self._operations[name] = task
        self._answering.add(task)
        task.add_done_callback(lambda done: self._note_end(name, done))

    def _note_end(self, name: str, task: "asyncio.Task[None]") -> None:
        self._answering.discard(task)
        if self._operations.get(name) is task:
            del self._operations[name]
        end = None if task.cancelled() else task.exception()
        if isinstance(end, Close):  # nothing else is left over
            self._stop(end)

    async def _execute(self, name: str, asked: Parameters, caller: _Caller) -> None:
        """One operation, from what was asked to its end."""
        noted = NotedOperation(self._request_id)
        noted.client, noted.outcome = caller.client.name, Outcome.GONE
        view = self._view
        with view.spans.operation(()) as span:
            try:
                await self._try(name, asked, caller, noted)
            finally:
                view.tell(noted, span)

    async def _try(
        self, name: str, asked: Parameters, caller: _Caller, noted: NotedOperation
    ) -> None:
        try:
            noted.outcome = await self._answer(name, asked, caller, noted)
        except RequestRefused as refused:
            noted.outcome = Outcome.REFUSED
            await self._send_errors(name, [show_error(each) for each in refused.errors])
        except Refused as refused:
            noted.outcome = outcome_of(refused.refusal)
            await self._refuse(name, refused)
        except Close:
            raise
        except Exception as error:
            noted.outcome = Outcome.INTERNAL
            extensions = {"code": "INTERNAL", "traceId": self._report(error)}
            await self._send_errors(name, [{"message": MISTAKE, "extensions": extensions}])

    async def _answer(
        self, name: str, asked: Parameters, caller: _Caller, noted: NotedOperation
    ) -> Outcome | None:
        """How it ended; None for a subscription. Raises RequestRefused, Refused, Close."""
        view = self._view
        operation = view.find_operation(asked, noted)
        if operation.is_subscription:
            events = view.subscribe(caller.client, caller.credentials, operation, asked)
            noted.outcome = None  # what has begun is told of by itself
            await self._listen(name, events)
            return None
        with view.lifecycle.request():
            upstreams = await view.find_upstreams(caller.client, caller.credentials)
            answer, _ = await view.execute(caller.client, operation, asked.variables, upstreams)
        await self._send({"type": "next", "id": name, "payload": answer})
        await self._send({"type": "complete", "id": name})
        return outcome_of_answer(answer)

    async def _listen(self, name: str, events: AsyncGenerator[SentEvent]) -> None:
        listening = asyncio.current_task()
        assert listening is not None
        self._answering.discard(listening)  # nobody waits for its end
        try:
            async for event in events:
                if event.cursor is None:
                    await self._send_errors(name, event.answer["errors"])
                    return
                payload = orjson.Fragment(event.write(orjson.dumps))
                await self._send({"type": "next", "id": name, "payload": payload})
        finally:
            await events.aclose()

    async def _refuse(self, name: str, refused: Refused) -> None:
        """Where there are too many of something, the client comes again later."""
        if refused.refusal is Refusal.UNAUTHORIZED:
            raise Close(CloseCode.FORBIDDEN, str(refused))
        if refused.refusal.status >= 500:
            raise Close(CloseCode.TRY_AGAIN_LATER, str(refused))
        extensions = {"code": refused.refusal.name, **refused.extensions}
        await self._send_errors(name, [{"message": str(refused), "extensions": extensions}])

    async def _send_errors(self, name: str, errors: Any) -> None:
        await self._send({"type": "error", "id": name, "payload": errors})

    async def _send(self, message: Json) -> None:
        text = orjson.dumps(message).decode()
        try:
            await self._socket.send({"type": "websocket.send", "text": text})
        except (RuntimeError, WebSocketDisconnect):  # it is closed already
            raise Close(CloseCode.GOING_AWAY, "The connection is gone") from None
