"""Filters: each narrows the list as it says, whatever the instances can do."""

import pytest
from support.worlds import Json, World, instant, names, nodes

from app.upstreams.mastodon.rows import encode_row
from resolvers.identity import parse_id
from resolvers.merging.cursor import decode_cursor
from resolvers.merging.filter import Filter
from resolvers.types.notification_type import NotificationType
from resolvers.types.scalars import format_instant

EVERY = """
query Every($filter: NotificationFilter) {
  notifications(first: 100, filter: $filter) {
    nodes { type rawType createdAt actor { id handle } inbox { name }
      ... on WatchlistNotification { page { title namespace } isMinor isBot } }
    pageInfo { hasNextPage }
    sources { inbox { name } }
  }
}
"""


def varied_world() -> World:
    """Notifications of many kinds, by people and bots."""
    world = World()
    home = world.add_mastodon("home")
    wiki = world.add_wiki("wiki").pages
    for second, kind in enumerate(["mention", "favourite", "follow", "pleroma:reaction"]):
        person = home.make_account(f"p{second}@elsewhere.test", is_bot=second == 1)
        home.notify("token-of-home", kind, person, instant(second))
    wiki.watch("Alice", "Page", "Talk:Page")
    wiki.edit("Page", "Bob", "new", instant(10))
    wiki.edit("Talk:Page", "Carol", "new", instant(11))
    wiki.edit("Page", "Robot", "bot", instant(12), is_bot=True)
    wiki.edit("Page", "Bob", "minor", instant(13), is_minor=True)
    wiki.protect("Page", "Erin", "log", instant(14))
    return world


async def listed(world: World, chosen: Json) -> list[Json]:
    """The nodes that a filter leaves."""
    answer = await world.ask(EVERY, {"filter": chosen})
    assert "errors" not in answer, answer
    return list(answer["data"]["notifications"]["nodes"])


def seconds(found: list[Json]) -> list[str]:
    """When they happened."""
    return [node["createdAt"] for node in found]


def at(*values: int) -> list[str]:
    """Those seconds of the world, newest first."""
    return [format_instant(instant(value)) for value in sorted(values, reverse=True)]


@pytest.mark.parametrize(
    ("chosen", "left"),
    [
        ({}, [0, 1, 2, 3, 10, 11, 12, 13, 14]),
        ({"types": ["MENTION", "PAGE_LOGGED"]}, [0, 14]),
        ({"types": ["OTHER"]}, [3]),
        ({"excludeTypes": ["PAGE_EDITED", "FOLLOW"]}, [0, 1, 3, 10, 11, 14]),
        ({"types": ["MENTION", "FOLLOW"], "excludeTypes": ["FOLLOW"]}, [0]),
        ({"rawTypes": ["pleroma:reaction", "log"]}, [3, 14]),
        ({"excludeBots": True}, [0, 2, 3, 10, 11, 13, 14]),
        ({"since": "2026-11-24T11:00:11Z"}, [11, 12, 13, 14]),
        ({"until": "2026-11-24T11:00:11Z"}, [0, 1, 2, 3, 10]),
        ({"since": "2026-11-24T12:00:02+01:00", "until": "2026-11-24T11:00:11Z"}, [2, 3, 10]),
        ({"watchlist": {"namespaces": [1]}}, [0, 1, 2, 3, 11]),
        ({"watchlist": {"excludeMinor": True}}, [0, 1, 2, 3, 10, 11, 12, 14]),
        ({"watchlist": {"excludeUser": "Bob"}}, [0, 1, 2, 3, 11, 12, 14]),
        ({"watchlist": {"latestOnly": True}}, [0, 1, 2, 3, 11, 14]),
        ({"watchlist": {"namespaces": [99]}, "platforms": ["MEDIAWIKI"]}, []),
    ],
)
async def test_what_a_filter_leaves(chosen: Json, left: list[int]) -> None:
    """Exactly the notifications that it names, in their order."""
    assert seconds(await listed(varied_world(), chosen)) == at(*left)


async def test_what_one_person_did() -> None:
    """`actorId` is of one inbox; the others are in `sources` and not even asked."""
    world = varied_world()
    bob = next(
        node["actor"] for node in await listed(world, {}) if node["actor"]["handle"] == "User:Bob"
    )
    asked = len(world.mastodons["home"].requests)
    world.restart()
    answer = await world.ask(EVERY, {"filter": {"actorId": bob["id"]}})
    page = answer["data"]["notifications"]
    assert seconds(page["nodes"]) == at(10, 13)
    assert not page["pageInfo"]["hasNextPage"]
    assert [source["inbox"]["name"] for source in page["sources"]] == ["home", "wiki"]
    assert len(world.mastodons["home"].requests) == asked


async def test_types_that_an_inbox_cannot_have_cost_nothing() -> None:
    """Mentions are not looked for in a watchlist."""
    world = varied_world()
    await listed(world, {"types": ["MENTION"]})
    assert not world.wikis["wiki"].requests


