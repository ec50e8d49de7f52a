"""What belongs together says so, the same way for every network and on every page."""

import asyncio
from collections import defaultdict
from typing import Any

from support.listening import LiveGateway
from support.worlds import World, instant, nodes

PAGE = """query ($first: Int, $after: String, $filter: NotificationFilter) {
  notifications(first: $first, after: $after, filter: $filter) {
    edges { node { id groupId type summary createdAt inbox { name } } }
    pageInfo { endCursor hasNextPage } } }"""
EVENTS = """subscription { notificationEvents {
  cursor ... on NotificationArrived { edge { node { id groupId } } } } }"""


def like(world: World, status: Any, second: float, kind: str = "favourite") -> None:
    """Somebody else likes one of my posts, or does something else of the kind."""
    sandbox = world.mastodons["home"]
    account = sandbox.make_account(f"fan{second:g}@elsewhere.test")
    sandbox.notify("token-of-home", kind, account, instant(second), status=status)


async def groups_of(world: World, first: int = 100) -> dict[str, list[str]]:
    """The types of each group's members, over all pages."""
    found, after = defaultdict[str, list[str]](list), None
    while True:
        answer = await world.ask(PAGE, {"first": first, "after": after})
        page = answer["data"]["notifications"]
        for node in nodes(page):
            found[node["groupId"]].append(node["type"])
        if not page["pageInfo"]["hasNextPage"]:
            return dict(found)
        after = page["pageInfo"]["endCursor"]


async def test_likes_of_one_post() -> None:
    """Belong together, and boosts by themselves; each mention stands alone."""
    world = World()
    sandbox = world.add_mastodon("home")
    me = sandbox.make_account("me")
    posts = [sandbox.make_status(me, "<p>mine</p>", instant(0)) for _ in range(2)]
    for second in range(6):
        like(world, posts[second % 2], second)
        like(world, posts[0], second + 0.5, "reblog")
    for second in range(2):
        world.post("home", 10 + second)
        like(world, None, 20 + second, "follow")
    found = sorted(sorted(each) for each in (await groups_of(world)).values())
    assert found == [
        *(["FAVOURITE"] * 3 for _ in range(2)),
        ["FOLLOW"] * 2,
        ["MENTION"],
        ["MENTION"],
        ["REBLOG"] * 6,
    ]


async def test_a_day_is_the_end_of_a_group() -> None:
    """By UTC, wherever who asks lives."""
    world = World()
    sandbox = world.add_mastodon("home")
    post = sandbox.make_status(sandbox.make_account("me"), "<p>mine</p>", instant(-200_000))
    for hours in range(0, 48, 6):
        like(world, post, -hours * 3600)
    answer = (await world.ask(PAGE, {"first": 20}))["data"]["notifications"]
    by_day = {node["createdAt"][:10]: node["groupId"] for node in nodes(answer)}
    assert all(by_day[node["createdAt"][:10]] == node["groupId"] for node in nodes(answer))
    assert len(set(by_day.values())) == len(by_day) > 1


async def test_what_a_wiki_tells_of_a_page() -> None:
    """Its changes go with what was written on it, if it is one's talk page; thanks do not."""
    world = World()
    world.add_wiki("wiki")
    world.add_echo("wiki")
    for second, kind in enumerate(["edit-user-talk", "edit-thank", "edit-thank", "mention"]):
        world.tell("wiki", second, kind=kind, page="User talk:Alice")
        world.edit("wiki", second, page="User talk:Alice")
        world.edit("wiki", second, page="Moon")
    found = [sorted(set(each)) for each in (await groups_of(world, first=3)).values()]
    assert sorted(found) == [
        ["MENTION"],
        ["PAGE_CREATED", "PAGE_EDITED"],
        ["PAGE_CREATED", "PAGE_EDITED", "TALK"],
        ["THANKS"],
    ]


async def test_two_inboxes_share_no_group() -> None:
    """Though both are told of the same."""
    world = World()
    for name in ("home", "work"):
        sandbox = world.add_mastodon(name)
        account = sandbox.make_account("fan@elsewhere.test")
        sandbox.notify(f"token-of-{name}", "follow", account, instant(1))
    assert len(await groups_of(world)) == 2


async def test_an_event_says_the_same_as_a_page() -> None:
    """And so does every other process."""
    world = World()
    sandbox = world.add_mastodon("home")
    post = sandbox.make_status(sandbox.make_account("me"), "<p>mine</p>", instant(0))
    like(world, post, 1)
    gateway = LiveGateway(world)
    async with gateway.listen(EVENTS, cursor=None) as heard:
        like(world, post, 3600)
        await asyncio.sleep(30)
        arrived = [each["edge"]["node"] for each in heard.events if "edge" in each]
    page = (await LiveGateway(world).ask(PAGE, first=1))["data"]["notifications"]
    assert [each["groupId"] for each in arrived] == [node["groupId"] for node in nodes(page)]
