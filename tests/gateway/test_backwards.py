"""Lists upwards: `last` and `before`, polling, and one inbox's own list."""

import asyncio

from support.worlds import NO_COPIES, Json, World, instant, mixed_world, names, nodes

from resolvers.types.scalars import format_instant

BACK = """
query Back($last: Int, $before: String, $filter: NotificationFilter) {
  notifications(last: $last, before: $before, filter: $filter) {
    edges { cursor node { id summary createdAt isUnread inbox { name } } }
    pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
    isIncomplete
    sources { inbox { name } freshness failure { code message } }
  }
}
"""


async def back(world: World, **variables: object) -> Json:
    """A page upwards, which must not have errors."""
    answer = await world.ask(BACK, variables)
    assert "errors" not in answer, answer
    page: Json = answer["data"]["notifications"]
    return page


def ids(*pages: Json) -> list[str]:
    """The IDs of some pages, in order."""
    return [node["id"] for node in nodes(*pages)]


async def climb(world: World, last: int, before: str | None = None) -> list[Json]:
    """All pages up to the newest, the lowest first."""
    pages = [await back(world, last=last, before=before)]
    while pages[-1]["pageInfo"]["hasPreviousPage"]:
        above = pages[-1]["pageInfo"]["startCursor"]
        pages.append(await back(world, last=last, before=above))
    return pages


async def test_last_alone_is_the_oldest() -> None:
    """`last` without a cursor gives the oldest of all, newest of them first."""
    world = mixed_world()
    page = await back(world, last=4)
    assert names(page) == ["home", "work", "wiki", "home"]
    assert nodes(page)[-1]["createdAt"] == format_instant(instant(0))
    assert page["pageInfo"]["hasPreviousPage"]
    assert not page["pageInfo"]["hasNextPage"]


async def test_up_is_down_the_other_way() -> None:
    """Pages upwards, put together, are the same list as pages downwards."""
    world = mixed_world()
    whole = ids(await world.page(first=100))
    for size in (1, 4, 7, 30):
        pages = await climb(world, size)
        assert ids(*reversed(pages)) == whole


async def test_every_edge_divides_the_list() -> None:
    """`before` an edge's cursor is what stands above it, `after` it what stands below."""
    world = mixed_world()
    whole = await world.page(first=30)
    for index in (0, 1, 13, 29):
        cursor = whole["edges"][index]["cursor"]
        above = await climb(world, 9, before=cursor)
        below = await world.walk(9, after=cursor)
        assert ids(*reversed(above)) == ids(whole)[:index]
        assert ids(*below) == ids(whole)[index + 1 :]


async def test_polling() -> None:
    """`before: startCursor` gives what arrived since, and nothing twice."""
    world = mixed_world()
    world.sections = {"cache": NO_COPIES}
    cursor = (await world.page(first=5))["pageInfo"]["startCursor"]
    assert (await back(world, last=10, before=cursor))["edges"] == []
    world.post("home", 100)
    world.edit("wiki", 101)
    page = await back(world, last=10, before=cursor)
    assert names(page) == ["wiki", "home"]
    assert page["pageInfo"]["hasNextPage"] and not page["pageInfo"]["hasPreviousPage"]
    again = await back(world, last=10, before=page["pageInfo"]["startCursor"])
    assert again["edges"] == []
    world.post("work", 102)
    assert names(await back(world, last=10, before=again["pageInfo"]["startCursor"])) == ["work"]


async def test_polling_from_an_empty_list() -> None:
    """A new user's first poll works: the empty page has a cursor to poll from."""
    world = World()
    world.add_mastodon("home")
    world.add_wiki("wiki")
    world.sections = {"cache": NO_COPIES}
    cursor = (await world.page())["pageInfo"]["startCursor"]
    world.post("home", 1)
    world.edit("wiki", 2)
    assert names(await back(world, last=5, before=cursor)) == ["wiki", "home"]


async def test_an_inbox_that_was_added_shows_its_newest() -> None:
    """A poll with a cursor from before it was configured shows at once what it holds."""
    world = mixed_world()
    cursor = (await world.page(first=5))["pageInfo"]["startCursor"]
    world.add_mastodon("added")
    for second in range(200, 230):
        world.post("added", second)
    world.restart()
    page = await back(world, last=10, before=cursor)
    assert names(page) == ["added"] * 10
    assert nodes(page)[0]["createdAt"] == format_instant(instant(229))


async def test_as_many_of_an_inbox_that_was_added_as_the_page_has_room_for() -> None:
    """In however many chunks they come; what is below them is there on the way down."""
    world = mixed_world()
    cursor = (await world.page(first=5))["pageInfo"]["startCursor"]
    world.add_mastodon("added").allowed_requests = 1000
    for second in range(200, 300):
        world.post("added", second)
    world.restart()
    page = await back(world, last=90, before=cursor)
    assert [node["createdAt"] for node in nodes(page)] == [
        format_instant(instant(second)) for second in range(299, 209, -1)
    ]
    below = await world.walk(9, after=page["pageInfo"]["endCursor"])
    assert names(*below).count("added") == 10


async def test_inboxes_that_are_removed_or_moved() -> None:
    """A cursor goes on to mean the same for the inboxes that are still there."""
    world = mixed_world()
    page = await world.page(first=6)
    world.tables = [world.tables[2], world.tables[0]]  # work, then home; no wiki
    world.restart()
    rest = await world.walk(4, after=page["pageInfo"]["endCursor"])
    assert "wiki" not in names(*rest)
    assert len(nodes(*rest)) == 16


