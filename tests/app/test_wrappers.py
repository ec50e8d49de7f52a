"""How instances are treated: retries, circuit breakers, limits: docs/rate-limits.md."""

import asyncio
import contextlib
from collections.abc import Callable
from itertools import pairwise

import httpx
import pytest
from starlette.types import Receive, Scope, Send
from support.virtual_time import LoopClock
from support.worlds import NO_COPIES, UNTIL_ASKED_AGAIN, World, nodes

from app.upstreams.http.client import Http
from app.upstreams.http.over_httpx import OverHttpx
from app.upstreams.http.rate_budget import PAGING_REQUESTS, RateBudget
from app.upstreams.mastodon.upstream import MastodonUpstream
from app.upstreams.wrappers.circuit_breaker import CircuitBreaker, GuardedUpstream, is_outage
from app.upstreams.wrappers.observed import ObservedUpstream
from app.upstreams.wrappers.retried import RetriedUpstream
from resolvers.errors import UpstreamError, UpstreamFailureCode
from resolvers.seam.chunk import TOP, Anchor, ChunkRequest, Direction

URL = "https://home.mastodon.test"
TOKEN = "token-of-home"


class Moody:
    """An instance that has its moods: each request takes the next one, then all is well."""

    def __init__(self, app: Callable[[Scope, Receive, Send], object]) -> None:
        self._app = app
        self.moods: list[int | Exception | None] = []
        self.requests: list[float] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.requests.append(asyncio.get_running_loop().time())
        mood = self.moods.pop(0) if self.moods else None
        await asyncio.sleep(0)  # so that others can ask meanwhile
        if isinstance(mood, Exception):
            raise mood
        if mood is not None:
            await send({"type": "http.response.start", "status": mood, "headers": []})
            await send({"type": "http.response.body", "body": b""})
            return
        await self._app(scope, receive, send)  # type: ignore[misc] # an ASGI application


class Home:
    """An inbox at a moody sandbox, behind retries and a circuit breaker."""

    def __init__(self, posts: int = 3) -> None:
        self.world = World()
        self.sandbox = self.world.add_mastodon("home")
        for second in range(posts):
            self.world.post("home", second)
        self.instance = Moody(self.sandbox.app)
        clock = LoopClock()
        budget = RateBudget(URL, clock, counts_paging=True)
        transport = OverHttpx(httpx.ASGITransport(self.instance))
        http = Http(URL, transport, "test", 4, TOKEN, budget=budget)
        self.bare = MastodonUpstream("home", URL, http, clock)
        breaker = CircuitBreaker(URL, clock, lambda: 0.5, 0.3, is_outage)
        self.guarded = GuardedUpstream(ObservedUpstream(self.bare, clock), breaker)
        self.upstream = RetriedUpstream(self.guarded, clock, lambda: 0.5, 1.0)

    async def read(self) -> int:
        """How many rows the newest chunk has."""
        return len((await self.upstream.read(ChunkRequest(TOP, 40))).rows)

    async def fail(self) -> UpstreamError:
        """The failure that reading ends with."""
        with pytest.raises(UpstreamError) as caught:
            await self.read()
        return caught.value


RESET = httpx.ReadError("reset")
REFUSED = httpx.ConnectError("refused")


@pytest.mark.parametrize("mood", [RESET, REFUSED, 502, 503])
async def test_a_read_is_tried_again(mood: int | Exception) -> None:
    """After a broken connection or a 5xx, a moment later."""
    home = Home()
    home.instance.moods = [mood]
    assert await home.read() == 3
    first, second, *_ = home.instance.requests  # the last asks what runs there
    assert 0.05 <= second - first <= 0.1


@pytest.mark.parametrize("mood", [401, 404, 418, 422])
async def test_a_refusal_is_not_tried_again(mood: int) -> None:
    """It would be refused again."""
    home = Home()
    home.instance.moods = [mood]
    await home.fail()
    assert len(home.instance.requests) == 1


async def test_a_timeout_is_not_tried_again() -> None:
    """It has taken the time that there was."""
    home = Home()
    home.instance.moods = [httpx.ReadTimeout("slow")]
    assert (await home.fail()).failure_code is UpstreamFailureCode.TIMEOUT
    assert len(home.instance.requests) == 1


async def test_a_write_that_was_not_sent() -> None:
    """Where there was no connection a write is tried again; where there was one, never."""
    home = Home()
    row = home.sandbox.mailboxes[TOKEN].notifications[0]["id"]
    await home.bare.ask_profile()
    home.instance.moods = [REFUSED]
    await home.upstream.dismiss(row)
    assert len(home.sandbox.writes) == 1
    home.instance.moods = [RESET]
    asked = len(home.instance.requests)
    with pytest.raises(UpstreamError) as caught:
        await home.upstream.clear()
    assert caught.value.is_outcome_unknown
    assert len(home.instance.requests) == asked + 1


