"""Changes of wikis that are not as the usual ones, each by a public report."""

from datetime import timedelta
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from support.real_wiki.server import RealWiki
from support.virtual_time import START, LoopClock
from support.wiki_client import WikiClient

from app.upstreams.http.client import Http
from app.upstreams.http.over_httpx import OverHttpx
from app.upstreams.mediawiki.watchlist_upstream import WatchlistUpstream
from app.upstreams.mediawiki.wiki_login import WikiLogin
from resolvers.errors import UpstreamError
from resolvers.identity import parse_id
from resolvers.seam.chunk import TOP, ChunkRequest
from resolvers.seam.writes import PagesBy, UnseenBy, UnseenFrom, WatchedPages
from resolvers.types.mediawiki import WatchedPageOutcome, WatchlistNotification

API = "https://wiki.test/w/api.php"
AT = f"{START:%Y-%m-%dT%H:%M:%SZ}"
GENERAL = {
    "sitename": "Case",
    "generator": "MediaWiki 1.43.1",
    "server": "https://wiki.test",
    "articlepath": "/wiki/$1",
    "script": "/w/index.php",
}


class OddWiki:
    """A watchlist of one change; marks are set by title unless `marks_by_id` is all that works.

    `page` is what the wiki says of the title, with a text the error that it gives instead.
    """

    def __init__(
        self,
        marks_by_id: bool = False,
        marks_nothing: bool = False,
        page: dict[str, Any] | str | None = None,
        **change: Any,
    ) -> None:
        self.change: dict[str, Any] = {
            "type": "edit",
            "ns": 0,
            "title": "Lighthouse",
            "pageid": 5,
            "revid": 10,
            "old_revid": 9,
            "user": "Bob",
            "timestamp": AT,
            "notificationtimestamp": AT,
            **change,
        }
        self.marks_by_id = marks_by_id
        self.page = page
        self.marks: list[str] = []
        self.marks_nothing = marks_nothing
        self.marked: list[str] = []
        self.longest = 0

    def open(self) -> WatchlistUpstream:
        """An inbox there, with a token."""
        app = Starlette(routes=[Route("/w/api.php", self._answer, methods=["GET", "POST"])])
        http = Http(API, OverHttpx(httpx.ASGITransport(app)), "test", 4, "token")
        return WatchlistUpstream(WikiLogin("wiki", API, http, LoopClock(), None))

    async def _answer(self, request: Request) -> Response:
        asked = dict(request.query_params)
        self.longest = max(self.longest, len(str(request.url)))
        if request.method == "POST":
            body = await request.body()
            asked |= dict(httpx.QueryParams(body.decode()))
        if asked["action"] == "setnotificationtimestamp":
            return JSONResponse({"batchcomplete": True, **self._mark(asked)})
        title = self.change.get("title", "")
        if "rctitle" in asked and isinstance(self.page, str):
            return JSONResponse({"errors": [{"code": self.page, "text": ""}]})
        page = self.page or {
            "ns": 0,
            "title": title,
            "pageid": 5,
            "lastrevid": 10,
            "watched": True,
        }
        query = {
            "general": GENERAL,
            "userinfo": {"id": 3, "name": "Alice", "rights": ["viewmywatchlist"]},
            "tokens": {"csrftoken": "c+\\"},
            "watchlist": [self.change],
            "pages": [page] if asked.get("titles") else [],
        }
        return JSONResponse({"batchcomplete": True, "query": query})

    def _mark(self, asked: dict[str, str]) -> dict[str, Any]:
        by = "pageids" if "pageids" in asked else "titles"
        works = not self.marks_nothing and (by == "pageids") is self.marks_by_id
        if works:
            self.marked.append(asked[by])
            self.marks.append(asked.get("timestamp", ""))
        row = {"ns": 0, "title": self.change["title"], "notificationtimestamp": ""}
        return {"setnotificationtimestamp": [row] if works else []}


async def the_row(wiki: OddWiki) -> WatchlistNotification:
    """The one change, as the API shows it."""
    (row,) = (await wiki.open().read(ChunkRequest(TOP, 5))).rows
    assert isinstance(row, WatchlistNotification)
    return row


@pytest.mark.parametrize(
    "title",
    [
        "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645",  # ZWNJ, in Persian
        "\u0dc1\u0dca\u200d\u0dbb\u0dd3",  # ZWJ, in Sinhala
        "soft\u00adhyphen",
        "Emoji \U0001fae8",
        "of a later Unicode \U000323b0",
        "private \ue000",
    ],
)
async def test_titles_beyond_what_python_prints(title: str) -> None:
    """Such a change is found by its ID, dismissed, and its page named by title."""
    wiki = OddWiki(title=title)
    upstream = wiki.open()
    key = parse_id((await the_row(wiki)).id).key
    assert await upstream.find(key) is not None
    assert (await upstream.dismiss(key)).subject
    assert wiki.marked == [title]
    pages = WatchedPages(PagesBy.TITLES, [title])
    done = await upstream.set_timestamp(pages, UnseenFrom(UnseenBy.NOTHING))
    assert [page.outcome for page in done.pages] == [WatchedPageOutcome.UPDATED]


SPECIAL = {"ns": -1, "title": "Special:Badtitle/NS2300:Foo", "special": True, "missing": True}


