"""What the cache keeps, how long, and for whom. docs/caching.md has the rules in words."""

import asyncio
import gc
import json
import tracemalloc
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import datetime, timedelta

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from starlette.types import Receive, Scope, Send
from support.caching import MEGABYTE, cached
from support.virtual_time import LoopClock
from support.worlds import (
    BOT_PASSWORD,
    NO_COPIES,
    UNTIL_ASKED_AGAIN,
    Instance,
    Json,
    World,
    instant,
    nodes,
)

from app.cache.size import estimate_bytes
from app.cache.store import ChunkKey, ChunkStore
from app.cache.values import Copy
from app.upstreams.http import Http
from app.upstreams.mastodon import wire
from app.upstreams.mastodon.mapping import Accounts, NotificationMapper
from app.upstreams.mastodon.rows import encode_row
from app.upstreams.mastodon.upstream import MastodonUpstream
from app.upstreams.mediawiki.session import BotPassword
from app.upstreams.mediawiki.upstream import MediaWikiUpstream
from app.upstreams.values import read_json
from resolvers.chunk import BOTTOM, TOP, Anchor, Chunk, ChunkRequest, Direction
from resolvers.errors import UpstreamError
from resolvers.identity import parse_id
from resolvers.types.mediawiki import WatchlistNotification
from resolvers.writes import PagesBy, UnseenBy, UnseenFrom, WatchedPages

URL = "https://home.mastodon.test"
TOKEN = "token-of-home"


def busy_inbox(count: int) -> World:
    """One Mastodon inbox."""
    world = World()
    world.add_mastodon("home")
    world.mastodons["home"].allowed_requests = 100_000
    for second in range(count):
        world.post("home", second)
    return world


def five_inboxes() -> World:
    """Three Mastodon inboxes and two wikis."""
    world = World()
    for number in range(5):
        name = f"inbox-{number}"
        (world.add_wiki if number % 2 else world.add_mastodon)(name)
        for second in range(10):
            (world.edit if number % 2 else world.post)(name, second)
    return world


def open_mastodon(
    world: World, token: str = TOKEN, clock: LoopClock | None = None
) -> MastodonUpstream:
    """The upstream of a login at a world's instance, without a cache."""
    http = Http(URL, httpx.ASGITransport(world.instances["home"]), "test", 4, token)
    return MastodonUpstream("home", URL, http, clock or LoopClock())


def source(page: Json) -> Json:
    """The report on the only inbox."""
    (report,) = page["sources"]
    found: Json = report
    return found


def times(page: Json) -> list[str]:
    """When the page's notifications were made."""
    return [node["createdAt"] for node in nodes(page)]


