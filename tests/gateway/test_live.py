"""Subscriptions: docs/live.md has the rules in words."""

import asyncio
import tracemalloc
from contextlib import AsyncExitStack
from itertools import pairwise
from typing import Any

import pytest
from support.asking import make_api
from support.generated import IS_RANDOM
from support.listening import LIVE, LiveGateway
from support.virtual_time import LoopClock
from support.worlds import World, instant, mixed_world, names, nodes

from resolvers.errors import RefusalCode, RequestRefused
from resolvers.live.cut import LiveCut, encode_live_cursor, place_above
from resolvers.merging.filter import Filter

POLL = 10
"""Seconds until what happens at an instance is seen at the latest, after something came."""
DISMISS = """mutation ($id: ID!) { dismissNotification(input: {notificationId: $id}) {
  dismissedNotificationIds userErrors { code message } } }"""
CLEAR = """mutation ($id: ID!) { clearNotifications(input: {inboxIds: [$id]}) {
  userErrors { code message } } }"""
COUNT_PATH = "/api/v1/notifications/unread_count"
SET = """mutation ($id: ID!) { setNotificationTimestamp(input: {
  inboxId: $id, pages: {entireWatchlist: true}, unseenFrom: {nothing: true}
}) { userErrors { code } } }"""
PAGE = """query ($first: Int, $filter: NotificationFilter) {
  notifications(first: $first, filter: $filter) {
    edges { cursor node { id summary inbox { name } } } pageInfo { startCursor endCursor } } }"""


async def test_what_arrives() -> None:
    """The first event comes at once; then each notification once, of every inbox."""
    world = mixed_world()
    gateway = LiveGateway(world)
    async with gateway.listen() as heard:
        started, *rest = heard.events
        assert started["__typename"] == "LiveStarted"
        assert {each["__typename"] for each in rest} == {"InboxChanged"}
        world.post("home", 100)
        world.edit("wiki", 101)
        await asyncio.sleep(2 * POLL)
        world.post("work", 102)
        await asyncio.sleep(2 * POLL)
        assert sorted(each["inbox"]["name"] for each in heard.arrived) == ["home", "wiki", "work"]
        assert all(each["isNew"] for each in heard.of("NotificationArrived"))
        await asyncio.sleep(600)
        assert len(heard.arrived) == 3 and not heard.reasons and not heard.removed


async def test_nothing_is_lost_between_a_page_and_a_subscription() -> None:
    """With the page's `startCursor`."""
    world = mixed_world()
    gateway = LiveGateway(world)
    page = (await gateway.ask(PAGE, first=5))["data"]["notifications"]
    for second in range(100, 105):
        world.post("home", second)
    world.edit("wiki", 106)
    async with gateway.listen(cursor=page["pageInfo"]["startCursor"]) as heard:
        came = sorted(each["inbox"]["name"] for each in heard.arrived)
        assert came == ["home"] * 5 + ["wiki"]


async def test_an_instance_that_fails_in_the_middle() -> None:
    """What came meanwhile is read when it answers again, and it is not asked without a pause."""
    world = mixed_world()
    world.mastodons["home"].allowed_requests = 1000
    gateway = LiveGateway(world)
    page = (await gateway.ask(PAGE, first=5))["data"]["notifications"]
    await asyncio.sleep(3600)
    for second in range(100, 300):
        world.post("home", second)
    world.instances["home"].answers_left = 1  # its newest, and then no more
    async with gateway.listen(cursor=page["pageInfo"]["startCursor"]) as heard:
        await asyncio.sleep(60)
        assert not heard.arrived and world.list_requests_of("home") < 20
        world.instances["home"].answers_left = None
        await asyncio.sleep(600)
        assert len({each["id"] for each in heard.arrived}) == len(heard.arrived) == 200


