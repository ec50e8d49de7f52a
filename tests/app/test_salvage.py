"""Answers that no documentation promises: a row degrades as far as needed, its neighbours never."""

import copy
import json
from collections.abc import Iterator, Sequence
from typing import Any

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from support.generated import examples
from support.virtual_time import LoopClock
from support.worlds import World, instant, nodes

from app.upstreams.http.client import Http
from app.upstreams.http.over_httpx import OverHttpx, TransportByHost
from app.upstreams.mastodon.upstream import MastodonUpstream
from app.upstreams.mediawiki.watchlist_upstream import WatchlistUpstream
from app.upstreams.mediawiki.wiki_login import WikiLogin
from resolvers.errors import UpstreamError
from resolvers.seam.chunk import TOP, Chunk, ChunkRequest
from resolvers.types.mastodon import MastodonNotification
from resolvers.types.mediawiki import WatchlistNotification
from resolvers.types.notification_type import NotificationType
from resolvers.types.scalars import show_url

Json = dict[str, Any]
Path = Sequence[str | int]
TOKEN = "token-of-home"
API = "https://wiki.wiki.test/w/api.php"
REPORT = {"id": "4", "category": "spam", "comment": "look", "action_taken": False}
MEDIA = {"id": "5", "type": "image", "url": "https://x.test/1.png", "description": "a cat"}
POLL = {"id": "6", "expired": False, "multiple": True, "options": [{"title": "yes"}]}


def rich_rows() -> list[Json]:
    """Three notifications with everything that an API may put into them."""
    world = World()
    sandbox = world.add_mastodon("home")
    for second in range(3):
        row = world.post("home", second)
        row["report"] = {**REPORT, "target_account": sandbox.make_account("bad@x.test")}
        row["status"] |= {"media_attachments": [MEDIA], "poll": POLL, "tags": [{"name": "x"}]}
        row["status"]["mentions"] = [{"username": "me", "acct": "me"}]
        row["status"]["emojis"] = [{"shortcode": "cat", "url": "https://x.test/cat.png"}]
    rows: list[Json] = json.loads(json.dumps(sandbox.mailboxes[TOKEN].notifications))
    return rows


def changes() -> list[Json]:
    """Three changes as MediaWiki 1.39 lists them."""
    return [
        {
            "type": "edit",
            "timestamp": f"2026-11-24T11:00:0{second}Z",
            "notificationtimestamp": "2026-11-24T10:00:00Z",
            "ns": 0,
            "title": f"Page {second}",
            "pageid": 7,
            "revid": 70 + second,
            "old_revid": 69,
            "user": "Bob",
            "bot": False,
            "minor": True,
            "oldlen": 10,
            "newlen": 20,
            "comment": "a comment",
            "parsedcomment": "a <b>comment</b>",
            "tags": ["mobile edit"],
        }
        for second in (2, 1, 0)
    ]


def serve(body: object) -> httpx.AsyncBaseTransport:
    """An instance that gives this answer to everything."""

    async def answer(request: Request) -> Response:
        return body if isinstance(body, Response) else JSONResponse(body)

    routes = [Route("/{path:path}", answer, methods=["GET", "POST"])]
    return httpx.ASGITransport(Starlette(routes=routes))


async def read_mastodon(rows: object) -> Chunk:
    """What becomes of a list at a Mastodon."""
    http = Http("https://home.test", OverHttpx(serve(rows)), "test", 4, TOKEN)
    upstream = MastodonUpstream("home", "https://home.test", http, LoopClock())
    return await upstream.read(ChunkRequest(TOP, 40))


def wiki_answer(watchlist: object) -> Json:
    """An answer with a watchlist and what a wiki says of itself."""
    general = {"sitename": "x", "generator": "MediaWiki 1.39", "server": "https://wiki.wiki.test"}
    about = {"general": {**general, "articlepath": "/$1", "script": "/x"}}
    query = {**about, "userinfo": {"name": "Alice"}, "watchlist": watchlist}
    return {"batchcomplete": True, "query": query}


async def read_wiki(watchlist: object) -> Chunk:
    """What becomes of a watchlist."""
    transport = TransportByHost({"wiki.wiki.test": serve(wiki_answer(watchlist))})
    http = Http(API, transport, "test", 4, "oauth-token")
    return await WatchlistUpstream(WikiLogin("wiki", API, http, LoopClock(), None)).read(
        ChunkRequest(TOP, 40)
    )


def paths(value: object, here: Path = ()) -> Iterator[Path]:
    """Every place in a JSON value."""
    yield here
    members: Any = value.items() if isinstance(value, dict) else ()
    members = enumerate(value) if isinstance(value, list) else members
    for key, member in members:
        yield from paths(member, (*here, key))


