"""Subscriptions to inboxes whose instances stream: docs/live.md has the rules in words."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import timedelta
from typing import Any

import pytest
from support.listening import Listener, LiveGateway
from support.virtual_time import LoopClock
from support.worlds import World

from app.cache.copies.login_stream import COLLECTS, LINGERS
from app.cache.responses import last_writes_of
from app.sandbox.faults import Fault
from app.sandbox.mastodon import SandboxMastodon
from resolvers.identity import make_id
from resolvers.seam.chunk import TOP, ChunkRequest

TOKEN = "token-of-home"
LIVE_AFTER = 12
"""Seconds until the gap was read twice."""
MOMENT = COLLECTS + 0.05
"""Seconds from the send at the instance to the client."""
DISMISS = """mutation ($id: ID!) { dismissNotification(input: {notificationId: $id}) {
  dismissedNotificationIds userErrors { code message } } }"""
CLEAR = """mutation ($id: ID!) { clearNotifications(input: {inboxIds: [$id]}) {
  userErrors { code message } } }"""
PAGE = """{ notifications(first: 4) { edges { node { id } }
  sources { freshness fetchedAt } pageInfo { startCursor } } inboxes { id } }"""


def streaming_world(**sections: Any) -> World:
    """One Mastodon that streams, with six mentions."""
    world = World(sections=sections)
    world.add_mastodon("home", streams=True).allowed_requests = 10_000
    for second in range(6):
        world.post("home", second)
    return world


@asynccontextmanager
async def live(world: World, **variables: Any) -> AsyncIterator[tuple[LiveGateway, Listener]]:
    """A gateway, and somebody who listens to what is live."""
    gateway = LiveGateway(world)
    async with gateway.listen(**variables) as heard:
        await asyncio.sleep(LIVE_AFTER)
        yield gateway, heard


def ids(rows: list[dict[str, Any]]) -> list[str]:
    """Their IDs."""
    return [make_id("MastodonNotification", "home", row["id"]) for row in rows]


def came(heard: Listener) -> list[str]:
    """The IDs of what arrived, in order."""
    return [each["id"] for each in heard.arrived]


def sandbox_of(world: World) -> SandboxMastodon:
    """Its one instance."""
    return world.mastodons["home"]


async def page(gateway: LiveGateway) -> dict[str, Any]:
    """The newest page, and the IDs that it has."""
    answer = (await gateway.ask(PAGE))["data"]
    found: dict[str, Any] = answer["notifications"]
    return {**found, "ids": [each["node"]["id"] for each in found["edges"]]}


async def test_what_a_stream_brings() -> None:
    """It comes at once, and nobody asks the instance for it."""
    world = streaming_world()
    async with live(world) as (_, heard):
        modes = [each["mode"] for each in heard.of("InboxChanged")]
        assert modes == ["POLLING", "STREAMING"]
        asked = world.list_requests()
        for second in range(100, 110):
            sent = world.post("home", second)
            await asyncio.sleep(MOMENT)
            assert came(heard)[-1:] == ids([sent])
        assert len(heard.arrived) == 10 and world.list_requests() == asked
        await asyncio.sleep(200)
        assert world.list_requests() == asked


async def test_queries_while_a_stream_lives() -> None:
    """They ask the instance nothing, and show what came; `fetchedAt` is its last sign of life."""
    world = streaming_world()
    async with live(world) as (gateway, _):
        asked = world.list_requests()
        await asyncio.sleep(120)
        before = await page(gateway)
        sent = world.post("home", 100)
        await asyncio.sleep(MOMENT)
        after = await page(gateway)
        assert after["ids"] == [*ids([sent]), *before["ids"][:-1]]
        assert after["sources"][0]["fetchedAt"] > before["sources"][0]["fetchedAt"]
        assert before["sources"][0]["freshness"] == "FRESH"
        assert world.list_requests() == asked


async def test_the_gap_is_read_twice() -> None:
    """At once, and when replicas have it all; nothing else is asked for a streamed inbox."""
    world = streaming_world()
    async with live(world):
        assert world.list_requests() <= 3
        await asyncio.sleep(250)
        assert world.list_requests() <= 3


async def test_a_socket_that_is_cut_fifty_times() -> None:
    """Nothing is missed, and nothing comes twice."""
    world = streaming_world()
    sent = []
    async with live(world) as (_, heard):
        for number in range(50):
            for step in range(4):
                sent.append(world.post("home", 100 + 10 * number + step))
                await asyncio.sleep(0.7)
            sandbox_of(world).streams.cut()
        await asyncio.sleep(60)
        assert sorted(came(heard)) == sorted(ids(sent))
    assert sandbox_of(world).streams.opened["socket"] > 5


async def test_a_half_open_socket() -> None:
    """It is noticed within 15 s; then the inbox is polled, and said to be."""
    world = streaming_world()
    async with live(world) as (_, heard):
        world.instances["home"].set_stream_fault(Fault.STREAM_HALF_OPEN)
        sent = world.post("home", 100)
        await asyncio.sleep(16)
        assert heard.of("InboxChanged")[-1]["mode"] == "POLLING"
        await asyncio.sleep(11)
        assert came(heard) == ids([sent])


@pytest.mark.parametrize("fault", [Fault.STREAM_TWICE, Fault.STREAM_SWAPPED, Fault.STREAM_LATE])
async def test_events_that_are_odd(fault: Fault) -> None:
    """Each comes once, in the instance's order."""
    world = streaming_world()
    async with live(world) as (_, heard):
        world.instances["home"].set_stream_fault(fault)
        sent = [world.post("home", 100 + second) for second in range(4)]
        await asyncio.sleep(10)
        assert came(heard) == ids(sent)