async def test_a_failing_inbox_always_has_more_above() -> None:
    """What may have arrived there nobody knows."""
    world = mixed_world()
    world.sections = {"cache": NO_COPIES}
    cursor = (await world.page(first=5))["pageInfo"]["startCursor"]
    world.instances["work"].is_down = True
    page = await back(world, last=5, before=cursor)
    assert page["edges"] == []
    assert page["pageInfo"]["hasPreviousPage"]
    assert page["sources"][2]["failure"]["code"] == "UNREACHABLE"


async def test_an_old_copy_does_not_say_that_nothing_is_newer() -> None:
    """While an instance fails its copy is shown, and there may be more above it."""
    world = mixed_world()
    start = (await world.page(first=5))["pageInfo"]["startCursor"]
    await back(world, last=5, before=start)
    await asyncio.sleep(30)
    world.instances["home"].is_down = True
    page = await back(world, last=5, before=start)
    failed = [each["freshness"] for each in page["sources"] if each["failure"]]
    assert failed == ["STALE"] and page["pageInfo"]["hasPreviousPage"]


async def test_nothing_could_be_read() -> None:
    """Then `startCursor` is the `before` that was given."""
    world = mixed_world()
    world.sections = {"cache": NO_COPIES}
    cursor = (await world.page(first=5))["pageInfo"]["startCursor"]
    for instance in world.instances.values():
        instance.is_down = True
    page = await back(world, last=5, before=cursor)
    assert page["pageInfo"]["startCursor"] == cursor


async def test_an_inbox_has_a_list_of_its_own() -> None:
    """`Inbox.notifications` is the same connection for one inbox."""
    world = mixed_world()
    answer = await world.ask(
        """query ($after: String) { inbox(name: "wiki") {
          notifications(first: 4, after: $after) { nodes { id inbox { name } }
            pageInfo { hasNextPage endCursor } sources { inbox { name } } }
          oldest: notifications(last: 1) { nodes { createdAt } } } }"""
    )
    inbox = answer["data"]["inbox"]
    page = inbox["notifications"]
    assert {node["inbox"]["name"] for node in page["nodes"]} == {"wiki"}
    assert len(page["nodes"]) == 4 and page["pageInfo"]["hasNextPage"]
    assert [source["inbox"]["name"] for source in page["sources"]] == ["wiki"]
    assert inbox["oldest"]["nodes"] == [{"createdAt": format_instant(instant(1))}]
    assert not world.mastodons["home"].requests


async def test_unread_by_the_marker() -> None:
    """At Mastodon what is after the marker is unread; all of it where none was ever set."""
    world = mixed_world()
    world.sections = {"cache": NO_COPIES}
    only_home = {"platforms": ["MASTODON"]}
    page = await back(world, last=100, filter=only_home)
    assert {node["isUnread"] for node in nodes(page)} == {True}
    mailbox = world.mastodons["home"].mailboxes["token-of-home"]
    mailbox.marker = {"last_read_id": mailbox.notifications[3]["id"], "version": 1}
    page = await back(world, last=100, filter=only_home)
    told = [node["isUnread"] for node in nodes(page) if node["inbox"]["name"] == "home"]
    assert told == [True] * 3 + [False] * 7


async def test_unread_is_not_asked_for_where_it_is_not_wanted() -> None:
    """A page without `isUnread` costs no request for the marker."""
    world = mixed_world()
    mailbox = world.mastodons["home"].mailboxes["token-of-home"]
    await world.page(first=5)
    before = mailbox.requests
    world.restart()
    await back(world, last=5)
    assert (before, mailbox.requests) == (1, 3)


async def test_unread_of_a_wiki_goes_by_its_marks() -> None:
    """With what was seen included, each change says whether it is unseen."""
    world = mixed_world()
    marks = world.wikis["wiki"].pages.users["Alice"].marks
    for title in list(marks)[:2]:
        marks[title] = None
    seen = {"platforms": ["MEDIAWIKI"], "watchlist": {"includeSeen": True}}
    told = [node["isUnread"] for node in nodes(await back(world, last=100, filter=seen))]
    assert (told.count(True), told.count(False)) == (4, 6)
    only = {**seen, "unreadOnly": True}
    assert len(nodes(await back(world, last=100, filter=only))) == 4


async def test_an_instance_that_cannot_say() -> None:
    """`isUnread` is null there, and `unreadOnly` a failure of that inbox and not a guess."""
    world = mixed_world(home="takahe")
    world.mastodons["work"].mailboxes["token-of-work"].scopes = {"read:notifications"}
    page = await back(world, last=100)
    assert {node["isUnread"] for node in nodes(page) if node["inbox"]["name"] != "wiki"} == {None}
    page = await back(world, last=100, filter={"unreadOnly": True})
    assert set(names(page)) == {"wiki"}
    failures = {each["inbox"]["name"]: each["failure"] for each in page["sources"]}
    assert failures["home"]["code"] == failures["work"]["code"] == "UNSUPPORTED"
    assert "read:statuses" in failures["work"]["message"]
    assert not page["pageInfo"]["hasPreviousPage"]
