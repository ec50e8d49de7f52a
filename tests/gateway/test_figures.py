"""What the gateway promises in numbers, counted."""

import asyncio
import gc
from statistics import median

from support.worlds import NO_COPIES, World, names, nodes

from resolvers.types.mastodon import MastodonNotification
from resolvers.types.mediawiki import WatchlistNotification


async def test_one_round_of_requests() -> None:
    """A page over 5 inboxes that take 50 ms each takes 50 ms: all are asked at once, and once."""
    world = World()
    for number in range(5):
        if number % 2:
            world.add_wiki(f"inbox-{number}")
        else:
            world.add_mastodon(f"inbox-{number}")
    for second in range(250):
        name = f"inbox-{second % 5}"
        (world.edit if second % 5 % 2 else world.post)(name, second)
    world.sections = {"cache": NO_COPIES}
    await world.page(first=20)  # the wikis' logins
    for instance in world.instances.values():
        instance.seconds = 0.05
    asked, began = world.list_requests(), asyncio.get_running_loop().time()
    page = await world.page(first=20)
    assert len(set(names(page))) == 5
    assert world.list_requests() - asked == 5
    assert round(asyncio.get_running_loop().time() - began, 6) == 0.05


async def test_5000_notifications_of_3_inboxes() -> None:
    """Every one once and in order, and what is kept of them does not grow."""
    world = World()
    world.add_mastodon("home-of-5000")
    world.add_wiki("wiki-of-5000")
    world.add_mastodon("work-of-5000")
    for second in range(5000):
        if second % 3 == 1:
            world.edit("wiki-of-5000", second, page=f"Page {second % 50}")
        else:
            world.post("home-of-5000" if second % 3 else "work-of-5000", second)
    world.sections = {"cache": {"memory": 2**20}}
    for sandbox in world.mastodons.values():
        sandbox.allowed_requests = 10_000
    shown: list[str] = []
    created: list[str] = []
    alive: list[int] = []
    after = None
    while True:
        page = await world.page(first=100, after=after)
        shown += [node["id"] for node in nodes(page)]
        created += [node["createdAt"].replace(".000Z", "Z") for node in nodes(page)]
        if len(shown) % 300 == 0:  # counting takes longer than a page
            alive.append(count_notifications())
        after = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            break
    assert len(shown) == len(set(shown)) == 5000
    assert created == sorted(created, reverse=True)
    assert max(alive) <= 1000
    assert median(alive[8:]) <= median(alive[2:8]) * 1.1


def count_notifications() -> int:
    """The notifications of these inboxes that this process holds; other tests leave theirs."""
    gc.collect()
    kinds = (MastodonNotification, WatchlistNotification)
    held = (each for each in gc.get_objects() if isinstance(each, kinds))
    return sum("-of-5000" in repr(each.inbox) for each in held)  # some are spoilt on purpose


async def test_cursors_are_short() -> None:
    """A cursor takes at most 80 characters for each inbox, and 32 for itself."""
    world = World()
    for number in range(10):
        world.add_wiki(f"wiki-{number}")
        world.add_mastodon(f"home-{number}")
        for second in range(60):
            world.edit(f"wiki-{number}", second, page="A page with quite a long title" * 5)
            world.post(f"home-{number}", second)
    for page in await world.walk(100):
        for edge in page["edges"]:
            assert len(edge["cursor"]) <= 32 + 20 * 80
