"""The list folded into groups, as a client reads it."""

import asyncio
from typing import Any

import pytest
from support.worlds import World, instant, mixed_world

from app.sandbox.listing import Entity

Json = dict[str, Any]

GROUPS = """
query ($first: Int, $after: String, $last: Int, $before: String, $filter: NotificationFilter) {
  notificationGroups(first: $first, after: $after, last: $last, before: $before, filter: $filter) {
    edges { cursor node {
      id groupId type summary count isCountCapped actorCount isUnread notificationIds
      latest { id } actors(first: 2) { handle } notifications(first: 3) { id }
      target { __typename ... on MastodonStatus { text } ... on WikiTitle { title } }
    } }
    pageInfo { startCursor endCursor hasNextPage hasPreviousPage }
    isIncomplete
    sources { inbox { name } freshness failure { code } }
  }
}
"""


async def read(world: World, **variables: object) -> Json:
    """A page of groups, which must not have errors."""
    answer = await world.ask(GROUPS, variables)
    assert answer.get("errors") is None, answer
    page: Json = answer["data"]["notificationGroups"]
    return page


async def walk(world: World, first: int) -> list[Json]:
    """All groups, page after page."""
    pages = [await read(world, first=first)]
    while pages[-1]["pageInfo"]["hasNextPage"]:
        pages.append(await read(world, first=first, after=pages[-1]["pageInfo"]["endCursor"]))
    return [edge["node"] for page in pages for edge in page["edges"]]


def make_posts(world: World, count: int = 1) -> list[Entity]:
    """Posts of the inbox `home`."""
    sandbox = world.mastodons["home"]
    me = sandbox.make_account("me")
    return [sandbox.make_status(me, f"<p>post {n}</p>", instant(0)) for n in range(count)]


def like(
    world: World, status: Entity, second: float, who: str = "", kind: str = "favourite"
) -> None:
    """Somebody likes one of my posts, or does something else of the kind."""
    sandbox = world.mastodons["home"]
    who = who or f"fan{second:g}"
    known = [each["account"] for each in sandbox.mailboxes["token-of-home"].notifications]
    account = next((each for each in known if each["username"] == who), None)
    account = account or sandbox.make_account(f"{who}@elsewhere.test", who.title())
    sandbox.notify("token-of-home", kind, account, instant(second), status=status)


def home() -> World:
    """One inbox at a Mastodon."""
    world = World()
    world.add_mastodon("home")
    return world


async def test_what_a_group_says() -> None:
    """Who, what and how many, in one line, with the first faces and all IDs."""
    world = home()
    (post,) = make_posts(world)
    for second, who in enumerate(["ann", "bob", "cem", "bob"]):
        like(world, post, second, who)
    world.post("home", 9)
    page = await read(world)
    mention, likes = (edge["node"] for edge in page["edges"])
    assert (mention["type"], mention["summary"]) == ("MENTION", "Zed mentioned you")
    assert (mention["count"], mention["isCountCapped"]) == (1, False)
    assert likes["summary"] == "Bob and 2 others liked your post"
    assert (likes["type"], likes["count"], likes["isCountCapped"]) == ("FAVOURITE", 4, False)
    handles = [each["handle"] for each in likes["actors"]]
    assert (likes["actorCount"], handles) == (3, ["@bob@elsewhere.test", "@cem@elsewhere.test"])
    assert likes["target"] == {"__typename": "MastodonStatus", "text": "post 0"}
    assert len(likes["notificationIds"]) == 4
    ids = [each["id"] for each in likes["notifications"]]
    assert ids == likes["notificationIds"][:3] and likes["latest"]["id"] == ids[0]


@pytest.mark.parametrize(
    ("kind", "summary"),
    [
        ("favourite", "Bob and Ann liked your post"),
        ("reblog", "Bob and Ann boosted your post"),
        ("reaction", "Bob and Ann reacted to your post"),
        ("follow", "Bob and Ann followed you"),
        ("admin.sign_up", "Bob and Ann signed up"),
    ],
)
async def test_the_line_of_two(kind: str, summary: str) -> None:
    """Both are named."""
    world = home()
    (post,) = make_posts(world)
    like(world, post, 1, "ann", kind)
    like(world, post, 2, "bob", kind)
    (edge,) = (await read(world))["edges"]
    assert edge["node"]["summary"] == summary