@pytest.mark.parametrize(
    ("title", "page"), [(SPECIAL["title"], SPECIAL), ("Zz:Foo", "invalidtitle")]
)
async def test_a_title_that_became_another_thing_is_marked_by_its_page(
    title: str, page: dict[str, Any] | str
) -> None:
    """Of a namespace that is gone, or another wiki's prefix: the page ID still works.

    What came later cannot be asked for, so nothing beyond the change's own second is seen.
    """
    wiki = OddWiki(title=title, marks_by_id=True, page=page)
    key = parse_id((await the_row(wiki)).id).key
    await wiki.open().dismiss(key)
    assert wiki.marked == ["5"] and wiki.marks == [
        f"{START + timedelta(seconds=1):%Y-%m-%dT%H:%M:%SZ}"
    ]


async def test_a_mark_that_was_not_set_is_no_success() -> None:
    """Where the wiki does not say that it has set one, nothing is told as dismissed."""
    wiki = OddWiki(marks_nothing=True)
    key = parse_id((await the_row(wiki)).id).key
    with pytest.raises(UpstreamError, match="did not mark the page"):
        await wiki.open().dismiss(key)


@pytest.mark.parametrize("change", [{}, {"type": "log", "logid": 7, "revid": 0}])
async def test_a_row_keeps_its_id_when_its_user_is_hidden_or_renamed(
    change: dict[str, Any],
) -> None:
    """An edit is its revision, a log row its log ID."""
    ids = {(await the_row(OddWiki(**change, user=user))).id for user in ("Bob", "Robert", None)}
    assert len(ids) == 1


async def test_a_category_has_no_number_of_its_member() -> None:
    """The row's page ID and revision are the member's: acting on them would mark another page."""
    row = await the_row(OddWiki(type="categorize", ns=14, title="Category:Things", pageid=16))
    assert (row.page.page_id, row.revision_id, row.member_page_id) == (None, None, "16")


OF_EXTENSIONS = """
abusefilter/create abusefilter/hit abusefilter/modify abusefilterblockeddomainhit/hit
abusefilterprivatedetails/access abusefilter-protected-vars/change-access-disable
abusefilter-protected-vars/change-access-enable abusefilter-protected-vars/view-protected-var-value
interwiki/iw_add interwiki/iw_delete interwiki/iw_edit oath/disable-other oath/verify
renameuser/renameuser rights/blockautopromote rights/restoreautopromote spamblacklist/hit
suppress/hide-afl suppress/unhide-afl thanks/thank titleblacklist/hit-username
"""
"""What the extensions write that 1.39 and 1.43 come with: AbuseFilter, Interwiki, OATHAuth,
Renameuser, SpamBlacklist, Thanks and TitleBlacklist."""


async def say(log_action: str) -> str:
    """The line of a log entry."""
    kind, action = log_action.split("/")
    wiki = OddWiki(type="log", logid=7, revid=0, logtype=kind, logaction=action)
    return (await the_row(wiki)).summary


@pytest.mark.parametrize("log_action", OF_EXTENSIONS.split())
async def test_every_log_entry_of_a_bundled_extension_has_its_sentence(log_action: str) -> None:
    """What it is called inside the software is no sentence."""
    assert log_action not in await say(log_action)


async def test_every_log_entry_of_a_wiki_has_its_sentence(each_wiki: RealWiki) -> None:
    """A wiki names the entries that its core writes, but for those of logs that take any."""
    ask = {"action": "paraminfo", "modules": "query+logevents"}
    (module,) = (await WikiClient(each_wiki.api_url, "Alice@gw").call("GET", ask))["paraminfo"][
        "modules"
    ]
    named = next(each["type"] for each in module["parameters"] if each["name"] == "action")
    of_any = {f"newusers/{how}" for how in ("create", "create2", "byemail", "autocreate")}
    every = {*named, *of_any, "create/create", "pagelang/pagelang"}
    assert len(every) > 40
    told = {each: await say(each) for each in every if not each.endswith("/*")}
    assert [each for each, line in told.items() if each in line] == []


@pytest.mark.parametrize(
    ("kind", "action", "summary"),
    [
        ("delete", "delete", "Bob deleted Lighthouse"),
        ("delete", "revision", "Bob changed which revisions of Lighthouse can be seen"),
        ("delete", "event", "Bob changed which log entries of Lighthouse can be seen"),
        ("delete", "restore", "Bob restored Lighthouse"),
        ("protect", "unprotect", "Bob unprotected Lighthouse"),
        ("spaceship", "launch", "Bob: spaceship/launch of Lighthouse"),
        (None, None, "Bob did something to Lighthouse that is hidden"),
    ],
)
async def test_log_entries_are_told_by_their_action(
    kind: str | None, action: str | None, summary: str
) -> None:
    """Hidden revisions are no deletion, and an unknown entry says its log and its action."""
    row = await the_row(OddWiki(type="log", logid=7, revid=0, logtype=kind, logaction=action))
    assert row.summary == summary


async def test_a_row_that_hides_everything_has_a_line_and_an_id() -> None:
    """Neither user nor title nor action: it is listed and found, and cannot be marked."""
    wiki = OddWiki(type="log", title="", user=None, revid=0, pageid=0)
    row = await the_row(wiki)
    assert "did something" in row.summary and row.actor is None
    key = parse_id(row.id).key
    assert await wiki.open().find(key) is not None
    with pytest.raises(UpstreamError, match="hides which page"):
        await wiki.open().dismiss(key)


async def test_many_long_titles_are_asked_for_by_post() -> None:
    """50 titles in Georgian would be an address of 13 KB, which servers refuse with 414."""
    wiki = OddWiki()
    titles = ["\u10d0" * 30 + f" {number}" for number in range(50)]
    done = await wiki.open().set_timestamp(
        WatchedPages(PagesBy.TITLES, titles), UnseenFrom(UnseenBy.NOTHING)
    )
    assert len(done.pages) == 50
    assert wiki.longest < 4000
