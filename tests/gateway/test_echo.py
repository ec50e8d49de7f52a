"""A wiki's own notifications beside its watchlist, as a frontend sees them."""

import asyncio
from collections import Counter
from typing import Any

import pytest
from support.worlds import BOT_PASSWORD, Json, World, instant, nodes

from app.sandbox.wiki_echo import RIGHT, SandboxEcho
from resolvers.identity import make_id, parse_id

PAGE = """query Page($first: Int, $after: String, $filter: NotificationFilter) {
  notifications(first: $first, after: $after, filter: $filter) {
    edges { cursor node { __typename id type rawType summary createdAt isUnread
      ... on EchoNotification { header body section category readAt iconUrl
        links { label url } page { title namespace pageId url } revisionId } } }
    pageInfo { hasNextPage endCursor startCursor }
    sources { inbox { name } freshness fetchedAt failure { code message }
      feeds { feed freshness failure { code message } } } } }"""
FEEDS = """{ inbox(name: "wiki") { unreadCount { count isCapped failure { code } }
  capabilities { canDismiss canSetTimestamp canMarkRead }
  feeds { feed failure { code message } capabilities { canDismiss canSetTimestamp }
    unreadCount { count isCapped } } } }"""
DISMISS = """mutation ($id: ID!) { dismissNotification(input: {notificationId: $id}) {
  dismissedNotificationIds userErrors { code message failure { code } } } }"""
CLEAR = """mutation ($id: ID!, $feeds: [Feed!]) {
  clearNotifications(input: {inboxIds: [$id], feeds: $feeds}) {
    clearedInboxes { name } userErrors { code message } } }"""
MARK = """mutation ($id: ID!) {
  markNotificationsRead(input: {upToNotificationId: $id}) { userErrors { code message } } }"""
SET = """mutation ($id: ID!) { setNotificationTimestamp(input: {
  inboxId: $id, pages: {entireWatchlist: true}, unseenFrom: {nothing: true}
}) { userErrors { code message } } }"""
CHANGE = "0|1795518025|edit|0|26||Page 0"
NODE = """query ($id: ID!) { node(id: $id) { ... on EchoNotification { id isUnread readAt } } }"""


def echo_world(*grants: str) -> tuple[World, SandboxEcho]:
    """A Mastodon inbox and a wiki with Echo, whose notifications interleave."""
    world = World()
    world.add_mastodon("home")
    world.add_wiki("wiki")
    echo = world.add_echo("wiki", *grants)
    for step in range(6):
        world.post("home", step * 3)
        world.edit("wiki", step * 3 + 1, page=f"Page {step}")
        world.tell("wiki", step * 3 + 2)
    return world, echo


async def page_of(world: World, **variables: Any) -> Json:
    """A page without errors."""
    answer = await world.ask(PAGE, variables)
    assert "errors" not in answer, answer
    page: Json = answer["data"]["notifications"]
    return page


def feeds_of(page: Json, inbox: str) -> dict[str, Json]:
    """What a page says of each list of an inbox."""
    (source,) = [each for each in page["sources"] if each["inbox"]["name"] == inbox]
    return {each["feed"]: each for each in source["feeds"]}


async def test_all_of_it_is_one_list() -> None:
    """In the order in which it happened, with one report for the inbox and one for each list."""
    world, _ = echo_world()
    page = await page_of(world, first=18)
    kinds = [node["__typename"] for node in nodes(page)]
    assert kinds == ["EchoNotification", "WatchlistNotification", "MastodonNotification"] * 6
    assert [each["inbox"]["name"] for each in page["sources"]] == ["home", "wiki"]
    assert feeds_of(page, "wiki").keys() == {"WATCHLIST", "NOTIFICATIONS"}
    assert feeds_of(page, "home").keys() == {"NOTIFICATIONS"}
    assert not page["pageInfo"]["hasNextPage"]


