"""What the contract suite is run against: upstreams, each with what its instance really holds."""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from random import random
from typing import get_args

import httpx
import pytest
from conftest import REAL_TIME
from starlette.types import ASGIApp
from support.caching import cached
from support.real_redis import RealRedis
from support.real_wiki.server import RealWiki
from support.recorded import VERSIONS, RecordedMastodon
from support.recorded_echo import RecordedEcho
from support.sockets import over_sockets
from support.virtual_time import LoopClock
from support.wiki_client import WikiClient
from support.worlds import BOT_PASSWORD, World, instant

from app.cache.shared.login_store import LoginStore
from app.cache.shared.redis_store import RedisStore
from app.clock import SystemClock
from app.sandbox.played_software import SOFTWARE
from app.sandbox.wiki_echo import EchoEvent
from app.setting_types.store_url import parse_store_url
from app.upstreams.http.client import Http
from app.upstreams.http.connections.opening import Client, open_transport
from app.upstreams.http.over_httpx import OverHttpx, TransportByHost
from app.upstreams.http.reply import Reply
from app.upstreams.http.transport import Request, Transport
from app.upstreams.mastodon.upstream import MastodonUpstream
from app.upstreams.mediawiki.echo.upstream import EchoUpstream
from app.upstreams.mediawiki.session import BotPassword
from app.upstreams.mediawiki.watchlist_upstream import WatchlistUpstream
from app.upstreams.mediawiki.wiki_login import WikiLogin
from app.upstreams.wrappers.circuit_breaker import CircuitBreaker, GuardedUpstream, is_outage
from app.upstreams.wrappers.observed import ObservedUpstream
from app.upstreams.wrappers.retried import RetriedUpstream
from resolvers.seam.upstream import Upstream

Truth = Callable[[], Awaitable[Sequence[str]]]


@dataclass
class Subject:
    """An upstream and its instance.

    `truth` gives the summaries of what is pending, newest first, by another way than the upstream.
    `arrive` and `leave` change the instance: a new notification on top, the newest one gone.
    `software` is what the instance is to be recognised as, `largest` the most rows of an answer.
    """

    upstream: Upstream
    truth: Truth
    arrive: Callable[[], Awaitable[None]] | None = None
    leave: Callable[[], Awaitable[None]] | None = None
    software: str | None = "mediawiki"
    largest: int = 500


@pytest.fixture(params=["real_wiki", "newer_wiki"])
def each_wiki(request: pytest.FixtureRequest) -> RealWiki:
    """The oldest real MediaWiki that there is, and the newest."""
    wiki: RealWiki = request.getfixturevalue(request.param)
    return wiki


@pytest.fixture
def anyio_backend() -> tuple[str, dict[str, object]]:
    """A real wiki answers in real time."""
    return REAL_TIME


Way = Callable[[str, ASGIApp], Transport]
"""How an instance in memory is reached, by its host."""


def in_memory(host: str, app: ASGIApp) -> Transport:
    """Without a network."""
    return OverHttpx(httpx.ASGITransport(app))


def sandbox_mastodon(software: str, way: Way = in_memory) -> Subject:
    """95 posts at the sandbox, more than one chunk; software that lists fewer has the newest."""
    world = World()
    sandbox = world.add_mastodon("home", software)
    sandbox.allowed_requests = 1000
    for second in range(95):
        world.post("home", second, f"post {second}")
    rows = sandbox.mailboxes["token-of-home"].notifications

    async def truth() -> Sequence[str]:
        return [str(row["created_at"]) for row in rows]

    async def arrive() -> None:
        world.post("home", 1000 + len(rows))

    async def leave() -> None:
        del rows[0]

    transport = way("home.mastodon.test", sandbox.app)
    http = Http("https://home.mastodon.test", transport, "test", 4, "token-of-home")
    upstream = MastodonUpstream("home", "https://home.mastodon.test", http, LoopClock())
    called = None if software.startswith("unknown") else software.partition("-")[0]
    return Subject(upstream, truth, arrive, leave, called, sandbox.largest_limit)


