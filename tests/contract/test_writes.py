"""Writes: the same contract at the sandbox and at a real wiki, marks looked at before and after."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import count

import httpx
import pytest
from conftest import REAL_TIME
from support.real_wiki.server import Operation, RealWiki
from support.virtual_time import LoopClock
from support.wiki_client import WikiClient
from support.worlds import BOT_PASSWORD

from app.clock import SystemClock
from app.sandbox.mediawiki import SandboxWiki
from app.sandbox.wiki_pages import WikiPages, read_title
from app.upstreams.http.client import Http
from app.upstreams.http.connections.opening import open_transport
from app.upstreams.http.over_httpx import OverHttpx
from app.upstreams.http.transport import Transport
from app.upstreams.mediawiki.session import BotPassword
from app.upstreams.mediawiki.watchlist_upstream import WatchlistUpstream
from app.upstreams.mediawiki.wiki_login import WikiLogin
from resolvers.errors import InvalidInput, NotFound, UpstreamError, UpstreamFailureCode
from resolvers.identity import parse_id
from resolvers.seam.chunk import BOTTOM, TOP, Anchor, ChunkRequest, Direction
from resolvers.seam.writes import PagesBy, UnseenBy, UnseenFrom, WatchedPages
from resolvers.types.mediawiki import WatchedPageOutcome, WatchlistNotification

LastWrites = Mapping[str, str]
WATCHER = "W4"
T = 1_764_000_000
"""The Unix second that the changes of each test begin at: 2025-11-24T16:00:00Z."""
_numbers = count(1)


@pytest.fixture
def anyio_backend() -> tuple[str, dict[str, object]]:
    """A real wiki answers in real time."""
    return REAL_TIME


@dataclass
class Wiki:
    """A wiki with a watcher.

    `apply` makes changes at the seconds given and gives the revisions made; `marks` are the
    watcher's by title, an instant, or "" where all is seen; `writes` how many were sent.
    """

    upstream: WatchlistUpstream
    apply: Callable[[Sequence[Operation]], list[int]]
    marks: Callable[[], Awaitable[LastWrites]]

    async def pending(self, *titles: str) -> list[WatchlistNotification]:
        """What is unseen of some pages, newest first; other tests leave more than one chunk."""
        chunks = await self._read(TOP, titles)
        return [row for rows in chunks for row in rows]

    async def pending_upwards(self, *titles: str) -> list[WatchlistNotification]:
        """The same, read from the oldest on."""
        chunks = await self._read(BOTTOM, titles)
        return [row for rows in reversed(chunks) for row in rows]

    async def _read(
        self, anchor: Anchor, titles: Sequence[str]
    ) -> list[list[WatchlistNotification]]:
        """Of each chunk the rows of these pages."""
        is_up = anchor.direction is Direction.UP
        chunk = await self.upstream.read(ChunkRequest(anchor, 480))
        chunks = [chunk.rows]
        while not chunk.is_last:
            beyond = Anchor(anchor.direction, chunk.rows[0 if is_up else -1].row)
            chunk = await self.upstream.read(ChunkRequest(beyond, 480))
            chunks.append(chunk.rows)
        return [
            [
                row
                for row in rows
                if isinstance(row, WatchlistNotification) and row.page.title in titles
            ]
            for rows in chunks
        ]

    async def dismiss(self, notification: WatchlistNotification) -> None:
        """Dismisses one change by the key in its global ID."""
        await self.upstream.dismiss(parse_id(notification.id).key)


def sandbox_wiki(user: str) -> Wiki:
    """A wiki in memory."""
    wiki = SandboxWiki("wiki.test", LoopClock())
    wiki.pages.make_user(user, "gw", BOT_PASSWORD, "viewmywatchlist", "editmywatchlist")

    async def marks() -> LastWrites:
        found = wiki.pages.users[user].marks
        return {t.text: f"{m:%Y-%m-%dT%H:%M:%SZ}" if m else "" for t, m in found.items()}

    url = "https://wiki.test/w/api.php"
    http = Http(url, OverHttpx(httpx.ASGITransport(wiki.app)), "test", 4)
    login = BotPassword(f"{user}@gw", BOT_PASSWORD)
    upstream = WatchlistUpstream(WikiLogin("wiki", url, http, LoopClock(), login))
    return Wiki(upstream, lambda operations: apply(wiki.pages, operations), marks)


def apply(pages: WikiPages, operations: Sequence[Operation]) -> list[int]:
    """The same operations as a real wiki's `apply`."""
    revisions = []
    for what, page, *arguments, second in operations:
        at, title = datetime.fromtimestamp(int(second), UTC), str(page)
        match what:
            case "watch":
                pages.watch(str(arguments[0]), title)
            case "edit":
                pages.edit(title, "Bob", "a change", at)
            case "categorize":
                pages.categorize(title, "Erin", "put in", at)
            case "external":
                pages.change_elsewhere(title, "Erin", "item", at)
            case "protect":
                pages.protect(title, "Erin", "calm down", at)
            case "move":
                pages.move(title, str(arguments[0]), "Erin", "better name", at)
            case "delete":
                pages.delete(title, "Erin", "no use", at)
        page_now = pages.pages.get(read_title(title))
        revisions.append(page_now.revision_id if page_now and what == "edit" else 0)
    return revisions


