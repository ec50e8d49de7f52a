"""GraphQL over HTTP, with GraphiQL for browsers: https://graphql.github.io/graphql-over-http/draft/"""

import asyncio
from collections.abc import AsyncGenerator, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from random import random

import orjson
from starlette.requests import ClientDisconnect, Request
from starlette.responses import HTMLResponse, Response
from starlette.types import Receive, Scope, Send

from app.cache.responses import ResponseCache
from app.graphiql.page import HEADERS, render_page
from app.observability.spans import OperationSpan, Spans
from app.observability.telemetry import Outcome, Telemetry
from app.web.answering import (
    NEEDS_STREAM,
    NOT_TO_BE_KEPT,
    SHUTTING_DOWN,
    outcome_of_answer,
    refuse_method,
    show_refusal,
    with_id,
)
from app.web.caching import READS, VARY, revalidate, show_whole, wants_now
from app.web.clients import Client, Clients
from app.web.event_stream import END, stream, stream_once
from app.web.in_flight import InFlight
from app.web.inbox_authorization import HEADER, Credentials, InboxAuthorization
from app.web.lifecycle import Lifecycle
from app.web.listening import FindUpstreams, Listening, MakeContext
from app.web.negotiation import Negotiated, media_type_for, negotiate
from app.web.noted_operation import NotedOperation, outcome_of, read_request_id
from app.web.origins import check_origin
from app.web.parameters import Parameters, read_body, read_query_string
from app.web.refusal import JSON, Answered, Refusal, Refused, json_response
from app.web.subscriptions import Subscriptions
from app.web.trusted_documents import TrustedDocuments
from resolvers.context import Context
from resolvers.errors import RequestRefused
from resolvers.executing.answer import Answer, SentEvent
from resolvers.executing.cacheable import is_cacheable
from resolvers.executing.documents import Operation
from resolvers.executing.execution import Api
from resolvers.executing.masking import MISTAKE
from resolvers.seam.upstream import Upstream

_METHODS = (*READS, "POST")


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
        telemetry: Telemetry,
        spans: Spans,
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
        self.lifecycle = lifecycle
        self._telemetry = telemetry
        self.spans = spans
        self._settings = settings
        self._report = report

    @property
    def uncompiled(self) -> Mapping[str, int]:
        """Why root fields were left to graphql-core, and how often."""
        return self._api.uncompiled

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        noted = NotedOperation(read_request_id(scope["headers"]))
        with self.spans.operation(scope["headers"]) as span:
            try:
                response, noted.outcome = await self._try(request, noted)
            except ClientDisconnect:
                noted.outcome = Outcome.GONE
                return
            finally:
                self.tell(noted, span)
        await response(scope, receive, with_id(send, noted.request_id.encode()))

    def tell(self, noted: NotedOperation, span: OperationSpan | None) -> None:
        """Tells of an operation that has ended, if it has an outcome."""
        if noted.outcome is None:
            return
        done = noted.end(noted.outcome, span.trace_id if span is not None else "")
        self._telemetry.note_operation(done)
        if span is not None:
            span.describe(done)

    async def _try(
        self, request: Request, noted: NotedOperation
    ) -> tuple[Response, Outcome | None]:
        """What a request gets, and how it ended; None for what is no operation, or goes on.

        Raises ClientDisconnect.
        """
        try:
            with self.lifecycle.request():
                response = await self._respond(request, noted)
            return response, response.outcome if isinstance(response, Answered) else None
        except ClientDisconnect:
            raise
        except asyncio.CancelledError:
            if not self.lifecycle.is_broken_off:
                raise
            refused = SHUTTING_DOWN
        except Refused as error:
            refused = error
        except Exception as error:
            trace = {"traceId": self._report(error)}
            refused = Refused(Refusal.INTERNAL, MISTAKE, extensions=trace)
        response = refused.as_response(media_type_for(request.headers))
        response.headers.setdefault("vary", VARY)
        return response, outcome_of(refused.refusal)

    async def _respond(self, request: Request, noted: NotedOperation) -> Response:
        if request.method not in _METHODS:
            refuse_method(f"This address takes {', '.join(_METHODS)}.", _METHODS)
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
        noted.client = client.name
        return await self._answer(request, client, asked, accepted, noted)

    async def _answer(
        self,
        request: Request,
        client: Client,
        asked: Parameters,
        accepted: Negotiated,
        noted: NotedOperation,
    ) -> Response:
        credentials = self.read_credentials(client, request.headers.getlist(HEADER))
        try:
            operation = self.find_operation(asked, noted)
            is_streamed = self._check_may_execute(request, operation, accepted)
            if is_streamed:
                return await self._stream(request, client, credentials, operation, asked)
            upstreams = await self.find_upstreams(client, credentials)
        except RequestRefused as refused:
            return show_refusal(refused, accepted.json)
        return await self._answer_in_json(
            request, client, operation, asked, upstreams, accepted.json or JSON
        )

    def find_operation(self, asked: Parameters, noted: NotedOperation) -> Operation:
        """What is to be executed. Raises Refused, RequestRefused."""
        text = self._trusted.find(asked)
        operation = self._api.documents.read(text).choose(asked.operation_name)
        noted.found(operation, text, is_trusted=self._trusted.knows(text))
        return operation

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
                return show_refusal(refused, media_type), None
            outcome = outcome_of_answer(answer)
            if operation.is_mutation or outcome is not Outcome.OK:
                kept = NOT_TO_BE_KEPT
                return json_response(answer, HTTPStatus.OK, media_type, kept, outcome), None
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
            refuse_method("A mutation is sent by POST.", ("POST",))
        is_streamed = accepted.json is None or (operation.is_subscription and accepted.takes_events)
        if operation.is_mutation or is_streamed:
            check_origin(request.headers, self._settings.allowed_origins)
        if operation.is_subscription and not is_streamed:
            raise Refused(Refusal.SUBSCRIPTION_NEEDS_STREAM, NEEDS_STREAM)
        return is_streamed
