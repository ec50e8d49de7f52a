"""Processes that share a store stream a login once; docs/live.md has the rules in words."""

import asyncio
from contextlib import AsyncExitStack

from gateway.test_live_streams import (
    DISMISS,
    LIVE_AFTER,
    MOMENT,
    came,
    ids,
    page,
    sandbox_of,
    streaming_world,
)
from support.listening import LiveGateway
from support.processes import kill, let_leases_end, live_processes
from support.real_redis import RealRedis

from app.cache.copies.login_stream import LINGERS

TAKEN_OVER = 15
"""Seconds after which another process streams, where one has gone."""


def is_streaming(gateway: LiveGateway) -> bool:
    """Whether a process has the stream of `home`."""
    stream = gateway.upstreams["home"]._stream  # noqa: SLF001 - what nobody else shows
    return stream.began_at is not None


async def test_one_stream_for_all_processes(real_redis: RealRedis) -> None:
    """Each subscriber is told by whichever process, and no list is asked for."""
    world = streaming_world()
    async with AsyncExitStack() as stack:
        (one, _), (other, _) = await stack.enter_async_context(live_processes(world, real_redis))
        async with one.listen() as first, other.listen() as second:
            await asyncio.sleep(2 * LIVE_AFTER)
            assert sandbox_of(world).streams.count == 1
            for heard in (first, second):
                assert heard.of("InboxChanged")[-1]["mode"] == "STREAMING"
            asked = world.list_requests()
            sent = [world.post("home", 100 + number) for number in range(5)]
            await asyncio.sleep(2)
            assert came(first) == came(second) == ids(sent)
            await asyncio.sleep(100)
            assert (await page(one))["ids"] == (await page(other))["ids"] == ids(sent)[::-1][:4]
            assert world.list_requests() == asked


async def test_queries_in_a_process_without_subscribers(real_redis: RealRedis) -> None:
    """What another process keeps live costs no request here either."""
    world = streaming_world()
    async with live_processes(world, real_redis) as [(one, _), (other, _)], one.listen():
        await asyncio.sleep(LIVE_AFTER)
        asked = world.list_requests()
        for second in range(10):
            sent = world.post("home", 100 + second)
            await asyncio.sleep(40)
            shown = await page(other)
            assert shown["ids"][0] == ids([sent])[0]
            assert shown["sources"][0]["freshness"] == "FRESH"
        assert world.list_requests() - asked <= 2  # the look of five minutes


async def test_a_copy_that_was_live_when_the_store_went_away(real_redis: RealRedis) -> None:
    """It is live no longer than the last sign of life that was heard of is good for."""
    world = streaming_world()
    async with live_processes(world, real_redis) as [(one, _), (other, cable)], one.listen():
        await asyncio.sleep(LIVE_AFTER)
        await page(other)
        cable.pull_out()
        await asyncio.sleep(20)
        sent = world.post("home", 100)
        await asyncio.sleep(1)
        assert (await page(other))["ids"][0] == ids([sent])[0]


async def test_a_leader_that_is_killed(real_redis: RealRedis) -> None:
    """Another process takes over, and nothing is missed or comes twice."""
    world = streaming_world()
    async with live_processes(world, real_redis) as started:
        (one, _), (other, _) = started
        async with one.listen():
            await asyncio.sleep(LIVE_AFTER)
            async with other.listen() as heard:
                await asyncio.sleep(LIVE_AFTER)
                assert is_streaming(one) and not is_streaming(other)
                sent = [world.post("home", 100)]
                await kill(one)
                await asyncio.sleep(10)
                let_leases_end(real_redis)
                for second in range(TAKEN_OVER - 10):
                    sent.append(world.post("home", 101 + second))
                    await asyncio.sleep(1)
                assert is_streaming(other)
                sent.append(world.post("home", 150))
                await asyncio.sleep(MOMENT)
                assert sorted(came(heard)) == sorted(ids(sent))


