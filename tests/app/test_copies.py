"""What the cache keeps, how long, and for whom. docs/caching.md has the rules in words."""

import asyncio
import gc
import json
import tracemalloc
from collections.abc import Callable, Sequence
from contextlib import suppress

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from starlette.types import Receive, Scope, Send
from support.asking import make_api
from support.caching import MEGABYTE, cached
from support.generated import examples
from support.logins import busy_inbox, open_mastodon, open_wiki, wiki_rows
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

from app.cache.copies.size import estimate_bytes
from app.cache.copies.store import ChunkKey, ChunkStore
from app.cache.kept import Copy
from app.clock import SystemClock
from app.upstreams.mastodon.decoding import KnownRows, RowDecoder
from app.upstreams.mastodon.mapping import NotificationMapper
from resolvers.context import Context
from resolvers.errors import UpstreamError
from resolvers.fields.connection import show_page
from resolvers.identity import parse_id
from resolvers.inputs.windows import Window
from resolvers.merging.merge import MergedPage, Run
from resolvers.seam.chunk import TOP, Chunk, ChunkRequest, Direction
from resolvers.seam.lists import main_lists
from resolvers.types.notification import Notification


def five_inboxes() -> World:
    """Three Mastodon inboxes and two wikis."""
    world = World()
    for number in range(5):
        name = f"inbox-{number}"
        (world.add_wiki if number % 2 else world.add_mastodon)(name)
        for second in range(10):
            (world.edit if number % 2 else world.post)(name, second)
    return world


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

    async def test_now(self) -> None:
        """Who pulls to refresh asks past the fresh time; a hundred who do ask once."""
        world = busy_inbox(100)
        query = "{ notifications(first: 5) { nodes { id } sources { freshness } } }"
        now = {"cache-control": "no-cache"}
        first = await world.ask(query)
        await asyncio.sleep(1)
        world.post("home", 1000)
        assert await world.ask(query) == first
        world.instances["home"].seconds = 0.05
        answers = await asyncio.gather(*(world.ask(query, headers=now) for _ in range(100)))
        assert all(each == answers[0] != first for each in answers)
        assert world.list_requests() == 2
        await asyncio.sleep(1)
        assert await world.ask(query) == answers[0]
        world.instances["home"].is_down = True
        (source,) = (await world.ask(query, headers=now))["data"]["notifications"]["sources"]
        assert source["freshness"] == "STALE"

    async def test_paging_twice(self) -> None:
        """400 notifications by ten, a second time within the fresh time: no request."""
        world = busy_inbox(400)
        shown = nodes(*await world.walk(10))
        assert len({node["id"] for node in shown}) == 400
        first = world.list_requests()
        assert first <= 11
        assert nodes(*await world.walk(10)) == shown
        assert world.list_requests() == first


class TestWrites:
    """Read your writes, without going blank."""

    @pytest.mark.parametrize("size", [20, 39, 40, 41, 79])
    @pytest.mark.parametrize("index", [0, 7, -1])
    async def test_40_dismissals_each_followed_by_a_query(self, index: int, size: int) -> None:
        """Cost three list requests at most: a dismissal is taken out of the copies held.

        Wherever on the page the row stands that is dismissed.
        """
        world = busy_inbox(400)
        gone: set[str] = set()
        for _ in range(40):
            chosen = nodes(await world.page(first=size))[index]["id"]
            answer = await world.ask(DISMISS, {"id": chosen})
            assert answer["data"]["dismissNotification"]["dismissedNotificationIds"] == [chosen]
            gone.add(chosen)
            page = await world.page(first=size)
            assert len(nodes(page)) == size
            assert not gone & {node["id"] for node in nodes(page)}
        assert world.list_requests() <= 3

    @pytest.mark.parametrize(("held", "size"), [(45, 40), (41, 40), (60, 20), (100, 50)])
    async def test_the_last_row_dismissed_until_none_is_left(self, held: int, size: int) -> None:
        """The chunk after a dismissed row stays the one that was read: five requests at most."""
        world = busy_inbox(held)
        for _ in range(held):
            last = nodes(await world.page(first=size))[-1]["id"]
            await world.ask(DISMISS, {"id": last})
        assert nodes(await world.page(first=size)) == []
        assert world.list_requests() <= 5

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

    @settings(max_examples=examples(100), deadline=None)
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
                if number == 15_000:  # tracing is slow, and blind for what was there before it
                    await store.forget("login")
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
    """Makes chunks of posts of several lengths, as an upstream does, and shows them once."""
    world = busy_inbox(1)
    inner = open_mastodon(world)
    (row,) = world.mastodons["home"].mailboxes["token-of-home"].notifications
    text = json.dumps(row)
    decoder = RowDecoder(NotificationMapper(inner.inbox), KnownRows(), SystemClock())
    show = shower()

    def make(number: int, rows: int = 3) -> Chunk:
        bodies = [
            text.replace(row["id"], str(number * 100 + index)).replace(
                "hello", "x" * (number % 900)
            )
            for index in range(rows)
        ]
        decoded = decoder.decode([msgspec.Raw(body.encode()) for body in bodies])
        show(decoded.rows)
        return Chunk(TOP, decoded.rows, is_last=True, fetched_at=instant(number))

    return make


def shower() -> Callable[[Sequence[Notification]], None]:
    """Shows rows as a page of a large query does, so that they remember how."""
    api = make_api()
    assert api.compiler is not None
    (root,) = api.compiler.plan(api.documents.read(QUERY).choose(None), {}).roots.values()

    def show(rows: Sequence[Notification]) -> None:
        run = Run([None], 0, TOP, [*rows])
        flags = {"has_more": False, "is_incomplete": False}
        page = MergedPage(["home"], [run], [None], [None], **flags, readers=[])
        window = Window(Direction.DOWN, len(rows), None)
        root.complete(show_page(page, b"abcd", window, Context({}, 5)))

    return show


QUERY = """{ notifications { edges { cursor node { id type createdAt ... on MastodonNotification {
  account { id username acct displayName avatarUrl url }
  status { id content createdAt url account { acct } } } } } } }"""


async def test_served_values_are_never_changed() -> None:
    """Whatever is read, dismissed and shown with new marks: a copy stays as it was."""
    world = five_inboxes()
    store_values: list[tuple[object, str]] = []
    upstreams = [*main_lists(world.upstreams())]
    for _ in range(3):
        for upstream in upstreams:
            chunk = await upstream.read(ChunkRequest(TOP, 40))
            store_values += [(row, repr(vars(row))) for row in chunk.rows]
            tell = await upstream.ask_read_state()
            shown = [tell(row) for row in chunk.rows]
            await upstream.dismiss(parse_id(shown[len(shown) // 2].id).key)
        await asyncio.sleep(5)
    for row, before in store_values:
        assert repr(vars(row)) == before


async def test_a_cursor_outlives_its_chunk() -> None:
    """A page that is asked for much later is read by the row that its cursor stands at."""
    world = busy_inbox(50)
    first = await world.page(first=10)
    await asyncio.sleep(3600)
    for second in range(100, 160):
        world.post("home", second)
    rest = await world.walk(10, after=first["pageInfo"]["endCursor"])
    assert len(nodes(*rest)) == 40
