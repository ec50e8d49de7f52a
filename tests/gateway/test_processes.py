"""Several processes that share a store behave as one."""

import asyncio
from collections.abc import Callable

from starlette.responses import Response
from starlette.types import Receive, Scope, Send
from support.processes import processes
from support.real_redis import RealRedis
from support.worlds import NO_COPIES, Json, World, mixed_world, nodes

from app.cache.shared.redis_store import PAUSE

DISMISS = """
mutation ($id: ID!) {
  dismissNotification(input: {notificationId: $id}) {
    dismissedNotificationIds userErrors { code message }
  }
}
"""
UNREAD = "{ notifications(first: 20) { nodes { id isUnread } sources { freshness } } }"


def ids(page: Json) -> list[str]:
    """The IDs of a page."""
    return [node["id"] for node in nodes(page)]


def is_at_home(node: Json) -> bool:
    """Whether a notification is of the inbox `home`."""
    return bool(node["inbox"]["name"] == "home")


def is_social(node: Json) -> bool:
    """Whether a notification is of a Mastodon inbox."""
    return bool(node["inbox"]["name"] != "wiki")


async def test_the_second_process_asks_no_instance(real_redis: RealRedis) -> None:
    """Its first page is what the first one was told, and costs no request."""
    world = mixed_world()
    async with processes(world, real_redis) as [(one, _), (other, _)]:
        first = await one.page(first=20)
        for instance in world.instances.values():
            instance.is_down = True
        second = await other.page(first=20)
        assert nodes(second) == nodes(first)
        assert {source["freshness"] for source in second["sources"]} == {"FRESH"}


async def test_what_is_unread_is_shared_too(real_redis: RealRedis) -> None:
    """Mastodon's marker, which tells it, is asked for once."""
    world = mixed_world()
    async with processes(world, real_redis) as [(one, _), (other, _)]:
        first = await one.ask(UNREAD)
        await other.page(first=1)  # which learns that the wiki has no other list
        for instance in world.instances.values():
            instance.is_down = True
        assert await other.ask(UNREAD) == first


async def test_a_dismissal_is_seen_by_the_others_next_query(real_redis: RealRedis) -> None:
    """Of what one process dismisses the other shows nothing, without asking again."""
    world = mixed_world()
    async with processes(world, real_redis) as [(one, _), (other, _)]:
        listed = [node["id"] for node in nodes(await one.page(first=10)) if is_at_home(node)]
        await other.page(first=10)
        requests = world.list_requests()
        for index, dismissed in enumerate(listed):
            done = await (one, other)[index % 2].ask(DISMISS, {"id": dismissed})
            assert done["data"]["dismissNotification"]["dismissedNotificationIds"] == [dismissed]
            for process in (other, one):
                assert dismissed not in ids(await process.page(first=10))
        assert len(listed) > 2
        assert world.list_requests() == requests


async def test_one_session_at_a_wiki(real_redis: RealRedis) -> None:
    """Processes that begin at once log in once; one that is told to do so again, too."""
    world = mixed_world()
    wiki = world.wikis["wiki"]
    async with processes(world, real_redis, 3) as started:
        await asyncio.gather(*(process.page(first=20) for process, _ in started))
        assert wiki.logins == 1
        wiki.end_sessions()
        (one, _), (other, _), _ = started
        listed = [node["id"] for node in nodes(await one.page(first=20)) if not is_social(node)]
        for index, process in enumerate((one, other, one, other)):
            done = await process.ask(DISMISS, {"id": listed[index]})
            assert not done["data"]["dismissNotification"]["userErrors"]
        assert wiki.logins == 2


async def test_a_refused_login_is_tried_by_one(real_redis: RealRedis) -> None:
    """A wiki locks users out after five tries: the other processes take the refusal as theirs."""
    world = mixed_world()
    world.tables[1]["password"] = "f" * 32
    async with processes(world, real_redis, 3) as started:
        for process, _ in started:
            failures = [source["failure"] for source in (await process.page(first=20))["sources"]]
            assert failures[1]["code"] == "UNAUTHORIZED"
        assert world.wikis["wiki"].logins == 1