def sandbox_wiki(way: Way = in_memory) -> Subject:
    """140 changes at the sandbox, three to a second."""
    world = World()
    sandbox = world.add_wiki("wiki")
    for step in range(140):
        world.edit("wiki", step - step % 3, page=f"Page {step % 7}")
    alice = sandbox.pages.users["Alice"]

    async def truth() -> Sequence[str]:
        changes = sandbox.pages.watchlist(alice, only_unread=True)
        return [f"{change.at:%Y-%m-%dT%H:%M:%SZ}" for change in changes]

    async def arrive() -> None:
        world.edit("wiki", 1000 + len(sandbox.pages.changes), page="Page 1")

    async def leave() -> None:
        newest = next(sandbox.pages.watchlist(alice, only_unread=True))
        alice.marks[newest.title] = None

    url = "https://wiki.wiki.test/w/api.php"
    http = Http(url, way("wiki.wiki.test", sandbox.app), "test", 4)
    login = BotPassword("Alice@gw", BOT_PASSWORD)
    upstream = WatchlistUpstream(WikiLogin("wiki", url, http, LoopClock(), login))
    return Subject(upstream, truth, arrive, leave)


def real_mediawiki(wiki: RealWiki, transport: Transport, user: str) -> Subject:
    """The watchlist of a user of the real wiki."""
    reader = WikiClient(wiki.api_url, f"{user}@gw")
    editor = WikiClient(wiki.api_url, "Bob@ed")

    async def truth() -> Sequence[str]:
        return [str(change["timestamp"]) for change in await reader.watchlist()]

    async def arrive() -> None:
        await editor.edit("Busy 3", "another text")

    async def leave() -> None:
        newest = (await reader.watchlist())[0]
        await reader.mark_seen(str(newest["title"]))

    http = Http(wiki.api_url, transport, "Tidings-test/0 (test@tidings.test)", 10)
    login = BotPassword(f"{user}@gw", BOT_PASSWORD)
    upstream = WatchlistUpstream(WikiLogin("real", wiki.api_url, http, SystemClock(), login))
    return Subject(upstream, truth, arrive, leave)


def sandbox_echo(way: Way = in_memory) -> Subject:
    """95 notifications at the sandbox, some of one second, and as many that cannot be rendered."""
    world = World()
    sandbox = world.add_wiki("wiki")
    echo = world.add_echo("wiki")
    for step in range(190):
        world.tell("wiki", step - step % 3, is_renderable=step % 2 == 0)

    async def truth() -> Sequence[str]:
        return [f"{each.at:%Y-%m-%dT%H:%M:%SZ}" for each in shown()]

    def shown() -> Sequence[EchoEvent]:
        return [each for each in echo.of("Alice", "!read") if each.is_renderable]

    async def arrive() -> None:
        world.tell("wiki", 1000 + len(echo.events["Alice"]))

    async def leave() -> None:
        shown()[0].read_at = instant(2000)

    url = "https://wiki.wiki.test/w/api.php"
    http = Http(url, way("wiki.wiki.test", sandbox.app), "test", 4)
    login = BotPassword("Alice@gw", BOT_PASSWORD)
    upstream = EchoUpstream(WikiLogin("wiki", url, http, LoopClock(), login))
    return Subject(upstream, truth, arrive, leave, largest=20)  # of 40 that are asked for


def real_echo(wiki: RealWiki, transport: Transport) -> Subject:
    """The notifications of a user of a real wiki with Echo."""
    reader, editor = WikiClient(wiki.api_url, "Ellen@gw"), WikiClient(wiki.api_url, "Bob@ed")

    async def truth() -> Sequence[str]:
        return [str(row["timestamp"]["utciso8601"]) for row in await reader.notifications()]

    async def arrive() -> None:
        await editor.edit("User talk:Ellen", "another question")

    async def leave() -> None:
        await reader.mark_read((await reader.notifications())[0]["id"])

    http = Http(wiki.api_url, transport, "Tidings-test/0 (test@tidings.test)", 10)
    login = BotPassword("Ellen@gw", BOT_PASSWORD)
    upstream = EchoUpstream(WikiLogin("real", wiki.api_url, http, SystemClock(), login))
    return Subject(upstream, truth, arrive, leave)


def recorded_mastodon(recordings: Path, version: str) -> Subject:
    """What a real Mastodon of some version was recorded to answer."""
    recorded = RecordedMastodon(recordings, version)
    transport = TransportByHost({"localhost": httpx.ASGITransport(recorded.app)})
    http = Http("http://localhost", transport, "test", 4, "token")
    upstream = MastodonUpstream("recorded", "http://localhost", http, LoopClock())

    async def truth() -> Sequence[str]:
        return [str(row["created_at"]) for row in recorded.notifications]

    return Subject(upstream, truth, software="mastodon")


def recorded_echo(recordings: Path) -> Subject:
    """The notifications of a real MediaWiki 1.43, as they were recorded."""
    recorded = RecordedEcho(recordings)

    async def truth() -> Sequence[str]:
        return [str(row["timestamp"]["utciso8601"]) for row in recorded.rows]

    url = "http://127.0.0.1/w/api.php"
    transport = TransportByHost({"127.0.0.1": httpx.ASGITransport(recorded.app)})
    http = Http(url, transport, "test", 4, "token")
    return Subject(EchoUpstream(WikiLogin("recorded", url, http, LoopClock(), None)), truth)


