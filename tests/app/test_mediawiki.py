"""What the wiki's upstream does about sessions, refusals, warnings and addresses."""

import asyncio
import gc
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send
from support.virtual_time import LoopClock
from support.worlds import BOT_PASSWORD, World

from app.upstreams.http.client import Http
from app.upstreams.http.over_httpx import TransportByHost
from app.upstreams.mediawiki.session import BotPassword
from app.upstreams.mediawiki.watchlist_upstream import WatchlistUpstream
from app.upstreams.mediawiki.wiki_login import WikiLogin
from resolvers.errors import UpstreamError, UpstreamFailureCode
from resolvers.seam.chunk import TOP, Chunk, ChunkRequest

API = "https://wiki.wiki.test/w/api.php"


def open_upstream(
    app: ASGIApp, url: str = API, username: str | None = "Alice@gw", password: str = BOT_PASSWORD
) -> WatchlistUpstream:
    """The upstream of one login; without a user name it has a token."""
    transport = TransportByHost({"wiki.wiki.test": httpx.ASGITransport(app)})
    http = Http(url, transport, "test", 4, None if username else "oauth-token")
    login = BotPassword(username, password) if username else None
    return WatchlistUpstream(WikiLogin("wiki", url, http, LoopClock(), login))


async def read_top(upstream: WatchlistUpstream) -> Chunk:
    """The newest chunk."""
    return await upstream.read(ChunkRequest(TOP, 40))


async def fail(upstream: WatchlistUpstream) -> UpstreamError:
    """The error that reading ends with."""
    with pytest.raises(UpstreamError) as caught:
        await read_top(upstream)
    return caught.value


def answering(answer: Callable[[Request], Awaitable[Response]]) -> Starlette:
    """A wiki that gives every call the same treatment."""
    return Starlette(routes=[Route("/{path:path}", answer, methods=["GET", "POST"])])


def always(body: Any, status: int = 200, headers: dict[str, str] | None = None) -> Starlette:
    """A wiki that answers everything with this."""

    async def answer(request: Request) -> Response:
        return JSONResponse(body, status, headers)

    return answering(answer)


async def test_logs_in_once_for_many_callers() -> None:
    """Callers that come together share one login."""
    world = World()
    wiki = world.add_wiki("wiki")
    upstream = open_upstream(wiki.app)
    await asyncio.gather(*(read_top(upstream) for _ in range(10)))
    assert wiki.logins == 1


async def test_a_lost_session_is_renewed() -> None:
    """When the wiki forgets the session the login is made anew, unseen by the caller."""
    world = World()
    wiki = world.add_wiki("wiki")
    world.edit("wiki", 1)
    upstream = open_upstream(wiki.app)
    before = await read_top(upstream)
    wiki.end_sessions()
    assert (await read_top(upstream)).rows == before.rows
    assert wiki.logins == 2


@pytest.mark.parametrize(
    ("username", "password"),
    [("Alice@gw", "wrong"), ("Nobody@gw", BOT_PASSWORD), ("Alice", BOT_PASSWORD)],
)
async def test_a_refused_login(username: str, password: str) -> None:
    """A wrong name and a wrong password are UNAUTHORIZED and tell neither."""
    wiki = World().add_wiki("wiki")
    error = await fail(open_upstream(wiki.app, username=username, password=password))
    assert error.failure_code is UpstreamFailureCode.UNAUTHORIZED
    assert password not in str(error) and "Special:BotPasswords" in str(error)


async def test_a_missing_grant_is_named() -> None:
    """A bot password that may not see the watchlist says which grant it lacks."""
    wiki = World().add_wiki("wiki")
    wiki.pages.make_user("Alice", "none", BOT_PASSWORD)
    error = await fail(open_upstream(wiki.app, username="Alice@none"))
    assert error.failure_code is UpstreamFailureCode.UNAUTHORIZED
    assert "viewmywatchlist" in str(error)


async def test_a_token_that_nobody_heeds() -> None:
    """A wiki without OAuth ignores the token; the assertion shows it."""
    wiki = World().add_wiki("wiki")
    error = await fail(open_upstream(wiki.app, username=None))
    assert error.failure_code is UpstreamFailureCode.UNAUTHORIZED


