"""Puts the gateway together. Everything that is shared is made here and passed on."""

import random
import secrets
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from hashlib import blake2b
from urllib.request import getproxies

import httpx
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Mount, Route

from app import VERSION
from app.cache.cached import CachedUpstream
from app.cache.link import Link
from app.cache.remote import RemoteStore
from app.cache.shared_budget import SharedBudget
from app.cache.shared_session import SharedSession
from app.cache.store import ChunkStore
from app.cache.times import CacheTimes
from app.clock import Clock
from app.config.settings import (
    InboxSettings,
    MastodonInbox,
    MediaWikiInbox,
    Settings,
    UpstreamSettings,
)
from app.graphiql.page import FILES, GraphiQLFiles
from app.observability.events import (
    log_crash,
    log_excess,
    log_unforeseen,
    log_untrusted,
    make_trace_id,
)
from app.upstreams.circuit import Circuit, GuardedUpstream
from app.upstreams.http import MOST_AT_ONCE, Http, open_transport
from app.upstreams.mastodon.upstream import MastodonUpstream
from app.upstreams.mediawiki.session import BotPassword
from app.upstreams.mediawiki.upstream import MediaWikiUpstream
from app.upstreams.observed import ObservedUpstream
from app.upstreams.rate_budget import RateBudget
from app.upstreams.retried import RetriedUpstream
from app.web.hosts import HostCheck
from app.web.in_flight import InFlight
from app.web.origins import allow_origins
from app.web.refusal import answer_http_error
from app.web.trusted_documents import TrustedDocuments
from app.web.view import Entrance, GraphQLView
from resolvers.context import Context
from resolvers.execution import Api
from resolvers.limits import Limits
from resolvers.upstream import Upstream

_AT_ONCE_AT_A_WIKI = 3
"""Requests of one user: https://www.mediawiki.org/wiki/API:Etiquette asks for few."""

_WITH_A_COPY = 0.7
"""Of a page's time, for an instance of which there is an old copy to show if it hangs."""


def build_app(
    settings: Settings,
    clock: Clock,
    transport: httpx.AsyncBaseTransport,
    store: RemoteStore | None = None,
    more_routes: Sequence[BaseRoute] = (),
) -> Starlette:
    """The gateway as an ASGI application; it closes transport and store when it is shut down."""
    upstreams = build_upstreams(settings, clock, transport, store)
    view = _build_view(settings, upstreams)

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        if store is not None:
            await store.greet()
        try:
            yield
        finally:
            for upstream in upstreams.values():
                await upstream.aclose()
            if store is not None:
                await store.aclose()
            await transport.aclose()

    return Starlette(
        routes=[
            Route("/", _redirect_to_graphql),
            Mount("/graphiql", GraphiQLFiles(directory=FILES)),
            Route("/graphql", view),
            *more_routes,
        ],
        middleware=[
            Middleware(HostCheck, allowed=settings.server.hosts),
            *allow_origins(settings.server.allowed_origins),
        ],
        exception_handlers={HTTPException: answer_http_error},
        lifespan=lifespan,
    )


def _build_view(settings: Settings, upstreams: Mapping[str, Upstream]) -> GraphQLView:
    server = settings.server
    api = build_api(settings)
    return GraphQLView(
        api,
        lambda: Context(upstreams, server.page_timeout, api.limits),
        TrustedDocuments(settings.documents.manifest, settings.documents.mode, log_untrusted),
        InFlight(server.operations),
        Entrance(settings.limits.body, server.body_timeout, server.origins, server.graphiql),
        report=log_crash,
    )


def build_api(settings: Settings) -> Api:
    """The API with its limits; it can be shared by all callers."""
    given = settings.limits.model_dump(exclude={"mode", "body"})
    limits = Limits(**given, is_enforced=settings.limits.mode == "enforce")
    allows_introspection = settings.server.introspection
    return Api(
        limits,
        log_unforeseen,
        log_excess,
        make_trace_id,
        allows_introspection=allows_introspection,
    )


async def _redirect_to_graphql(request: Request) -> Response:
    return RedirectResponse("/graphql")


