"""The main job: one list out of many inboxes."""

import pytest
from support.worlds import NO_COPIES, World, instant, mixed_world, names, nodes

from resolvers.types.scalars import format_instant


async def test_merges_newest_first() -> None:
    """Notifications of all inboxes come in one list, the newest first."""
    page = await mixed_world().page(first=6)
    assert names(page) == ["work", "wiki", "home", "work", "wiki", "home"]
    assert [node["createdAt"] for node in nodes(page)] == [
        format_instant(instant(second)) for second in (29, 28, 27, 26, 25, 24)
    ]


async def test_ties_go_by_the_configuration() -> None:
    """Of notifications with the same time the inbox that is configured first comes first."""
    world = World()
    for name in ("b", "a", "c"):
        world.add_mastodon(name)
    for name in ("a", "b", "c"):
        world.post(name, 5)
    assert names(await world.page(first=3)) == ["b", "a", "c"]


async def test_pages_give_everything_once() -> None:
    """Pages of any size, put together, are the whole list, each notification once."""
    world = mixed_world()
    whole = [node["id"] for node in nodes(await world.page(first=100))]
    assert len(set(whole)) == 30
    for size in (1, 4, 7, 30):
        assert [node["id"] for node in nodes(*await world.walk(size))] == whole


async def test_edge_cursors_go_on_below_their_edge() -> None:
    """`after` any edge's cursor gives exactly what stands below that edge."""
    world = mixed_world()
    whole = await world.page(first=30)
    for index, edge in enumerate(whole["edges"]):
        rest = await world.walk(9, after=edge["cursor"])
        assert nodes(*rest) == nodes(whole)[index + 1 :]


async def test_arrivals_do_not_shift_pages() -> None:
    """What arrives between two pages is not on the second, which leaves out and repeats nothing."""
    world = mixed_world()
    before = nodes(await world.page(first=100))
    first = await world.page(first=7)
    world.post("home", 50)
    world.edit("wiki", 51)
    world.post("work", 52)
    rest = await world.walk(7, after=first["pageInfo"]["endCursor"])
    assert nodes(first, *rest) == before


async def test_pages_go_on_where_the_row_was_dismissed() -> None:
    """A cursor still works after the notifications that it stands between are gone."""
    world = mixed_world()
    world.sections = {"cache": NO_COPIES}
    before = nodes(await world.page(first=100))
    first = await world.page(first=6)
    for name in ("home", "work"):
        mailbox = world.mastodons[name].mailboxes[f"token-of-{name}"]
        del mailbox.notifications[:2]
    wiki = world.wikis["wiki"]
    wiki.pages.users["Alice"].marks = dict.fromkeys(wiki.pages.users["Alice"].marks)
    rest = await world.walk(6, after=first["pageInfo"]["endCursor"])
    assert nodes(*rest) == [node for node in before[6:] if node["inbox"]["name"] != "wiki"]


async def test_an_inbox_that_is_down_is_reported() -> None:
    """The page is made of the others, and the report says which instance and what to do."""
    world = mixed_world()
    world.instances["work"].is_down = True
    page = await world.page(first=4)
    assert names(page) == ["wiki", "home", "wiki", "home"]
    assert page["pageInfo"]["hasNextPage"]
    report = page["sources"][2]
    assert report["inbox"]["name"] == "work"
    assert report["freshness"] == "MISSING"
    assert report["fetchedAt"] is None
    assert report["failure"]["code"] == "UNREACHABLE"
    assert report["failure"]["isRetryable"]
    assert "https://work.mastodon.test" in report["failure"]["message"]


async def test_what_an_inbox_missed_comes_late() -> None:
    """An inbox that failed keeps its place: its rows come with the first page that has it again."""
    world = mixed_world()
    world.instances["work"].is_down = True
    first = await world.page(first=10)
    world.instances["work"].is_down = False
    rest = await world.walk(10, after=first["pageInfo"]["endCursor"])
    shown = [node["id"] for node in nodes(first, *rest)]
    assert sorted(shown) == sorted(node["id"] for node in nodes(await world.page(first=100)))
    assert names(*rest).count("work") == 10