async def test_an_event_resumes() -> None:
    """After any event, nothing is missed and nothing comes twice."""
    world = mixed_world()
    gateway = LiveGateway(world)
    async with gateway.listen() as heard:
        for second in range(100, 104):
            world.post("home", second)
            world.edit("wiki", second, page=f"Page {second}")
        await asyncio.sleep(2 * POLL)
        everything = [each["id"] for each in heard.arrived]
        events = heard.events
    assert len(everything) == 8
    for event in events:
        async with gateway.listen(cursor=event["cursor"]) as again:
            await asyncio.sleep(1)
            before = events[: events.index(event) + 1]
            had = [each["edge"]["node"]["id"] for each in before if "edge" in each]
            assert sorted(had + [each["id"] for each in again.arrived]) == sorted(everything)


async def test_a_process_that_is_behind_the_one_of_the_cursor() -> None:
    """It does not have yet what its subscriber was sent elsewhere, and does not send it again."""
    world = mixed_world()
    other, gateway = LiveGateway(world), LiveGateway(world)
    page = (await gateway.ask(PAGE, first=5))["data"]["notifications"]
    async with other.listen() as _:
        world.post("home", 100)
        async with gateway.listen(cursor=page["pageInfo"]["startCursor"]) as heard:
            (sent,) = heard.arrived
        async with other.listen(cursor=heard.cursor) as again:
            assert not again.arrived
            world.post("home", 101)
            await asyncio.sleep(2 * POLL)
            assert [each["id"] for each in again.arrived] != [sent["id"]]
            assert len(again.arrived) == 1


@pytest.mark.parametrize("which", [5, -3], ids=["below the newest copy", "of it"])
async def test_what_is_dismissed_while_much_came(which: int) -> None:
    """It is removed and not sent again, also where more is young than a copy of the top has."""
    world = mixed_world("pleroma")
    gateway = LiveGateway(world)
    async with gateway.listen() as before:
        pass
    now = (LoopClock().wall() - instant(0)).total_seconds()
    for number in range(60):
        world.post("home", now - 6 + number / 10)
    async with gateway.listen(cursor=before.cursor) as heard:
        await asyncio.sleep(POLL)
        came = [each["id"] for each in heard.arrived]
        assert len(came) == len(set(came)) == 60
        await gateway.ask(DISMISS, id=came[which])
        await asyncio.sleep(3 * POLL)
        assert heard.removed == [came[which]]
        assert [each["id"] for each in heard.arrived] == came


async def test_a_laptop_asleep_for_an_hour() -> None:
    """300 arrivals and 20 dismissals on the phone: resumed, all come once and the 20 are gone."""
    world = mixed_world()
    world.mastodons["home"].allowed_requests = 1000
    gateway = LiveGateway(world)
    page = (await gateway.ask(PAGE, first=30))["data"]["notifications"]
    async with gateway.listen(cursor=page["pageInfo"]["startCursor"]) as heard:
        await asyncio.sleep(1)
        cursor = heard.cursor
    gone = [edge["node"]["id"] for edge in page["edges"]][:20]
    for each in gone:
        await gateway.ask(DISMISS, id=each)
    for second in range(1000, 1300):
        world.post("home", second)
    await asyncio.sleep(3600)
    async with gateway.listen(cursor=cursor) as heard:
        await asyncio.sleep(5)
        assert len({each["id"] for each in heard.arrived}) == len(heard.arrived) == 300
        assert set(heard.removed) >= set(gone)
        assert not heard.reasons


async def test_what_is_dismissed_here_is_removed_everywhere() -> None:
    """Everybody who listens is told, whoever has dismissed it."""
    world = mixed_world()
    gateway = LiveGateway(world)
    page = (await gateway.ask(PAGE, first=3))["data"]["notifications"]
    chosen = page["edges"][0]["node"]["id"]
    async with gateway.listen() as one, gateway.listen() as other:
        await gateway.ask(DISMISS, id=chosen)
        await asyncio.sleep(0.1)
        assert one.removed == other.removed == [chosen]


