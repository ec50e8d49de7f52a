"""Echo of a real MediaWiki: what is written there, and what a login without the grant is told."""

from collections.abc import AsyncIterator, Callable

import pytest
from support.debian import default_cache
from support.real_wiki.server import RealWiki, run_wiki
from support.wiki_client import WikiClient
from support.worlds import BOT_PASSWORD

from app.clock import SystemClock
from app.upstreams.http.client import Http
from app.upstreams.http.connections.opening import open_transport
from app.upstreams.mediawiki.echo.upstream import EchoUpstream
from app.upstreams.mediawiki.session import BotPassword
from app.upstreams.mediawiki.wiki_login import WikiLogin
from resolvers.errors import UpstreamError, UpstreamFailureCode
from resolvers.identity import parse_id
from resolvers.seam.chunk import TOP, Chunk, ChunkRequest, Scope

Open = Callable[[str], EchoUpstream]
PASSWORD = BOT_PASSWORD


@pytest.fixture
async def open_echo(
    newer_wiki: RealWiki, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[tuple[Open, RealWiki]]:
    """What speaks for a login at a wiki that nobody else writes to."""
    base = tmp_path_factory.mktemp("echo") / "base"
    with run_wiki(base, default_cache("tidings-real-wiki"), version="1.43") as wiki:
        async with open_transport(10) as transport:

            def open_as(username: str) -> EchoUpstream:
                http = Http(wiki.api_url, transport, "Tidings-test/0 (test@tidings.test)", 10)
                login = BotPassword(username, PASSWORD)
                return EchoUpstream(WikiLogin("real", wiki.api_url, http, SystemClock(), login))

            yield open_as, wiki


async def read_top(upstream: EchoUpstream, *, with_read: bool = False) -> Chunk:
    """The newest notifications."""
    scope = Scope(include_seen=with_read)
    return await upstream.read(ChunkRequest(TOP, 40, scope))


async def test_what_is_written(open_echo: tuple[Open, RealWiki]) -> None:
    """One is dismissed and stays, read, where it was; then all are cleared."""
    open_as, wiki = open_echo
    upstream, reader = open_as("Ellen@gw"), WikiClient(wiki.api_url, "Ellen@gw")
    count, before = len(await reader.notifications()), (await read_top(upstream)).rows
    key = parse_id(before[3].id).key
    assert (await upstream.dismiss(key)).notification_ids == [before[3].id]
    assert len(await reader.notifications()) == count - 1
    found = await upstream.find(key)
    assert found is not None and not found.is_unread and found.read_at is not None
    assert before[3].id not in [row.id for row in (await read_top(upstream)).rows]
    assert before[3].id in [row.id for row in (await read_top(upstream, with_read=True)).rows]
    tally = await upstream.count_unread()
    assert (tally.count, tally.is_capped) == (count - 1, False)
    await upstream.clear()
    assert not await reader.notifications()
    assert not (await read_top(upstream)).rows
    assert not await upstream.count_elsewhere()


async def test_without_the_grant(open_echo: tuple[Open, RealWiki]) -> None:
    """Reading and marking are refused, and the list is known to be left out."""
    open_as, _ = open_echo
    upstream = open_as("Ellen@none")
    with pytest.raises(UpstreamError) as refused:
        await read_top(upstream)
    assert refused.value.failure_code is UpstreamFailureCode.UNAUTHORIZED
    assert "echo-read-notifications" in str(refused.value)
    assert not refused.value.is_login_refused and upstream.left_out is not None
    found = await upstream.inspect()
    assert any("Read my notifications" in note for note in found.missing)