async def test_the_answer_names_inboxes_that_failed() -> None:
    """Logs and generic clients see failures in `extensions` without knowing the schema."""
    world = mixed_world()
    world.instances["home"].is_down = True
    answer = await world.ask("{ notifications { isIncomplete } }")
    assert answer["extensions"]["failedInboxes"] == {"home": "UNREACHABLE"}


async def test_all_inboxes_down() -> None:
    """Then the page is empty, has more, and its end is where it began."""
    world = mixed_world()
    world.sections = {"cache": NO_COPIES}
    after = (await world.page(first=3))["pageInfo"]["endCursor"]
    for instance in world.instances.values():
        instance.is_down = True
    page = await world.page(first=3, after=after)
    assert page["edges"] == []
    assert page["pageInfo"]["endCursor"] == after
    assert page["pageInfo"]["hasNextPage"]


async def test_one_that_hangs_leaves_the_others_time_to_read_on() -> None:
    """A page of 100 has all rows of the inbox that answers, which takes two reads."""
    world = World(sections={"upstream": {"contact": "test@tidings.test", "timeout": 60}})
    world.add_mastodon("home")
    world.add_mastodon("work")
    for second in range(120):
        world.post("home", second)
    world.instances["work"].seconds = 3600
    page = await world.page(first=100)
    assert len(nodes(page)) == 100
    assert [source["failure"] is None for source in page["sources"]] == [True, False]


async def test_an_instance_that_hangs_costs_the_deadline() -> None:
    """A page waits as long as it may for the slow one, and shows the others."""
    world = mixed_world()
    world.instances["work"].seconds = 3600
    page = await world.page(first=4)
    assert names(page) == ["wiki", "home", "wiki", "home"]
    assert page["sources"][2]["failure"]["code"] == "TIMEOUT"


async def test_an_empty_inbox_gives_a_cursor() -> None:
    """Cursors are there as soon as one inbox was read, so that a new user can poll."""
    world = World()
    world.add_mastodon("home")
    world.add_wiki("wiki")
    page = await world.page()
    assert page["edges"] == []
    assert not page["pageInfo"]["hasNextPage"]
    assert page["pageInfo"]["startCursor"] and page["pageInfo"]["endCursor"]
    world.post("home", 1)
    assert (await world.page(after=page["pageInfo"]["endCursor"]))["edges"] == []


async def test_has_next_page_is_exact() -> None:
    """A page that ends with the last notification says so, whichever inbox it is from."""
    world = mixed_world()
    assert not (await world.page(first=30))["pageInfo"]["hasNextPage"]
    assert (await world.page(first=29))["pageInfo"]["hasNextPage"]


async def test_has_previous_page_is_whether_after_was_given() -> None:
    """Going forward it costs no request to say whether there is something before."""
    world = mixed_world()
    first = await world.page(first=2)
    assert not first["pageInfo"]["hasPreviousPage"]
    second = await world.page(first=2, after=first["pageInfo"]["endCursor"])
    assert second["pageInfo"]["hasPreviousPage"]


async def test_filters_leave_inboxes_out() -> None:
    """Inboxes that `inboxIds` or `platforms` leave out are neither asked nor reported."""
    world = mixed_world()
    inboxes = (await world.ask("{ inboxes { id name } }"))["data"]["inboxes"]
    ids = {inbox["name"]: inbox["id"] for inbox in inboxes}
    page = await world.page(filter={"inboxIds": [ids["work"], ids["wiki"]]})
    assert set(names(page)) == {"work", "wiki"}
    assert [source["inbox"]["name"] for source in page["sources"]] == ["wiki", "work"]
    assert not world.mastodons["home"].requests
    assert set(names(await world.page(filter={"platforms": ["MEDIAWIKI"]}))) == {"wiki"}