async def test_what_left_elsewhere_is_removed() -> None:
    """Once two reads that are ten seconds apart lack it."""
    world = mixed_world()
    gateway = LiveGateway(world)
    page = (await gateway.ask(PAGE, first=30))["data"]["notifications"]
    mailbox = world.mastodons["home"].mailboxes["token-of-home"]
    gone = [each["node"]["id"] for each in page["edges"] if each["node"]["inbox"]["name"] == "home"]
    async with gateway.listen() as heard:
        del mailbox.notifications[2]
        await asyncio.sleep(60)
        assert heard.removed == [gone[2]]
        assert heard.reasons == []


async def test_a_clearing() -> None:
    """All of the inbox is gone; what comes after it is told."""
    world = mixed_world()
    gateway = LiveGateway(world)
    inboxes = (await gateway.ask("{ inboxes { id name } }"))["data"]["inboxes"]
    async with gateway.listen() as heard:
        await gateway.ask(CLEAR, id=inboxes[0]["id"])
        world.post("home", 200)
        await asyncio.sleep(30)
        (removed,) = heard.of("NotificationsRemoved")
        assert removed["isWholeInbox"] and removed["inbox"]["name"] == "home"
        assert [each["inbox"]["name"] for each in heard.arrived] == ["home"]


async def test_a_clearing_while_nobody_listened() -> None:
    """Is told to who resumes, and the instance is not asked without a pause then."""
    world = mixed_world()
    world.mastodons["home"].allowed_requests = 1000
    gateway = LiveGateway(world)
    inboxes = (await gateway.ask("{ inboxes { id name } }"))["data"]["inboxes"]
    async with gateway.listen() as heard:
        cursor = heard.cursor
    async with gateway.listen():
        await gateway.ask(CLEAR, id=inboxes[0]["id"])
        await asyncio.sleep(300)
        world.post("home", 300)
        await gateway.ask(PAGE, first=5)
        asked = world.list_requests_of("home")
        async with gateway.listen(cursor=cursor) as heard:
            await asyncio.sleep(60)
            kinds = [each["__typename"] for each in heard.events]
            assert kinds.index("NotificationsRemoved") < kinds.index("NotificationArrived")
            assert len(heard.arrived) == 1 and world.list_requests_of("home") - asked < 10


@pytest.mark.parametrize("is_older", [True, False])
async def test_a_clearing_and_a_page(is_older: bool) -> None:
    """Whoever knows a page of before it reads the inbox anew; of a page of after it all is good."""
    world = mixed_world()
    gateway = LiveGateway(world)
    inboxes = (await gateway.ask("{ inboxes { id name } }"))["data"]["inboxes"]
    page = await gateway.ask(PAGE, first=5)
    await gateway.ask(CLEAR, id=inboxes[0]["id"])
    await asyncio.sleep(120)
    world.post("home", 3600 + 110)
    if not is_older:
        page = await gateway.ask(PAGE, first=5)
        await asyncio.sleep(1)
    begun = page["data"]["notifications"]["pageInfo"]["startCursor"]
    async with gateway.listen(cursor=begun) as heard:
        await asyncio.sleep(30)
        assert heard.reasons == (["LOG_LOST"] if is_older else [])
        assert len(heard.arrived) == is_older


async def test_a_change_that_is_owed_survives_a_reconnect() -> None:
    """An inbox is told once in ten seconds to be read anew; who leaves before is told then."""
    world = mixed_world()
    gateway = LiveGateway(world)
    inboxes = (await gateway.ask("{ inboxes { id name } }"))["data"]["inboxes"]
    wiki = next(each["id"] for each in inboxes if each["name"] == "wiki")
    edges = (await gateway.ask(PAGE, first=30))["data"]["notifications"]["edges"]
    rows = [edge["node"] for edge in edges]
    of_home = next(each["id"] for each in rows if each["inbox"]["name"] == "home")
    async with gateway.listen() as heard:
        for _ in range(2):
            await gateway.ask(SET, id=wiki)
            await asyncio.sleep(3)
        await gateway.ask(DISMISS, id=of_home)
        await asyncio.sleep(0.1)
        assert heard.reasons == ["TIMESTAMP_SET"] and heard.removed[-1] == of_home
        cursor = heard.cursor
    async with gateway.listen(cursor=cursor) as heard:
        assert heard.reasons == ["LOG_LOST"]