class TestAges:
    """Fresh, stale, older."""

    async def test_fresh_is_served_without_asking(self) -> None:
        """For 15 seconds nothing is asked again."""
        world = busy_inbox(50)
        for _ in range(3):
            await world.page(first=10)
        await asyncio.sleep(14.9)
        assert source(await world.page(first=10))["freshness"] == "FRESH"
        assert world.list_requests() == 1

    async def test_stale_is_renewed(self) -> None:
        """After that it is asked for, and what the instance says within 300 ms is served."""
        world = busy_inbox(50)
        await world.page(first=10)
        await asyncio.sleep(15.1)
        world.post("home", 100)
        page = await world.page(first=10)
        assert (source(page)["freshness"], world.list_requests()) == ("FRESH", 2)
        assert times(page)[0] == instant(100).strftime("%Y-%m-%dT%H:%M:%SZ")

    async def test_100_callers_of_a_stale_copy(self) -> None:
        """One renewal, nobody waits longer than 300 ms, and afterwards it is fresh."""
        world = busy_inbox(50)
        await world.page(first=10)
        await asyncio.sleep(20)
        world.instances["home"].seconds = 2
        loop, began = asyncio.get_running_loop(), asyncio.get_running_loop().time()
        pages = await asyncio.gather(*(world.page(first=10) for _ in range(100)))
        assert round(loop.time() - began, 6) == 0.3
        assert {source(page)["freshness"] for page in pages} == {"STALE"}
        assert all(len(nodes(page)) == 10 for page in pages)
        await asyncio.sleep(2)
        assert source(await world.page(first=10))["freshness"] == "FRESH"
        assert world.list_requests() == 2

    async def test_older_is_waited_for(self) -> None:
        """A copy of more than a minute is not shown in place of an answer that takes a second."""
        world = busy_inbox(50)
        await world.page(first=10)
        await asyncio.sleep(61)
        world.instances["home"].seconds = 1
        assert source(await world.page(first=10))["freshness"] == "FRESH"

    async def test_an_instance_that_hangs(self) -> None:
        """With an older copy a page waits for the instance as long as it may, then shows it."""
        world = busy_inbox(50)
        await world.page(first=10)
        await asyncio.sleep(3600)
        world.instances["home"].seconds = 100
        page = await world.page(first=10)
        assert len(nodes(page)) == 10
        assert source(page)["freshness"] == "STALE"
        assert source(page)["failure"]["code"] == "TIMEOUT"

    @pytest.mark.parametrize("seconds", [20, 61, 86_000])
    async def test_a_failing_instance_has_its_copy_shown(self, seconds: float) -> None:
        """Up to a day old: marked STALE, with the failure and the time that it is of."""
        world = busy_inbox(50)
        fetched_at = source(await world.page(first=10))["fetchedAt"]
        await asyncio.sleep(seconds)
        world.instances["home"].is_down = True
        page = await world.page(first=10)
        assert len(nodes(page)) == 10
        assert source(page)["freshness"] == "STALE"
        assert source(page)["failure"]["code"] == "UNREACHABLE"
        assert source(page)["fetchedAt"] == fetched_at

    async def test_a_day_is_the_end(self) -> None:
        """What is older than that is not shown any more."""
        world = busy_inbox(50)
        await world.page(first=10)
        await asyncio.sleep(86_401)
        world.instances["home"].is_down = True
        page = await world.page(first=10)
        assert (nodes(page), source(page)["freshness"]) == ([], "MISSING")

    async def test_upwards_stale_is_for_failures_alone(self) -> None:
        """Who asks what is new waits for the instance, and gets the copy only if it fails."""
        world = busy_inbox(5)
        upstream = cached(open_mastodon(world))
        await upstream.read(ChunkRequest(BOTTOM, 40))
        await asyncio.sleep(20)
        world.instances["home"].seconds = 1
        assert not (await upstream.read(ChunkRequest(BOTTOM, 40))).is_stale
        await asyncio.sleep(20)
        world.instances["home"].is_down = True
        assert (await upstream.read(ChunkRequest(BOTTOM, 40))).is_stale

    async def test_without_a_keeping_time_nothing_is_kept(self) -> None:
        """With 0 for all three ages every page is asked for, and a failure is a failure."""
        world = busy_inbox(50)
        world.sections = {"cache": NO_COPIES}
        for _ in range(3):
            await world.page(first=10)
        assert world.list_requests() == 3
        world.instances["home"].is_down = True
        assert source(await world.page(first=10))["freshness"] == "MISSING"

    async def test_fresh_0_is_never_served_unasked(self) -> None:
        """The instance is asked each time; its copy is for when it is slow or fails."""
        world = busy_inbox(50)
        world.sections = {"cache": {"fresh": 0}}
        for _ in range(3):
            await world.page(first=10)
        assert world.list_requests() == 3
        world.instances["home"].is_down = True
        assert source(await world.page(first=10))["freshness"] == "STALE"

    async def test_platforms_can_have_their_own(self) -> None:
        """`[cache.mastodon]` leaves wikis alone."""
        world = busy_inbox(5)
        world.add_wiki("wiki")
        world.edit("wiki", 1)
        world.sections = {"cache": {"mastodon": {"fresh": 50}}}
        await world.page(first=5)
        asked = world.list_requests_of("home"), world.list_requests_of("wiki")
        await asyncio.sleep(30)
        await world.page(first=5)
        assert world.list_requests_of("home") == asked[0]
        assert world.list_requests_of("wiki") == asked[1] + 1

    async def test_errors_are_not_kept(self) -> None:
        """An instance that is back is seen at once."""
        world = busy_inbox(5)
        world.instances["home"].is_down = True
        await world.page()
        world.instances["home"].is_down = False
        await asyncio.sleep(UNTIL_ASKED_AGAIN)
        assert len(nodes(await world.page())) == 5

    async def test_down_for_ten_minutes_under_load(self) -> None:
        """No page is blank, whatever was written meanwhile with nobody knowing how it ended."""
        world = busy_inbox(50)
        shown = nodes(await world.page(first=20))
        world.instances["home"].is_down = True
        for second in range(0, 600, 2):
            if second % 60 == 30:
                await world.ask(DISMISS, {"id": shown[second // 60]["id"]})
            pages = await asyncio.gather(*(world.page(first=20) for _ in range(2)))
            for page in pages:
                assert len(nodes(page)) == 20
                is_fresh = second < 15
                assert source(page)["freshness"] == ("FRESH" if is_fresh else "STALE")
            await asyncio.sleep(2)


DISMISS = """mutation ($id: ID!) { dismissNotification(input: {notificationId: $id}) {
  dismissedNotificationIds userErrors { code message } } }"""


class TestFlights:
    """Many askers, one request."""

    async def test_100_at_once(self) -> None:
        """A hundred equal queries, cold, cost one list request for each inbox."""
        world = five_inboxes()
        for each in world.instances.values():
            each.seconds = 0.05
        pages = await asyncio.gather(*(world.page(first=20) for _ in range(100)))
        assert all(len(nodes(page)) == 20 for page in pages)
        assert world.list_requests() == 5

    async def test_one_who_goes_away(self) -> None:
        """Does not take the answer from the others."""
        world = busy_inbox(5)
        upstream = cached(open_mastodon(world))
        world.instances["home"].seconds = 1
        first = asyncio.create_task(upstream.read(ChunkRequest(TOP, 40)))
        second = asyncio.create_task(upstream.read(ChunkRequest(TOP, 40)))
        await asyncio.sleep(0.5)
        first.cancel()
        assert len((await second).rows) == 5
        assert world.list_requests() == 1

    async def test_paging_twice(self) -> None:
        """400 notifications by ten, a second time within the fresh time: no request."""
        world = busy_inbox(400)
        shown = nodes(*await world.walk(10))
        assert len({node["id"] for node in shown}) == 400
        first = world.list_requests()
        assert first <= 11
        assert nodes(*await world.walk(10)) == shown
        assert world.list_requests() == first

    async def test_what_is_under_way_is_ended_with_the_gateway(self) -> None:
        """No task outlives its cache."""
        world = busy_inbox(5)
        upstream, before = cached(open_mastodon(world)), asyncio.all_tasks()
        world.instances["home"].seconds = 100
        asking = asyncio.create_task(upstream.read(ChunkRequest(TOP, 40)))
        await asyncio.sleep(0.5)
        await upstream.aclose()
        with suppress(asyncio.CancelledError):
            await asking
        assert asyncio.all_tasks() == before


class TestWrites:
    """Read your writes, without going blank."""

    async def test_40_dismissals_each_followed_by_a_query(self) -> None:
        """Cost three list requests at most: a dismissal is taken out of the copies held."""
        world = busy_inbox(100)
        gone: set[str] = set()
        for _ in range(40):
            first = nodes(await world.page(first=20))[0]["id"]
            answer = await world.ask(DISMISS, {"id": first})
            assert answer["data"]["dismissNotification"]["dismissedNotificationIds"] == [first]
            gone.add(first)
            page = await world.page(first=20)
            assert len(nodes(page)) == 20
            assert not gone & {node["id"] for node in nodes(page)}
        assert world.list_requests() <= 3

    async def test_a_slow_read_does_not_bring_back_what_was_dismissed(self) -> None:
        """A read that began before a dismissal and ends after it shows what is left."""
        world = busy_inbox(5)
        upstream = cached(open_mastodon(world))
        newest = (await upstream.read(ChunkRequest(TOP, 40))).rows[0]
        await asyncio.sleep(100)
        world.instances["home"].delays_answers = 2.0
        slow = asyncio.create_task(upstream.read(ChunkRequest(TOP, 40)))
        await asyncio.sleep(0.1)
        world.instances["home"].delays_answers = 0.0
        await upstream.dismiss(parse_id(newest.id).key)
        for chunk in (await slow, await upstream.read(ChunkRequest(TOP, 40))):
            assert newest.id not in [row.id for row in chunk.rows] and len(chunk.rows) == 4

    async def test_a_read_from_before_a_clearing_is_not_shown_after_it(self) -> None:
        """Its askers get what is there now."""
        world = busy_inbox(5)
        upstream = cached(open_mastodon(world))
        world.instances["home"].delays_answers = 2.0
        slow = asyncio.create_task(upstream.read(ChunkRequest(TOP, 40)))
        await asyncio.sleep(0.1)
        world.instances["home"].delays_answers = 0.0
        await upstream.clear()
        assert not (await slow).rows

    async def test_a_read_after_a_write_does_not_join_one_from_before(self) -> None:
        """Who asks after a timestamp was set does not get what was under way before it."""
        world = World()
        wiki = world.add_wiki("wiki")
        world.edit("wiki", 1, page="Page")
        upstream = cached(open_wiki(world.instances["wiki"], "Alice@gw"))
        await upstream.ask_profile()
        world.instances["wiki"].delays_answers = 2.0
        slow = asyncio.create_task(upstream.read(ChunkRequest(TOP, 40)))
        await asyncio.sleep(0.1)
        world.instances["wiki"].delays_answers = 0.0
        pages = WatchedPages(PagesBy.TITLES, ["Page"])
        await upstream.set_timestamp(pages, UnseenFrom(UnseenBy.NOTHING))
        assert not (await upstream.read(ChunkRequest(TOP, 40))).rows
        assert len((await slow).rows) == 1
        assert len(wiki.requests) == 2

    async def test_an_unknown_outcome_is_looked_up(self) -> None:
        """For ten seconds the instance is asked each time and nothing of it is kept."""
        world = busy_inbox(5)
        upstream = cached(open_mastodon(world))
        newest = (await upstream.read(ChunkRequest(TOP, 40))).rows[0]
        world.instances["home"].hangs_after_writing = True
        with pytest.raises(UpstreamError):
            await upstream.dismiss(parse_id(newest.id).key)
        asked = world.list_requests()
        for _ in range(3):
            chunk = await upstream.read(ChunkRequest(TOP, 40))
            assert len(chunk.rows) == 4 and not chunk.is_stale
        assert world.list_requests() == asked + 3
        await asyncio.sleep(10)
        for _ in range(3):
            await upstream.read(ChunkRequest(TOP, 40))
        assert world.list_requests() == asked + 4

    async def test_after_a_clearing_a_copy_is_of_no_use(self) -> None:
        """Not even where the instance fails: everything in it is gone."""
        world = busy_inbox(5)
        upstream = cached(open_mastodon(world))
        await upstream.read(ChunkRequest(TOP, 40))
        await upstream.clear()
        world.instances["home"].is_down = True
        with pytest.raises(UpstreamError):
            await upstream.read(ChunkRequest(TOP, 40))

    async def test_places_on_dismissed_rows_hold(self) -> None:
        """Reading on from a row that was dismissed costs nothing while its chunk is held."""
        world = busy_inbox(30)
        upstream = cached(open_mastodon(world))
        top = await upstream.read(ChunkRequest(TOP, 40))
        await upstream.dismiss(parse_id(top.rows[9].id).key)
        asked = world.list_requests()
        below = Anchor(Direction.DOWN, top.rows[9].row)
        rest = await upstream.read(ChunkRequest(below, 40, held_in=TOP))
        assert [row.id for row in rest.rows] == [row.id for row in top.rows[10:]]
        assert world.list_requests() == asked

    async def test_moving_the_marker_leaves_the_list(self) -> None:
        """Its copy holds, and what is unread is asked anew."""
        world = busy_inbox(5)
        upstream = cached(open_mastodon(world))
        rows = (await upstream.read(ChunkRequest(TOP, 40))).rows
        assert (await upstream.tell_unread())(rows[0]).is_unread
        await upstream.mark_read(parse_id(rows[0].id).key)
        asked = world.list_requests()
        assert not (await upstream.tell_unread())(rows[0]).is_unread
        await upstream.read(ChunkRequest(TOP, 40))
        assert world.list_requests() == asked

    async def test_what_is_unread_is_known_while_the_instance_fails(self) -> None:
        """`unreadOnly` is not blank either."""
        world = busy_inbox(5)
        chosen = {"filter": {"unreadOnly": True}}
        assert len(nodes(await world.page(**chosen))) == 5
        await asyncio.sleep(100)
        world.instances["home"].is_down = True
        assert len(nodes(await world.page(**chosen))) == 5

    async def test_a_wikis_page_shows_its_new_mark(self) -> None:
        """With what is seen included a dismissed change stays, and the wiki tells the marks."""
        world = World()
        world.add_wiki("wiki")
        for second in (1, 2, 3):
            world.edit("wiki", second, page="Page")
        world.edit("wiki", 4, page="Other")
        seen = {"watchlist": {"includeSeen": True}}
        page = "... on WatchlistNotification { page { title notificationTimestamp } }"
        ask = (
            "query ($filter: NotificationFilter) { notifications(filter: $filter) "
            f"{{ nodes {{ id isUnread {page} }} }} }}"
        )
        listed = (await world.ask(ask, {"filter": seen}))["data"]["notifications"]["nodes"]
        await world.ask(DISMISS, {"id": listed[2]["id"]})  # the second of three
        after = (await world.ask(ask, {"filter": seen}))["data"]["notifications"]["nodes"]
        assert [node["isUnread"] for node in after] == [True, True, False, False]
        world.restart()
        told = (await world.ask(ask, {"filter": seen}))["data"]["notifications"]["nodes"]
        assert told == after
        await world.ask(DISMISS, {"id": listed[1]["id"]})
        world.instances["wiki"].is_down = True
        old = (await world.ask(ask, {"filter": seen}))["data"]["notifications"]["nodes"]
        assert [node["isUnread"] for node in old] == [True, False, False, False]

    async def test_an_old_marker_does_not_pass_for_new(self) -> None:
        """After it was moved, or where it alone fails, what is unread is not known."""
        world = busy_inbox(5)
        upstream = cached(open_mastodon(world))
        rows = (await upstream.read(ChunkRequest(TOP, 40))).rows
        await upstream.tell_unread()
        await upstream.mark_read(parse_id(rows[0].id).key)
        world.instances["home"].is_down = True
        with pytest.raises(UpstreamError):
            await upstream.tell_unread()

    async def test_a_marker_that_hangs_leaves_the_list(self) -> None:
        """`isUnread` is null then, and the rows are there."""
        world = busy_inbox(5)
        app = world.mastodons["home"].app

        async def hanging(scope: Scope, receive: Receive, send: Send) -> None:
            if scope["path"].endswith("/markers"):
                await asyncio.Event().wait()
            await app(scope, receive, send)

        world.instances["home"].replace(hanging)
        answer = await world.ask("{ notifications { nodes { isUnread } } }")
        shown = answer["data"]["notifications"]["nodes"]
        assert [node["isUnread"] for node in shown] == [None] * 5

    async def test_a_late_read_does_not_undo_a_newer_one(self) -> None:
        """One that began before a write is not kept over a copy from after it."""
        world = World()
        world.add_wiki("wiki")
        world.edit("wiki", 1, page="Page")
        instance = world.instances["wiki"]
        upstream = cached(open_wiki(instance, "Alice@gw"))
        await upstream.ask_profile()
        instance.delays_answers = 3.0
        late = asyncio.create_task(upstream.read(ChunkRequest(TOP, 40)))
        await asyncio.sleep(0.1)
        instance.delays_answers = 0.0
        pages = WatchedPages(PagesBy.TITLES, ["Page"])
        await upstream.set_timestamp(pages, UnseenFrom(UnseenBy.NOTHING))
        await asyncio.sleep(2.5)
        assert not (await upstream.read(ChunkRequest(TOP, 40))).rows
        await late
        instance.is_down = True
        assert not (await upstream.read(ChunkRequest(TOP, 40))).rows

    async def test_a_read_during_a_write_is_not_fresh_afterwards(self) -> None:
        """Nor while it lasts: it may be of before the write or of after it."""
        world = busy_inbox(5)
        upstream = cached(open_mastodon(world))
        await upstream.ask_profile()
        world.instances["home"].hangs_after_writing = True
        newest = (await upstream.read(ChunkRequest(TOP, 40))).rows[0]
        writing = asyncio.create_task(upstream.dismiss(parse_id(newest.id).key))
        await asyncio.sleep(0.1)
        asked = world.list_requests()
        for _ in range(3):
            await upstream.read(ChunkRequest(TOP, 40))
        assert world.list_requests() == asked + 3
        with suppress(UpstreamError):
            await writing

    async def test_a_write_that_waits_too_long_was_not_sent(self) -> None:
        """Behind one that hangs: nothing was done, and that is certain."""
        world = busy_inbox(5)
        upstream = cached(open_mastodon(world))
        rows = (await upstream.read(ChunkRequest(TOP, 40))).rows
        await upstream.ask_profile()
        world.instances["home"].hangs_after_writing = True
        keys = [parse_id(row.id).key for row in rows[:2]]
        first = asyncio.create_task(upstream.dismiss(keys[0]))
        await asyncio.sleep(0)
        with pytest.raises(UpstreamError) as caught:
            await upstream.dismiss(keys[1])
        assert not caught.value.is_outcome_unknown
        with suppress(UpstreamError):
            await first

    async def test_hundreds_of_dismissals_cost_one_pass(self) -> None:
        """Rows that are left of a page are copied once, however often it was dismissed."""
        world = World()
        world.add_wiki("wiki")
        for second in range(200):
            world.edit("wiki", second, page="Page")
        upstream = cached(open_wiki(world.instances["wiki"], "Alice@gw"))
        rows = (await upstream.read(ChunkRequest(TOP, 300))).rows
        for row in rows[150:50:-1]:
            await upstream.dismiss(parse_id(row.id).key)
        shown = await upstream.read(ChunkRequest(TOP, 300))
        assert [row.id for row in shown.rows] == [row.id for row in rows[:51]]


class TestRefusals:
    """A credential that is refused."""

    async def test_a_write_that_is_refused_takes_the_copies(self) -> None:
        """A 401 on anything says that the credential is not good any more."""
        world = busy_inbox(5)
        listed = nodes(await world.page())
        world.mastodons["home"].mailboxes.clear()
        await world.ask(DISMISS, {"id": listed[0]["id"]})
        page = await world.page()
        assert (nodes(page), source(page)["failure"]["code"]) == ([], "UNAUTHORIZED")

    async def test_a_refused_login_loses_its_copies(self) -> None:
        """Nothing held is shown until it is accepted again, also where the instance fails then."""
        world = busy_inbox(5)
        await world.page()
        mailboxes = world.mastodons["home"].mailboxes
        mailbox = mailboxes.pop("token-of-home")
        await asyncio.sleep(20)
        page = await world.page()
        assert (nodes(page), source(page)["failure"]["code"]) == ([], "UNAUTHORIZED")
        world.instances["home"].is_down = True
        assert nodes(await world.page()) == []
        world.instances["home"].is_down = False
        mailboxes["token-of-home"] = mailbox
        await asyncio.sleep(UNTIL_ASKED_AGAIN)
        assert len(nodes(await world.page())) == 5

    async def test_refused_once_more(self) -> None:
        """What was read after it was accepted is lost again with the next refusal."""
        world = busy_inbox(5)
        mailboxes = world.mastodons["home"].mailboxes
        for _ in range(2):
            assert len(nodes(await world.page())) == 5
            mailbox = mailboxes.pop("token-of-home")
            await asyncio.sleep(20)
            assert nodes(await world.page()) == []
            world.instances["home"].is_down = True
            assert nodes(await world.page()) == []
            world.instances["home"].is_down = False
            mailboxes["token-of-home"] = mailbox
            await asyncio.sleep(UNTIL_ASKED_AGAIN)

    async def test_a_missing_scope_takes_nothing(self) -> None:
        """A write that is forbidden is the failure of that write alone."""
        world = busy_inbox(5)
        listed = nodes(await world.page())
        world.mastodons["home"].mailboxes["token-of-home"].scopes = {"read"}
        await world.ask(DISMISS, {"id": listed[0]["id"]})
        asked = world.list_requests()
        assert nodes(await world.page()) == listed
        assert world.list_requests() == asked


class TestLogins:
    """What is a login's stays a login's."""

    @settings(max_examples=100, deadline=None)
    @given(
        st.lists(
            st.tuples(
                st.sampled_from(["one", "two"]),
                st.sampled_from(["read", "write", "clear", "fail", "wait", "lose session"]),
            ),
            max_size=25,
        )
    )
    async def test_two_logins_of_one_wiki(self, steps: Sequence[tuple[str, str]]) -> None:
        """No page, cookie, session or status of one ever reaches the other, through one store."""
        world = World()
        wiki = world.add_wiki("wiki")
        wiki.pages.make_user("Bert", "gw", BOT_PASSWORD, "viewmywatchlist", "editmywatchlist")
        for second in range(4):
            world.edit("wiki", second, page="Alice's")
            wiki.pages.watch("Bert", "Bert's")
            wiki.pages.edit("Bert's", "Bob", "a change", instant(second))
        instance = Instance(wiki.app)
        store = ChunkStore(MEGABYTE)
        logins = {
            "one": cached(open_wiki(instance, "Alice@gw"), "one", store),
            "two": cached(open_wiki(instance, "Bert@gw"), "two", store),
        }
        own = {"one": "Alice's", "two": "Bert's"}
        cleared: set[str] = set()
        for who, what in steps:
            upstream = logins[who]
            instance.is_down = what == "fail"
            with suppress(UpstreamError):
                if what == "clear":
                    await upstream.clear()
                    cleared.add(who)
                elif what == "write":
                    await upstream.dismiss("0|1|edit|0|1|Nobody|Nothing")
                elif what == "wait":
                    await asyncio.sleep(30)
                elif what == "lose session":
                    wiki.end_sessions()
                else:
                    chunk = await upstream.read(ChunkRequest(TOP, 40))
                    titles = {row.page.title for row in wiki_rows(chunk)}
                    assert titles <= {own[who]}
                    assert bool(titles) == (who not in cleared)
            instance.is_down = False

    async def test_finished_reads_of_two_logins_at_once(self) -> None:
        """Flights are a login's too."""
        world = busy_inbox(3)
        sandbox = world.mastodons["home"]
        sandbox.open_mailbox("other-token", "other")
        world.instances["home"].seconds = 1
        store = ChunkStore(MEGABYTE)
        logins = [
            cached(open_mastodon(world, token), token, store)
            for token in ("token-of-home", "other-token")
        ]
        chunks = await asyncio.gather(*(each.read(ChunkRequest(TOP, 40)) for each in logins * 2))
        assert [len(chunk.rows) for chunk in chunks] == [3, 0, 3, 0]

    async def test_scopes_share_nothing(self) -> None:
        """A wiki's whole watchlist and what is pending of it are two lists."""
        world = World()
        world.add_wiki("wiki")
        world.edit("wiki", 1)
        marks = world.wikis["wiki"].pages.users["Alice"].marks
        marks.update(dict.fromkeys(marks))
        seen = {"watchlist": {"includeSeen": True}}
        shown = [len(nodes(await world.page(filter=each))) for each in (None, seen, None, seen)]
        assert shown == [0, 1, 0, 1]


def open_wiki(instance: Instance, username: str) -> MediaWikiUpstream:
    """A login at a wiki, with a cookie jar of its own."""
    api = "https://wiki.wiki.test/w/api.php"
    http = Http(api, httpx.ASGITransport(instance), "test", 4)
    login = BotPassword(username, BOT_PASSWORD)
    return MediaWikiUpstream("wiki", api, http, LoopClock(), login)


def wiki_rows(chunk: Chunk) -> list[WatchlistNotification]:
    """The changes of a chunk."""
    return [row for row in chunk.rows if isinstance(row, WatchlistNotification)]


class TestMemory:
    """Everything that grows has a bound."""

    async def test_the_least_used_go_first(self) -> None:
        """Of more copies than fit, those stay that were asked for last."""
        make = chunk_maker()
        size = estimate_bytes(make(0))
        store = ChunkStore(most=3 * size + size // 2)
        keys = [ChunkKey("login", str(number)) for number in range(5)]
        for number, key in enumerate(keys):
            await store.put(key, Copy(make(number), b""), 100)
            await store.get(keys[0])
        assert [key for key in keys if await store.get(key)] == [keys[0], keys[3], keys[4]]

    async def test_one_that_is_larger_than_all_is_not_kept(self) -> None:
        """Nothing is thrown out for it either."""
        make = chunk_maker()
        store = ChunkStore(most=estimate_bytes(make(1)) + 100)
        await store.put(ChunkKey("login", "small"), Copy(make(1), b""), 100)
        await store.put(ChunkKey("login", "large"), Copy(make(2, rows=40), b""), 100)
        assert await store.get(ChunkKey("login", "small"))
        assert await store.get(ChunkKey("login", "large")) is None

    async def test_20000_chunks(self) -> None:
        """What is estimated is what they take, within a fifth; the bound holds within a tenth."""
        make = chunk_maker()
        store = ChunkStore(32 * MEGABYTE)
        try:
            for number in range(20_000):
                if number == 15_000:  # what is held at the end was all made since; tracing is slow
                    tracemalloc.start()
                await store.put(ChunkKey("login", str(number)), Copy(make(number), b""), 3600)
            gc.collect()
            taken = tracemalloc.get_traced_memory()[0]
        finally:
            tracemalloc.stop()
        assert 0.8 <= store.used / taken <= 1.2
        assert taken <= 32 * MEGABYTE * 1.1
        await store.forget("login")
        assert store.used == 0

    async def test_a_copy_whose_time_is_up_is_not_counted(self) -> None:
        """aiocache ends it, and its size goes with it."""
        store = ChunkStore(MEGABYTE)
        key = ChunkKey("login", "a")
        await store.put(key, Copy(chunk_maker()(1), b""), 10)
        await asyncio.sleep(11)
        assert await store.get(key) is None and store.used == 0
        assert await store.copies_of("login") == []

    async def test_a_log_has_a_bound(self) -> None:
        """Thousands of dismissals of one login do not pile up, and none of them comes back."""
        world = busy_inbox(1500)
        upstream = cached(open_mastodon(world))
        ids = [
            row["id"] for row in world.mastodons["home"].mailboxes["token-of-home"].notifications
        ]
        await upstream.read(ChunkRequest(TOP, 40))
        for database_id in ids[:1200]:
            await upstream.dismiss(database_id)
        shown = await upstream.read(ChunkRequest(TOP, 40))
        assert parse_id(shown.rows[0].id).key == ids[1200]


def chunk_maker() -> Callable[..., Chunk]:
    """Makes chunks of posts of several lengths, each a value of its own, as an upstream does."""
    world = busy_inbox(1)
    inner = open_mastodon(world)
    (row,) = world.mastodons["home"].mailboxes["token-of-home"].notifications
    text = json.dumps(row)
    mapper = NotificationMapper(inner.inbox)

    def make(number: int, rows: int = 3) -> Chunk:
        bodies = [
            text.replace(row["id"], str(number * 100 + index)).replace(
                "hello", "x" * (number % 900)
            )
            for index in range(rows)
        ]
        decoded = read_json(f"[{','.join(bodies)}]".encode(), wire.Notifications)
        known: Accounts = {}
        mapped = [
            mapper.map(each, encode_row(each.id), instant(number), known)
            for each in decoded
            if each
        ]
        return Chunk(TOP, mapped, is_last=True, fetched_at=instant(number))

    return make


async def test_served_values_are_never_changed() -> None:
    """Whatever is read, dismissed and shown with new marks: a copy stays as it was."""
    world = five_inboxes()
    store_values: list[tuple[object, str]] = []
    upstreams = world.upstreams()
    for _ in range(3):
        for upstream in upstreams.values():
            chunk = await upstream.read(ChunkRequest(TOP, 40))
            store_values += [(row, repr(vars(row))) for row in chunk.rows]
            tell = await upstream.tell_unread()
            shown = [tell(row) for row in chunk.rows]
            await upstream.dismiss(parse_id(shown[len(shown) // 2].id).key)
        await asyncio.sleep(5)
    for row, before in store_values:
        assert repr(vars(row)) == before


async def test_a_clock_that_is_set_back() -> None:
    """A copy from the future is renewed, not shown for hours."""
    world = busy_inbox(5)
    clock = ShiftedClock()
    upstream = cached(open_mastodon(world, clock=clock), clock=clock)
    await upstream.read(ChunkRequest(TOP, 40))
    clock.shift = timedelta(hours=-1)
    await upstream.read(ChunkRequest(TOP, 40))
    assert world.list_requests() == 2


class ShiftedClock(LoopClock):
    """A clock that somebody sets."""

    shift = timedelta()

    def now(self) -> datetime:
        return super().now() + self.shift


async def test_a_cursor_outlives_its_chunk() -> None:
    """A page that is asked for much later is read by the row that its cursor stands at."""
    world = busy_inbox(50)
    first = await world.page(first=10)
    await asyncio.sleep(3600)
    for second in range(100, 160):
        world.post("home", second)
    rest = await world.walk(10, after=first["pageInfo"]["endCursor"])
    assert len(nodes(*rest)) == 40
