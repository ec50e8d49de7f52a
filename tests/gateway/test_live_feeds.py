"""Subscriptions to an inbox with two lists."""

import asyncio

from support.listening import LiveGateway
from support.virtual_time import LoopClock
from support.worlds import World, instant

POLL = 10
"""Seconds until what happens at an instance is seen at the latest, after something came."""
DISMISS = """mutation ($id: ID!) { dismissNotification(input: {notificationId: $id}) {
  dismissedNotificationIds userErrors { code message } } }"""
CLEAR = """mutation ($id: ID!, $feeds: [Feed!]) {
  clearNotifications(input: {inboxIds: [$id], feeds: $feeds}) { userErrors { code } } }"""
SOURCES = """subscription { notificationEvents { __typename cursor
  ... on LiveStarted { sources { inbox { name } freshness feeds { feed freshness } } }
  ... on InboxChanged { mode source { inbox { name } failure { code }
    feeds { feed freshness failure { code } } } } } }"""


def echo_world(*grants: str) -> World:
    """A wiki with both lists, and something in each."""
    world = World()
    world.add_wiki("wiki")
    world.add_echo("wiki", *grants)
    for step in range(3):
        world.edit("wiki", step * 2, page=f"Page {step}")
        world.tell("wiki", step * 2 + 1)
    return world


def now() -> float:
    """As `World.tell` takes it."""
    return (LoopClock().wall() - instant(0)).total_seconds()


async def inbox_id(gateway: LiveGateway) -> str:
    """The wiki's."""
    return str((await gateway.ask("{ inboxes { id } }"))["data"]["inboxes"][0]["id"])


async def test_what_arrives_in_either_list() -> None:
    """Comes once, and is taken out where it is dismissed."""
    world = echo_world()
    gateway = LiveGateway(world)
    async with gateway.listen() as heard:
        world.tell("wiki", now())
        world.edit("wiki", now(), page="Page 7")
        await asyncio.sleep(3 * POLL)
        kinds = sorted(each["summary"] for each in heard.arrived)
        assert kinds == ["Bob created Page 7", "Bob mentioned you on Talk:Moon."]
        told = next(each for each in heard.arrived if "mentioned" in each["summary"])
        await gateway.ask(DISMISS, id=told["id"])
        await asyncio.sleep(3 * POLL)
        assert heard.removed == [told["id"]] and len(heard.arrived) == 2


async def test_what_a_job_tells_late() -> None:
    """With the time of what it is about, which lies behind the newest."""
    world = echo_world()
    gateway = LiveGateway(world)
    async with gateway.listen() as heard:
        world.tell("wiki", now())
        await asyncio.sleep(2 * POLL)
        world.tell("wiki", now() - 40, kind="edit-thank")
        await asyncio.sleep(3 * POLL)
        assert len(heard.arrived) == 2 and not heard.reasons


async def test_resuming_in_both_lists() -> None:
    """Nothing is lost or sent twice of either."""
    world = echo_world()
    gateway = LiveGateway(world)
    async with gateway.listen() as heard:
        world.tell("wiki", now())
        await asyncio.sleep(2 * POLL)
    world.edit("wiki", now(), page="Page 8")
    world.tell("wiki", now())
    async with LiveGateway(world).listen(cursor=heard.cursor) as again:
        await asyncio.sleep(3 * POLL)
        assert len(heard.arrived) == 1 and len(again.arrived) == 2
        assert not {each["id"] for each in again.arrived} & {each["id"] for each in heard.arrived}


async def test_clearing_one_of_the_lists() -> None:
    """Says that the inbox has changed, and never that all of it is gone."""
    world = echo_world()
    gateway = LiveGateway(world)
    async with gateway.listen() as heard:
        inbox = await inbox_id(gateway)
        for feed in ("NOTIFICATIONS", "WATCHLIST"):
            await gateway.ask(CLEAR, id=inbox, feeds=[feed])
            await asyncio.sleep(3 * POLL)
        assert heard.reasons == ["CLEARED"] * 2
        assert not heard.of("NotificationsRemoved")
        world.tell("wiki", now())
        await asyncio.sleep(3 * POLL)
        assert len(heard.arrived) == 1


async def test_the_only_list_that_is_followed() -> None:
    """Is all that is held of the inbox: where it is cleared, that is gone."""
    world = echo_world("viewmywatchlist", "editmywatchlist")
    gateway = LiveGateway(world)
    async with gateway.listen() as heard:
        await gateway.ask(CLEAR, id=await inbox_id(gateway))
        await asyncio.sleep(3 * POLL)
        assert [each["isWholeInbox"] for each in heard.of("NotificationsRemoved")] == [True]


async def test_what_is_told_of_lists() -> None:
    """One report for the inbox, a line for each; a list that is left out is not in it."""
    for grants, feeds in (
        ((), {"WATCHLIST", "NOTIFICATIONS"}),
        (("viewmywatchlist",), {"WATCHLIST"}),
    ):
        world = echo_world(*grants)
        gateway = LiveGateway(world)
        async with gateway.listen(SOURCES) as heard:
            await asyncio.sleep(1)
            started, changed = heard.events
            assert {each["feed"] for each in started["sources"][0]["feeds"]} == feeds
            assert {each["feed"] for each in changed["source"]["feeds"]} == feeds
            assert changed["mode"] == "POLLING"
            world.instances["wiki"].is_down = True
            await asyncio.sleep(700)
            last = heard.of("InboxChanged")[-1]
            assert last["mode"] == "PAUSED" and last["source"]["failure"]
            world.instances["wiki"].is_down = False
            await asyncio.sleep(700)
            assert heard.of("InboxChanged")[-1]["mode"] == "POLLING"