def errors(code: str) -> dict[str, object]:
    """An answer with one error."""
    return {"errors": [{"code": code, "text": "SECRET", "module": "main"}]}


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (errors("readonly"), 200, UpstreamFailureCode.UNAVAILABLE),
        (errors("maxlag"), 200, UpstreamFailureCode.UNAVAILABLE),
        (errors("internal_api_error_DBQueryError"), 200, UpstreamFailureCode.UNAVAILABLE),
        (errors("ratelimited"), 200, UpstreamFailureCode.RATE_LIMITED),
        (errors("mwoauth-invalid-authorization"), 200, UpstreamFailureCode.UNAUTHORIZED),
        (errors("readapidenied"), 200, UpstreamFailureCode.UNAUTHORIZED),
        (errors("<b>odd</b> code"), 200, UpstreamFailureCode.REJECTED),
        ({"login": {"result": "Failed", "reason": {"code": "login-throttled"}},
          "query": {"tokens": {"logintoken": "x"}}}, 200, UpstreamFailureCode.RATE_LIMITED),
        ([1, 2], 200, UpstreamFailureCode.BAD_RESPONSE),
        ({"query": {"watchlist": 3}}, 200, UpstreamFailureCode.BAD_RESPONSE),
        ({}, 200, UpstreamFailureCode.BAD_RESPONSE),
        ("no", 503, UpstreamFailureCode.UNAVAILABLE),
        ("no", 429, UpstreamFailureCode.RATE_LIMITED),
        ("no", 403, UpstreamFailureCode.UNAVAILABLE),
        ("no", 404, UpstreamFailureCode.REJECTED),
        ("no", 301, UpstreamFailureCode.BAD_RESPONSE),
    ],
)  # fmt: skip
async def test_what_a_wiki_answers_becomes_a_code(
    body: object, status: int, code: UpstreamFailureCode
) -> None:
    """Every kind of refusal and nonsense has its code, and the wiki's own text is not passed on."""
    error = await fail(open_upstream(always(body, status)))
    assert error.failure_code is code
    assert "SECRET" not in str(error) and "<b>" not in str(error)
    assert API in str(error)


@pytest.mark.parametrize("code", ["unrecognizedparams", "unrecognizedvalues", "outofrange"])
async def test_an_ignored_parameter_is_an_error(code: str) -> None:
    """A list that is not the one asked for is worse than none."""
    query = {"general": {}, "tokens": {"logintoken": "x"}}
    warnings = [{"code": code, "text": "", "module": "query+watchlist"}]
    error = await fail(open_upstream(always({"query": {**query}, "warnings": warnings})))
    assert error.failure_code is UpstreamFailureCode.BAD_RESPONSE


@pytest.mark.parametrize("stamp", ["yesterday", "", "20261332999999", "0001-01-01T00:00:00Z"])
async def test_a_date_that_is_none(stamp: str) -> None:
    """A change whose date cannot be read is told as a bad response of this wiki."""
    general = {"sitename": "x", "generator": "MediaWiki 1", "server": "https://wiki.wiki.test"}
    query = {
        "general": {**general, "articlepath": "/$1", "script": "/x"},
        "userinfo": {"name": "Alice"},
        "watchlist": [{"type": "edit", "timestamp": stamp}],
    }
    error = await fail(open_upstream(always({"query": query}), username=None))
    assert error.failure_code is UpstreamFailureCode.BAD_RESPONSE


async def test_retry_after_is_passed_on() -> None:
    """When the wiki says how long to wait, the failure says until when."""
    error = await fail(open_upstream(always("no", 429, {"Retry-After": "30"})))
    assert error.retry_at is not None
    assert (error.retry_at - LoopClock().now()).total_seconds() == 30


@pytest.mark.parametrize(
    "url",
    [
        API,
        "https://wiki.wiki.test/w",
        "https://wiki.wiki.test/wiki/Main_Page",
        "https://wiki.wiki.test",
    ],
)
async def test_any_page_of_a_wiki_leads_to_its_api(url: str) -> None:
    """The address may be api.php, the script path, or any page."""
    world = World()
    wiki = world.add_wiki("wiki")
    world.edit("wiki", 1)
    assert len((await read_top(open_upstream(wiki.app, url))).rows) == 1


async def test_a_page_may_redirect_inside_its_host() -> None:
    """The front page of a wiki usually redirects to the main page; other hosts are not followed."""

    async def answer(request: Request) -> Response:
        if request.url.path == "/":
            return RedirectResponse("/wiki/Main")
        return RedirectResponse("https://evil.test/")

    error = await fail(open_upstream(answering(answer), "https://wiki.wiki.test"))
    assert error.failure_code is UpstreamFailureCode.BAD_RESPONSE
    assert "redirects its API to https://evil.test" in str(error)