def real_mediawiki(wiki: RealWiki, transport: Transport, user: str) -> Wiki:
    """The real one."""
    client = WikiClient(wiki.api_url, f"{user}@gw")

    async def marks() -> LastWrites:
        ask = {"action": "query", "list": "watchlistraw", "wrprop": "changed", "wrlimit": "max"}
        rows = (await client.call("GET", ask))["watchlistraw"]
        return {str(row["title"]): str(row.get("changed", "")) for row in rows}

    http = Http(wiki.api_url, transport, "Tidings-test/0 (test@tidings.test)", 10)
    login = BotPassword(f"{user}@gw", BOT_PASSWORD)
    upstream = WatchlistUpstream(WikiLogin("real", wiki.api_url, http, SystemClock(), login))
    return Wiki(upstream, wiki.apply, marks)


@pytest.fixture(params=["sandbox", "real_wiki", "newer_wiki"])
async def wiki(request: pytest.FixtureRequest) -> AsyncIterator[Wiki]:
    """Each wiki there is."""
    async with open_transport(10) as transport:
        if request.param == "sandbox":
            yield sandbox_wiki(WATCHER)
        else:
            yield real_mediawiki(request.getfixturevalue(request.param), transport, WATCHER)


@pytest.fixture
def titles() -> list[str]:
    """Three titles that nothing has used."""
    number = next(_numbers)
    return [f"Written {number} {letter}" for letter in "ABC"]


def watch(*titles: str) -> list[Operation]:
    """The operations that put pages on the watchlist."""
    return [("watch", title, WATCHER, T) for title in titles]


def mark(second: int) -> str:
    """A mark of a second after T, as a wiki writes it."""
    return f"{datetime.fromtimestamp(T + second, UTC):%Y-%m-%dT%H:%M:%SZ}"


async def dismiss_and_compare(
    wiki: Wiki, titles: list[str], second: int, kind: str, is_left: Mapping[str, str]
) -> None:
    """Dismisses the row of a second; only the page's mark changes, and only later rows stay."""
    before, listed = await wiki.marks(), await wiki.pending(*titles)
    at = datetime.fromtimestamp(T + second, UTC)
    chosen = next(row for row in listed if row.created_at == at and row.raw_type == kind)
    await wiki.dismiss(chosen)
    after, left = await wiki.marks(), await wiki.pending(*titles)
    assert {title: mark for title, mark in after.items() if mark != before[title]} == is_left
    page = chosen.page.title
    assert [row.id for row in left] == [
        row.id for row in listed if row.page.title != page or row.created_at > at
    ]


async def test_an_edit_takes_the_earlier_ones_along(wiki: Wiki, titles: list[str]) -> None:
    """Dismissing an edit sees it and what was before; the next revision's second is the mark."""
    a, b, _ = titles
    wiki.apply([*watch(a, b), *(("edit", a, T + each) for each in (1, 3, 5)), ("edit", b, T + 2)])
    await dismiss_and_compare(wiki, titles, 3, "edit", {a: mark(5)})


async def test_the_last_edit_leaves_nothing(wiki: Wiki, titles: list[str]) -> None:
    """Dismissing the latest revision sees all of the page."""
    a, *_ = titles
    wiki.apply([*watch(a), ("edit", a, T + 1), ("edit", a, T + 3)])
    await dismiss_and_compare(wiki, titles, 3, "edit", {a: ""})


