"""What the metrics say of subscriptions, over sockets."""

import asyncio

import pytest
from conftest import REAL_TIME
from support.keys import CLIENTS, HOME_ONLY, READER, bearer
from support.listening import LIVE
from support.live_server import LiveServer, begin, closed_with, listen, receive, send, serve
from support.metrics import MetricsPage
from support.worlds import World

from app.observability.metrics import Metrics

SUBSCRIBE = {"type": "subscribe", "id": "1", "payload": {"query": LIVE}}
ENDED = "tidings_subscriptions_ended_total"


@pytest.fixture
def anyio_backend() -> object:
    """A socket needs real time."""
    return REAL_TIME


@pytest.fixture
def world() -> World:
    """One inbox, whose instance streams, and three clients."""
    world = World(sections={"clients": CLIENTS}, telemetry=Metrics())
    world.add_mastodon("home", streams=True)
    return world


def page_of(live: LiveServer) -> MetricsPage:
    """What a gateway tells."""
    assert isinstance(live.world.telemetry, Metrics)
    return MetricsPage(live.gateway, live.world.telemetry)


async def test_events(world: World) -> None:
    """Each is counted for each subscriber, and how late it was."""
    async with serve(world) as live, live.connect() as one, live.connect() as other:
        page, received = page_of(live), []
        for socket in (one, other):
            await begin(socket, bearer(HOME_ONLY))
            await send(socket, SUBSCRIBE)
            received += [await receive(socket) for _ in range(2)]
        while not (await page.scrape()).sum("tidings_inbox_streaming", inbox="home"):  # noqa: ASYNC110
            await asyncio.sleep(0.02)
        for second in (100, 101, 102):
            world.post("home", second)
        while sum("NotificationArrived" in str(each) for each in received) < 6:
            received += [await receive(one), await receive(other)]
        told = await page.scrape()
        assert told.sum("tidings_events_total") == len(received)
        assert told.sum("tidings_events_total", type="NotificationArrived") == 6
        assert told.sum("tidings_event_lag_seconds_count") == 6
        assert told.sum("tidings_event_lag_seconds_sum") < 6
        assert told.sum("tidings_subscriptions") == told.sum("tidings_live_connections") == 2
        asked = told.sum("tidings_upstream_requests_total", inbox="home")
        assert asked == world.instances["home"].asked.total()


async def test_ends(world: World) -> None:
    """They are counted by why."""
    async with serve(world) as live:
        page = page_of(live)
        async with listen(live, LIVE, bearer(READER)) as messages:
            await anext(messages)
        assert await live.is_left()
        assert (await page.scrape()).sum(ENDED, reason="gone") == 1
        async with live.connect() as gone, live.connect() as stays:
            for socket, key in ((gone, READER), (stays, HOME_ONLY)):
                await begin(socket, bearer(key))
                await send(socket, SUBSCRIBE)
                await receive(socket)
            world.sections["clients"] = [each for each in CLIENTS if each["name"] != "reader"]
            await live.reload()
            assert await closed_with(gone) == 4403
            assert (await page.scrape()).sum(ENDED, reason="key_gone") == 1
            await live.stop()
            assert await closed_with(stays) == 1001
        told = await page.scrape()
        assert told.sum(ENDED, reason="shutdown") == 1 and told.sum(ENDED) == 3
        assert told.sum("tidings_subscriptions") == told.sum("tidings_live_connections") == 0
