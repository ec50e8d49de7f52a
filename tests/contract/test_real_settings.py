"""Wikis that are set up otherwise, for real: what a login lacks is told by the setting's name."""

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest
from conftest import REAL_TIME
from support.debian import default_cache
from support.real_wiki.server import BOT_PASSWORD, RealWiki, run_wiki

from app.clock import SystemClock
from app.upstreams.http.client import Http
from app.upstreams.http.connections.opening import open_transport
from app.upstreams.http.transport import Transport
from app.upstreams.mediawiki.session import BotPassword
from app.upstreams.mediawiki.watchlist_upstream import WatchlistUpstream
from app.upstreams.mediawiki.wiki_login import WikiLogin
from resolvers.errors import UpstreamError
from resolvers.seam.chunk import TOP, ChunkRequest

Run = Callable[[str], AbstractContextManager[RealWiki]]
PRIVATE = "$wgGroupPermissions['*']['read'] = false;"


@pytest.fixture
def anyio_backend() -> tuple[str, dict[str, object]]:
    """A real wiki answers in real time."""
    return REAL_TIME


@pytest.fixture
def run(real_wiki: RealWiki, tmp_path: Path) -> Run:
    """Starts a wiki of its own with more settings."""

    @contextmanager
    def run_one(settings: str) -> Iterator[RealWiki]:
        with run_wiki(tmp_path / "base", default_cache("tidings-real-wiki"), settings) as wiki:
            yield wiki

    return run_one


@pytest.fixture
async def transport() -> AsyncIterator[Transport]:
    """Sockets to the wiki."""
    async with open_transport(10) as opened:
        yield opened


def log_in(
    wiki: RealWiki, transport: Transport, name: str, password: str = BOT_PASSWORD
) -> WatchlistUpstream:
    """The upstream of a bot password."""
    http = Http(wiki.api_url, transport, "Tidings-test/0 (test@tidings.test)", 10)
    login = BotPassword(name, password)
    return WatchlistUpstream(WikiLogin("wiki", wiki.api_url, http, SystemClock(), login))


async def failure_of(upstream: WatchlistUpstream) -> UpstreamError:
    """What reading fails with."""
    with pytest.raises(UpstreamError) as caught:
        await upstream.read(ChunkRequest(TOP, 40))
    return caught.value


@pytest.mark.parametrize("name", ["Alice@none", "Alice@wo", "Carol@gw"])
async def test_a_user_without_the_grant_to_read(
    real_wiki: RealWiki, transport: Transport, name: str
) -> None:
    """The failure names the grant, whether the bot password lacks it or the user's group does."""
    error = await failure_of(log_in(real_wiki, transport, name))
    assert error.failure_code.name == "UNAUTHORIZED"
    assert "'View your watchlist' (viewmywatchlist)" in str(error)


async def test_a_user_without_the_grant_to_write(real_wiki: RealWiki, transport: Transport) -> None:
    """Reading works, capabilities say no, and a write's failure names the grant."""
    upstream = log_in(real_wiki, transport, "Alice@ro")
    assert (await upstream.read(ChunkRequest(TOP, 40))).rows
    assert (await upstream.ask_profile()).capabilities.can_dismiss is False
    with pytest.raises(UpstreamError, match="editmywatchlist") as caught:
        await upstream.clear()
    assert caught.value.failure_code.name == "UNAUTHORIZED"
    assert not caught.value.is_outcome_unknown


async def test_a_private_wiki(run: Run, transport: Transport) -> None:
    """Who may read it reads it; for who may not, the failure names the right."""
    settings = PRIVATE + "$wgRevokePermissions['nowatch']['read'] = true;"
    with run(settings) as wiki:
        assert (await log_in(wiki, transport, "Alice@gw").read(ChunkRequest(TOP, 40))).rows
        error = await failure_of(log_in(wiki, transport, "Carol@gw"))
    assert error.failure_code.name == "UNAUTHORIZED"
    assert "the right read" in str(error)


async def test_a_blocked_user(run: Run, transport: Transport) -> None:
    """A block alone changes nothing; where it takes the rights away, the setting is named."""
    with run("") as wiki:
        wiki.apply([("block", "User:Alice", 1767400000)])
        upstream = log_in(wiki, transport, "Alice@gw")
        assert (await upstream.read(ChunkRequest(TOP, 40))).rows
        await upstream.clear()


async def test_a_block_that_takes_the_rights(run: Run, transport: Transport) -> None:
    """With $wgBlockDisablesLogin a private wiki is closed to who is blocked."""
    with run(PRIVATE + "$wgBlockDisablesLogin = true;") as wiki:
        wiki.apply([("block", "User:Alice", 1767400000)])
        error = await failure_of(log_in(wiki, transport, "Alice@gw"))
    assert error.failure_code.name == "UNAUTHORIZED"
    assert "$wgBlockDisablesLogin" in str(error)


async def test_a_wiki_that_keeps_no_marks(run: Run, transport: Transport) -> None:
    """Its list is empty for ever, which its API gives no reason for: `tidings check` names it."""
    with run("$wgShowUpdatedMarker = false;") as wiki:
        upstream = log_in(wiki, transport, "Alice@gw")
        await upstream.clear()
        wiki.apply([("edit", "Page 1", 1790000000)])
        assert not (await upstream.read(ChunkRequest(TOP, 40))).rows
        found = await upstream.inspect()
    assert any("$wgShowUpdatedMarker" in note for note in found.missing)


async def test_a_wiki_that_keeps_marks_is_not_suspected(run: Run, transport: Transport) -> None:
    """With something unseen there is nothing to say."""
    with run("") as wiki:
        assert not (await log_in(wiki, transport, "Alice@gw").inspect()).missing


async def test_a_wiki_without_bot_passwords(run: Run, transport: Transport) -> None:
    """The failure says what to make and where."""
    with run("$wgEnableBotPasswords = false;") as wiki:
        error = await failure_of(log_in(wiki, transport, "Alice@gw"))
    assert error.failure_code.name == "UNAUTHORIZED"
    assert "bot password" in str(error)
