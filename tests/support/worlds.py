"""A gateway over sandbox instances, asked as a client asks it."""

import asyncio
import random
from collections import Counter
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, ClassVar
from urllib.parse import urlsplit

import httpx
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.cache.shared.redis_store import RedisStore
from app.config.settings import Settings
from app.gateway import Gateway
from app.logins import Logins
from app.main import build_app, open_store
from app.observability.spans import NO_SPANS, Spans
from app.observability.telemetry import NOBODY, Telemetry
from app.sandbox.faults import Fault, FaultyTransport
from app.sandbox.listing import Entity
from app.sandbox.mastodon import SandboxMastodon
from app.sandbox.mediawiki import SandboxWiki
from app.sandbox.stream_faults import FaultySockets
from app.sandbox.wiki_echo import RIGHT, EchoEvent, SandboxEcho
from app.upstreams.http.over_httpx import TransportByHost
from app.upstreams.http.reply import Reply
from app.upstreams.http.transport import Messages, Request
from resolvers.seam.upstream import Upstream
from support.virtual_time import START, LoopClock, wait_for_stores

Json = dict[str, Any]

NO_COPIES = {"fresh": 0, "stale": 0, "keep": 0}
"""`[cache]` settings with which every answer is the instance's of this moment."""

UNTIL_ASKED_AGAIN = 61
"""Seconds after which an instance that failed is certainly asked again."""

BOT_PASSWORD = "a1b2c3d4" * 4
PAGE = """
query Page($first: Int, $after: String, $filter: NotificationFilter) {
  notifications(first: $first, after: $after, filter: $filter) {
    edges { cursor node { id summary createdAt inbox { name } } }
    pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
    isIncomplete
    sources { inbox { name } freshness fetchedAt failure { code message isRetryable retryAt } }
  }
}
"""


def instant(seconds: float) -> datetime:
    """A time before the test began: the larger, the newer; 0 is an hour ago."""
    return START - timedelta(hours=1) + timedelta(seconds=seconds)