def put(value: Any, path: Path, what: object) -> Any:
    """A copy of a JSON value with something else at one place."""
    if not path:
        return what
    changed = copy.deepcopy(value)
    inner = changed
    for key in path[:-1]:
        inner = inner[key]
    if what is MISSING:
        del inner[path[-1]]
    else:
        inner[path[-1]] = what
    return changed


MISSING = object()
WRONG = st.sampled_from(
    [None, True, 7, -1.5, "", "nonsense", [], {}, [None], [[1]], {"id": 3}, 10**30, MISSING]
)


@settings(max_examples=examples(400), deadline=None)
@given(st.data())
async def test_one_bad_row_never_hides_its_neighbours(data: st.DataObject) -> None:
    """Whatever stands wherever in one row of a Mastodon, the others are as they would be."""
    rows = rich_rows()
    where = data.draw(st.sampled_from(list(paths(rows[1]))))
    what = data.draw(WRONG)
    rows[1] = put(rows[1], where, None if not where and what is MISSING else what)
    chunk = await read_mastodon(rows)
    shown = [row.database_id for row in chunk.rows if isinstance(row, MastodonNotification)]
    assert {rows[0]["id"], rows[2]["id"]} <= set(shown)
    assert (len(shown) == 3) == (chunk.flaw is None)


@settings(max_examples=examples(400), deadline=None)
@given(st.data())
async def test_one_bad_change_never_hides_its_neighbours(data: st.DataObject) -> None:
    """The same for a change of a wiki."""
    rows = changes()
    where = data.draw(st.sampled_from(list(paths(rows[1]))))
    what = data.draw(WRONG)
    bad = put(rows[1], where, None if not where and what is MISSING else what)
    chunk = await read_wiki([rows[0], bad, rows[2]])
    shown = {row.page.title for row in chunk.rows if isinstance(row, WatchlistNotification)}
    assert {"Page 2", "Page 0"} <= shown
    assert (len(chunk.rows) == 3) == (chunk.flaw is None)


@pytest.mark.parametrize(
    ("path", "what"),
    [
        (("id",), 7),
        (("type",), 5),
        (("type",), MISSING),
        (("account",), ["an array"]),
        (("account", "acct"), MISSING),
        (("account", "followers_count"), "12"),
        (("status", "account"), None),
        (("status", "media_attachments"), {"0": "an object"}),
        (("status", "visibility"), "everybody"),
        (("status", "created_at"), "soon"),
        (("status", "poll", "options", 0), 3),
        (("report", "target_account", "id"), []),
        (("filtered",), "yes"),
    ],
)
async def test_a_row_degrades_no_further_than_needed(path: Path, what: object) -> None:
    """A part that cannot be read is null or its default; the row is shown all the same."""
    rows = rich_rows()
    chunk = await read_mastodon([rows[0], put(rows[1], path, what), rows[2]])
    assert len(chunk.rows) == 3 and chunk.flaw is None
    row = chunk.rows[1]
    assert isinstance(row, MastodonNotification)
    assert row.type is (NotificationType.OTHER if path == ("type",) else NotificationType.MENTION)
    assert (row.account is None) == (
        path[0] == "account" and path != ("account", "followers_count")
    )
    assert (row.status is None) == (path == ("status", "account"))


@pytest.mark.parametrize("what", [MISSING, None, {}, "", []])
async def test_a_row_without_a_place_is_left_out(what: object) -> None:
    """Without an ID a row cannot be listed."""
    rows = rich_rows()
    chunk = await read_mastodon([rows[0], put(rows[1], ("id",), what), rows[2]])
    assert len(chunk.rows) == 2
    assert chunk.flaw is not None and "left out" in str(chunk.flaw)


@pytest.mark.parametrize("index", [0, 1, 2])
async def test_what_is_left_out_is_told(index: int) -> None:
    """The report of its inbox says so, and the list has an end all the same."""
    world = World()
    world.add_mastodon("home")
    for second in range(3):
        world.post("home", second)
    rows = world.mastodons["home"].mailboxes[TOKEN].notifications
    rows[index] = {**rows[index], "id": ""}
    page = await world.page()
    assert len(nodes(page)) == 2
    (source,) = page["sources"]
    assert source["freshness"] == "FRESH"
    assert source["failure"]["code"] == "BAD_RESPONSE"
    assert "left out" in source["failure"]["message"]
    assert not page["pageInfo"]["hasNextPage"]