async def test_a_stream_that_is_ahead_of_the_list() -> None:
    """A list that does not have it yet takes nothing away."""
    world = streaming_world()
    async with live(world) as (gateway, heard):
        sandbox_of(world).streams.lead = timedelta(seconds=5)
        sent = world.post("home", 100)
        await asyncio.sleep(MOMENT)
        sandbox_of(world).streams.cut()
        await asyncio.sleep(4)
        assert (await page(gateway))["ids"][0] == ids([sent])[0]
        await asyncio.sleep(60)
        assert came(heard) == ids([sent]) and not heard.removed


async def test_a_list_that_is_ahead_of_its_stream() -> None:
    """What the list had already is not sent again."""
    world = streaming_world()
    async with live(world) as (_, heard):
        world.instances["home"].set_stream_fault(Fault.STREAM_LATE)
        sent = world.post("home", 100)
        sandbox_of(world).streams.cut()
        await asyncio.sleep(30)
        assert came(heard) == ids([sent])


async def test_what_only_a_stream_had() -> None:
    """It is removed once the list was looked at twice."""
    world = streaming_world()
    async with live(world) as (gateway, heard):
        sent = world.post("home", 100)
        rows = sandbox_of(world).mailboxes[TOKEN].notifications
        rows.remove(sent)
        await asyncio.sleep(700)
        assert came(heard) == heard.removed == ids([sent])
        assert ids([sent])[0] not in (await page(gateway))["ids"]


async def test_a_dismissal_wins_over_a_stream() -> None:
    """What was dismissed is not brought back by an event that comes once more."""
    world = streaming_world()
    async with live(world) as (gateway, heard):
        sent = world.post("home", 100)
        await asyncio.sleep(MOMENT)
        [gone] = ids([sent])
        await gateway.ask(DISMISS, id=gone)
        sandbox_of(world).streams.publish(TOKEN, sent)
        await asyncio.sleep(1)
        sandbox_of(world).streams.cut()  # so that the copy is one that was read afterwards
        await asyncio.sleep(30)
        sandbox_of(world).streams.publish(TOKEN, sent)
        await asyncio.sleep(1)
        assert gone not in (await page(gateway))["ids"]
        await asyncio.sleep(30)
        assert came(heard) == heard.removed == [gone]
        assert gone not in (await page(gateway))["ids"]


async def test_what_arrives_during_a_write() -> None:
    """It waits until the write has ended, and is not lost."""
    world = streaming_world()
    async with live(world) as (gateway, heard):
        chosen = (await page(gateway))["ids"][0]
        world.instances["home"].delays_answers = 3
        writing = asyncio.ensure_future(gateway.ask(DISMISS, id=chosen))
        await asyncio.sleep(1)
        sent = world.post("home", 100)
        await asyncio.sleep(1)
        assert not heard.arrived
        await writing
        await asyncio.sleep(5)
        assert came(heard) == ids([sent]) and heard.removed == [chosen]


async def test_a_clearing_while_a_stream_brings_something() -> None:
    """What came before it is gone, what comes after it is sent."""
    world = streaming_world()
    async with live(world) as (gateway, heard):
        inbox = (await gateway.ask(PAGE))["data"]["inboxes"][0]["id"]
        world.post("home", 100)
        await gateway.ask(CLEAR, id=inbox)
        sent = world.post("home", 101)
        await asyncio.sleep(60)
        assert (await page(gateway))["ids"] == ids([sent])
        assert came(heard)[-1:] == ids([sent])
        whole = [each["isWholeInbox"] for each in heard.of("NotificationsRemoved")]
        assert whole == [True]


async def test_a_list_that_was_merged() -> None:
    """Mastodon says that accepted requests came in: whoever holds a page reads it anew."""
    world = streaming_world()
    async with live(world) as (_, heard):
        sandbox_of(world).streams.send(TOKEN, '{"event":"notifications_merged","payload":"1"}')
        await asyncio.sleep(MOMENT)
        assert heard.reasons == ["FOUND_LATE"]


