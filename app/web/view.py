"""GraphQL over HTTP, with GraphiQL for browsers: https://graphql.github.io/graphql-over-http/draft/"""

import asyncio
from collections.abc import AsyncGenerator, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from random import random
from typing import NoReturn

import orjson
from starlette.requests import ClientDisconnect, Request
from starlette.responses import HTMLResponse, Response
from starlette.types import Receive, Scope, Send

from app.cache.responses import ResponseCache
from app.graphiql.page import HEADERS, render_page
from app.web.caching import READS, VARY, revalidate, show_whole, wants_now
from app.web.clients import Client, Clients
from app.web.event_stream import END, stream, stream_once
from app.web.in_flight import RETRY_AFTER, InFlight
from app.web.inbox_authorization import HEADER, Credentials, InboxAuthorization
from app.web.lifecycle import Lifecycle
from app.web.listening import FindUpstreams, Listening, MakeContext
from app.web.negotiation import Negotiated, media_type_for, negotiate
from app.web.origins import check_origin
from app.web.parameters import Parameters, read_body, read_query_string
from app.web.refusal import JSON, Refusal, Refused, json_response
from app.web.subscriptions import Subscriptions
from app.web.trusted_documents import TrustedDocuments
from resolvers.context import Context
from resolvers.errors import RefusalCode, RequestRefused
from resolvers.executing.answer import Answer, SentEvent
from resolvers.executing.cacheable import is_cacheable
from resolvers.executing.documents import Operation
from resolvers.executing.execution import Api
from resolvers.executing.masking import MISTAKE, show_error
from resolvers.seam.upstream import Upstream

_METHODS = (*READS, "POST")


_BAD_REQUESTS = {RefusalCode.GRAPHQL_PARSE_FAILED, RefusalCode.UNUSED_VARIABLE}
"""What gets 400 and not 422. A variable that nothing uses should get 422 by the draft, but
graphql-http's audit 86EE sends one, and wants the 400 of earlier drafts."""


_NOT_TO_BE_KEPT = {"vary": VARY, "cache-control": "no-store"}

_SHUTTING_DOWN = Refused(
    Refusal.SHUTTING_DOWN,
    "The gateway stops and does not finish this: ask again. What a mutation has sent to an "
    "instance may be carried out all the same.",
    {**RETRY_AFTER, "connection": "close"},
)


Listen = Callable[[Client, Credentials], Listening]
"""Makes what goes on with a subscription while configurations come and go."""


@dataclass(frozen=True, slots=True)
class ViewSettings:
    """What of the settings the view goes by: sizes in bytes, times in seconds."""

    body_size: int
    body_timeout: float
    allowed_origins: Collection[str]
    shows_graphiql: bool


