"""Lists that are too large to be read at once: no stranger can close an inbox by long posts."""

import pytest
from support.worlds import NO_COPIES, World, instant

from app.upstreams.http.transport import MOST_RECEIVED

LONG = 300_000
TOO_LONG = MOST_RECEIVED + 100


async def shown(world: World, first: int) -> tuple[list[str], set[str]]:
    """The instants of all rows, page by page down to the end, and the failures on the way."""
    pages = await world.walk(first)
    rows = [edge["node"]["createdAt"] for page in pages for edge in page["edges"]]
    failures = [source["failure"] for page in pages for source in page["sources"]]
    return rows, {failure["message"] for failure in failures if failure}


def instants(numbers: range) -> list[str]:
    """Of rows made in these seconds, newest first."""
    return [instant(number).strftime("%Y-%m-%dT%H:%M:%SZ") for number in reversed(numbers)]


async def test_forty_long_posts() -> None:
    """Are read in smaller answers, and how small is remembered."""
    world = World()
    world.sections = {"cache": NO_COPIES}
    world.add_mastodon("home")
    for second in range(40):
        world.post("home", second, "x" * LONG)
    assert await shown(world, 20) == (instants(range(40)), set())
    before = world.list_requests()
    for _ in range(5):
        await world.page(first=5)
    assert world.list_requests() <= before + 5 + 1  # now and then it is tried whether more fit


@pytest.mark.parametrize("first", [7, 40])
@pytest.mark.parametrize("place", [0, 17, 39])
async def test_one_post_that_is_too_long(place: int, first: int) -> None:
    """It is left out and told; all others are shown."""
    world = World()
    world.add_mastodon("home")
    for second in range(40):
        world.post("home", second, "x" * (TOO_LONG if second == place else 10))
    rows, failures = await shown(world, first)
    assert rows == [each for each in instants(range(40)) if each != instants(range(place, 40))[-1]]
    assert any("left out" in each for each in failures)


async def test_upwards_past_a_post_that_is_too_long() -> None:
    """What is newer is found from below it too."""
    world = World()
    world.add_mastodon("home")
    for second in range(5):
        world.post("home", second)
    cursor = (await world.page(first=5))["pageInfo"]["startCursor"]
    world.post("home", 6, "x" * TOO_LONG)
    world.post("home", 7)
    document = "query($c: String) { notifications(last: 5, before: $c) { nodes { createdAt } } }"
    answer = await world.ask(document, {"c": cursor})
    nodes = answer["data"]["notifications"]["nodes"]
    assert [each["createdAt"] for each in nodes] == instants(range(7, 8))


async def test_nothing_but_posts_that_are_too_long() -> None:
    """An inbox of those alone fails with a sentence, and is not taken for an empty one."""
    world = World()
    world.add_mastodon("home")
    for second in range(6):
        world.post("home", second, "x" * TOO_LONG)
    (source,) = (await world.page(first=5))["sources"]
    assert (
        source["failure"]["code"] == "BAD_RESPONSE" and "too large" in source["failure"]["message"]
    )


async def test_counting_what_is_unread() -> None:
    """A count that was made from fewer rows does not claim to be whole."""
    world = World()
    world.add_mastodon("home", "mastodon-3.5")
    for second in range(40):
        world.post("home", second, "x" * LONG)
    answer = await world.ask("{ inboxes { unreadCount { count isCapped } } }")
    (inbox,) = answer["data"]["inboxes"]
    assert inbox["unreadCount"] == {"count": 10, "isCapped": True}


async def test_a_wiki_with_long_changes() -> None:
    """A watchlist is asked for in smaller answers too."""
    world = World()
    wiki = world.add_wiki("wiki")
    for second in range(60):
        page = f"Page {second}"
        wiki.pages.watch("Alice", page)
        wiki.pages.edit(page, "Bob", "x" * (LONG // 2), instant(second))
    assert await shown(world, 50) == (instants(range(60)), set())


async def test_a_long_post_where_ids_begin_with_a_time() -> None:
    """The rest of such an inbox is reached as well, though one row is asked for at a time."""
    world = World()
    world.add_mastodon("home", "hollo")
    for second in range(30):
        world.post("home", second, "x" * (TOO_LONG if second == 25 else 10))
    rows, _ = await shown(world, 5)
    assert rows == [each for each in instants(range(30)) if each != instants(range(25, 26))[0]]


@pytest.mark.parametrize("is_one_too_long", [False, True])
@pytest.mark.parametrize("first", [1, 2, 5])
@pytest.mark.parametrize("together", [2, 3, 7])
async def test_rows_of_one_instant_where_ids_begin_with_a_time(
    together: int, first: int, is_one_too_long: bool
) -> None:
    """All are shown, also where a post that is too long has single rows asked for."""
    world = World()
    world.sections = {"cache": NO_COPIES}
    world.add_mastodon("home", "hollo")
    for number in range(21):
        world.post("home", number // together)
    if is_one_too_long:
        world.post("home", 30, "x" * TOO_LONG)
    rows, _ = await shown(world, first)
    assert len(rows) == 21


async def test_more_rows_of_one_instant_than_an_answer_holds() -> None:
    """It is told that some may be missing, and what is older is shown."""
    world = World()
    world.add_mastodon("home", "hollo")
    world.post("home", 0)
    for _ in range(100):
        world.post("home", 1)
    rows, failures = await shown(world, 50)
    assert rows[-1:] == instants(range(1))
    assert any("some of them may be left out" in each for each in failures)


@pytest.mark.parametrize("first", [1, 7, 20])
async def test_long_posts_where_a_list_comes_all_at_once(first: int) -> None:
    """A list that was cut to be readable is not taken for a whole one."""
    world = World()
    world.sections = {"cache": NO_COPIES}
    world.add_mastodon("home", "snac")
    for second in range(40):
        world.post("home", second, "x" * LONG)
    assert await shown(world, first) == (instants(range(40)), set())