async def test_a_leader_that_stops(real_redis: RealRedis) -> None:
    """It gives the turn back, so that another has it within a moment."""
    world = streaming_world()
    async with AsyncExitStack() as stack:
        (one, _), (other, _) = await stack.enter_async_context(live_processes(world, real_redis))
        async with other.listen() as heard:
            async with one.listen():
                await asyncio.sleep(2 * LIVE_AFTER)
                leader, follower = (one, other) if is_streaming(one) else (other, one)
                assert is_streaming(leader) != is_streaming(follower)
            await asyncio.sleep(LINGERS + 3)
            assert is_streaming(other) and not is_streaming(one)
            sent = world.post("home", 100)
            await asyncio.sleep(1.5)
            assert came(heard) == ids([sent])


async def test_a_store_that_is_away(real_redis: RealRedis) -> None:
    """Each process streams for itself; once it is back, one does."""
    world = streaming_world()
    async with AsyncExitStack() as stack:
        (one, a), (other, b) = await stack.enter_async_context(live_processes(world, real_redis))
        async with one.listen() as first, other.listen() as second:
            await asyncio.sleep(LIVE_AFTER)
            a.pull_out()
            b.pull_out()
            await asyncio.sleep(TAKEN_OVER)
            assert is_streaming(one) and is_streaming(other)
            sent = [world.post("home", 100)]
            await asyncio.sleep(LIVE_AFTER)
            assert came(first) == came(second) == ids(sent)
            a.plug_in()
            b.plug_in()
            await asyncio.sleep(TAKEN_OVER)
            assert is_streaming(one) != is_streaming(other)
            sent.append(world.post("home", 101))
            await asyncio.sleep(30)
            assert came(first) == came(second) == ids(sent)


async def test_a_store_that_is_emptied(real_redis: RealRedis) -> None:
    """The stream goes on, and nothing is missed or comes twice."""
    world = streaming_world()
    async with AsyncExitStack() as stack:
        (one, _), (other, _) = await stack.enter_async_context(live_processes(world, real_redis))
        async with one.listen() as first, other.listen() as second:
            await asyncio.sleep(LIVE_AFTER)
            sent = []
            for second_of in range(4):
                real_redis.ask(b"FLUSHALL")
                sent.append(world.post("home", 100 + second_of))
                await asyncio.sleep(20)
            await asyncio.sleep(60)
            for heard in (first, second):
                assert sorted(came(heard)) == sorted(ids(sent))
            assert sandbox_of(world).streams.count == 1


async def test_a_leader_that_was_cut_off_puts_nothing(real_redis: RealRedis) -> None:
    """What it heard meanwhile is dropped: another one leads, and has read it."""
    world = streaming_world()
    async with AsyncExitStack() as stack:
        (one, a), (other, _) = await stack.enter_async_context(live_processes(world, real_redis))
        async with one.listen() as first, other.listen() as second:
            await asyncio.sleep(LIVE_AFTER)
            sent = []
            for round_of in range(3):
                a.pull_out()
                sent.append(world.post("home", 100 + round_of))
                await asyncio.sleep(TAKEN_OVER)
                a.plug_in()
                await asyncio.sleep(5)
            await asyncio.sleep(60)
            for heard in (first, second):
                assert sorted(came(heard)) == sorted(ids(sent))
            assert is_streaming(one) != is_streaming(other)


async def test_a_dismissal_in_another_process(real_redis: RealRedis) -> None:
    """It is removed everywhere within a moment, and no stream brings it back."""
    world = streaming_world()
    async with AsyncExitStack() as stack:
        (one, _), (other, _) = await stack.enter_async_context(live_processes(world, real_redis))
        async with one.listen() as first, other.listen() as second:
            await asyncio.sleep(LIVE_AFTER)
            row = world.post("home", 100)
            await asyncio.sleep(2)
            [gone] = ids([row])
            await other.ask(DISMISS, id=gone)
            sandbox_of(world).streams.publish("token-of-home", row)
            await asyncio.sleep(5)
            assert first.removed == second.removed == [gone]
            assert came(first) == came(second) == [gone]
            assert gone not in (await page(one))["ids"] + (await page(other))["ids"]