async def test_changes_count_each_revision_once() -> None:
    """One's own talk page is told of by the watchlist and by Echo: the change is one."""
    world = World()
    world.add_wiki("wiki")
    world.add_echo("wiki")
    for second in range(3):
        world.edit("wiki", second, page="User talk:Alice", user="Bob" if second else "Cem")
        told = world.tell("wiki", second, kind="edit-user-talk", page="User talk:Alice")
        told.revision_id = world.wikis["wiki"].pages.changes[-1].revision_id
    for second in range(2):
        world.tell("wiki", second, kind="edit-thank", page="Moon")
    found = {edge["node"]["summary"]: edge["node"] for edge in (await read(world))["edges"]}
    changes = found["Bob and Cem: 3 changes of User talk:Alice"]
    assert changes["count"] == 6
    assert changes["target"] == {"__typename": "WikiTitle", "title": "User talk:Alice"}
    assert "Bob thanked you for edits of Moon" in found


async def test_likes_among_others() -> None:
    """300 likes of one post, between 300 mentions: all, each once, by cursors like the list's."""
    world = home()
    (post,) = make_posts(world)
    for second in range(300):
        like(world, post, second)
        world.post("home", second + 0.5)
    groups = await walk(world, first=25)
    ids = [each for group in groups for each in group["notificationIds"]]
    assert len(ids) == len({*ids}) == 600
    likes = [group for group in groups if group["type"] == "FAVOURITE"]
    assert len({group["groupId"] for group in likes}) == 1
    assert len({group["id"] for group in groups}) == len(groups)
    assert sum(group["count"] for group in likes) == 300
    page = await read(world, first=25)
    as_list = await world.page(first=sum(edge["node"]["count"] for edge in page["edges"]))
    assert page["pageInfo"]["endCursor"] == as_list["pageInfo"]["endCursor"]


async def test_a_page_ends_before_one_group_more() -> None:
    """Also where that is the like of another post, after a hundred of the first."""
    world = home()
    posts = make_posts(world, 2)
    like(world, posts[1], 0)
    for second in range(1, 101):
        like(world, posts[0], second)
    page = await read(world, first=1)
    assert [edge["node"]["count"] for edge in page["edges"]] == [100]
    assert (page["isIncomplete"], page["pageInfo"]["hasNextPage"]) == (False, True)


async def test_a_page_has_500_notifications_at_most() -> None:
    """Then it says that it is not all that was asked for, and goes on by its cursor."""
    world = home()
    (post,) = make_posts(world)
    world.sections = {"cache": {"keep": 3600}}
    world.mastodons["home"].allowed_paging = 10_000
    for second in range(350):
        like(world, post, second)
    world.add_mastodon("work")
    for second in range(350):
        sandbox = world.mastodons["work"]
        fan = sandbox.make_account(f"fan{second}@elsewhere.test")
        sandbox.notify("token-of-work", "follow", fan, instant(second))
    page = await read(world, first=2)
    assert sum(edge["node"]["count"] for edge in page["edges"]) == 500
    assert all(edge["node"]["isCountCapped"] for edge in page["edges"])
    assert page["isIncomplete"] and page["pageInfo"]["hasNextPage"]
    rest = await read(world, first=2, after=page["pageInfo"]["endCursor"])
    assert sum(edge["node"]["count"] for edge in rest["edges"]) == 200


async def test_a_count_that_is_not_known_is_capped() -> None:
    """What lies behind the cursor, and what lies beyond the page, was not seen."""
    world = home()
    posts = make_posts(world, 3)
    for second, post in enumerate([0, 1, 0, 2, 0, 1]):  # the last is the newest
        like(world, posts[post], second)

    def shown(page: Json) -> list[tuple[int, bool]]:
        return [(each["node"]["count"], each["node"]["isCountCapped"]) for each in page["edges"]]

    page = await read(world, first=2)
    assert shown(page) == [(1, True), (1, True)]
    rest = await read(world, first=3, after=page["pageInfo"]["endCursor"])
    assert shown(rest) == [(1, True), (2, True), (1, True)]
    assert shown(await read(world, first=3)) == [(2, False), (3, False), (1, False)]


MIDNIGHT = 13 * 3600
"""Of the day after the tests' own, as `instant` counts."""
DAY = 24 * 3600


@pytest.mark.parametrize(("seconds", "is_capped"), [(30, True), (61, False)])
async def test_a_count_beside_the_day_before(seconds: int, is_capped: bool) -> None:
    """It is known where a row is over a minute outside: an order may go wrong by that."""
    world = home()
    posts = make_posts(world, 2)
    like(world, posts[1], MIDNIGHT - DAY - seconds)
    for second in range(3):
        like(world, posts[0], second)
    page = await read(world, first=1)
    assert [each["node"]["isCountCapped"] for each in page["edges"]] == [is_capped]


