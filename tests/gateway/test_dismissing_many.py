"""Many notifications at once: each inbox by itself, and none is lost without a word."""

from typing import Any

import pytest
from support.worlds import World, instant, mixed_world, nodes

from resolvers.identity import make_id, parse_id

Json = dict[str, Any]
DISMISS = """mutation ($ids: [ID!]!) { dismissNotifications(input: {notificationIds: $ids}) {
  dismissedNotificationIds inboxes { name }
  userErrors { code message path inbox { name } failure { code isRetryable } }
  query { notifications(first: 100) { nodes { id } } } } }"""


async def ids_of(world: World) -> list[str]:
    """The IDs of all that is listed, newest first."""
    return [node["id"] for node in nodes(*await world.walk(100))]


async def dismiss(world: World, ids: list[str]) -> Json:
    """The payload."""
    answer = await world.ask(DISMISS, {"ids": ids})
    assert answer.get("errors") is None, answer
    payload: Json = answer["data"]["dismissNotifications"]
    return payload


async def test_of_all_inboxes_at_once() -> None:
    """What is named leaves; of a page the earlier changes leave with the newest that is named."""
    world = mixed_world()
    ids = await ids_of(world)
    payload = await dismiss(world, ids[:9])
    assert payload["userErrors"] == []
    assert {*ids[:9]} <= {*payload["dismissedNotificationIds"]}
    assert {each["name"] for each in payload["inboxes"]} == {"home", "wiki", "work"}
    left = [node["id"] for node in payload["query"]["notifications"]["nodes"]]
    assert left == [each for each in ids if each not in payload["dismissedNotificationIds"]]
    world.restart()
    assert await ids_of(world) == left


async def test_a_page_is_marked_once() -> None:
    """By the newest of its changes that are named, and no other one is sent."""
    world = World()
    wiki = world.add_wiki("wiki")
    for second in range(6):
        world.edit("wiki", second, page=f"Page {second % 2}")
    ids = await ids_of(world)
    payload = await dismiss(world, ids[2:])
    assert {*payload["dismissedNotificationIds"]} == {*ids[2:]}
    assert len(wiki.writes) == 2
    assert await ids_of(world) == ids[:2]


async def test_what_is_gone_does_not_keep_the_rest() -> None:
    """Where the newest of a page is not pending any more, the next one is marked."""
    world = World()
    wiki = world.add_wiki("wiki")
    for second in range(3):
        world.edit("wiki", second)
    ids = await ids_of(world)
    parts = parse_id(ids[0]).key.split("|")
    gone = make_id("WatchlistNotification", "wiki", "|".join([*parts[:4], "9999", *parts[5:]]))
    payload = await dismiss(world, [gone, *ids[1:]])
    assert payload["userErrors"] == []
    assert len(wiki.writes) == 1
    assert await ids_of(world) == ids[:1]


async def test_a_wikis_own_go_by_fifties() -> None:
    """120 of them are three writes."""
    world = World()
    wiki = world.add_wiki("wiki")
    world.add_echo("wiki")
    for second in range(120):
        world.tell("wiki", second)
    ids = await ids_of(world)
    payload = await dismiss(world, ids)
    assert (len(payload["dismissedNotificationIds"]), payload["userErrors"]) == (120, [])
    assert len(wiki.writes) == 3
    assert await ids_of(world) == []


async def test_each_that_is_refused_says_where_it_stood() -> None:
    """Unknown ones and those of an inbox that is down; the others are done."""
    world = mixed_world()
    ids = await ids_of(world)
    work = next(each for each in ids if parse_id(each).inbox == "work")
    home = next(each for each in ids if parse_id(each).inbox == "home")
    world.instances["work"].is_down = True
    payload = await dismiss(world, ["nonsense", work, home, home])
    assert payload["dismissedNotificationIds"] == [home]
    first, second = payload["userErrors"]
    assert (first["code"], first["path"]) == ("NOT_FOUND", ["input", "notificationIds", "0"])
    assert (second["code"], second["path"]) == (
        "UPSTREAM_FAILED",
        ["input", "notificationIds", "1"],
    )
    assert second["failure"] == {"code": "UNREACHABLE", "isRetryable": True}
    assert second["inbox"] == {"name": "work"}


async def test_what_there_is_no_time_for() -> None:
    """Is told as such, nothing is sent for it, and asked again it is done."""
    world = World()
    sandbox = world.add_mastodon("home")
    for second in range(40):
        world.post("home", second)
    ids = await ids_of(world)
    world.instances["home"].seconds = 1.0
    payload = await dismiss(world, ids)
    done, refused = payload["dismissedNotificationIds"], payload["userErrors"]
    assert 0 < len(done) < 40 and len(done) + len(refused) == 40
    assert {each["failure"]["code"] for each in refused} == {"TIMEOUT"}
    assert all(each["failure"]["isRetryable"] for each in refused)
    assert all("nothing was sent" in each["message"] for each in refused)
    assert len(sandbox.writes) == len(done)
    world.instances["home"].seconds = 0
    assert (await dismiss(world, ids))["userErrors"] == []
    assert await ids_of(world) == []


async def test_an_instance_that_limits_is_not_asked_on() -> None:
    """The first refusal is that of all the rest, with the time to try again."""
    world = World()
    sandbox = world.add_mastodon("home")
    for second in range(30):
        world.post("home", second)
    ids = await ids_of(world)
    sandbox.allowed_requests = 12
    payload = await dismiss(world, ids)
    codes = {each["failure"]["code"] for each in payload["userErrors"]}
    assert codes == {"RATE_LIMITED"} and payload["userErrors"]
    assert len(sandbox.writes) <= 12


@pytest.mark.parametrize("count", [0, 501])
async def test_how_many_there_may_be(count: int) -> None:
    """1 to 500, said at the field."""
    world = World()
    world.add_mastodon("home")
    payload = await dismiss(world, ["x"] * count)
    (error,) = payload["userErrors"]
    assert (error["code"], error["path"]) == ("INVALID_INPUT", ["input", "notificationIds"])


async def test_all_of_a_group() -> None:
    """What a group names leaves, and the group with it."""
    world = World()
    sandbox = world.add_mastodon("home")
    post = sandbox.make_status(sandbox.make_account("me"), "<p>mine</p>", instant(0))
    for second in range(5):
        fan = sandbox.make_account(f"fan{second}@elsewhere.test")
        sandbox.notify("token-of-home", "favourite", fan, instant(second), status=post)
    document = "{ notificationGroups { nodes { count notificationIds } } }"
    (group,) = (await world.ask(document))["data"]["notificationGroups"]["nodes"]
    await dismiss(world, group["notificationIds"])
    assert (await world.ask(document))["data"]["notificationGroups"]["nodes"] == []