async def test_a_new_page(wiki: Wiki, titles: list[str]) -> None:
    """Dismissing a page's creation leaves its later edits."""
    a, *_ = titles
    wiki.apply([*watch(a), ("edit", a, T + 1), ("edit", a, T + 3)])
    await dismiss_and_compare(wiki, titles, 1, "new", {a: mark(3)})


async def test_edits_of_one_second_go_together(wiki: Wiki, titles: list[str]) -> None:
    """A wiki's mark is a second: its changes leave together, those of later seconds stay."""
    a, *_ = titles
    edits = [("edit", a, T + second) for second in (1, 3, 3, 3, 4)]
    wiki.apply([*watch(a), *edits])
    await dismiss_and_compare(wiki, titles, 3, "edit", {a: mark(4)})


async def test_an_edit_before_a_log_entry(wiki: Wiki, titles: list[str]) -> None:
    """What a later log entry tells stays pending, though no revision of a person came after."""
    a, *_ = titles
    wiki.apply([*watch(a), ("edit", a, T + 1), ("edit", a, T + 3), ("protect", a, T + 6)])
    await dismiss_and_compare(wiki, titles, 3, "edit", {a: mark(4)})


async def test_a_log_entry_with_nothing_later(wiki: Wiki, titles: list[str]) -> None:
    """Dismissing the newest log entry of a page sees all of the page."""
    a, *_ = titles
    wiki.apply([*watch(a), ("edit", a, T + 1), ("protect", a, T + 3)])
    await dismiss_and_compare(wiki, titles, 3, "log", {a: ""})


async def test_a_log_entry_with_an_edit_later(wiki: Wiki, titles: list[str]) -> None:
    """Dismissing a log entry leaves the edit that came after it."""
    a, *_ = titles
    wiki.apply([*watch(a), ("edit", a, T + 1), ("protect", a, T + 3), ("edit", a, T + 5)])
    await dismiss_and_compare(wiki, titles, 3, "log", {a: mark(4)})


async def test_an_edit_of_a_page_that_was_moved_away(wiki: Wiki, titles: list[str]) -> None:
    """The revision is at another title now; the old title's mark goes on by the second."""
    a, b, _ = titles
    wiki.apply([*watch(a), ("edit", a, T + 1), ("edit", a, T + 3), ("move", a, b, T + 5)])
    await dismiss_and_compare(wiki, titles, 3, "edit", {a: mark(4)})


async def test_the_move_itself(wiki: Wiki, titles: list[str]) -> None:
    """Dismissing a move sees the old title and leaves the new one's changes."""
    a, b, _ = titles
    wiki.apply([*watch(a), ("edit", a, T + 1), ("move", a, b, T + 3), ("edit", b, T + 5)])
    await dismiss_and_compare(wiki, titles, 3, "log", {a: ""})


async def test_a_page_that_was_deleted(wiki: Wiki, titles: list[str]) -> None:
    """The deletion itself can be dismissed, and leaves no mark that counts as unread for ever."""
    a, *_ = titles
    wiki.apply([*watch(a), ("edit", a, T + 1), ("delete", a, T + 3)])
    await dismiss_and_compare(wiki, titles, 3, "log", {a: ""})


async def test_a_page_that_was_deleted_and_made_again(wiki: Wiki, titles: list[str]) -> None:
    """What came after the deletion stays."""
    a, *_ = titles
    wiki.apply([*watch(a), ("edit", a, T + 1), ("delete", a, T + 3), ("edit", a, T + 5)])
    await dismiss_and_compare(wiki, titles, 3, "log", {a: mark(4)})


@pytest.mark.parametrize("kind", ["categorize", "external"])
async def test_the_last_row_leaves_nothing(wiki: Wiki, titles: list[str], kind: str) -> None:
    """Also where it is of no revision."""
    a, b, _ = titles
    category = f"Category:{b}"
    rows: list[Operation] = [(kind, category, a, T + 3), (kind, category, a, T + 5)]
    wiki.apply([*watch(category), ("edit", a, T), ("edit", category, T + 1), *rows])
    titles.append(category)
    await dismiss_and_compare(wiki, titles, 5, kind, {category: ""})


async def test_a_change_elsewhere(wiki: Wiki, titles: list[str]) -> None:
    """What happened on Wikidata to what a page shows is listed and dismissed as any other row."""
    a, *_ = titles
    rows: list[Operation] = [("external", a, T + second) for second in (3, 3, 5)]
    wiki.apply([*watch(a), ("edit", a, T + 1), *rows, ("edit", a, T + 7)])
    assert {row.type.name for row in await wiki.pending(a)} >= {"EXTERNAL_CHANGE"}
    await dismiss_and_compare(wiki, titles, 3, "external", {a: mark(4)})


