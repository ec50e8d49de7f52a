"""Puts the gateway together. Everything that is shared is made here and passed on."""

import asyncio
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING
from urllib.request import getproxies

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Mount, Route, WebSocketRoute
from starlette.types import ASGIApp

from app.cache.copies.cached import CachedUpstream
from app.cache.responses import ResponseCache
from app.cache.shared.store import ProcessStore
from app.clock import Clock, to_come, to_wall
from app.config.server import ServerSettings
from app.config.settings import Settings
from app.config.upstream import UpstreamSettings
from app.gateway import FindView, Gateway, Lasting, Served
from app.graphiql.page import FILES, GraphiQLFiles
from app.logins import Logins
from app.observability.events import (
    log_crash,
    log_excess,
    log_unforeseen,
    log_untrusted,
    make_trace_id,
)
from app.observability.spans import NO_SPANS, Spans
from app.observability.telemetry import NOBODY, Telemetry
from app.page.page import page_documents, page_routes
from app.upstreams.http.connections.opening import open_transport
from app.upstreams.http.transport import Transport
from app.web.callers import Callers
from app.web.clients import Client, Clients, FailedKeys
from app.web.hosts import HostCheck
from app.web.http_errors import answer_http_error
from app.web.in_flight import InFlight
from app.web.inbox_authorization import Credentials, InboxAuthorization
from app.web.lifecycle import Lifecycle
from app.web.listening import Listening
from app.web.origins import allow_origins
from app.web.socket import GraphQLSocket
from app.web.subscriptions import Subscriptions
from app.web.tell_listening import TellListening
from app.web.trusted_documents import TrustedDocuments
from app.web.view import GraphQLView, ViewSettings
from resolvers.context import Context
from resolvers.executing.execution import Api
from resolvers.limits import Limits
from resolvers.seam.chunk import Scope as SeenScope
from resolvers.seam.live import Watch
from resolvers.seam.upstream import Upstream

if TYPE_CHECKING:
    from app.cache.shared.redis_store import RedisStore

MoreRoutes = Callable[[Clients, ServerSettings], Sequence[BaseRoute]]
"""Makes the routes of a demo."""


def no_more_routes(_: Clients, __: ServerSettings) -> Sequence[BaseRoute]:
    """Without a demo."""
    return ()


def build_app(
    settings: Settings,
    clock: Clock,
    transport: Transport,
    store: ProcessStore | None = None,
    more_routes: MoreRoutes = no_more_routes,
    *,
    compiles: bool = True,
    subscriptions: Subscriptions | None = None,
    telemetry: Telemetry = NOBODY,
    spans: Spans = NO_SPANS,
) -> Gateway:
    """The gateway as an ASGI application; it closes transport and store when it is shut down."""
    failed_keys = FailedKeys(clock, asyncio.sleep)
    if subscriptions is None:
        subscriptions = Subscriptions(time.monotonic, settings.server.sockets)
    lasting = Lasting(
        clock,
        transport,
        store,
        Logins(settings, clock, transport, store, telemetry=telemetry, spans=spans),
        subscriptions,
        failed_keys,
        Callers(Clients((), failed_keys)),
        Lifecycle(),
        telemetry,
        spans,
        Counter(),
    )
    return Gateway(settings, lasting, partial(_serve, lasting, more_routes, compiles))


def _serve(
    lasting: Lasting,
    more_routes: MoreRoutes,
    compiles: bool,
    settings: Settings,
    known: Api | None,
    find_view: FindView,
) -> Served:
    """What a configuration makes; the API that is known stays, if it would be the same."""
    api = _renew_api(settings, known, compiles=compiles)
    clients = Clients(settings.clients, lasting.failed_keys)
    view = _build_view(settings, api, clients, lasting)
    origins = settings.server.origins
    socket = GraphQLSocket(find_view, clients, lasting.callers, origins, log_crash)
    middleware = [
        Middleware(HostCheck, allowed=settings.server.hosts),
        *allow_origins(settings.server.allowed_origins),
    ]
    app = Starlette(
        routes=[
            *_page_of(settings.server),
            Mount("/graphiql", GraphiQLFiles(directory=FILES)),
            Route("/graphql", view),
            WebSocketRoute("/graphql", socket),
            *more_routes(clients, settings.server),
        ],
        middleware=middleware,
        exception_handlers={HTTPException: answer_http_error},
    )
    return Served(settings, api, clients, view, _wrap(view, middleware), app)