async def test_a_login_that_is_held_is_held_by_all(real_redis: RealRedis) -> None:
    """Where a wiki says until when, no other process knows better, and each tells it."""
    world = mixed_world()
    asked = 0

    async def refuse(scope: Scope, receive: Receive, send: Send) -> None:
        nonlocal asked
        asked += 1
        await Response("later", 429, {"retry-after": "600"})(scope, receive, send)

    world.instances["wiki"].replace(refuse)
    async with processes(world, real_redis, 3) as started:
        pages = [await process.page(first=20) for process, _ in started]
    failures = [page["sources"][1]["failure"] for page in pages]
    assert failures[0]["code"] == "RATE_LIMITED" and failures[0]["retryAt"]
    assert failures == failures[:1] * 3
    assert asked == 1


async def test_two_processes_write_one_at_a_time(real_redis: RealRedis) -> None:
    """Each looks before it acts, and what it saw must hold: the other waits for its turn."""
    world = mixed_world()
    async with processes(world, real_redis) as [(one, _), (other, _)]:
        listed = ids(await one.page(first=30))
        wiki = world.instances["wiki"]
        wiki.seconds = 0.02

        async def dismiss(index: int) -> None:
            done = await (one, other)[index % 2].ask(DISMISS, {"id": listed[index]})
            assert not done["data"]["dismissNotification"]["userErrors"]

        await asyncio.gather(*map(dismiss, range(10)))
        left = ids(await other.page(first=30))
        assert not set(listed[:10]) & set(left)


async def test_a_store_that_is_stopped_and_started_under_load(real_redis: RealRedis) -> None:
    """No client's request fails, and it is used again when it is back."""
    world = mixed_world()
    async with processes(world, real_redis) as started:

        async def ask(client: World, is_asking: asyncio.Event) -> None:
            for _ in range(10):
                is_asking.set()
                page = await client.page(first=20)
                assert len(page["edges"]) == 20
                assert not any(source["failure"] for source in page["sources"])

        async def under_load(change: Callable[[], None]) -> None:
            is_asking = asyncio.Event()
            asking = [asyncio.create_task(ask(one, is_asking)) for one, _ in [*started] * 3]
            await is_asking.wait()
            change()
            await asyncio.gather(*asking)

        for _ in range(2):
            await under_load(real_redis.stop)
            await under_load(real_redis.start)
        await asyncio.sleep(PAUSE)
        await started[0][0].page(first=20)
        assert b"tidings" in real_redis.ask(b"KEYS *log*")


async def test_what_was_written_while_the_store_was_away(real_redis: RealRedis) -> None:
    """It is told as soon as the store is back, and what the store held before is not shown."""
    world = mixed_world()
    async with processes(world, real_redis) as [(one, cable), (other, _)]:
        listed = ids(await one.page(first=20))
        await other.page(first=20)
        cable.pull_out()
        await one.ask(DISMISS, {"id": listed[0]})
        assert listed[0] not in ids(await one.page(first=20))
        cable.plug_in()
        await asyncio.sleep(2.5)
        assert listed[0] not in ids(await other.page(first=20))
        assert listed[0] not in ids(await one.page(first=20))


async def test_what_is_paged_is_counted_together(real_redis: RealRedis) -> None:
    """Mastodon's 300 requests that page in 15 minutes are those of all processes."""
    world = World(sections={"cache": NO_COPIES})
    sandbox = world.add_mastodon("home")
    sandbox.allowed_requests = 10_000
    for second in range(50):
        world.post("home", second)
    async with processes(world, real_redis) as [(one, _), (other, _)]:
        after = (await one.page(first=10))["pageInfo"]["endCursor"]
        for _ in range(160):
            for process in (one, other):
                page = await process.page(first=10, after=after)
        assert sandbox.most_paging_requests == 300
        assert page["sources"][0]["failure"]["code"] == "RATE_LIMITED"


async def test_a_store_that_lost_its_log(real_redis: RealRedis) -> None:
    """Nobody knows what was written: copies of before are asked for anew, and shown on failure."""
    world = mixed_world()
    async with processes(world, real_redis) as [(one, _), (other, _)]:
        listed = ids(await one.page(first=20))
        await other.page(first=20)
        await one.ask(DISMISS, {"id": listed[0]})
        real_redis.ask(b"FLUSHALL")
        assert listed[0] not in ids(await other.page(first=20))
        for instance in world.instances.values():
            instance.is_down = True
        assert len(ids(await other.page(first=20))) == 20