async def test_an_address_that_is_no_wiki() -> None:
    """A page that names no API is told as such."""

    async def answer(request: Request) -> Response:
        return HTMLResponse("nothing")

    error = await fail(open_upstream(answering(answer), "https://wiki.wiki.test"))
    assert "configure the address of its api.php" in str(error)


FORBIDDEN = HTMLResponse("<html><center>nginx</center></html>", 403)


async def test_the_page_is_read_where_the_guess_is_refused() -> None:
    """Many a site closes every `.php` but those that it has: the page still names its api.php."""
    world = World()
    wiki = world.add_wiki("wiki")
    world.edit("wiki", 1)

    async def answer(request: Request) -> Response:
        if request.url.path == "/api.php":
            return FORBIDDEN
        return HTMLResponse("<link href=/w/api.php?action=rsd rel=EditURI>")

    async def route(scope: Scope, receive: Receive, send: Send) -> None:
        app = wiki.app if scope["path"] == "/w/api.php" else answering(answer)
        await app(scope, receive, send)

    assert len((await read_top(open_upstream(route, "https://wiki.wiki.test"))).rows) == 1


@pytest.mark.parametrize(
    ("response", "says"),
    [
        (FORBIDDEN, "refuses the gateway with status 403"),
        (HTMLResponse("<script id='anubis_version'>"), "Anubis in front of it"),
        (RedirectResponse("https://new.test/wiki"), "redirects its API to https://new.test"),
        (
            HTMLResponse('<link rel=EditURI href="//m.wiki.test/api.php?x">'),
            "configure the address https://m.wiki.test/api.php",
        ),
        (
            HTMLResponse("MediaWiki API is not enabled for this site. Add <pre>"),
            "API switched off",
        ),
    ],
)
async def test_an_address_where_something_else_answers(response: Response, says: str) -> None:
    """Each with what can be done about it."""

    async def answer(request: Request) -> Response:
        return response

    address = API if "not enabled" in bytes(response.body).decode() else "https://wiki.wiki.test"
    assert says in str(await fail(open_upstream(answering(answer), address)))


@pytest.mark.parametrize("result", ["NeedToken", "WrongToken", "Failed"])
async def test_cookies_that_are_for_https_alone(result: str) -> None:
    """By http a login can never succeed: that is said, and not tried at each query."""
    logins = 0

    async def answer(request: Request) -> Response:
        nonlocal logins
        if request.method == "GET":
            query = {"tokens": {"logintoken": "l"}}
            cookie = {"set-cookie": "wiki_session=1; path=/; Secure; HttpOnly"}
            return JSONResponse({"batchcomplete": True, "query": query}, headers=cookie)
        logins += 1
        assert "cookie" not in request.headers
        return JSONResponse({"login": {"result": result, "reason": {"code": "sessionlost"}}})

    upstream = open_upstream(answering(answer), "http://wiki.wiki.test/w/api.php")
    for _ in range(5):
        error = await fail(upstream)
        assert "its https address" in str(error) and error.retry_at is not None
        await asyncio.sleep(10)
    assert logins == 1


async def test_a_bot_password_for_other_addresses() -> None:
    """A wiki says the same as of a wrong one, so both are named."""
    failed = {"login": {"result": "Failed", "reason": {"code": "wrongpassword"}}}

    async def answer(request: Request) -> Response:
        query = {"tokens": {"logintoken": "l"}}
        is_login = request.method == "POST"
        return JSONResponse(failed if is_login else {"batchcomplete": True, "query": query})

    assert "IP address" in str(await fail(open_upstream(answering(answer))))


async def test_the_password_is_in_no_repr() -> None:
    """A login can be printed."""
    assert BOT_PASSWORD not in repr(BotPassword("Alice@gw", BOT_PASSWORD))


async def test_a_refused_login_is_not_tried_at_once_again() -> None:
    """A wiki locks a user out after five tries: many callers cause one, and it is remembered."""
    wiki = World().add_wiki("wiki")
    upstream = open_upstream(wiki.app, password="wrong")
    for _ in range(3):
        errors = await asyncio.gather(*(fail(upstream) for _ in range(6)))
        assert {error.failure_code for error in errors} == {UpstreamFailureCode.UNAUTHORIZED}
    assert wiki.logins == 1
    await asyncio.sleep(91)
    await fail(upstream)
    assert wiki.logins == 2