async def test_a_row_about_a_category(wiki: Wiki, titles: list[str]) -> None:
    """What a page's coming into a category tells has no revision: its second is the mark."""
    a, b, _ = titles
    category = f"Category:{b}"
    member = ("edit", a, T)
    rows = [("categorize", category, a, T + second) for second in (2, 3, 3, 5)]
    wiki.apply([*watch(category), member, ("edit", category, T + 1), *rows])
    titles.append(category)
    await dismiss_and_compare(wiki, titles, 3, "categorize", {category: mark(4)})


async def test_an_edit_before_a_row_about_a_category(wiki: Wiki, titles: list[str]) -> None:
    """The latest revision of a category does not take along what came to it later."""
    a, b, _ = titles
    category = f"Category:{b}"
    edits = [("edit", a, T), ("edit", category, T + 1), ("edit", category, T + 3)]
    wiki.apply([*watch(category), *edits, ("categorize", category, a, T + 6)])
    titles.append(category)
    await dismiss_and_compare(wiki, titles, 3, "edit", {category: mark(4)})


async def test_an_edit_that_was_seen_already(wiki: Wiki, titles: list[str]) -> None:
    """Nothing is changed by dismissing what is seen; above all no mark moves backwards."""
    a, *_ = titles
    wiki.apply([*watch(a), *(("edit", a, T + each) for each in (1, 3, 5))])
    first, second, third = reversed(await wiki.pending(a))
    await wiki.dismiss(second)
    before = await wiki.marks()
    for row in (first, second):
        await wiki.dismiss(row)
    assert await wiki.marks() == before
    await wiki.dismiss(third)
    await wiki.dismiss(third)
    assert (await wiki.marks())[a] == ""


async def test_what_never_was(wiki: Wiki, titles: list[str]) -> None:
    """A well-formed key of nothing is a success that changes nothing; another is NOT_FOUND."""
    a, *_ = titles
    wiki.apply([*watch(a), ("edit", a, T + 1)])
    before = await wiki.marks()
    await wiki.upstream.dismiss(f"0|{T + 9}|edit|0|1|Bob|{a}")
    assert await wiki.marks() == before
    for key in ("", "1", f"0|{T}|edit|0|1|Bob|{a}|{a}", f"0|{T}|edit|0|1|Bob|{a}\n", f"0|{T}"):
        with pytest.raises(NotFound):
            await wiki.upstream.dismiss(key)


async def test_clearing_sees_the_entire_watchlist(wiki: Wiki, titles: list[str]) -> None:
    """Every mark is gone afterwards, and every page is still watched."""
    wiki.apply([*watch(*titles), *(("edit", title, T + 1) for title in titles)])
    watched = (await wiki.marks()).keys()
    await wiki.upstream.clear()
    assert await wiki.marks() == dict.fromkeys(watched, "")


def by(kind: PagesBy, *values: str | int) -> WatchedPages:
    """Pages named in one way."""
    return WatchedPages(kind, tuple(map(str, values)))


SEEN = UnseenFrom(UnseenBy.NOTHING)
OUTCOMES = WatchedPageOutcome


async def test_titles_are_told_as_asked(wiki: Wiki, titles: list[str]) -> None:
    """One row each, in that order: other spellings, doubles, and what is no page of the wiki."""
    a, b, missing = titles
    wiki.apply([*watch(a, missing), ("edit", a, T + 1), ("edit", b, T + 1)])
    asked = [
        *(a, b, missing, "Special:Log", a.replace(" ", "_"), "Nowhere at all"),
        *("wikipedia:X", "A<b", "a|b", "", f"{a}#part", a, "#only", "tab\there"),
    ]
    done = await wiki.upstream.set_timestamp(by(PagesBy.TITLES, *asked), SEEN)
    assert [row.requested for row in done.pages] == asked
    assert [row.outcome for row in done.pages] == [
        *(OUTCOMES.UPDATED, OUTCOMES.NOT_WATCHED, OUTCOMES.UPDATED, OUTCOMES.INVALID),
        *(OUTCOMES.UPDATED, OUTCOMES.NO_SUCH_PAGE, OUTCOMES.INVALID, OUTCOMES.INVALID),
        *(OUTCOMES.INVALID, OUTCOMES.INVALID, OUTCOMES.UPDATED, OUTCOMES.UPDATED),
        *(OUTCOMES.INVALID, OUTCOMES.INVALID),
    ]
    assert done.pages[4].page is not None and done.pages[4].page.title == a
    assert done.pages[4].page.notification_timestamp is None
    assert (await wiki.marks())[a] == ""