@pytest.mark.parametrize(("seconds", "is_capped"), [(30, True), (61, False)])
async def test_a_count_beside_the_day_after(seconds: int, is_capped: bool) -> None:
    """The same above, for a page that begins in the middle of the list."""
    world = home()
    posts = make_posts(world, 2)
    like(world, posts[0], 1)
    like(world, posts[1], MIDNIGHT + seconds)
    like(world, posts[1], MIDNIGHT + 3600)
    newest = (await world.page(first=1))["edges"][0]["cursor"]
    page = await read(world, first=2, after=newest)
    assert page["edges"][1]["node"]["isCountCapped"] is is_capped


async def test_a_count_of_an_inbox_that_fails_is_capped() -> None:
    """A copy does not show what has come since."""
    world = home()
    (post,) = make_posts(world)
    like(world, post, 1)
    assert not (await read(world))["edges"][0]["node"]["isCountCapped"]
    world.instances["home"].is_down = True
    await asyncio.sleep(30)
    page = await read(world)
    assert page["sources"][0]["freshness"] == "STALE"
    assert page["edges"][0]["node"]["isCountCapped"]


async def test_lists_and_groups_take_each_others_cursors() -> None:
    """A page of groups is a page of the list."""
    world = mixed_world()
    page = await read(world, first=3)
    count = sum(edge["node"]["count"] for edge in page["edges"])
    by_groups = await world.page(first=5, after=page["pageInfo"]["endCursor"])
    whole = await world.page(first=30)
    ids = [edge["node"]["id"] for edge in whole["edges"]]
    assert [edge["node"]["id"] for edge in by_groups["edges"]] == ids[count : count + 5]
    below = await read(world, first=1, after=whole["edges"][9]["cursor"])
    assert below["edges"][0]["node"]["latest"]["id"] == ids[10]
    at = ids.index(page["edges"][1]["node"]["latest"]["id"])
    after = await world.page(first=1, after=page["edges"][1]["cursor"])
    assert after["edges"][0]["node"]["id"] == ids[at + 1]


async def test_backwards_newest_first() -> None:
    """From the bottom up, and each page as it would be read."""
    world = mixed_world()
    down = await walk(world, first=3)
    pages = [await read(world, last=4)]
    while pages[0]["pageInfo"]["hasPreviousPage"]:
        pages.insert(0, await read(world, last=4, before=pages[0]["pageInfo"]["startCursor"]))
    up = [edge["node"] for page in pages for edge in page["edges"]]

    def all_ids(groups: list[Json]) -> set[str]:
        return {each for group in groups for each in group["notificationIds"]}

    assert all_ids(up) == all_ids(down) and sum(group["count"] for group in up) == 30
    for page in pages:
        latest = [edge["node"]["latest"]["id"] for edge in page["edges"]]
        order = [
            each["id"] for each in (edge["node"] for edge in (await world.page(first=30))["edges"])
        ]
        assert sorted(latest, key=order.index) == latest


async def test_nothing_is_asked_for_a_group() -> None:
    """Reading all as groups costs the instances what reading the list costs."""
    lists, groups = mixed_world(), mixed_world()
    await lists.walk(30)
    document = GROUPS.replace("isUnread", "")  # for which the marker is asked
    await groups.ask(document, {"first": 30})
    for name, instance in lists.instances.items():
        assert groups.instances[name].asked == instance.asked


async def test_the_groups_of_one_inbox() -> None:
    """The same of its list alone."""
    world = mixed_world()
    document = (
        '{ inbox(name: "wiki") { notificationGroups { nodes { count target { __typename } } } } }'
    )
    found = (await world.ask(document))["data"]["inbox"]["notificationGroups"]["nodes"]
    assert sum(each["count"] for each in found) == 10 and len(found) == 4


async def test_what_was_read_is_told_of_the_group() -> None:
    """Unread if one is; read if all are."""
    world = home()
    (post,) = make_posts(world)
    like(world, post, 1)
    page = await read(world)
    marked = page["edges"][0]["node"]["latest"]["id"]
    mutation = """mutation ($id: ID!) {
      markNotificationsRead(input: {upToNotificationId: $id}) { userErrors { code } } }"""
    await world.ask(mutation, {"id": marked})
    assert (await read(world))["edges"][0]["node"]["isUnread"] is False
    like(world, post, 2)
    world.restart()
    assert (await read(world))["edges"][0]["node"]["isUnread"] is True


@pytest.mark.parametrize("first", [0, -1])
async def test_lists_of_a_group_may_be_empty(first: int) -> None:
    """Where nobody wants to see them."""
    world = mixed_world()
    document = "query ($n: Int!) { notificationGroups { nodes { actors(first: $n) { id } } } }"
    answer = await world.ask(document, {"n": first})
    assert all(each["actors"] == [] for each in answer["data"]["notificationGroups"]["nodes"])