async def test_what_left_and_comes_back() -> None:
    """It is sent once more, also where it comes back at once."""
    world = mixed_world()
    gateway = LiveGateway(world)
    async with gateway.listen() as heard:
        world.edit("wiki", 3600, page="Tide")
        await asyncio.sleep(2 * POLL)
        (row,) = heard.arrived
        await gateway.ask(DISMISS, id=row["id"])
        marks = world.wikis["wiki"].pages.users["Alice"].marks
        marks[next(title for title in marks if title.text == "Tide")] = instant(3600)
        await asyncio.sleep(2 * POLL)
        assert heard.removed == [row["id"]]
        assert [each["id"] for each in heard.arrived] == [row["id"], row["id"]]


async def test_an_inbox_that_goes_down() -> None:
    """Is told of, though what it gave before is still held, and again when it is back."""
    world = mixed_world()
    gateway = LiveGateway(world)
    async with gateway.listen() as heard:
        world.instances["work"].is_down = True
        await asyncio.sleep(700)
        told = [e for e in heard.of("InboxChanged") if e["source"]["inbox"]["name"] == "work"]
        assert [each["mode"] for each in told] == ["POLLING", "PAUSED"]
        assert told[-1]["source"]["failure"]["code"] == "UNREACHABLE"
        assert told[-1]["source"]["freshness"] == "STALE"
        world.instances["work"].is_down = False
        await asyncio.sleep(700)
        assert heard.of("InboxChanged")[-1]["mode"] == "POLLING"


async def test_an_inbox_that_is_down_when_somebody_listens_again() -> None:
    """Is told of at once, also where it is known what it listed before."""
    world = mixed_world()
    gateway = LiveGateway(world)
    async with gateway.listen():
        await asyncio.sleep(POLL)
    world.instances["work"].is_down = True
    await asyncio.sleep(60)
    async with gateway.listen() as heard:
        await asyncio.sleep(POLL / 2)
        told = [e for e in heard.of("InboxChanged") if e["source"]["inbox"]["name"] == "work"]
        assert [each["mode"] for each in told] == ["PAUSED"]
        assert told[0]["source"]["failure"]["code"] == "UNREACHABLE"


async def test_an_inbox_that_was_down_joins() -> None:
    """With its newest, for which nobody rings; the others do not wait for it."""
    world = mixed_world()
    world.instances["work"].is_down = True
    gateway = LiveGateway(world)
    async with gateway.listen() as heard:
        world.post("home", 100)
        await asyncio.sleep(2 * POLL)
        assert [each["inbox"]["name"] for each in heard.arrived] == ["home"]
        world.instances["work"].is_down = False
        await asyncio.sleep(700)
        joined = [e for e in heard.of("NotificationArrived") if not e["isNew"]]
        assert {each["edge"]["node"]["inbox"]["name"] for each in joined} == {"work"}
        assert len(joined) == 10
        modes = [
            e["mode"] for e in heard.of("InboxChanged") if e["source"]["inbox"]["name"] == "work"
        ]
        assert [*dict.fromkeys(modes)] == ["PAUSED", "POLLING"]


@pytest.mark.parametrize("count", [1, 15, 19, 20, 21, 60])
async def test_how_many_join(count: int) -> None:
    """The 20 newest, or as many as there are."""
    world = mixed_world()
    world.add_mastodon("late").allowed_requests = 1000
    for second in range(count):
        world.post("late", second)
    world.instances["late"].is_down = True
    async with LiveGateway(world).listen() as heard:
        world.instances["late"].is_down = False
        await asyncio.sleep(60)
        assert len(heard.arrived) == min(count, 20)
        assert {each["inbox"]["name"] for each in heard.arrived} == {"late"}


async def test_an_inbox_that_hangs() -> None:
    """Holds up no other, neither at the start nor later."""
    world = mixed_world()
    gateway = LiveGateway(world)
    async with gateway.listen() as heard:
        world.instances["wiki"].seconds = 100
        for second in range(100, 130, 10):
            world.post("home", second)
            await asyncio.sleep(POLL + 1)
        assert len(heard.arrived) == 3