@pytest.mark.parametrize("what", [MISSING, None, 5, "yesterday", "2026-13-01T00:00:00Z"])
async def test_a_change_without_a_date_is_left_out_and_told(what: object) -> None:
    """The same at a wiki."""
    rows = changes()
    chunk = await read_wiki([rows[0], put(rows[1], ("timestamp",), what), rows[2]])
    assert len(chunk.rows) == 2
    assert chunk.flaw is not None and chunk.flaw.failure_code.name == "BAD_RESPONSE"


@pytest.mark.parametrize("body", [{}, {"error": "x"}, "text", 3, None, [1, 2], [{}], [[]]])
async def test_nothing_that_can_be_read(body: object) -> None:
    """An answer without one row that can be read is the failure of its inbox, not an empty list."""
    with pytest.raises(UpstreamError) as caught:
        await read_mastodon(body)
    assert caught.value.failure_code.name == "BAD_RESPONSE"
    with pytest.raises(UpstreamError) as caught:
        await read_wiki(body)
    assert caught.value.failure_code.name == "BAD_RESPONSE"


async def test_a_mark_that_is_none_counts_as_seen() -> None:
    """A wiki's change whose mark cannot be read is not called unread."""
    rows = changes()
    chunk = await read_wiki([put(rows[0], ("notificationtimestamp",), "soon")])
    assert chunk.rows[0].is_unread is False


async def test_a_date_in_the_future_is_taken_as_it_is() -> None:
    """An instance's clock is the instance's."""
    world = World()
    world.add_mastodon("home")
    world.post("home", 10**6)
    (node,) = nodes(await world.page())
    assert node["createdAt"] == json.loads(
        json.dumps(instant(10**6).strftime("%Y-%m-%dT%H:%M:%SZ"))
    )


GENERALS = {
    "a script": {"server": "javascript:alert(1)//", "articlepath": "javascript:alert(1)//$1"},
    "markup": {"server": 'https://a.test/"><script>', "articlepath": '/"><script>$1'},
    "no address": {"server": "http://[", "articlepath": "$1", "script": "http://["},
    "nothing": {"server": "", "articlepath": "", "script": ""},
    "data": {"server": "data:text/html,x", "script": "data:text/html,x"},
}


@pytest.mark.parametrize("general", GENERALS.values(), ids=GENERALS)
async def test_what_a_wiki_says_of_its_addresses(general: Json) -> None:
    """All that is shown as a URL is one of the web, and nothing runs in a comment."""
    answer = wiki_answer([{**change, "parsedcomment": '<a href="x">y</a>'} for change in changes()])
    answer["query"]["general"] |= general
    transport = TransportByHost({"wiki.wiki.test": serve(answer)})
    http = Http(API, transport, "test", 4, "oauth-token")
    upstream = WatchlistUpstream(WikiLogin("wiki", API, http, LoopClock(), None))
    chunk = await upstream.read(ChunkRequest(TOP, 40))
    assert len(chunk.rows) == 3
    for row in chunk.rows:
        assert isinstance(row, WatchlistNotification) and row.actor is not None
        for url in (row.url, row.page.url, row.diff_url, row.actor.url):
            assert show_url(url).startswith("http")
        assert "script" not in str(row.comment_html())


async def test_numbers_beyond_all() -> None:
    """They blank neither their row nor another one, nor the counts beside them."""
    rows = rich_rows()
    rows[0]["account"] |= {"followers_count": 2**40, "statuses_count": -1}
    rows[1]["status"]["replies_count"] = 10**40
    text = json.dumps(rows).replace(str(10**40), "9" * 6000).encode()
    chunk = await read_mastodon(Response(text, media_type="application/json"))
    first, second, third = chunk.rows
    assert isinstance(first, MastodonNotification) and isinstance(second, MastodonNotification)
    assert first.account is not None and second.status is not None and third.url
    assert (first.account.followers_count, first.account.statuses_count) == (2**31 - 1, None)


async def test_more_rows_than_anybody_asked_for() -> None:
    """A thousand are looked at, and the others come with a later chunk."""
    at = {"type": "follow", "created_at": "2026-11-24T11:00:00Z"}
    chunk = await read_mastodon([{"id": str(10**9 - number), **at} for number in range(1500)])
    assert len(chunk.rows) == 1000 and not chunk.is_last


async def test_more_members_than_can_be_read() -> None:
    """An answer of millions is refused before it is decoded."""
    for body in (b"[" + b"0," * 1_000_000 + b"0]", b"[" * 1_000_000, b'{"a":' * 300_000):
        with pytest.raises(UpstreamError):
            await read_mastodon(Response(body, media_type="application/json"))