async def test_what_a_notification_says() -> None:
    """In the wiki's words, cleaned, and without the marks that turn a line round."""
    world, echo = echo_world()
    echo.notify("Alice", "edit-thank", instant(100), "Tide", "Bob", body="so <b>kind</b>")
    (node,) = nodes(await page_of(world, first=1))
    assert node["type"] == "THANKS" and node["rawType"] == "edit-thank"
    assert node["summary"] == "Bob thanked you for your edit on Tide."
    assert "<strong>" in node["header"] and node["body"] == "so &lt;b&gt;kind&lt;/b&gt;"
    assert node["section"] == "MESSAGE" and node["isUnread"] and node["readAt"] is None
    assert node["page"] == {
        "title": "Tide",
        "namespace": 0,
        "pageId": None,
        "url": "https://wiki.wiki.test/wiki/Tide",
    }
    assert node["links"] == [
        {"label": "View", "url": "https://wiki.wiki.test/wiki/Tide?markasread=7"}
    ]
    assert node["iconUrl"].startswith("https://wiki.wiki.test/w/extensions/Echo/")
    assert node["revisionId"] == "1007" and node["category"] == "edit-thank"


@pytest.mark.parametrize("first", [1, 4, 49])
async def test_pages_go_on_where_they_ended(first: int) -> None:
    """Each notification once, also where some share a second and some cannot be rendered."""
    world, echo = echo_world()
    for number in range(70):
        echo.notify("Alice", "mention", instant(200 + number // 9), is_renderable=number % 3 != 0)
    pages = [await page_of(world, first=first)]
    while pages[-1]["pageInfo"]["hasNextPage"]:
        pages.append(await page_of(world, first=first, after=pages[-1]["pageInfo"]["endCursor"]))
    ids = [node["id"] for node in nodes(*pages)]
    assert len(ids) == len(set(ids)) == 18 + 46


async def test_one_round_of_requests_for_49() -> None:
    """Page for page, whatever the lists: own rows cost none of the 50 that Echo gives."""
    world, echo = echo_world()
    world.sections = {"cache": {"keep": 0, "fresh": 0, "stale": 0}}
    for number in range(200):
        world.tell("wiki", 100 + number)
    wanted = {"feeds": ["NOTIFICATIONS"], "platforms": ["MEDIAWIKI"]}
    page = await page_of(world, first=49, filter=wanted)
    assert len(echo.requests) == 1
    for asked in (2, 3):
        page = await page_of(world, first=49, after=page["pageInfo"]["endCursor"], filter=wanted)
        assert len(page["edges"]) == 49
        assert len(echo.requests) == asked


async def test_a_user_with_high_limits() -> None:
    """Is given 500 at once, once it is known who is logged in."""
    world, echo = echo_world("viewmywatchlist", "editmywatchlist", RIGHT, "apihighlimits")
    for number in range(150):
        world.tell("wiki", 100 + number)
    wanted = {"feeds": ["NOTIFICATIONS"], "platforms": ["MEDIAWIKI"]}
    page = await page_of(world, first=49, filter=wanted)
    assert len(echo.requests) == 1
    after = page["pageInfo"]["endCursor"]
    page = await page_of(world, first=100, after=after, filter=wanted)
    assert len(page["edges"]) == 100 and len(echo.requests) == 2


async def test_a_wiki_without_echo() -> None:
    """It is asked once a day, and nothing is said of what it does not have."""
    world = World()
    world.add_wiki("wiki")
    world.edit("wiki", 1)
    asked = Counter[str]()
    for hours in (0, 1, 22, 2):
        await asyncio.sleep(hours * 3600)
        page = await page_of(world, first=5)
        assert feeds_of(page, "wiki").keys() == {"WATCHLIST"}
        assert page["sources"][0]["failure"] is None and len(page["edges"]) == 1
        asked[str(hours)] = world.instances["wiki"].asked["/w/api.php"]
    answer = (await world.ask(FEEDS))["data"]["inbox"]
    assert [each["feed"] for each in answer["feeds"]] == ["WATCHLIST"]
    assert answer["capabilities"] == {
        "canDismiss": True,
        "canSetTimestamp": True,
        "canMarkRead": False,
    }
    log = [*asked.values()]
    assert log[1] - log[0] == 1 and log[2] - log[1] == 1 and log[3] - log[2] == 2


async def test_a_login_without_the_grant() -> None:
    """The watchlist goes on; the list is left out, and the inbox says what it lacks."""
    world, _ = echo_world("viewmywatchlist", "editmywatchlist")
    for _ in range(3):
        page = await page_of(world, first=20)
        assert feeds_of(page, "wiki").keys() == {"WATCHLIST"}
        assert len(page["edges"]) == 12 and not page["sources"][1]["failure"]
    assert world.list_requests_of("wiki") == 1  # its copy is kept
    answer = (await world.ask(FEEDS))["data"]["inbox"]
    echo, watchlist = answer["feeds"]
    assert watchlist["failure"] is None and answer["unreadCount"]["count"] == 6
    assert echo["failure"]["code"] == "UNAUTHORIZED"
    assert "echo-read-notifications" in echo["failure"]["message"]
    world.add_echo("wiki")
    world.wikis["wiki"].end_sessions()
    await asyncio.sleep(601)
    assert feeds_of(await page_of(world, first=20), "wiki").keys() == {"WATCHLIST", "NOTIFICATIONS"}


async def test_an_echo_of_before_the_grant() -> None:
    """Has no such right, and gives its notifications to every login."""
    world, echo = echo_world("viewmywatchlist", "editmywatchlist")
    echo.needs_grant = False
    page = await page_of(world, first=20)
    assert feeds_of(page, "wiki").keys() == {"WATCHLIST", "NOTIFICATIONS"}
    assert len(page["edges"]) == 18


async def test_a_grant_that_is_taken_away() -> None:
    """Costs that list its copies, and the other none of its own."""
    world, _ = echo_world()
    await page_of(world, first=20)
    of_watchlist = "viewmywatchlist", "editmywatchlist"
    world.wikis["wiki"].pages.make_user("Alice", "gw", BOT_PASSWORD, *of_watchlist)
    world.wikis["wiki"].end_sessions()
    with_read = {"feeds": ["NOTIFICATIONS"], "echo": {"includeRead": True}}
    await page_of(world, first=5, filter=with_read)  # of which there is no copy yet
    world.instances["wiki"].is_down = True
    page = await page_of(world, first=20)
    assert feeds_of(page, "wiki").keys() == {"WATCHLIST"}
    assert Counter(node["__typename"] for node in nodes(page)) == {
        "WatchlistNotification": 6,
        "MastodonNotification": 6,
    }


async def test_the_only_list_of_a_wiki() -> None:
    """Speaks for the inbox: who is logged in, how it is, what is unread; the other is not there."""
    world, echo = echo_world()
    world.tables[1]["feeds"] = ["notifications"]
    page = await page_of(world, first=20)
    assert feeds_of(page, "wiki").keys() == {"NOTIFICATIONS"} and len(page["edges"]) == 12
    asked = '{ inbox(name: "wiki") { id handle status { health } unreadCount { count } '
    told = (await world.ask(asked + "capabilities { canSetTimestamp } } }"))["data"]["inbox"]
    assert told["handle"] == "User:Alice" and told["status"]["health"] == "HEALTHY"
    assert told["unreadCount"]["count"] == 6 and told["capabilities"]["canSetTimestamp"] is False
    refused = (await world.ask(SET, {"id": told["id"]}))["data"]["setNotificationTimestamp"]
    assert refused["userErrors"][0]["code"] == "NOT_SUPPORTED"
    assert echo.of("Alice", "!read")
    node = await world.ask(NODE, {"id": make_id("WatchlistNotification", "wiki", CHANGE)})
    assert node["errors"][0]["extensions"]["code"] == "NOT_FOUND"


async def test_what_no_wiki_has_to_have() -> None:
    """Is UNSUPPORTED where the configuration names it, and the rest goes on."""
    world = World()
    world.add_wiki("wiki")
    world.edit("wiki", 1)
    world.tables[0]["feeds"] = ["notifications", "watchlist"]
    for _ in range(2):
        page = await page_of(world, first=5)
        assert feeds_of(page, "wiki")["NOTIFICATIONS"]["failure"]["code"] == "UNSUPPORTED"
        assert len(page["edges"]) == 1 and not page["pageInfo"]["hasNextPage"]


async def test_what_it_leaves_to_other_mutations() -> None:
    """There is no marker, which is said with what to do; a timestamp is of the watchlist alone."""
    world, echo = echo_world()
    (node,) = nodes(await page_of(world, first=1))
    done = (await world.ask(MARK, {"id": node["id"]}))["data"]["markNotificationsRead"]
    assert done["userErrors"][0]["code"] == "NOT_SUPPORTED"
    assert "dismiss" in done["userErrors"][0]["message"]
    inbox = (await world.ask('{ inbox(name: "wiki") { id } }'))["data"]["inbox"]["id"]
    done = (await world.ask(SET, {"id": inbox}))["data"]["setNotificationTimestamp"]
    assert not done["userErrors"] and len(echo.of("Alice", "!read")) == 6
    kinds = {each["__typename"] for each in nodes(await page_of(world, first=20))}
    assert kinds == {"EchoNotification", "MastodonNotification"}


async def test_what_is_not_there() -> None:
    """An ID of nothing, also one at whose place another notification is the next."""
    world, _ = echo_world()
    (node,) = nodes(await page_of(world, first=1))
    second, _, number = parse_id(node["id"]).key.partition("|")
    for key in (f"{second}|{int(number) + 1}", "1|1", "0|7", f"{second}|0", "x|y", f"{second}"):
        found = await world.ask(NODE, {"id": make_id("EchoNotification", "wiki", key)})
        assert found["errors"][0]["extensions"]["code"] == "NOT_FOUND", key


async def test_what_a_job_tells_late() -> None:
    """It stands at the time of what it is about: below what was listed before, on a fresh page."""
    world, _ = echo_world()
    world.sections = {"cache": {"keep": 0, "fresh": 0, "stale": 0}}
    wanted = {"feeds": ["NOTIFICATIONS"], "platforms": ["MEDIAWIKI"]}
    page = await page_of(world, first=4, filter=wanted)
    late = world.tell("wiki", 14.5, kind="edit-thank")
    rest = await page_of(world, first=9, after=page["pageInfo"]["endCursor"], filter=wanted)
    assert [each["rawType"] for each in nodes(rest)] == ["mention"] * 2
    fresh = nodes(await page_of(world, first=20, filter=wanted))
    times = [each["createdAt"] for each in fresh]
    assert times == sorted(times, reverse=True) and len(fresh) == 7
    assert [each["rawType"] for each in fresh].index(late.kind) == 1


async def test_a_list_that_is_asked_for_by_its_name() -> None:
    """Is a failure where it is not there, and not left out."""
    world, _ = echo_world("viewmywatchlist", "editmywatchlist")
    world.tables[1]["feeds"] = ["notifications", "watchlist"]
    page = await page_of(world, first=20)
    assert feeds_of(page, "wiki")["NOTIFICATIONS"]["failure"]["code"] == "UNAUTHORIZED"
    assert page["sources"][1]["failure"]["code"] == "UNAUTHORIZED"
    assert page["sources"][1]["freshness"] == "FRESH" and len(page["edges"]) == 12
    answer = (await world.ask(FEEDS))["data"]["inbox"]  # a list that cannot be counted caps the sum
    assert answer["unreadCount"] == {"count": 6, "isCapped": True, "failure": None}
    world.instances["wiki"].is_down = True
    answer = (await world.ask(FEEDS))["data"]["inbox"]
    assert answer["unreadCount"]["count"] is None and answer["unreadCount"]["failure"]


async def test_what_is_unread_is_added_up() -> None:
    """Changed pages and notifications; capped where the wiki stops counting one of its sections."""
    world, _ = echo_world()
    answer = (await world.ask(FEEDS))["data"]["inbox"]
    assert answer["unreadCount"] == {"count": 12, "isCapped": False, "failure": None}
    assert answer["capabilities"]["canSetTimestamp"] is None  # the two do not agree
    for number in range(100):
        world.tell("wiki", 100 + number)
    answer = (await world.ask(FEEDS))["data"]["inbox"]
    assert answer["unreadCount"] == {"count": 106, "isCapped": True, "failure": None}
    assert [each["unreadCount"]["count"] for each in answer["feeds"]] == [100, 6]


async def test_dismissing_marks_one_as_read() -> None:
    """It leaves the pending list, and stays where what was read is listed too."""
    world, _ = echo_world()
    (node,) = nodes(await page_of(world, first=1))
    done = (await world.ask(DISMISS, {"id": node["id"]}))["data"]["dismissNotification"]
    assert done == {"dismissedNotificationIds": [node["id"]], "userErrors": []}
    assert node["id"] not in [each["id"] for each in nodes(await page_of(world, first=20))]
    listed = await page_of(world, first=20, filter={"echo": {"includeRead": True}})
    (read,) = [each for each in nodes(listed) if each["id"] == node["id"]]
    assert read["isUnread"] is False and read["readAt"]
    found = (await world.ask(NODE, {"id": node["id"]}))["data"]["node"]
    assert found == {"id": node["id"], "isUnread": False, "readAt": read["readAt"]}


async def test_a_wiki_that_marks_nothing_and_says_it_did() -> None:
    """Its remembered count of the unread is 0: that is looked up, and told."""
    world, echo = echo_world()
    (node,) = nodes(await page_of(world, first=1))
    echo.forgets_counts = True
    done = (await world.ask(DISMISS, {"id": node["id"]}))["data"]["dismissNotification"]
    assert done["dismissedNotificationIds"] == []
    assert done["userErrors"][0]["code"] == "UPSTREAM_FAILED"


@pytest.mark.parametrize("count", [20, 700])
async def test_clearing_one_list_leaves_the_other(count: int) -> None:
    """However much there is; and what the caller names that is not there is refused."""
    world, echo = echo_world()
    echo.marks_at_once = 300
    for number in range(count):
        world.tell("wiki", 100 + number)
    answer = await world.ask('{ inbox(name: "wiki") { id } home: inbox(name: "home") { id } }')
    inbox, home = answer["data"]["inbox"]["id"], answer["data"]["home"]["id"]
    variables = {"id": inbox, "feeds": ["NOTIFICATIONS"]}
    done = (await world.ask(CLEAR, variables))["data"]["clearNotifications"]
    assert done == {"clearedInboxes": [{"name": "wiki"}], "userErrors": []}
    assert not echo.of("Alice", "!read")
    kinds = {node["__typename"] for node in nodes(await page_of(world, first=50))}
    assert kinds == {"WatchlistNotification", "MastodonNotification"}
    await world.ask(CLEAR, {"id": inbox})
    kinds = {node["__typename"] for node in nodes(await page_of(world, first=50))}
    assert kinds == {"MastodonNotification"}
    refused = await world.ask(CLEAR, {"id": home, "feeds": ["WATCHLIST"]})
    assert refused["data"]["clearNotifications"]["userErrors"][0]["code"] == "NOT_SUPPORTED"


async def test_filters() -> None:
    """By list, by section and by type; a filter that no platform can meet is refused."""
    world, echo = echo_world()
    echo.notify("Alice", "edit-thank", instant(50), "Tide")

    async def kinds(**wanted: Any) -> Counter[str]:
        return Counter(each["rawType"] for each in nodes(await page_of(world, filter=wanted)))

    assert await kinds(feeds=["WATCHLIST"]) == {"new": 6}
    assert await kinds(feeds=["NOTIFICATIONS"], platforms=["MEDIAWIKI"]) == {
        "mention": 6,
        "edit-thank": 1,
    }
    assert await kinds(echo={"sections": ["MESSAGE"]}, feeds=["NOTIFICATIONS"]) == {
        "edit-thank": 1,
        "mention": 6,  # Mastodon's
    }
    assert await kinds(types=["THANKS"]) == {"edit-thank": 1}
    refused = await world.ask(PAGE, {"filter": {"platforms": ["MASTODON"], "feeds": ["WATCHLIST"]}})
    assert refused["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"


async def test_what_a_watchlist_has_too() -> None:
    """Changes of watched pages, where a wiki notifies of them, are told once."""
    world, echo = echo_world()
    echo.notify("Alice", "watchlist-change", instant(60), "Tide")
    both = nodes(await page_of(world, first=1))
    assert both[0]["rawType"] != "watchlist-change"
    (alone,) = nodes(await page_of(world, first=1, filter={"feeds": ["NOTIFICATIONS"]}))
    assert alone["rawType"] == "watchlist-change"


async def test_other_wikis_of_the_farm() -> None:
    """Are counted where they are asked for, and are no rows."""
    world, echo = echo_world()
    echo.others = {"dewiki": ("Wikipedia auf Deutsch", 5, instant(500))}
    elsewhere = '{ inbox(name: "wiki") { elsewhere { wiki title url count newestAt } } }'
    await page_of(world, first=3)
    await world.ask(FEEDS)
    assert not any("notcrosswikisummary" in each for each in echo.requests)
    answer = (await world.ask(elsewhere))["data"]["inbox"]["elsewhere"]
    assert [(each["wiki"], each["count"]) for each in answer] == [("dewiki", 5)]
    assert answer[0]["url"] == "https://dewiki.wiki.test/wiki/Special:Notifications"
    assert len((await page_of(world, first=50))["edges"]) == 18
    echo.others = {"wiki": ("The same", 5, instant(500))}  # which is an inbox
    assert (await world.ask(elsewhere))["data"]["inbox"]["elsewhere"] == []