async def test_tries_have_a_budget() -> None:
    """An instance that breaks off every other answer is not asked twice as much for ever."""
    home = Home()
    for _ in range(30):
        home.instance.moods = [RESET]
        try:
            await home.read()
        except UpstreamError:
            home.instance.moods = []
            await home.read()
    assert len(home.instance.requests) <= 30 + 10 + 30 // 10 + 20


async def test_the_first_failure_is_told() -> None:
    """Not that the circuit breaker has opened meanwhile."""
    home = Home()
    home.instance.moods = [503] * 3
    assert (await home.fail()).failure_code is UpstreamFailureCode.UNAVAILABLE
    assert len(home.instance.requests) == 2
    assert (await home.fail()).failure_code is UpstreamFailureCode.SUSPENDED


async def test_down_for_ten_minutes() -> None:
    """Under load, an instance that is down is asked once each time that `retryAt` has come."""
    home = Home()
    home.instance.moods = [REFUSED] * 1000
    retries = set()
    await asyncio.gather(*(home.fail() for _ in range(5)))
    opened = len(home.instance.requests)
    assert opened <= 10  # each of those that were under way, and its first retry
    for _ in range(600):
        failures = await asyncio.gather(*(home.fail() for _ in range(5)))
        retries |= {failure.retry_at for failure in failures if failure.retry_at}
        await asyncio.sleep(1)
    probes = home.instance.requests[opened:]
    assert len(probes) <= len(retries)
    pauses = [later - earlier for earlier, later in pairwise(probes)]
    assert all(pause >= 48 for pause in pauses[4:]) and len(probes) <= 16
    home.instance.moods = []
    await asyncio.sleep(61)
    assert await home.read() == 3
    assert await asyncio.gather(*(home.read() for _ in range(5))) == [3] * 5


async def test_a_moment_is_one_outage() -> None:
    """Requests that were under way together say once that the instance is away."""
    home = Home()
    home.instance.moods = [502, 502]
    together = (home.guarded.read(ChunkRequest(TOP, each)) for each in (40, 41))
    failures = await asyncio.gather(*together, return_exceptions=True)
    assert all(isinstance(each, UpstreamError) for each in failures)
    assert home.upstream.health.suspended_until is None
    assert await home.read() == 3


async def test_a_broken_account_is_its_own() -> None:
    """500s of one login leave the others at its instance alone; it is asked no more often."""
    world = World()
    world.add_mastodon("home")
    world.post("home", 1)
    world.tables.append({**world.tables[0], "name": "broken", "token": "token-of-nobody"})
    world.sections = {"cache": NO_COPIES}
    app, asked = world.mastodons["home"].app, 0

    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        nonlocal asked
        if (b"authorization", b"Bearer token-of-nobody") not in scope["headers"]:
            await app(scope, receive, send)
            return
        asked += 1
        await send({"type": "http.response.start", "status": 500, "headers": []})
        await send({"type": "http.response.body", "body": b"{}"})

    world.instances["home"].replace(answer)
    for _ in range(60):
        page = await world.page()
        home, broken = page["sources"]
        assert home["failure"] is None and len(nodes(page)) == 1
        assert broken["failure"]["code"] in ("UNAVAILABLE", "SUSPENDED")
        await asyncio.sleep(1)
    assert asked <= 8


async def test_one_of_twenty_hangs() -> None:
    """Cold: two pages wait for it, then nobody."""
    world = World()
    for number in range(20):
        world.add_mastodon(f"home-{number}")
        world.post(f"home-{number}", number)
    world.sections = {"cache": NO_COPIES}
    world.instances["home-7"].seconds = 1000
    loop, waits = asyncio.get_running_loop(), []
    for _ in range(5):
        began = loop.time()
        assert len(nodes(await world.page(first=19))) == 19
        waits.append(round(loop.time() - began, 3))
        await asyncio.sleep(0.2)
    assert waits[0] == waits[1] == 4
    assert waits[2:] == [0, 0, 0]
    await asyncio.sleep(UNTIL_ASKED_AGAIN)  # it is tried again, and nobody waits for that for long
    began = loop.time()
    await world.page(first=19)
    assert round(loop.time() - began, 3) == 0.3


async def test_what_waits_for_the_one_that_tries() -> None:
    """Once an instance answers again, all that a page asks of it is answered."""
    world = World()
    world.add_mastodon("home")
    world.post("home", 1)
    world.sections = {"cache": NO_COPIES}
    world.instances["home"].is_down = True
    await world.page()
    world.instances["home"].is_down = False
    world.instances["home"].seconds = 0.05
    await asyncio.sleep(UNTIL_ASKED_AGAIN)
    page = await world.page(filter={"unreadOnly": True})
    assert len(nodes(page)) == 1