CHANGING = ["sandbox-wiki", "real-wiki", "newer-wiki", "sandbox-echo", "real-echo"]
CHANGING += [f"sandbox-{software}" for software in SOFTWARE]
CACHED = ["cached-sandbox-mastodon", "cached-sandbox-wiki", "cached-real-wiki"]
CACHED += ["cached-sandbox-echo"]
SHARED = ["shared-sandbox-mastodon", "shared-sandbox-wiki", "shared-real-wiki"]
SOCKETS = ["pool-sandbox-mastodon", "pool-sandbox-wiki", "httpx-sandbox-mastodon"]
SOCKETS += ["httpx-sandbox-wiki", "httpx-real-wiki"]


@pytest.fixture(params=[*CHANGING, *VERSIONS, "recorded-echo", *CACHED, *SHARED, *SOCKETS])
async def subject(request: pytest.FixtureRequest) -> AsyncIterator[Subject]:
    """Each upstream there is, bare and in each wrapper."""
    kind, _, name = request.param.partition("-")
    if kind in get_args(Client):
        async with open_over_sockets(kind, name, request) as made:
            yield made
        return
    name = name if kind in ("cached", "shared") else request.param
    async with open_transport(10) as transport, AsyncExitStack() as stack:
        made = open_subject(name, request, transport)
        if name != request.param:
            is_shared = request.param.startswith("shared-")
            store = open_login_store(request, stack) if is_shared else None
            made.upstream = cached(wrap(made.upstream), clock=SystemClock(), shared=store)
            stack.push_async_callback(made.upstream.aclose)
        yield made


@asynccontextmanager
async def open_over_sockets(
    client: Client, name: str, request: pytest.FixtureRequest
) -> AsyncIterator[Subject]:
    """The subject of a name, reached over sockets by one client of HTTP."""
    instances: dict[str, httpx.AsyncBaseTransport] = {}
    later = LaterTransport()

    def note(host: str, app: ASGIApp) -> Transport:
        instances[host] = httpx.ASGITransport(app)
        return later

    if name == "real-wiki":
        async with open_transport(10, client=client) as transport:
            yield open_subject(name, request, transport)
        return
    made = sandbox_wiki(note) if name == "sandbox-wiki" else sandbox_mastodon("mastodon", note)
    async with over_sockets(instances, client) as later.way:
        yield made


class LaterTransport(Transport):
    """Whatever `way` is set to."""

    way: Transport

    async def send(self, request: Request) -> Reply:
        return await self.way.send(request)


def open_login_store(request: pytest.FixtureRequest, stack: AsyncExitStack) -> LoginStore:
    """A login's part of a real Redis, which is empty."""
    redis: RealRedis = request.getfixturevalue("real_redis")
    redis.ask(b"FLUSHALL")
    store = RedisStore(parse_store_url(redis.url))
    stack.push_async_callback(store.aclose)
    return LoginStore(store, "login", b"credential")


@pytest.fixture(params=CHANGING)
async def changing(request: pytest.FixtureRequest) -> AsyncIterator[Subject]:
    """Each upstream whose instance can be changed, bare: a cache may show what was."""
    async with open_transport(10) as transport:
        yield open_subject(request.param, request, transport)


def wrap(bare: Upstream) -> Upstream:
    """All the wrappers below the cache, in their order."""
    clock = SystemClock()
    guarded = GuardedUpstream(
        ObservedUpstream(bare, clock), CircuitBreaker("it", clock, random, 0.3, is_outage)
    )
    return RetriedUpstream(guarded, clock, random, 1.0)


def open_subject(name: str, request: pytest.FixtureRequest, transport: Transport) -> Subject:
    """What a name stands for."""
    if name == "sandbox-wiki":
        return sandbox_wiki()
    if name in ("real-wiki", "newer-wiki"):
        wiki = request.getfixturevalue(name.replace("-", "_"))
        return real_mediawiki(wiki, transport, "Busy")
    if name == "sandbox-echo":
        return sandbox_echo()
    if name == "real-echo":
        return real_echo(request.getfixturevalue("newer_wiki"), transport)
    if name == "recorded-echo":
        return recorded_echo(request.getfixturevalue("recordings"))
    if name in VERSIONS:
        return recorded_mastodon(request.getfixturevalue("recordings"), name)
    return sandbox_mastodon(name.removeprefix("sandbox-"))