class Instance:
    """An ASGI application that can be slow to act or to answer, or away; `asked` counts by path."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self.seconds = 0.0
        self.is_down = False
        self.answers_left: int | None = None
        self.before_each: Callable[[], None] = lambda: None
        self.delays_answers = 0.0
        self.hangs_after_writing = False
        self.loses_writes = False
        self.asked: Counter[str] = Counter()
        self._way = FaultyTransport(httpx.ASGITransport(app), LoopClock())

    def set_stream_fault(self, fault: Fault | None) -> None:
        """What goes wrong with its streams from now on."""
        self._way.fault = fault

    def replace(self, app: ASGIApp) -> None:
        """Another application answers from now on."""
        self._app = app

    async def open_socket(self, request: Request, subprotocol: str | None) -> Messages | Reply:
        """A WebSocket there, with the fault that was set."""
        if self.is_down:
            raise httpx.ConnectError("connection refused")
        self.asked[urlsplit(request.url).path] += 1
        return await FaultySockets(self._app, self._way).open(request, subprotocol)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self.answers_left is not None:
            self.answers_left -= 1
        if self.is_down or (self.answers_left is not None and self.answers_left < 0):
            raise httpx.ConnectError("connection refused")
        self.asked[scope["path"]] += 1
        await asyncio.sleep(self.seconds)
        self.before_each()
        delay = self.delays_answers
        if self.loses_writes and scope["method"] == "POST":
            raise httpx.ReadError("connection reset")
        if self.hangs_after_writing and scope["method"] == "POST":
            delay = 1000.0
        messages: list[Message] = []

        async def collect(message: Message) -> None:
            messages.append(message)

        await self._app(scope, receive, collect)
        await asyncio.sleep(delay)
        for message in messages:
            await send(message)


@dataclass
class World:
    """Instances, inboxes at them, and a gateway over these."""

    mastodons: dict[str, SandboxMastodon] = field(default_factory=dict)
    wikis: dict[str, SandboxWiki] = field(default_factory=dict)
    instances: dict[str, Instance] = field(default_factory=dict)
    tables: list[Json] = field(default_factory=list)
    left_out: set[str] = field(default_factory=set)
    telemetry: Telemetry = NOBODY
    spans: Spans = NO_SPANS
    sections: Json = field(default_factory=dict)
    compiles: ClassVar[bool] = True
    app: Gateway | None = None
    _client: httpx.AsyncClient | None = None

    def add_mastodon(
        self, name: str, software: str = "mastodon", *, streams: bool = False
    ) -> SandboxMastodon:
        """An instance with one inbox of that name, of a software that the sandbox plays.

        It says where it streams if it `streams`.
        """
        host = f"{name}.mastodon.test"
        sandbox = self.mastodons[name] = SandboxMastodon(host, LoopClock(), software=software)
        sandbox.open_mailbox(f"token-of-{name}", "me")
        sandbox.streams.url = sandbox.streams.url if streams else None
        self.instances[name] = Instance(sandbox.app)
        self.tables.append(
            {
                "name": name,
                "platform": "mastodon",
                "url": f"https://{host}",
                "token": f"token-of-{name}",
            }
        )
        return sandbox

    def add_wiki(self, name: str) -> SandboxWiki:
        """A wiki with one inbox of that name, whose user watches every page of `edit`."""
        host = f"{name}.wiki.test"
        sandbox = self.wikis[name] = SandboxWiki(host, LoopClock())
        sandbox.pages.make_user("Alice", "gw", BOT_PASSWORD, "viewmywatchlist", "editmywatchlist")
        self.instances[name] = Instance(sandbox.app)
        self.tables.append(
            {
                "name": name,
                "platform": "mediawiki",
                "url": f"https://{host}/w/api.php",
                "username": "Alice@gw",
                "password": BOT_PASSWORD,
            }
        )
        return sandbox

    def bring_credentials(self, name: str, *tokens: str) -> None:
        """A Mastodon inbox is of whoever brings one of these tokens."""
        for token in tokens:
            self.mastodons[name].open_mailbox(token, token.replace("-", "_"))
        for table in self.tables:
            if table["name"] == name:
                del table["token"]
                table["credentials"] = "request"

    def post(self, name: str, seconds: float, text: str = "hello", token: str = "") -> Entity:
        """A mention in the Mastodon inbox `name`, which happened at `instant(seconds)`."""
        sandbox = self.mastodons[name]
        zed = sandbox.make_account("zed@elsewhere.test", "Zed")
        status = sandbox.make_status(zed, f"<p>{text}</p>", instant(seconds))
        token = token or f"token-of-{name}"
        return sandbox.notify(token, "mention", zed, instant(seconds), status=status)

    def edit(self, name: str, seconds: float, page: str = "Page", user: str = "Bob") -> None:
        """A change of a watched page at the wiki `name`."""
        wiki = self.wikis[name]
        wiki.pages.watch("Alice", page)
        wiki.pages.edit(page, user, "a change", instant(seconds))

    def add_echo(self, name: str, *grants: str) -> SandboxEcho:
        """The wiki `name` gets Echo, and its user the right to it unless `grants` are given."""
        wiki = self.wikis[name]
        wiki.echo = SandboxEcho(wiki.origin)
        of_watchlist = "viewmywatchlist", "editmywatchlist"
        wiki.pages.make_user("Alice", "gw", BOT_PASSWORD, *(grants or (*of_watchlist, RIGHT)))
        return wiki.echo

    def tell(self, name: str, seconds: float, kind: str = "mention", **more: Any) -> EchoEvent:
        """A notification of the wiki `name` itself, which happened at `instant(seconds)`."""
        echo = self.wikis[name].echo
        assert echo is not None
        return echo.notify("Alice", kind, instant(seconds), **{"page": "Talk:Moon", **more})

    def client(self) -> httpx.AsyncClient:
        """Speaks HTTP with the gateway, which is made at the first call."""
        if self._client is None:
            self.app = self.gateway()
            self._client = httpx.AsyncClient(
                transport=httpx.ASGITransport(self.app), base_url="http://localhost:8000"
            )
        return self._client

    def gateway(self) -> Gateway:
        """A new gateway, as an ASGI application."""
        transport = self._transport()
        parts = self.settings(), LoopClock(), transport
        return build_app(*parts, compiles=self.compiles, telemetry=self.telemetry, spans=self.spans)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """The gateway from its start to its end, as a server runs it."""
        store = open_store(self.settings())
        gateway = build_app(self.settings(), LoopClock(), self._transport(), store)
        if store is not None:
            wait_for_stores(store)
        async with gateway.router.lifespan_context(gateway):
            self.app = gateway
            self._client = httpx.AsyncClient(
                transport=httpx.ASGITransport(gateway), base_url="http://localhost:8000"
            )
            yield

    def upstreams(self) -> Mapping[str, Upstream]:
        """The inboxes' upstreams, made anew, for tests that need no GraphQL."""
        return self.logins().configured

    def logins(self, store: RedisStore | None = None) -> Logins:
        """The logins of a gateway, made anew."""
        chance = random.Random("world").random  # noqa: S311 - a seed, no secret
        return Logins(self.settings(), LoopClock(), self._transport(), store, chance)

    def _transport(self) -> TransportByHost:
        hosts = {
            str(urlsplit(table["url"]).hostname): self.instances[table["name"]]
            for table in self.tables
            if table["name"] in self.instances
        }
        ways = {host: httpx.ASGITransport(app) for host, app in hosts.items()}
        sockets = {host: app.open_socket for host, app in hosts.items()}
        return TransportByHost(ways, sockets=sockets)

    def settings(self) -> Settings:
        """The configuration of this world."""
        return Settings.model_validate(
            {
                "upstream": {"contact": "test@tidings.test"},
                **self.sections,
                "inboxes": [each for each in self.tables if each["name"] not in self.left_out],
            }
        )

    def restart(self) -> None:
        """The next call makes a new gateway, as another process would."""
        self._client = None

    async def ask(
        self,
        document: str,
        variables: Mapping[str, object] | None = None,
        headers: Mapping[str, str] | None = None,
        operation: str | None = None,
    ) -> Json:
        """The whole answer to an operation, as a client gets it."""
        body = {"query": document, "variables": variables or {}, "operationName": operation}
        response = await self.client().post("/graphql", json=body, headers=headers)
        answer: Json = response.json()
        return answer

    async def page(self, **variables: object) -> Json:
        """A page of `notifications`, which must not have errors."""
        answer = await self.ask(PAGE, variables)
        assert "errors" not in answer or answer["errors"] is None, answer
        page: Json = answer["data"]["notifications"]
        return page

    async def walk(self, first: int, **variables: object) -> list[Json]:
        """All pages down to the end, from the top or from `after`."""
        pages = [await self.page(first=first, **variables)]
        while pages[-1]["pageInfo"]["hasNextPage"]:
            if any(source["failure"] for source in pages[-1]["sources"]):
                await asyncio.sleep(UNTIL_ASKED_AGAIN)
            variables["after"] = pages[-1]["pageInfo"]["endCursor"]
            pages.append(await self.page(first=first, **variables))
        return pages

    def list_requests(self) -> int:
        """How often a list was asked for, at all instances together."""
        return sum(self.list_requests_of(name) for name in (*self.mastodons, *self.wikis))

    def list_requests_of(self, name: str) -> int:
        """How often the list of one inbox was asked for."""
        sandbox: SandboxMastodon | SandboxWiki
        sandbox = self.mastodons[name] if name in self.mastodons else self.wikis[name]
        return len(sandbox.requests)


def small_world() -> World:
    """One inbox of each platform, with one notification."""
    world = World()
    world.add_mastodon("home")
    world.add_wiki("wiki")
    world.post("home", 1)
    return world


def mixed_world(home: str = "mastodon") -> World:
    """Two Mastodon inboxes and a wiki, with 30 notifications that interleave.

    `home` is the server software of the first.
    """
    world = World()
    world.add_mastodon("home", home)
    world.add_wiki("wiki")
    world.add_mastodon("work")
    for step in range(10):
        world.post("home", step * 3)
        world.edit("wiki", step * 3 + 1, page=f"Page {step % 4}")
        world.post("work", step * 3 + 2)
    return world


def nodes(*pages: Json) -> list[Json]:
    """The nodes of some pages, in order."""
    return [edge["node"] for page in pages for edge in page["edges"]]


def names(*pages: Json) -> list[str]:
    """The inboxes of the pages' nodes, in order."""
    return [node["inbox"]["name"] for node in nodes(*pages)]