async def test_since_ends_the_search() -> None:
    """Beyond an instant nothing can follow: the page is complete at once."""
    world = World()
    world.add_mastodon("home")
    for second in range(0, 40_000, 80):
        world.post("home", second - 40_000)
    page = await world.page(first=20, filter={"since": format_instant(instant(-200))})
    assert len(page["edges"]) == 2
    assert not page["pageInfo"]["hasNextPage"] and not page["isIncomplete"]
    assert world.list_requests() == 1


async def test_a_filter_that_matches_nothing_in_5000() -> None:
    """Pages of 10 chunks each, incomplete, with progress on every one, and an end."""
    world = World()
    sandbox = world.add_mastodon("home")
    sandbox.allowed_requests = 10_000
    for second in range(5000):
        world.post("home", second)
    chosen = {"rawTypes": ["no such type"]}
    pages, cursors, after = 0, set(), None
    while True:
        asked = world.list_requests()
        page = await world.page(first=10, after=after, filter=chosen)
        pages += 1
        assert page["edges"] == []
        after = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            break
        assert page["isIncomplete"]
        assert world.list_requests() - asked == 10
        assert after not in cursors
        cursors.add(after)
    assert not page["isIncomplete"]
    assert pages == 13
    assert world.list_requests() == 126


async def test_all_inboxes_together_have_a_bound() -> None:
    """A search over many inboxes makes at most 200 requests beyond the first of each."""
    world = World()
    for number in range(25):
        sandbox = world.add_mastodon(f"home-{number}")
        sandbox.largest_limit = 2
        for second in range(30):
            world.post(f"home-{number}", second)
    chosen = {"rawTypes": ["no such type"]}
    page = await world.page(first=10, filter=chosen)
    assert page["isIncomplete"] and page["edges"] == []
    assert world.list_requests() == 225
    pages = await world.walk(10, filter=chosen)
    assert names(*pages) == [] and nodes(*pages) == []


CONTRADICTIONS = [
    {"types": []},
    {"excludeTypes": []},
    {"rawTypes": []},
    {"watchlist": {"namespaces": []}},
    {"types": ["MENTION"], "excludeTypes": ["MENTION", "FOLLOW"]},
    {"since": "2026-01-02T00:00:00Z", "until": "2026-01-02T00:00:00Z"},
    {"since": "2026-01-03T00:00:00Z", "until": "2026-01-02T00:00:00Z"},
    {"actorId": "nonsense"},
    {"actorId": "SW5ib3g6aG9tZTo"},
]


@pytest.mark.parametrize("chosen", CONTRADICTIONS)
async def test_filters_that_contradict_themselves(chosen: Json) -> None:
    """Each is BAD_USER_INPUT in under 1 KB, and nothing is sent to an instance."""
    world = varied_world()
    answer = await world.ask(EVERY, {"filter": chosen})
    (error,) = answer["errors"]
    assert error["extensions"]["code"] == "BAD_USER_INPUT"
    assert len(str(error)) < 1024
    assert world.list_requests() == 0


@pytest.mark.parametrize(
    "time", ["2026-01-02T00:00:00", "2026-01", "now", "", "2026-02-30T00:00:00Z"]
)
async def test_times_that_are_none(time: str) -> None:
    """A time without a zone, or none at all, is refused with a code."""
    world = varied_world()
    answer = await world.ask(EVERY, {"filter": {"since": time}})
    (error,) = answer["errors"]
    assert error["extensions"]["code"] == "BAD_USER_INPUT"
    assert len(str(error)) < 1024
    assert world.list_requests() == 0


async def test_the_ends_of_time() -> None:
    """The first and the last instant that there are narrow nothing and break nothing."""
    world = varied_world()
    ends = {"since": "0001-01-01T00:00:00Z", "until": "9999-12-31T23:59:59Z"}
    assert len(await listed(world, {**ends, "rawTypes": ["mention"]})) == 1
    assert len(await listed(world, {**ends, "types": ["FOLLOW"]})) == 1


async def test_what_was_looked_through_is_not_looked_through_again() -> None:
    """`endCursor` stands behind all that a page has passed, not behind its last edge."""
    world = World()
    zed = world.add_mastodon("home").make_account("zed@elsewhere.test")
    for second in range(30):
        world.mastodons["home"].notify("token-of-home", "follow", zed, instant(second))
    newest = world.post("home", 31)
    wanted = {"types": ["MENTION"]}
    page = await world.page(first=1, filter=wanted)
    assert [parse_id(node["id"]).key for node in nodes(page)] == [newest["id"]]
    digest = Filter(types=frozenset({NotificationType.MENTION})).digest
    place = decode_cursor(page["pageInfo"]["endCursor"], digest, ["home"])["home"]
    oldest = world.mastodons["home"].mailboxes["token-of-home"].notifications[-1]
    assert place.above == encode_row(oldest["id"])