async def test_include_seen_shows_the_whole_watchlist() -> None:
    """What was seen at a wiki is not listed unless it is asked for."""
    world = mixed_world()
    wiki = world.wikis["wiki"].pages
    wiki.users["Alice"].marks = dict.fromkeys(wiki.users["Alice"].marks)
    only_wiki = {"platforms": ["MEDIAWIKI"]}
    assert nodes(await world.page(filter=only_wiki)) == []
    seen = await world.page(filter={**only_wiki, "watchlist": {"includeSeen": True}})
    assert len(nodes(seen)) == 10


async def test_no_row_is_repeated_where_a_second_holds_many() -> None:
    """Changes of one second, also equal ones, are told apart across pages."""
    world = World()
    wiki = world.add_wiki("wiki")
    wiki.pages.watch("Alice", "Category:Things")
    for second in range(4):
        for _ in range(17):
            wiki.pages.categorize("Category:Things", "Bob", "added", instant(second))
    shown = [node["id"] for node in nodes(*await world.walk(5))]
    assert len(shown) == len(set(shown)) == 68


async def test_a_refused_inbox_has_no_next_page() -> None:
    """A credential that is refused is reported, and does not make a client page on for ever."""
    world = World()
    world.add_mastodon("home").mailboxes.clear()
    page = await world.page()
    assert page["sources"][0]["failure"]["code"] == "UNAUTHORIZED"
    assert not page["sources"][0]["failure"]["isRetryable"]
    assert not page["pageInfo"]["hasNextPage"]


async def test_a_page_reads_ten_chunks_at_most() -> None:
    """A server that gives few rows at a time cannot make one page ask without an end."""
    world = World()
    sandbox = world.add_mastodon("home")
    sandbox.largest_limit = 3
    for second in range(100):
        world.post("home", second)
    page = await world.page(first=50)
    assert len(page["edges"]) == 30 and page["isIncomplete"]
    assert world.list_requests() == 10
    assert len(nodes(*await world.walk(50))) == 100


async def test_a_slow_inbox_does_not_take_the_others_time() -> None:
    """Reading on in an inbox that answers at once has time, also after waiting for a slow one."""
    world = mixed_world()
    world.instances["wiki"].seconds = 3600
    world.instances["home"].seconds = world.instances["work"].seconds = 0.05
    page = await world.page(first=100)
    failures = {each["inbox"]["name"]: each["failure"] for each in page["sources"]}
    assert failures["home"] is None and failures["work"] is None
    assert failures["wiki"]["code"] == "TIMEOUT"
    assert len(page["edges"]) == 20


async def test_what_was_seen_and_comes_back_is_shown() -> None:
    """A row that a place stood above is ahead of it again when its mark is set back."""
    world = mixed_world()
    world.sections = {"cache": NO_COPIES}
    marks = world.wikis["wiki"].pages.users["Alice"].marks
    before = dict(marks)
    first = await world.page(first=1)
    marks.update(dict.fromkeys(marks))
    second = await world.page(first=1, after=first["pageInfo"]["endCursor"])
    marks.update(before)
    rest = await world.walk(50, after=second["pageInfo"]["endCursor"])
    assert names(*rest).count("wiki") == 10


@pytest.mark.parametrize("answered", range(6))
async def test_an_inbox_that_fails_at_a_later_chunk(answered: int) -> None:
    """What it gave before is shown, it is reported with it, and the rest comes late; all once."""
    world = mixed_world()
    world.sections = {"cache": NO_COPIES}
    for second in range(100, 150):
        world.post("home", second)
    world.mastodons["home"].largest_limit = 10
    whole = sorted(node["id"] for node in nodes(await world.page(first=100)))
    world.instances["home"].answers_left = answered
    page = await world.page(first=70)
    report = page["sources"][0]
    assert report["failure"]["code"] == "UNREACHABLE"
    assert report["freshness"] == ("FRESH" if answered else "MISSING")
    assert names(page).count("home") == min(60, answered * 10)
    assert page["pageInfo"]["hasNextPage"]
    world.instances["home"].answers_left = None
    rest = await world.walk(70, after=page["pageInfo"]["endCursor"])
    assert sorted(node["id"] for node in nodes(page, *rest)) == whole
