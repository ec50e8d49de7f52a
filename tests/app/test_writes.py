"""Writes that fail half-way: never sent twice unless the instance has certainly not acted."""

from collections.abc import Callable, Mapping

import httpx
import pytest
from starlette.types import ASGIApp, Receive, Scope, Send
from support.virtual_time import LoopClock
from support.worlds import BOT_PASSWORD, World

from app.sandbox.mastodon import SandboxMastodon
from app.upstreams.http.client import Http
from app.upstreams.http.over_httpx import OverHttpx
from app.upstreams.mastodon.upstream import MastodonUpstream
from app.upstreams.mediawiki.session import BotPassword
from app.upstreams.mediawiki.watchlist_upstream import WatchlistUpstream
from app.upstreams.mediawiki.wiki_login import WikiLogin
from resolvers.errors import UpstreamError, UpstreamFailureCode
from resolvers.identity import parse_id
from resolvers.seam.chunk import TOP, ChunkRequest
from resolvers.seam.writes import PagesBy, UnseenBy, UnseenFrom, WatchedPages


class Flaky:
    """An instance that breaks its writes off, before or after it acted; it counts them."""

    def __init__(self, app: ASGIApp, is_write: Callable[[Scope], bool]) -> None:
        self._app = app
        self.is_write = is_write
        self.trouble: Exception | None = None
        self.acts_first = False
        self.status: int | None = None
        self.writes = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if not self.is_write(scope):
            await self._app(scope, receive, send)
            return
        self.writes += 1
        if self.status is not None:
            await self._answer(send, self.status)
            return
        if self.trouble is None:
            await self._app(scope, receive, send)
            return
        if self.acts_first:
            await self._app(scope, receive, _swallow)
        raise self.trouble

    async def _answer(self, send: Send, status: int) -> None:
        await send({"type": "http.response.start", "status": status, "headers": []})
        await send({"type": "http.response.body", "body": b"<html>"})


async def _swallow(message: Mapping[str, object]) -> None:
    """The answer is lost on its way."""


TROUBLES = {
    "refused": (httpx.ConnectError("refused"), False),
    "timed out": (httpx.ReadTimeout("slow"), True),
    "cut off": (httpx.ReadError("reset"), True),
    "hung up": (httpx.RemoteProtocolError("no answer"), True),
}


def is_dismissal(scope: Scope) -> bool:
    """Mastodon's."""
    return bool(scope["method"] == "POST")


def mastodon(software: str = "mastodon") -> tuple[SandboxMastodon, Flaky, MastodonUpstream]:
    """An inbox with one notification, at an instance that can be made flaky."""
    world = World()
    sandbox = world.add_mastodon("home", software)
    world.post("home", 1)
    flaky = Flaky(sandbox.app, is_dismissal)
    url = "https://home.mastodon.test"
    http = Http(url, OverHttpx(httpx.ASGITransport(flaky)), "test", 4, "token-of-home")
    return sandbox, flaky, MastodonUpstream("home", url, http, LoopClock())


@pytest.mark.parametrize("acts_first", [False, True])
@pytest.mark.parametrize("trouble", TROUBLES)
async def test_mastodon_writes_are_sent_once(trouble: str, acts_first: bool) -> None:
    """Whatever happens to it, a dismissal is one POST; unknown is what may have been done."""
    sandbox, flaky, upstream = mastodon()
    flaky.trouble, is_unknown = TROUBLES[trouble]
    flaky.acts_first = acts_first and is_unknown
    row = sandbox.mailboxes["token-of-home"].notifications[0]
    with pytest.raises(UpstreamError) as caught:
        await upstream.dismiss(row["id"])
    assert flaky.writes == 1
    assert caught.value.is_outcome_unknown == is_unknown


@pytest.mark.parametrize(
    ("status", "is_unknown"), [(500, True), (503, True), (429, False), (401, False), (403, False)]
)
async def test_refusals_of_a_write(status: int, is_unknown: bool) -> None:
    """After a 5xx nobody knows; a refusal is a refusal."""
    _, flaky, upstream = mastodon()
    flaky.status = status
    for write in (upstream.dismiss("1"), upstream.clear()):
        with pytest.raises(UpstreamError) as caught:
            await write
        assert caught.value.is_outcome_unknown == is_unknown
    assert flaky.writes == 2


async def test_a_missing_scope_is_named() -> None:
    """A token that may only read says which scope a write needs."""
    sandbox, _, upstream = mastodon()
    sandbox.mailboxes["token-of-home"].scopes = {"read"}
    with pytest.raises(UpstreamError, match="write:notifications") as caught:
        await upstream.clear()
    assert caught.value.failure_code is UpstreamFailureCode.UNAUTHORIZED
    inspection = await upstream.inspect()
    assert inspection.abilities == ["read", "see what is unread"]
    assert "write:notifications" in inspection.missing[0]
    assert "write:statuses" in inspection.missing[1]
    assert len(sandbox.mailboxes["token-of-home"].notifications) == 1


async def test_an_old_server_dismisses_by_the_body() -> None:
    """Before Mastodon 3.0 the ID went into the body of another route."""
    sandbox, _, upstream = mastodon("mastodon-2.4")
    mailbox = sandbox.mailboxes["token-of-home"]
    database_id = mailbox.notifications[0]["id"]
    await upstream.dismiss(database_id)
    assert mailbox.notifications == []
    await upstream.dismiss(database_id)  # what is gone is a success
    assert sandbox.writes == ["/api/v1/notifications/dismiss"] * 2


