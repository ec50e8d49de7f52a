"""One upstream in the cache, of memory and of a store that processes share."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from functools import partial

import pytest
from support.caching import cached
from support.logins import busy_inbox, open_mastodon, open_wiki
from support.real_redis import RealRedis
from support.virtual_time import wait_for_stores
from support.worlds import (
    World,
)

from app.cache.copies.cached import CachedUpstream
from app.cache.shared.login_store import LoginStore
from app.cache.shared.redis_store import RedisStore
from app.setting_types.store_url import parse_store_url
from resolvers.errors import UpstreamError
from resolvers.identity import parse_id
from resolvers.seam.chunk import BOTTOM, TOP, Anchor, ChunkRequest, Direction
from resolvers.seam.writes import PagesBy, UnseenBy, UnseenFrom, WatchedPages

Kept = Callable[..., CachedUpstream]
"""`cached` of tests/support: the upstream with a cache."""


@pytest.fixture(params=["memory", "redis"])
async def kept(request: pytest.FixtureRequest) -> AsyncIterator[Kept]:
    """Makes upstreams that keep copies in memory alone, or that share them by a real Redis too.

    While Redis is at work time stands still.
    """
    if request.param == "memory":
        yield cached
        return
    redis: RealRedis = request.getfixturevalue("real_redis")
    redis.ask(b"FLUSHALL")
    store = RedisStore(parse_store_url(redis.url))
    wait_for_stores(store)
    yield partial(cached, shared=LoginStore(store, "login", b"credential"))
    await store.aclose()


async def test_upwards_stale_is_for_failures_alone(kept: Kept) -> None:
    """Who asks what is new waits for the instance, and gets the copy only if it fails."""
    world = busy_inbox(5)
    upstream = kept(open_mastodon(world))
    await upstream.read(ChunkRequest(BOTTOM, 40))
    await asyncio.sleep(20)
    world.instances["home"].seconds = 1
    assert not (await upstream.read(ChunkRequest(BOTTOM, 40))).is_stale
    await asyncio.sleep(20)
    world.instances["home"].is_down = True
    assert (await upstream.read(ChunkRequest(BOTTOM, 40))).is_stale


async def test_one_who_goes_away(kept: Kept) -> None:
    """Does not take the answer from the others."""
    world = busy_inbox(5)
    upstream = kept(open_mastodon(world))
    world.instances["home"].seconds = 1
    first = asyncio.create_task(upstream.read(ChunkRequest(TOP, 40)))
    second = asyncio.create_task(upstream.read(ChunkRequest(TOP, 40)))
    await asyncio.sleep(0.5)
    first.cancel()
    assert len((await second).rows) == 5
    assert world.list_requests() == 1


async def test_what_is_under_way_is_ended_with_the_gateway(kept: Kept) -> None:
    """No task outlives its cache."""
    world = busy_inbox(5)
    upstream, before = kept(open_mastodon(world)), asyncio.all_tasks()
    world.instances["home"].seconds = 100
    asking = asyncio.create_task(upstream.read(ChunkRequest(TOP, 40)))
    await asyncio.sleep(0.5)
    await upstream.aclose()
    with suppress(asyncio.CancelledError):
        await asking
    assert asyncio.all_tasks() == before


async def test_a_slow_read_does_not_bring_back_what_was_dismissed(kept: Kept) -> None:
    """A read that began before a dismissal and ends after it shows what is left."""
    world = busy_inbox(5)
    upstream = kept(open_mastodon(world))
    newest = (await upstream.read(ChunkRequest(TOP, 40))).rows[0]
    await asyncio.sleep(100)
    world.instances["home"].delays_answers = 2.0
    slow = asyncio.create_task(upstream.read(ChunkRequest(TOP, 40)))
    await asyncio.sleep(0.1)
    world.instances["home"].delays_answers = 0.0
    await upstream.dismiss(parse_id(newest.id).key)
    for chunk in (await slow, await upstream.read(ChunkRequest(TOP, 40))):
        assert newest.id not in [row.id for row in chunk.rows] and len(chunk.rows) == 4


async def test_a_read_from_before_a_clearing_is_not_shown_after_it(kept: Kept) -> None:
    """Its askers get what is there now."""
    world = busy_inbox(5)
    upstream = kept(open_mastodon(world))
    world.instances["home"].delays_answers = 2.0
    slow = asyncio.create_task(upstream.read(ChunkRequest(TOP, 40)))
    await asyncio.sleep(0.1)
    world.instances["home"].delays_answers = 0.0
    await upstream.clear()
    assert not (await slow).rows


async def test_a_read_after_a_write_does_not_join_one_from_before(kept: Kept) -> None:
    """Who asks after a timestamp was set does not get what was under way before it."""
    world = World()
    wiki = world.add_wiki("wiki")
    world.edit("wiki", 1, page="Page")
    upstream = kept(open_wiki(world.instances["wiki"], "Alice@gw"))
    await upstream.ask_profile()
    world.instances["wiki"].delays_answers = 2.0
    slow = asyncio.create_task(upstream.read(ChunkRequest(TOP, 40)))
    await asyncio.sleep(0.1)
    world.instances["wiki"].delays_answers = 0.0
    pages = WatchedPages(PagesBy.TITLES, ["Page"])
    await upstream.set_timestamp(pages, UnseenFrom(UnseenBy.NOTHING))
    assert not (await upstream.read(ChunkRequest(TOP, 40))).rows
    assert len((await slow).rows) == 1
    assert len(wiki.requests) == 2


async def test_an_unknown_outcome_is_looked_up(kept: Kept) -> None:
    """For ten seconds the instance is asked each time and nothing of it is kept."""
    world = busy_inbox(5)
    upstream = kept(open_mastodon(world))
    newest = (await upstream.read(ChunkRequest(TOP, 40))).rows[0]
    world.instances["home"].hangs_after_writing = True
    with pytest.raises(UpstreamError):
        await upstream.dismiss(parse_id(newest.id).key)
    asked = world.list_requests()
    for _ in range(3):
        chunk = await upstream.read(ChunkRequest(TOP, 40))
        assert len(chunk.rows) == 4 and not chunk.is_stale
    assert world.list_requests() == asked + 3
    await asyncio.sleep(10)
    for _ in range(3):
        await upstream.read(ChunkRequest(TOP, 40))
    assert world.list_requests() == asked + 4


async def test_after_a_clearing_a_copy_is_of_no_use(kept: Kept) -> None:
    """Not even where the instance fails: everything in it is gone."""
    world = busy_inbox(5)
    upstream = kept(open_mastodon(world))
    await upstream.read(ChunkRequest(TOP, 40))
    await upstream.clear()
    world.instances["home"].is_down = True
    with pytest.raises(UpstreamError):
        await upstream.read(ChunkRequest(TOP, 40))


async def test_places_on_dismissed_rows_hold(kept: Kept) -> None:
    """Reading on from a row that was dismissed costs nothing while its chunk is held."""
    world = busy_inbox(30)
    upstream = kept(open_mastodon(world))
    top = await upstream.read(ChunkRequest(TOP, 40))
    await upstream.dismiss(parse_id(top.rows[9].id).key)
    asked = world.list_requests()
    below = Anchor(Direction.DOWN, top.rows[9].row)
    rest = await upstream.read(ChunkRequest(below, 40, held_in=TOP))
    assert [row.id for row in rest.rows] == [row.id for row in top.rows[10:]]
    assert world.list_requests() == asked


async def test_moving_the_marker_leaves_the_list(kept: Kept) -> None:
    """Its copy holds, and what is unread is asked anew."""
    world = busy_inbox(5)
    upstream = kept(open_mastodon(world))
    rows = (await upstream.read(ChunkRequest(TOP, 40))).rows
    assert (await upstream.ask_read_state())(rows[0]).is_unread
    await upstream.mark_read(parse_id(rows[0].id).key)
    asked = world.list_requests()
    assert not (await upstream.ask_read_state())(rows[0]).is_unread
    await upstream.read(ChunkRequest(TOP, 40))
    assert world.list_requests() == asked


async def test_an_old_marker_does_not_pass_for_new(kept: Kept) -> None:
    """After it was moved, or where it alone fails, what is unread is not known."""
    world = busy_inbox(5)
    upstream = kept(open_mastodon(world))
    rows = (await upstream.read(ChunkRequest(TOP, 40))).rows
    await upstream.ask_read_state()
    await upstream.mark_read(parse_id(rows[0].id).key)
    world.instances["home"].is_down = True
    with pytest.raises(UpstreamError):
        await upstream.ask_read_state()


async def test_a_late_read_does_not_undo_a_newer_one(kept: Kept) -> None:
    """One that began before a write is not kept over a copy from after it."""
    world = World()
    world.add_wiki("wiki")
    world.edit("wiki", 1, page="Page")
    instance = world.instances["wiki"]
    upstream = kept(open_wiki(instance, "Alice@gw"))
    await upstream.ask_profile()
    instance.delays_answers = 3.0
    late = asyncio.create_task(upstream.read(ChunkRequest(TOP, 40)))
    await asyncio.sleep(0.1)
    instance.delays_answers = 0.0
    pages = WatchedPages(PagesBy.TITLES, ["Page"])
    await upstream.set_timestamp(pages, UnseenFrom(UnseenBy.NOTHING))
    await asyncio.sleep(2.5)
    assert not (await upstream.read(ChunkRequest(TOP, 40))).rows
    await late
    instance.is_down = True
    assert not (await upstream.read(ChunkRequest(TOP, 40))).rows


async def test_a_read_during_a_write_is_not_fresh_afterwards(kept: Kept) -> None:
    """Nor while it lasts: it may be of before the write or of after it."""
    world = busy_inbox(5)
    upstream = kept(open_mastodon(world))
    await upstream.ask_profile()
    world.instances["home"].hangs_after_writing = True
    newest = (await upstream.read(ChunkRequest(TOP, 40))).rows[0]
    writing = asyncio.create_task(upstream.dismiss(parse_id(newest.id).key))
    await asyncio.sleep(0.1)
    asked = world.list_requests()
    for _ in range(3):
        await upstream.read(ChunkRequest(TOP, 40))
    assert world.list_requests() == asked + 3
    with suppress(UpstreamError):
        await writing


async def test_a_write_that_waits_too_long_was_not_sent(kept: Kept) -> None:
    """Behind one that hangs: nothing was done, and that is certain."""
    world = busy_inbox(5)
    upstream = kept(open_mastodon(world))
    rows = (await upstream.read(ChunkRequest(TOP, 40))).rows
    await upstream.ask_profile()
    world.instances["home"].hangs_after_writing = True
    keys = [parse_id(row.id).key for row in rows[:2]]
    first = asyncio.create_task(upstream.dismiss(keys[0]))
    await asyncio.sleep(0)
    with pytest.raises(UpstreamError) as caught:
        await upstream.dismiss(keys[1])
    assert not caught.value.is_outcome_unknown
    with suppress(UpstreamError):
        await first


async def test_hundreds_of_dismissals_cost_one_pass(kept: Kept) -> None:
    """Rows that are left of a page are copied once, however often it was dismissed."""
    world = World()
    world.add_wiki("wiki")
    for second in range(200):
        world.edit("wiki", second, page="Page")
    upstream = kept(open_wiki(world.instances["wiki"], "Alice@gw"))
    rows = (await upstream.read(ChunkRequest(TOP, 300))).rows
    for row in rows[150:50:-1]:
        await upstream.dismiss(parse_id(row.id).key)
    shown = await upstream.read(ChunkRequest(TOP, 300))
    assert [row.id for row in shown.rows] == [row.id for row in rows[:51]]


async def test_the_last_row_of_a_copy_does_not_come_back(kept: Kept) -> None:
    """It is dismissed while the copy is renewed, which takes longer than one waits for that."""
    world = busy_inbox(1)
    upstream = kept(open_mastodon(world))
    (row,) = (await upstream.read(ChunkRequest(TOP, 40))).rows
    await asyncio.sleep(30)
    world.instances["home"].delays_answers = 1
    reading = asyncio.ensure_future(upstream.read(ChunkRequest(TOP, 40)))
    await asyncio.sleep(0.1)
    world.instances["home"].delays_answers = 0
    await upstream.dismiss(parse_id(row.id).key)
    assert (await reading).rows == []
