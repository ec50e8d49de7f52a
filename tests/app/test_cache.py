"""What the cache keeps, how long, and for whom."""

import asyncio

import httpx
from support.virtual_time import LoopClock
from support.worlds import World, nodes

from app.cache.cached import CachedUpstream
from app.cache.store import ChunkStore
from app.upstreams.http import Http
from app.upstreams.mastodon.upstream import MastodonUpstream
from resolvers.chunk import TOP, ChunkRequest, Scope


def busy_inbox(count: int) -> World:
    """One Mastodon inbox."""
    world = World()
    world.add_mastodon("home")
    for second in range(count):
        world.post("home", second)
    return world


async def test_a_chunk_is_good_for_15_seconds() -> None:
    """Within the fresh time nothing is asked again; after it, once."""
    world = busy_inbox(50)
    for _ in range(3):
        await world.page(first=10)
    assert world.list_requests() == 1
    await asyncio.sleep(15.1)
    await world.page(first=10)
    assert world.list_requests() == 2


async def test_small_pages_share_chunks() -> None:
    """Paging 400 notifications by ten costs a request for every 40, and one that finds the end."""
    world = busy_inbox(400)
    shown = nodes(*await world.walk(10))
    assert len({node["id"] for node in shown}) == 400
    assert world.list_requests() <= 11
    await world.walk(10)
    assert world.list_requests() <= 11


async def test_a_cursor_outlives_its_chunk() -> None:
    """A page that is asked for much later is read by the row that its cursor stands at."""
    world = busy_inbox(50)
    first = await world.page(first=10)
    await asyncio.sleep(3600)
    for second in range(100, 160):
        world.post("home", second)
    rest = await world.walk(10, after=first["pageInfo"]["endCursor"])
    assert len(nodes(*rest)) == 40


async def test_fresh_0_keeps_nothing() -> None:
    """With `fresh = 0` every page is asked for."""
    world = busy_inbox(50)
    world.sections = {"cache": {"fresh": 0}}
    for _ in range(3):
        await world.page(first=10)
    assert world.list_requests() == 3


async def test_logins_share_nothing() -> None:
    """Two logins of one inbox each see their own list, through one store."""
    world = busy_inbox(3)
    sandbox = world.mastodons["home"]
    sandbox.open_mailbox("other-token", "other")
    store = ChunkStore(100)
    url = "https://home.mastodon.test"
    counts = []
    for token in ("token-of-home", "other-token", "token-of-home", "other-token"):
        http = Http(url, httpx.ASGITransport(sandbox.app), "test", 4, token)
        upstream = CachedUpstream(MastodonUpstream("home", url, http, LoopClock()), store, token, 9)
        counts.append(len((await upstream.read(ChunkRequest(TOP, 40))).rows))
    assert counts == [3, 0, 3, 0]


async def test_scopes_share_nothing() -> None:
    """A wiki's whole watchlist and what is pending of it are two lists."""
    world = World()
    world.add_wiki("wiki")
    world.edit("wiki", 1)
    marks = world.wikis["wiki"].pages.users["Alice"].marks
    marks.update(dict.fromkeys(marks))
    seen = {"watchlist": {"includeSeen": True}}
    assert [len(nodes(await world.page(filter=each))) for each in (None, seen, None, seen)] == [
        *(0, 1, 0, 1),
    ]


async def test_the_store_has_a_bound() -> None:
    """Of more chunks than it may hold the oldest go."""
    store = ChunkStore(most=3)
    world = busy_inbox(1)
    url = "https://home.mastodon.test"
    http = Http(url, httpx.ASGITransport(world.mastodons["home"].app), "test", 4, "token-of-home")
    inner = MastodonUpstream("home", url, http, LoopClock())
    logins = [CachedUpstream(inner, store, f"login {number}", 15) for number in range(5)]
    for login in logins:
        await login.read(ChunkRequest(TOP, 40))
    assert world.list_requests() == 5
    for login in reversed(logins):
        await login.read(ChunkRequest(TOP, 40, Scope()))
    assert world.list_requests() == 7