async def test_marks_of_direction_are_no_part_of_a_title(wiki: Wiki, titles: list[str]) -> None:
    """MediaWiki strips what a copy from a right-to-left page brings along, wherever it stands.

    https://doc.wikimedia.org/mediawiki-core/master/php/MediaWikiTitleCodec_8php_source.html
    """
    a, *_ = titles
    wiki.apply([*watch(a), ("edit", a, T + 1)])
    asked = [f"\u200e{a}\u200f", f"\u202b{a}\u202c", a.replace(" ", " \u200f"), "\u200e"]
    done = await wiki.upstream.set_timestamp(by(PagesBy.TITLES, *asked), SEEN)
    assert [row.outcome for row in done.pages] == [OUTCOMES.UPDATED] * 3 + [OUTCOMES.INVALID]
    assert {row.page.title for row in done.pages if row.page} == {a}


async def test_page_and_revision_ids(wiki: Wiki, titles: list[str]) -> None:
    """The pages of IDs and of revisions, with IDs that nothing has and words that are none."""
    a, b, _ = titles
    *_, one, two = wiki.apply([*watch(a), ("edit", b, T + 1), ("edit", a, T + 2)])
    page_id = (await wiki.pending(a))[0].page.page_id
    assert page_id
    at = UnseenFrom(UnseenBy.TIMESTAMP, timestamp=datetime.fromtimestamp(T + 50, UTC))
    done = await wiki.upstream.set_timestamp(
        by(PagesBy.PAGE_IDS, page_id, 99999999, "0", "-1", "x", "1|2"), at
    )
    assert [row.outcome for row in done.pages] == [
        *(OUTCOMES.UPDATED, OUTCOMES.NO_SUCH_PAGE, OUTCOMES.INVALID, OUTCOMES.INVALID),
        *(OUTCOMES.INVALID, OUTCOMES.INVALID),
    ]
    assert (await wiki.marks())[a] == mark(50)
    done = await wiki.upstream.set_timestamp(
        by(PagesBy.REVISION_IDS, two, one, 99999999, "0"), SEEN
    )
    assert [row.outcome for row in done.pages] == [
        *(OUTCOMES.UPDATED, OUTCOMES.NOT_WATCHED, OUTCOMES.NO_SUCH_PAGE, OUTCOMES.INVALID),
    ]
    assert (await wiki.marks())[a] == ""


async def test_the_pages_of_changes(wiki: Wiki, titles: list[str]) -> None:
    """Pages can be named by changes of them."""
    a, b, _ = titles
    wiki.apply([*watch(a, b), ("edit", a, T + 1), ("edit", b, T + 2)])
    keys = [parse_id(row.id).key for row in await wiki.pending(a, b)]
    done = await wiki.upstream.set_timestamp(by(PagesBy.NOTIFICATIONS, *keys), SEEN)
    assert [row.outcome for row in done.pages] == [OUTCOMES.UPDATED] * 2
    assert [(await wiki.marks())[title] for title in (a, b)] == ["", ""]


async def test_from_a_revision_on(wiki: Wiki, titles: list[str]) -> None:
    """`toRevisionId` makes that revision and later ones unseen, `newerThan` the later ones."""
    a, *_ = titles
    *_, one, two, three = wiki.apply([*watch(a), *(("edit", a, T + n) for n in (1, 3, 5))])
    await wiki.upstream.set_timestamp(by(PagesBy.TITLES, a), SEEN)
    for by_what, revision, expected in (
        (UnseenBy.TO_REVISION, two, mark(3)),
        (UnseenBy.NEWER_THAN_REVISION, two, mark(5)),
        (UnseenBy.TO_REVISION, one, mark(1)),
        (UnseenBy.NEWER_THAN_REVISION, three, ""),
    ):
        unseen = UnseenFrom(by_what, revision_id=str(revision))
        done = await wiki.upstream.set_timestamp(by(PagesBy.TITLES, a), unseen)
        assert done.pages[0].outcome is OUTCOMES.UPDATED
        assert (await wiki.marks())[a] == expected