class GraphQLView:
    """One HTTP request, one answer; it never raises.

    `report` is told of an exception that nobody foresaw, and gives the trace ID that callers get.
    """

    def __init__(
        self,
        api: Api,
        clients: Clients,
        inbox_authorization: InboxAuthorization,
        find_upstreams: FindUpstreams,
        make_context: MakeContext,
        trusted: TrustedDocuments,
        in_flight: InFlight,
        responses: ResponseCache,
        subscriptions: Subscriptions,
        listen: Listen,
        lifecycle: Lifecycle,
        settings: ViewSettings,
        report: Callable[[Exception], str],
    ) -> None:
        self._api = api
        self._clients = clients
        self._inbox_authorization = inbox_authorization
        self._find_upstreams = find_upstreams
        self._make_context = make_context
        self._trusted = trusted
        self._in_flight = in_flight
        self.responses = responses
        self.subscriptions = subscriptions
        self._listen = listen
        self._lifecycle = lifecycle
        self._settings = settings
        self._report = report

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        try:
            with self._lifecycle.request():
                response = await self._respond(request)
        except ClientDisconnect:
            return
        except asyncio.CancelledError:
            if not self._lifecycle.is_broken_off:
                raise
            response = _SHUTTING_DOWN.as_response(media_type_for(request.headers))
        except Refused as refused:
            response = refused.as_response(media_type_for(request.headers))
            response.headers.setdefault("vary", VARY)
        except Exception as error:
            trace = {"traceId": self._report(error)}
            mistake = Refused(Refusal.INTERNAL, MISTAKE, extensions=trace)
            response = mistake.as_response(media_type_for(request.headers))
        await response(scope, receive, send)

    async def _respond(self, request: Request) -> Response:
        if request.method not in _METHODS:
            _refuse_method(f"This address takes {', '.join(_METHODS)}.", _METHODS)
        accepted = negotiate(",".join(request.headers.getlist("accept")))
        is_read = request.method in READS
        if is_read and accepted.prefers_page and self._settings.shows_graphiql:
            return HTMLResponse(render_page(), headers=HEADERS)
        if accepted.json is None and not accepted.takes_events:
            message = f"Accept takes neither {JSON} nor application/graphql-response+json."
            raise Refused(Refusal.NOT_ACCEPTABLE, message)
        if accepted.takes_events and request.headers.get("last-event-id") == END:
            return Response(status_code=HTTPStatus.NO_CONTENT)  # which stops an EventSource
        address = request.client.host if request.client else ""
        client = await self._clients.recognise(request.headers.getlist("authorization"), address)
        if is_read:
            asked = read_query_string(request)
        else:
            settings = self._settings
            asked = await read_body(request, settings.body_size, settings.body_timeout)
        return await self._answer(request, client, asked, accepted)

    async def _answer(
        self, request: Request, client: Client, asked: Parameters, accepted: Negotiated
    ) -> Response:
        credentials = self.read_credentials(client, request.headers.getlist(HEADER))
        try:
            operation = self.find_operation(asked)
            is_streamed = self._check_may_execute(request, operation, accepted)
            if is_streamed:
                return await self._stream(request, client, credentials, operation, asked)
            upstreams = await self.find_upstreams(client, credentials)
        except RequestRefused as refused:
            return _show_refusal(refused, accepted.json)
        return await self._answer_in_json(
            request, client, operation, asked, upstreams, accepted.json or JSON
        )

    def find_operation(self, asked: Parameters) -> Operation:
        """What is to be executed. Raises Refused, RequestRefused."""
        document = self._api.documents.read(self._trusted.find(asked))
        return document.choose(asked.operation_name)

    def read_credentials(self, client: Client, brought: Sequence[str]) -> Credentials:
        """The credentials for inboxes that a caller brought. Raises Refused."""
        return self._inbox_authorization.read(brought, client.inboxes)

    async def find_upstreams(
        self, client: Client, credentials: Credentials
    ) -> Mapping[str, Upstream]:
        """What speaks for the inboxes that a caller may read."""
        return await self._find_upstreams(client, credentials)

    async def execute(
        self,
        client: Client,
        operation: Operation,
        variables: Mapping[str, object],
        upstreams: Mapping[str, Upstream],
        *,
        is_now: bool = False,
    ) -> tuple[Answer, Context]:
        """The answer to a query or a mutation. Raises Refused, RequestRefused."""
        context = self._make_context(client, upstreams, is_now=is_now)
        with self._in_flight.slot():
            return await self._api.answer(operation, variables, context), context

    def subscribe(
        self,
        client: Client,
        credentials: Credentials,
        operation: Operation,
        asked: Parameters,
        last_event_id: str | None = None,
    ) -> AsyncGenerator[SentEvent]:
        """The events of a subscription. Raises Refused."""
        self.subscriptions.check(client.name)
        listening = self._listen(client, credentials)
        events = listening.events(self._api, operation, asked.variables, last_event_id)
        return self.subscriptions.counted(client.name, events)

    async def _stream(
        self,
        request: Request,
        client: Client,
        credentials: Credentials,
        operation: Operation,
        asked: Parameters,
    ) -> Response:
        if not operation.is_subscription:
            upstreams = await self.find_upstreams(client, credentials)
            answer, _ = await self.execute(client, operation, asked.variables, upstreams)
            return stream_once(answer)
        self.subscriptions.check_connection()
        last_event_id = request.headers.get("last-event-id")
        events = self.subscribe(client, credentials, operation, asked, last_event_id)
        return stream(events, self.subscriptions, random)

    async def _answer_in_json(
        self,
        request: Request,
        client: Client,
        operation: Operation,
        asked: Parameters,
        upstreams: Mapping[str, Upstream],
        media_type: str,
    ) -> Response:
        is_now = wants_now(request.headers)

        async def execute() -> tuple[Response, Context | None]:
            try:
                answer, context = await self.execute(
                    client, operation, asked.variables, upstreams, is_now=is_now
                )
            except RequestRefused as refused:
                return _show_refusal(refused, media_type), None
            if operation.is_mutation or not _is_whole(answer):
                return json_response(answer, HTTPStatus.OK, media_type, _NOT_TO_BE_KEPT), None
            return show_whole(request, orjson.dumps(answer), media_type), context

        if is_cacheable(operation, self._api.schema) and not is_now:
            has_tag = request.method in READS
            key = self.responses.key(operation, asked.variables, media_type, has_tag, upstreams)
            response = await self.responses.find_or_make(key, upstreams, execute)
        else:
            response, _ = await execute()
        return revalidate(request, response)

    def _check_may_execute(
        self, request: Request, operation: Operation, accepted: Negotiated
    ) -> bool:
        """Whether it is answered by an event stream. Raises Refused."""
        if operation.is_mutation and request.method in READS:
            _refuse_method("A mutation is sent by POST.", ("POST",))
        is_streamed = accepted.json is None or (operation.is_subscription and accepted.takes_events)
        if operation.is_mutation or is_streamed:
            check_origin(request.headers, self._settings.allowed_origins)
        if operation.is_subscription and not is_streamed:
            raise Refused(Refusal.SUBSCRIPTION_NEEDS_STREAM, _NEEDS_STREAM)
        return is_streamed


_NEEDS_STREAM = (
    "A subscription is sent by a WebSocket (graphql-transport-ws) or by server-sent events: name "
    "text/event-stream in Accept."
)


def _show_refusal(refused: RequestRefused, media_type: str | None) -> Response:
    """An answer without data; 200 where only `application/json` is known, as old clients expect."""
    if media_type is None:
        return stream_once({"errors": [show_error(error) for error in refused.errors]})
    status = HTTPStatus.OK if media_type == JSON else status_of(refused.code)
    errors = [show_error(error) for error in refused.errors]
    return json_response({"errors": errors}, status, media_type, _NOT_TO_BE_KEPT)


def status_of(code: RefusalCode) -> HTTPStatus:
    """Of an answer without data, for callers who know `application/graphql-response+json`."""
    return HTTPStatus.BAD_REQUEST if code in _BAD_REQUESTS else HTTPStatus.UNPROCESSABLE_ENTITY


def _refuse_method(message: str, allowed: Collection[str]) -> NoReturn:
    headers = {"allow": ", ".join(allowed)}
    raise Refused(Refusal.METHOD_NOT_ALLOWED, message, headers)


def _is_whole(answer: Answer) -> bool:
    """Whether nothing went wrong, here or at an instance."""
    return "errors" not in answer and "failedInboxes" not in answer["extensions"]