@pytest.mark.parametrize("says", [10, 600])
async def test_a_login_that_meets_429_is_held_as_long_as_the_wiki_says(says: int) -> None:
    """Not for 90 s, whether that is more or less, and not by one request in between."""
    logins = 0

    async def answer(request: Request) -> Response:
        nonlocal logins
        if request.method == "GET":
            return JSONResponse({"batchcomplete": True, "query": {"tokens": {"logintoken": "l"}}})
        logins += 1
        return Response(status_code=429, headers={"retry-after": str(says)})

    upstream, began = open_upstream(answering(answer)), LoopClock().now()
    for second in (0, says / 2, says - 1):
        await asyncio.sleep((began - LoopClock().now()).total_seconds() + second)
        error = await fail(upstream)
        assert error.failure_code is UpstreamFailureCode.RATE_LIMITED
        assert error.retry_at == began + timedelta(seconds=says)
        assert logins == 1
    await asyncio.sleep(1)
    await fail(upstream)
    assert logins == 2


async def test_a_caller_that_goes_away_leaves_the_login_to_others() -> None:
    """A page that may not wait any longer does not throw away what was begun."""
    world = World()
    wiki = world.add_wiki("wiki")
    world.edit("wiki", 1)
    slow = world.instances["wiki"]
    slow.seconds = 3
    transport = TransportByHost({"wiki.wiki.test": httpx.ASGITransport(slow)})
    http = Http(API, transport, "test", 4)
    login = BotPassword("Alice@gw", BOT_PASSWORD)
    upstream = WatchlistUpstream(WikiLogin("wiki", API, http, LoopClock(), login))
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(5):
            await read_top(upstream)
    await asyncio.sleep(5)
    assert len((await read_top(upstream)).rows) == 1
    assert wiki.logins == 1


@pytest.mark.parametrize(
    ("status", "code"),
    [(503, UpstreamFailureCode.UNAVAILABLE), (429, UpstreamFailureCode.RATE_LIMITED)],
)
async def test_a_wiki_with_trouble_is_not_called_misconfigured(
    status: int, code: UpstreamFailureCode
) -> None:
    """While api.php is looked for, a wiki that cannot answer now says so."""
    app = always("no", status, {"Retry-After": "30"})
    error = await fail(open_upstream(app, "https://wiki.wiki.test"))
    assert error.failure_code is code and error.retry_at is not None


@pytest.mark.parametrize(
    "location", ["https://wiki.wiki.test:8443/x", "http://[", "https://wiki.wiki.test:abc/", "//"]
)
async def test_redirects_that_lead_astray(location: str) -> None:
    """Another port is another server, and an address that is none leads nowhere."""

    async def answer(request: Request) -> Response:
        assert request.url.port != 8443
        return Response(status_code=302, headers={"location": location})

    error = await fail(open_upstream(answering(answer), "https://wiki.wiki.test"))
    assert error.failure_code is UpstreamFailureCode.BAD_RESPONSE


@pytest.mark.parametrize(
    "body", [b"\xff\xfe", b'{"a":' * 20_000, b'{"query": {"general": "\xff"}}']
)
async def test_bytes_that_are_no_json(body: bytes) -> None:
    """Broken UTF-8 and endless nesting are bad responses like any other."""

    async def answer(request: Request) -> Response:
        return Response(body)

    error = await fail(open_upstream(answering(answer)))
    assert error.failure_code is UpstreamFailureCode.BAD_RESPONSE


async def test_a_login_that_fails_with_nobody_waiting_makes_no_noise() -> None:
    """When every caller has gone away, the failure of what they began is nobody's warning."""
    world = World()
    wiki = world.add_wiki("wiki")
    slow = world.instances["wiki"]
    slow.seconds = 3
    transport = TransportByHost({"wiki.wiki.test": httpx.ASGITransport(slow)})
    http = Http(API, transport, "test", 4)
    upstream = WatchlistUpstream(
        WikiLogin("w", API, http, LoopClock(), BotPassword("Alice@gw", "wrong"))
    )
    complaints: list[object] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: complaints.append(context))
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(4):
            await read_top(upstream)
    await asyncio.sleep(30)
    del upstream
    gc.collect()
    assert wiki.logins == 1
    assert not complaints