@pytest.mark.parametrize("kind", [UnseenBy.TO_REVISION, UnseenBy.NEWER_THAN_REVISION])
async def test_a_revision_that_is_not_the_pages(
    wiki: Wiki, titles: list[str], kind: UnseenBy
) -> None:
    """It is refused before anything is sent: the wiki itself would mark the page as seen."""
    a, b, missing = titles
    *_, other, _ = wiki.apply([*watch(a, missing), ("edit", b, T + 1), ("edit", a, T + 2)])
    before = await wiki.marks()
    for title in (a, missing):
        for revision in (other, 99999999, 0, -1, "x", "1|2", ""):
            unseen = UnseenFrom(kind, revision_id=str(revision))
            with pytest.raises(InvalidInput) as caught:
                await wiki.upstream.set_timestamp(by(PagesBy.TITLES, title), unseen)
            assert caught.value.path == ("unseenFrom", kind.value)
    assert await wiki.marks() == before


async def test_a_timestamp_for_the_entire_watchlist(wiki: Wiki, titles: list[str]) -> None:
    """Every page gets it, also those that were seen; whole seconds."""
    wiki.apply([*watch(*titles), ("edit", titles[0], T + 1)])
    when = datetime.fromtimestamp(T + 7.9, UTC)
    unseen = UnseenFrom(UnseenBy.TIMESTAMP, timestamp=when)
    done = await wiki.upstream.set_timestamp(WatchedPages(PagesBy.ENTIRE_WATCHLIST), unseen)
    assert done.timestamp == datetime.fromtimestamp(T + 7, UTC)
    assert set((await wiki.marks()).values()) == {mark(7)}
    done = await wiki.upstream.set_timestamp(WatchedPages(PagesBy.ENTIRE_WATCHLIST), SEEN)
    assert done.timestamp is None
    assert set((await wiki.marks()).values()) == {""}


async def test_more_pages_than_one_request_takes(wiki: Wiki, titles: list[str]) -> None:
    """120 pages go in batches, and the rows come in the order asked."""
    a, *_ = titles
    many = [f"{a} {number}" for number in range(120)]
    wiki.apply([*watch(*many[::2]), *(("edit", title, T + 1) for title in many)])
    done = await wiki.upstream.set_timestamp(by(PagesBy.TITLES, *many), SEEN)
    assert [row.requested for row in done.pages] == many
    assert [row.outcome for row in done.pages] == [OUTCOMES.UPDATED, OUTCOMES.NOT_WATCHED] * 60


async def test_a_login_that_may_not_write(each_wiki: RealWiki) -> None:
    """Without the grant a write is refused, and the grant is named."""
    async with open_transport(2) as transport:
        http = Http(each_wiki.api_url, transport, "Tidings-test/0 (test@tidings.test)", 10)
        login = BotPassword("Alice@ro", BOT_PASSWORD)
        upstream = WatchlistUpstream(WikiLogin("ro", each_wiki.api_url, http, SystemClock(), login))
        with pytest.raises(UpstreamError, match="editmywatchlist") as caught:
            await upstream.clear()
        assert caught.value.failure_code is UpstreamFailureCode.UNAUTHORIZED
        inspection = await upstream.inspect()
    assert inspection.abilities == ["read"]
    assert "'Edit your watchlist'" in inspection.missing[0]


async def test_more_changes_in_one_second_than_an_answer_has(wiki: Wiki, titles: list[str]) -> None:
    """A bot's 1,100 are read through from either end, each once, found, and dismissed."""
    a, b, c = titles
    rows: list[Operation] = [("external", (a, b)[each % 2], a, T + 3) for each in range(1100)]
    edits: list[Operation] = [("edit", each, T + at) for each in (a, b, c) for at in (1, 5)]
    wiki.apply([*watch(a, b, c), *edits, *rows])
    listed = await wiki.pending(*titles)
    assert len({row.id for row in listed}) == len(listed) == 1106
    assert [row.id for row in await wiki.pending_upwards(*titles)] == [row.id for row in listed]
    middle = next(row for row in listed[550:] if row.page.title == a)
    assert await wiki.upstream.find(parse_id(middle.id).key) == middle
    await wiki.dismiss(middle)
    assert [row.page.title for row in await wiki.pending(a, c)] == [c, a, c]