async def test_something_that_is_too_late_to_be_put() -> None:
    """What a stream brings a minute behind the newest is found by the next look."""
    world = streaming_world()
    async with live(world) as (_, heard):
        rows = sandbox_of(world).mailboxes[TOKEN].notifications
        newest = world.post("home", 500)
        await asyncio.sleep(MOMENT)
        late = world.post("home", 100)
        rows.remove(late)
        rows.insert(1, late)
        await asyncio.sleep(30)
        assert set(came(heard)) == {*ids([newest, late])}


async def test_a_stream_ends_with_its_subscribers() -> None:
    """It stays a while, for those who come again, and another subscriber opens no other."""
    world = streaming_world()
    streams = sandbox_of(world).streams
    async with live(world) as (gateway, _), gateway.listen():
        assert streams.count == 1
    await asyncio.sleep(LINGERS - 1)
    assert streams.count == 1
    async with gateway.listen():
        await asyncio.sleep(60)
        assert streams.count == 1 and streams.opened["socket"] == 1
    await asyncio.sleep(LINGERS + 1)
    assert streams.count == 0


async def test_inboxes_without_subscribers_have_no_stream() -> None:
    """500 of them, after each had one and 30 s passed."""
    world = World()
    for number in range(500):
        world.add_mastodon(f"home{number}", streams=True)
    gateway = LiveGateway(world)
    async with gateway.listen():
        await asyncio.sleep(LIVE_AFTER)
        assert sum(each.streams.count for each in world.mastodons.values()) == 500
    await asyncio.sleep(LINGERS + 1)
    assert sum(each.streams.count for each in world.mastodons.values()) == 0


@pytest.mark.parametrize("times", [{"fresh": 0}, {"fresh": 0, "stale": 0, "keep": 0}])
async def test_without_copies_a_stream_only_wakes(times: dict[str, int]) -> None:
    """The list is read for what it brings, and never more often than every ten seconds."""
    world = streaming_world(cache=times)
    async with live(world) as (_, heard):
        await asyncio.sleep(60)
        assert {each["mode"] for each in heard.of("InboxChanged")} == {"POLLING"}
        asked = world.list_requests()
        sent = [world.post("home", 100), world.post("home", 101)]
        await asyncio.sleep(20)
        assert sorted(came(heard)) == sorted(ids(sent))
        assert world.list_requests() - asked <= 4


async def test_a_copy_is_live_no_longer_than_its_instance() -> None:
    """A process that was asleep has heard nothing meanwhile, and asks."""
    world = streaming_world()
    async with live(world) as (gateway, _):
        world.instances["home"].set_stream_fault(Fault.STREAM_HALF_OPEN)
        sent = world.post("home", 100)
        await asyncio.sleep(14)
        await asyncio.sleep(17)
        assert (await page(gateway))["ids"][0] == ids([sent])[0]


async def test_who_resumes_while_a_stream_lives() -> None:
    """Nothing is missed and nothing comes twice, whenever a client goes and comes back."""
    world = streaming_world()
    async with AsyncExitStack() as stack:
        gateway, _ = await stack.enter_async_context(live(world))
        cursor, seen, sent = (await page(gateway))["pageInfo"]["startCursor"], [], []
        for number in range(20):
            sent.append(world.post("home", 100 + number))
            async with gateway.listen(cursor=cursor, wait=0.3) as again:
                sent.append(world.post("home", 150 + number))
                await asyncio.sleep(0.3)
                seen += came(again)
                cursor = again.cursor
        assert sorted(seen) == sorted(ids(sent)) and len({*seen}) == len(seen)


@pytest.mark.parametrize("url", ["wss://elsewhere.test", None])
async def test_why_an_inbox_is_polled(url: str | None) -> None:
    """It is said, with what can be done, and no token is sent anywhere."""
    world = streaming_world()
    sandbox_of(world).streams.url = url
    async with live(world) as (_, heard):
        last = heard.of("InboxChanged")[-1]
        assert last["mode"] == "POLLING" and last["streamFailure"]["code"] == "UNSUPPORTED"
        assert "streaming_url" in last["streamFailure"]["message"]
        assert not sandbox_of(world).streams.opened


async def test_an_arrival_ends_what_was_made_before() -> None:
    """Answers that are kept go by another mark then, and a read under way has it when it lands."""
    world = streaming_world()
    async with live(world) as (gateway, _):
        before = last_writes_of(gateway.upstreams)
        world.post("home", 99)
        await asyncio.sleep(MOMENT)
        assert before is not None and last_writes_of(gateway.upstreams) != before
        world.instances["home"].delays_answers = 2
        request = ChunkRequest(TOP, 4, not_before=LoopClock().now())
        reading = asyncio.ensure_future(gateway.upstreams["home"].read(request))
        await asyncio.sleep(0.5)
        sent = world.post("home", 100)
        chunk = await reading
        assert chunk.rows[0].id == ids([sent])[0]