def open_store(settings: Settings) -> RemoteStore | None:
    """The store that several processes share, where one is configured; it is not called yet."""
    if settings.cache.url is None:
        return None
    return RemoteStore(settings.cache.url, settings.upstream.ca_file)


def build_upstreams(
    settings: Settings,
    clock: Clock,
    transport: httpx.AsyncBaseTransport,
    store: RemoteStore | None = None,
) -> Mapping[str, CachedUpstream]:
    """What speaks for each inbox, by name, in the configuration's order.

    Observed, then guarded by its instance's circuit, then retried, then cached: each try passes the
    circuit, so that an instance that is down is tried once when its time has come.
    """
    chunks = ChunkStore(settings.cache.memory)
    circuits: dict[str, Circuit] = {}
    upstreams: dict[str, CachedUpstream] = {}
    for inbox in settings.inboxes:
        circuit = circuits.setdefault(inbox.url, Circuit(inbox.url, clock, random.random))
        login, times = identify_login(inbox), _cache_times(settings, inbox.platform)
        link = Link(store, login, _credential(inbox)) if store is not None else None
        observed = ObservedUpstream(_open_inbox(inbox, settings, clock, transport, link), clock)
        retried = RetriedUpstream(GuardedUpstream(observed, circuit), clock, random.random)
        upstreams[inbox.name] = CachedUpstream(
            retried, chunks, login, times, clock, make_token, link
        )
    return upstreams


def open_connections(settings: UpstreamSettings) -> httpx.AsyncBaseTransport:
    """The connections to all instances, by the proxies that the environment names."""
    return open_transport(settings.connections, settings.ca_file, getproxies())


def make_token() -> bytes:
    """What names an entry of a write log, in all processes together."""
    return secrets.token_bytes(8)


def _cache_times(settings: Settings, platform: str) -> CacheTimes:
    fresh, stale, keep = settings.cache.ages_for(platform)
    return CacheTimes(
        fresh=fresh,
        stale=stale,
        keep=keep,
        patience=settings.cache.patience,
        longest_wait=min(settings.upstream.timeout, settings.server.page_timeout * _WITH_A_COPY),
        settling=settings.cache.settling,
        settling_unknown=settings.cache.settling_unknown,
    )


def _open_inbox(
    inbox: InboxSettings,
    settings: Settings,
    clock: Clock,
    transport: httpx.AsyncBaseTransport,
    link: Link | None,
) -> Upstream:
    user_agent = f"Tidings/{VERSION} ({settings.upstream.contact}) httpx/{httpx.__version__}"
    token = inbox.token.get_secret_value() if inbox.token else None
    is_mastodon = isinstance(inbox, MastodonInbox)
    http = Http(
        inbox.url,
        transport,
        user_agent,
        settings.upstream.timeout,
        token,
        budget=RateBudget(
            inbox.url,
            clock,
            counts_paging=is_mastodon,
            share=SharedBudget(link) if link is not None and is_mastodon else None,
        ),
        at_once=MOST_AT_ONCE if is_mastodon else _AT_ONCE_AT_A_WIKI,
    )
    if isinstance(inbox, MastodonInbox):
        return MastodonUpstream(inbox.name, inbox.url, http, clock)
    share = SharedSession(link, make_token) if link is not None else None
    return MediaWikiUpstream(inbox.name, inbox.url, http, clock, _bot_password(inbox), share)


def _bot_password(inbox: MediaWikiInbox) -> BotPassword | None:
    if inbox.username is None or inbox.password is None:
        return None
    return BotPassword(inbox.username, inbox.password.get_secret_value())


def identify_login(inbox: InboxSettings) -> str:
    """A text for (inbox, credential) that no other login has and that tells no secret."""
    who = f"{inbox.name}|{inbox.url}".encode()
    digest = blake2b(who, key=blake2b(_credential(inbox)).digest(), digest_size=16)
    return f"{inbox.name}|{digest.hexdigest()}"


def _credential(inbox: InboxSettings) -> bytes:
    secrets = [inbox.token]
    if isinstance(inbox, MediaWikiInbox):
        secrets.append(inbox.password)
    return "|".join(secret.get_secret_value() for secret in secrets if secret).encode()