def _renew_api(settings: Settings, known: Api | None, *, compiles: bool) -> Api:
    is_same = known is not None and known.is_as(_limits_of(settings), settings.server.introspection)
    if known is not None and is_same:
        return known
    api = build_api(settings, compiles=compiles)
    api.uncompiled.update(known.uncompiled if known is not None else ())
    return api


def _wrap(app: ASGIApp, middleware: Sequence[Middleware]) -> ASGIApp:
    """An application within middleware, the first one outermost."""
    for each in reversed(middleware):
        app = each.cls(app, *each.args, **each.kwargs)
    return app


def _build_view(settings: Settings, api: Api, clients: Clients, lasting: Lasting) -> GraphQLView:
    clock, logins = lasting.clock, lasting.logins
    server = settings.server

    async def find_upstreams(client: Client, credentials: Credentials) -> Mapping[str, Upstream]:
        return await logins.of_caller(client.inboxes, credentials, client.name)

    def make_context(client: Client, upstreams: Mapping[str, Upstream], *, is_now: bool) -> Context:
        return Context(
            upstreams,
            server.page_timeout,
            api.limits,
            may_write=client.may_write,
            report=log_crash,
            to_wall=partial(to_wall, clock),
            to_come=partial(to_come, clock),
            wall=clock.wall,
            not_before=clock.now() if is_now else None,
            watch=partial(_watch, upstreams),
            open_span=lasting.spans.open_field(),
        )

    tell = TellListening(lasting.telemetry, clock, lasting.subscriptions.closing.is_set)

    def listen(client: Client, credentials: Credentials) -> Listening:
        finding = find_upstreams, make_context
        return Listening(client, credentials, lasting.callers, *finding, tell)

    return GraphQLView(
        api,
        clients,
        InboxAuthorization(settings.inboxes),
        find_upstreams,
        make_context,
        _trusted(settings),
        InFlight(server.operations),
        ResponseCache(settings.cache.responses, clock, lasting.answers),
        lasting.subscriptions,
        listen,
        lasting.lifecycle,
        lasting.telemetry,
        lasting.spans,
        ViewSettings(settings.limits.body, server.body_timeout, server.origins, server.graphiql),
        report=log_crash,
    )


def build_api(settings: Settings, *, compiles: bool = True) -> Api:
    """The API with its limits; it can be shared by all callers. `compiles` as in `Api`."""
    allows_introspection = settings.server.introspection
    return Api(
        _limits_of(settings),
        log_unforeseen,
        log_excess,
        make_trace_id,
        allows_introspection=allows_introspection,
        compiles=compiles,
    )


def _limits_of(settings: Settings) -> Limits:
    given = settings.limits.model_dump(exclude={"mode", "body"})
    return Limits(**given, is_enforced=settings.limits.mode == "enforce")


def _watch(
    upstreams: Mapping[str, Upstream], name: str, scope: SeenScope, wake: Callable[[], None]
) -> Watch:
    upstream = upstreams[name]
    assert isinstance(upstream, CachedUpstream)  # as all that are opened here
    return upstream.watch(scope, wake)


def _page_of(server: ServerSettings) -> Sequence[BaseRoute]:
    if server.page:
        return page_routes(has_images=server.page_images)
    return [Route("/", _redirect_to_graphql)]


def _trusted(settings: Settings) -> TrustedDocuments:
    """Those of the operator, and those that the page asks."""
    documents = settings.documents
    by_hash = {**(page_documents() if settings.server.page else {}), **documents.manifest}
    return TrustedDocuments(by_hash, documents.mode, log_untrusted)


async def _redirect_to_graphql(request: Request) -> Response:
    return RedirectResponse("/graphql")


def open_store(settings: Settings) -> "RedisStore | None":
    """The store that several processes share, where one is configured; it is not called yet."""
    if settings.cache.url is None:
        return None
    from app.cache.shared.redis_store import RedisStore  # only who needs it pays for its 8 MB

    return RedisStore(settings.cache.url, settings.upstream.ca_file)


def open_connections(settings: UpstreamSettings) -> Transport:
    """The connections to all instances, by the proxies that the environment names."""
    return open_transport(
        settings.connections,
        settings.connections_per_host,
        settings.ca_file,
        getproxies(),
        settings.client,
    )