async def test_the_timer() -> None:
    """Every 10 s at first and after an arrival; doubled to 5 min while nothing comes."""
    world = mixed_world()
    gateway = LiveGateway(world)
    async with gateway.listen():
        asked = [world.list_requests_of("home")]
        for seconds in (10, 20, 40, 80, 160, 300, 300):
            await asyncio.sleep(seconds)
            asked.append(world.list_requests_of("home"))
        assert [after - before for before, after in pairwise(asked)] == [1] * 7
        world.post("home", 100)
        await asyncio.sleep(300)
        before = world.list_requests_of("home")
        await asyncio.sleep(POLL)
        assert world.list_requests_of("home") == before + 1


async def test_most_of_a_limit_is_left_to_queries() -> None:
    """A resume does not read up where less than half is left: the inbox is read anew."""
    world = mixed_world()
    gateway = LiveGateway(world)
    async with gateway.listen() as heard:
        cursor = heard.cursor
    for second in range(100, 200):
        world.post("home", second)
    world.mastodons["home"].allowed_requests = world.mastodons["home"].allowed_requests // 100
    await asyncio.sleep(3600)
    async with gateway.listen(cursor=cursor) as heard:
        assert heard.reasons == ["GAP"] and not heard.arrived


async def test_a_cursor_that_moved_without_an_event() -> None:
    """Is told by `LiveStarted` after five minutes, once."""
    world = mixed_world()
    async with LiveGateway(world).listen() as heard:
        world.post("home", 100)
        await asyncio.sleep(1000)
        kinds = [each["__typename"] for each in heard.events]
        assert kinds.count("LiveStarted") == 2 and kinds[-1] == "LiveStarted"


async def test_a_row_that_is_born_behind_the_newest() -> None:
    """Within a minute it is sent; later its inbox is to be read anew."""
    world = mixed_world()
    gateway = LiveGateway(world)
    async with gateway.listen() as heard:
        world.post("home", 1000)
        await asyncio.sleep(2 * POLL)
        rows = world.mastodons["home"].mailboxes["token-of-home"].notifications
        late = dict(rows[0])
        world.post("home", 1001)
        rows.sort(key=lambda row: row["created_at"], reverse=True)
        await asyncio.sleep(2 * POLL)
        assert len(heard.arrived) == 2 and late
        before = len(heard.arrived)
        rows.insert(0, rows.pop(1))  # the same rows in another order are no arrival
        await asyncio.sleep(5)
        assert len(heard.arrived) == before


async def test_page_cursors_of_edges() -> None:
    """`edge.cursor` goes on below an event's notification, in every inbox."""
    world = mixed_world()
    gateway = LiveGateway(world)
    async with gateway.listen() as heard:
        world.post("home", 100)
        await asyncio.sleep(2 * POLL)
        cursor = heard.of("NotificationArrived")[0]["edge"]["cursor"]
    page = await world.page(first=40, after=cursor)
    assert len(nodes(page)) == 30 and names(page)[0] == "work"


async def test_a_filter() -> None:
    """What it does not want is not sent, and the cursor passes it."""
    world = mixed_world()
    gateway = LiveGateway(world)
    only = {"platforms": ["MEDIAWIKI"]}
    async with gateway.listen(filter=only) as heard:
        world.post("home", 100)
        world.edit("wiki", 101)
        await asyncio.sleep(2 * POLL)
        assert [each["inbox"]["name"] for each in heard.arrived] == ["wiki"]


LISTS = """subscription { notificationEvents { __typename
  ... on InboxChanged { source { inbox { notifications { isIncomplete } } } } } }"""