async def test_a_limit_is_heeded() -> None:
    """With no request left by its headers, an instance is not asked before they are reset."""
    home = Home()
    home.sandbox.allowed_requests = 2
    assert await home.read() == await home.read() == 3
    failure = await home.fail()
    assert failure.failure_code is UpstreamFailureCode.RATE_LIMITED
    assert len(home.instance.requests) == 3  # one asks what runs there, without the login
    assert failure.retry_at is not None
    await asyncio.sleep((failure.retry_at - LoopClock().now()).total_seconds())
    assert await home.read() == 3


async def test_429_without_a_time() -> None:
    """Is half a minute."""
    home = Home()
    home.instance.moods = [429]
    assert (await home.fail()).failure_code is UpstreamFailureCode.RATE_LIMITED
    await asyncio.sleep(28)
    assert (await home.fail()).failure_code is UpstreamFailureCode.RATE_LIMITED
    assert len(home.instance.requests) == 1
    await asyncio.sleep(3)
    assert await home.read() == 3


async def test_the_paging_budget_over_a_day() -> None:
    """Heavy use for a day, by the sandbox's own count: never more than 300 in 15 minutes."""
    home = Home()
    home.sandbox.allowed_requests = 1000
    below = Anchor(Direction.DOWN, (await home.upstream.read(ChunkRequest(TOP, 40))).rows[0].row)
    refused = 0
    for _ in range(24 * 60 * 2):  # every half minute a burst
        for _ in range(15):
            try:
                await home.upstream.read(ChunkRequest(below, 40))
            except UpstreamError as failure:
                refused += failure.failure_code is UpstreamFailureCode.RATE_LIMITED
                break
        await asyncio.sleep(30)
    assert home.sandbox.most_paging_requests <= PAGING_REQUESTS
    assert refused > 100


@pytest.mark.parametrize(("software", "most"), [("mastodon", 300), ("gotosocial", 400)])
async def test_the_paging_budget_is_mastodon_s_own(software: str, most: int) -> None:
    """Other software is held by what it says, and by no limit that it does not have."""
    world = World(sections={"cache": NO_COPIES})
    sandbox = world.add_mastodon("home", software)
    sandbox.allowed_requests = sandbox.allowed_paging = 10_000
    world.post("home", 1)
    world.post("home", 2)
    upstream = world.upstreams()["home"]
    below = Anchor(Direction.DOWN, (await upstream.read(ChunkRequest(TOP, 40))).rows[0].row)
    read = 0
    with contextlib.suppress(UpstreamError):
        while read < 400:
            await upstream.read(ChunkRequest(below, 40))
            read += 1
    assert read == most


async def test_what_is_left_is_shown() -> None:
    """`rateLimit` is the instance's headers, or the paging that is left where that is less."""
    world = World()
    world.add_mastodon("home")
    for second in range(200):
        world.post("home", second)
    world.sections = {"cache": NO_COPIES}
    ask = "{ inboxes { status { rateLimit { limit remaining resetsAt } } } }"

    async def limit() -> dict[str, object] | None:
        (inbox,) = (await world.ask(ask))["data"]["inboxes"]
        found: dict[str, object] | None = inbox["status"]["rateLimit"]
        return found

    assert await limit() is None
    await world.page(first=10)
    told = await limit()
    assert told and (told["limit"], told["remaining"]) == (300, 299)
    await world.walk(10)
    told = await limit()
    mailbox = world.mastodons["home"].mailboxes[TOKEN]
    assert told and told["remaining"] == 300 - mailbox.requests


async def test_three_at_once_at_a_wiki() -> None:
    """However many scopes and nodes are asked for."""
    world = World()
    world.add_wiki("wiki")
    world.edit("wiki", 1)
    (node,) = nodes(await world.page())
    under_way = most = 0
    instance = world.instances["wiki"]

    async def counting(scope: Scope, receive: Receive, send: Send) -> None:
        nonlocal under_way, most
        under_way += 1
        most = max(most, under_way)
        await asyncio.sleep(0.05)
        await world.wikis["wiki"].app(scope, receive, send)
        under_way -= 1

    instance.replace(counting)
    asks = " ".join(f'n{i}: node(id: "{node["id"]}") {{ id }}' for i in range(10))
    await asyncio.gather(*(world.ask(f"{{ {asks} }}") for _ in range(4)))
    assert most == 3


async def test_what_is_told_from_memory_says_nothing_of_the_instance() -> None:
    """A refusal that is remembered neither opens a circuit breaker nor closes it."""
    breaker = CircuitBreaker(URL, LoopClock(), lambda: 0.5, 0.3, is_outage)
    outage = UpstreamError(UpstreamFailureCode.UNREACHABLE, "away", is_outage=True)
    remembered = UpstreamError(UpstreamFailureCode.UNAUTHORIZED, "no grant", is_unasked=True)

    async def fail(failure: UpstreamError) -> None:
        raise failure

    for failure in (outage, remembered, outage):
        assert not breaker.is_open
        with pytest.raises(UpstreamError):
            await breaker.pass_through(lambda failure=failure: fail(failure))  # type: ignore[misc]
    assert breaker.is_open