@pytest.mark.parametrize("software", ["gotosocial", "snac", "hollo", "unknown-bare"])
async def test_a_server_that_cannot_dismiss(software: str) -> None:
    """With the notification still there and no route for it, it is UNSUPPORTED."""
    sandbox, _, upstream = mastodon(software)
    with pytest.raises(UpstreamError) as caught:
        await upstream.dismiss(sandbox.mailboxes["token-of-home"].notifications[0]["id"])
    assert caught.value.failure_code is UpstreamFailureCode.UNSUPPORTED
    assert not sandbox.writes


class HalfWiki:
    """Alice's watchlist with two unseen edits of one page, at a wiki that can be made flaky."""

    def __init__(self) -> None:
        self.world = World()
        self.sandbox = self.world.add_wiki("wiki")
        self.world.edit("wiki", 1)
        self.world.edit("wiki", 5)
        self.flaky = Flaky(self.sandbox.app, lambda _: False)
        url = "https://wiki.wiki.test/w/api.php"
        http = Http(url, OverHttpx(httpx.ASGITransport(self.flaky)), "test", 4)
        login = BotPassword("Alice@gw", BOT_PASSWORD)
        self.upstream = WatchlistUpstream(WikiLogin("wiki", url, http, LoopClock(), login))

    async def keys(self) -> list[str]:
        """What is unseen, newest first."""
        rows = (await self.upstream.read(ChunkRequest(TOP, 40))).rows
        return [parse_id(row.id).key for row in rows]

    def fail_writes(self) -> None:
        """From now on every POST is a write: the login is done."""
        self.flaky.is_write = is_dismissal


async def test_a_bad_token_is_renewed_once() -> None:
    """The write goes through with a new token, and the wiki acted once."""
    wiki = HalfWiki()
    newest, oldest = await wiki.keys()
    await wiki.upstream.dismiss(oldest)
    wiki.sandbox.end_tokens()
    await wiki.upstream.dismiss(newest)
    assert await wiki.keys() == []
    assert len(wiki.sandbox.writes) == 2


async def test_a_lost_session_is_renewed_once() -> None:
    """The write goes through in a new session, with a new token, and the wiki acted once."""
    wiki = HalfWiki()
    newest, _ = await wiki.keys()
    await wiki.upstream.clear()
    wiki.world.edit("wiki", 9)
    newest = (await wiki.keys())[0]
    wiki.sandbox.end_sessions()
    wiki.sandbox.end_tokens()
    await wiki.upstream.dismiss(newest)
    assert await wiki.keys() == []
    assert wiki.sandbox.logins == 2
    assert len(wiki.sandbox.writes) == 2


async def test_tokens_that_are_never_good() -> None:
    """A wiki that refuses every token is asked twice and no more."""
    wiki = HalfWiki()
    newest, _ = await wiki.keys()
    wiki.sandbox.refuses_tokens = True
    with pytest.raises(UpstreamError) as caught:
        await wiki.upstream.dismiss(newest)
    assert caught.value.failure_code is UpstreamFailureCode.REJECTED
    assert not caught.value.is_outcome_unknown
    assert not wiki.sandbox.writes


@pytest.mark.parametrize("acts_first", [False, True])
@pytest.mark.parametrize("trouble", TROUBLES)
async def test_wiki_writes_are_sent_once(trouble: str, acts_first: bool) -> None:
    """Whatever happens to it, a mark is set by one POST, or nobody knows whether it was."""
    wiki = HalfWiki()
    newest, _ = await wiki.keys()
    wiki.fail_writes()
    wiki.flaky.trouble, is_unknown = TROUBLES[trouble]
    wiki.flaky.acts_first = acts_first and is_unknown
    with pytest.raises(UpstreamError) as caught:
        await wiki.upstream.dismiss(newest)
    assert wiki.flaky.writes == 1
    assert caught.value.is_outcome_unknown == is_unknown


@pytest.mark.parametrize("status", [200, 502])
async def test_a_page_of_html_for_an_answer(status: int) -> None:
    """An answer that is none leaves the outcome unknown."""
    wiki = HalfWiki()
    newest, _ = await wiki.keys()
    wiki.fail_writes()
    wiki.flaky.status = status
    with pytest.raises(UpstreamError) as caught:
        await wiki.upstream.dismiss(newest)
    assert caught.value.is_outcome_unknown
    assert wiki.flaky.writes == 1


async def test_batches_that_fail_in_the_middle() -> None:
    """What was done is told, and what was not is a failure."""
    wiki = HalfWiki()
    titles = [f"Page {number}" for number in range(60)]
    wiki.sandbox.pages.watch("Alice", *titles)
    await wiki.keys()
    wiki.sandbox.allowed_writes = 1
    pages = WatchedPages(PagesBy.TITLES, tuple(titles))
    done = await wiki.upstream.set_timestamp(pages, UnseenFrom(UnseenBy.NOTHING))
    assert len(done.pages) == 50
    assert done.failure is not None
    assert done.failure.failure_code is UpstreamFailureCode.UNAVAILABLE


async def test_trouble_before_a_write_is_no_unknown_outcome() -> None:
    """A login that times out on the way to a write has certainly not written."""
    wiki = HalfWiki()
    wiki.fail_writes()  # of which the login is one here
    wiki.flaky.trouble, _ = TROUBLES["timed out"]
    with pytest.raises(UpstreamError) as caught:
        await wiki.upstream.clear()
    assert not caught.value.is_outcome_unknown
    assert not wiki.sandbox.writes