async def test_an_event_that_cannot_be_executed() -> None:
    """Is sent with its errors, and its inbox is to be read anew; the subscription goes on."""
    gateway = LiveGateway(mixed_world())
    async with gateway.listen(LISTS) as heard:
        kinds = [each.answer["data"]["notificationEvents"]["__typename"] for each in heard.sent]
        failed = [each for each in heard.sent if "errors" in each.answer]
        assert len(failed) == 3 and kinds.count("NotificationsChanged") == 3
        assert failed[0].answer["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"


COUNTS = """subscription { notificationEvents { __typename
  ... on NotificationArrived { edge { node { id inbox { unreadCount { count } } } } }
  ... on NotificationsRemoved { inbox { unreadCount { count } } } } }"""


async def test_unread_counts_of_events() -> None:
    """Asked once for all who listen, at most every 15 s; a write is counted at once."""
    world = mixed_world()
    world.mastodons["home"].allowed_requests = 1000
    asked = world.instances["home"].asked
    gateway = LiveGateway(world)
    other = COUNTS.replace("subscription", "subscription Other")
    async with gateway.listen(COUNTS) as one, gateway.listen(other):
        for second in range(100, 130):
            world.post("home", second)
        await asyncio.sleep(14)
        assert len(one.of("NotificationArrived")) == 30 and asked[COUNT_PATH] == 1
        await gateway.ask(DISMISS, id=one.of("NotificationArrived")[0]["edge"]["node"]["id"])
        await asyncio.sleep(5)
        (removed,) = one.of("NotificationsRemoved")
        assert removed["inbox"]["unreadCount"]["count"] == 39 and asked[COUNT_PATH] == 2


FORGED = encode_live_cursor([("home", LiveCut(place_above(b"\n/../admin")))], Filter().digest)
"""A cursor whose row no Mastodon can have."""


@pytest.mark.parametrize(
    ("variables", "code"),
    [
        ({"cursor": "nonsense"}, "BAD_CURSOR"),
        ({"cursor": FORGED}, "BAD_CURSOR"),
        ({"filter": {"watchlist": {"latestOnly": True}}}, "BAD_USER_INPUT"),
        ({"filter": {"until": "2020-01-01T00:00:00Z"}}, "BAD_USER_INPUT"),
        ({"filter": {"inboxIds": ["nonsense"]}}, "BAD_USER_INPUT"),
    ],
)
async def test_what_cannot_be_followed(variables: dict[str, Any], code: str) -> None:
    """Is refused at once, and no instance is asked."""
    world = mixed_world()
    async with LiveGateway(world).listen(**variables) as heard:
        (sent,) = heard.sent
        assert sent.cursor is None and world.list_requests() == 0
        assert sent.answer["errors"][0]["extensions"]["code"] == code


@pytest.mark.parametrize(
    "document",
    [
        "subscription { __typename }",
        "subscription { a: notificationEvents { cursor } b: notificationEvents { cursor } }",
        "subscription ($no: Boolean!) { notificationEvents @skip(if: $no) { cursor } }",
        "subscription ($no: Boolean!) { ... @include(if: $no) { notificationEvents { cursor } } }",
        "subscription { ...F @skip(if: true) } "
        "fragment F on Subscription { notificationEvents { cursor } }",
    ],
)
async def test_a_subscription_has_one_root_field(document: str) -> None:
    """Under one name, and nothing that leads to it has a condition."""
    with pytest.raises(RequestRefused) as caught:
        make_api().documents.read(document)
    assert caught.value.code is RefusalCode.GRAPHQL_VALIDATION_FAILED


async def test_the_cursor_of_an_event_is_for_subscriptions_alone() -> None:
    """As `after` or `before` it is refused."""
    world = mixed_world()
    gateway = LiveGateway(world)
    async with gateway.listen() as heard:
        cursor = heard.cursor
    answer = await world.ask(
        "query ($c: String) { notifications(after: $c) { isIncomplete } }", {"c": cursor}
    )
    assert answer["errors"][0]["extensions"]["code"] == "BAD_CURSOR"


async def test_a_thousand_comings_and_goings_leave_nothing() -> None:
    """No task, no watch, no instance that is asked."""
    world = mixed_world()
    gateway = LiveGateway(world)
    before = len(asyncio.all_tasks())
    for _ in range(1000):
        async with gateway.listen():
            pass
    assert len(asyncio.all_tasks()) == before
    assert not any(each.is_watched for each in gateway.upstreams.values())


async def test_nobody_listens() -> None:
    """Then no instance is asked."""
    world = mixed_world()
    gateway = LiveGateway(world)
    async with gateway.listen():
        pass
    asked = world.list_requests()
    await asyncio.sleep(3600)
    assert world.list_requests() == asked
    assert isinstance(world, World)


async def test_subscribers_at_one_cut_share_an_execution() -> None:
    """Of the same document: each event is made once, wherever they began."""
    world = mixed_world()
    gateway = LiveGateway(world)
    page = (await gateway.ask(PAGE, first=5))["data"]["notifications"]
    async with AsyncExitStack() as stack:
        one = await stack.enter_async_context(gateway.listen())
        world.post("home", 100)
        await asyncio.sleep(90)
        begun = {"cursor": page["pageInfo"]["startCursor"]}
        other = await stack.enter_async_context(gateway.listen(**begun))
        different = await stack.enter_async_context(gateway.listen(LIVE.replace("isNew", "")))
        await asyncio.sleep(60)
        world.post("home", 200)
        await asyncio.sleep(60)
        assert one.sent[-1] is other.sent[-1]
        assert one.sent[-1] is not different.sent[-1]
        assert one.arrived == other.arrived and len(different.arrived) == 1


async def test_a_slow_subscriber() -> None:
    """Holds up nobody else, and gets all of it once, in order."""
    world = mixed_world()
    world.mastodons["home"].allowed_requests = 100_000
    gateway = LiveGateway(world)
    async with gateway.listen() as quick, gateway.listen(takes=5) as slow:
        await asyncio.sleep(60)
        for second in range(6):
            for each in range(60):
                world.post("home", 100 + 100 * second + each)
            await asyncio.sleep(20)
        assert len(quick.arrived) == 360
        await asyncio.sleep(2400)
        assert [each["id"] for each in slow.arrived] == [each["id"] for each in quick.arrived]


@pytest.mark.parametrize("count", [1000 if IS_RANDOM else 100])
async def test_many_subscribers(count: int) -> None:
    """Of 50 documents over 20 logins: they ask what one asks, and take under 100 KB each."""
    world = World()
    for number in range(20):
        world.add_mastodon(f"home-{number}").allowed_requests = 100_000
        for second in range(40):
            world.post(f"home-{number}", second)
    alone = LiveGateway(world)
    async with alone.listen():
        await asyncio.sleep(300)
    asked_by_one = world.list_requests()
    await asyncio.sleep(7200)
    gateway = LiveGateway(world)
    documents = [LIVE.replace("Live(", f"Live{number}(") for number in range(50)]
    for each in documents:  # which are kept for all, within a bound of their own
        gateway.api.documents.read(each)
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(gateway.listen())
        before = world.list_requests()
        tracemalloc.start()
        heard = [
            await stack.enter_async_context(gateway.listen(documents[number % 50], wait=0, keep=4))
            for number in range(count)
        ]
        await asyncio.sleep(299)
        used, _ = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert world.list_requests() - before <= asked_by_one
        assert used / count < 100_000
        world.post("home-7", 1000)
        await asyncio.sleep(600)
        assert all(len(each.arrived) == 1 for each in heard)


async def test_the_newest_that_one_look_lacks() -> None:
    """It was not removed, and is not sent again when it is listed again."""
    world = World()
    world.add_wiki("wiki")
    for second in range(6):
        world.edit("wiki", second, page=f"Page {second}")
    gateway = LiveGateway(world)
    async with gateway.listen() as heard:
        await asyncio.sleep(60)
        marks = world.wikis["wiki"].pages.users["Alice"].marks
        newest = [title for title, mark in marks.items() if mark is not None][-1]
        mark, marks[newest] = marks[newest], None
        await asyncio.sleep(11)  # a look lacks it
        marks[newest] = mark
        await asyncio.sleep(700)
        assert not heard.arrived and not heard.removed
