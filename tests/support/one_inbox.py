"""One inbox of a world, `home` or `wiki`, and its rows by the time that each was made."""

import asyncio

import httpx

from app.upstreams.http.client import Http
from app.upstreams.http.over_httpx import OverHttpx
from app.upstreams.mastodon.upstream import MastodonUpstream
from app.upstreams.mediawiki.session import BotPassword
from app.upstreams.mediawiki.watchlist_upstream import WatchlistUpstream
from app.upstreams.mediawiki.wiki_login import WikiLogin
from resolvers.identity import parse_id
from resolvers.seam.chunk import TOP, Chunk, ChunkRequest
from resolvers.seam.upstream import Upstream
from support.virtual_time import LoopClock
from support.worlds import BOT_PASSWORD, World

LAG = 0.05
"""Seconds after its answer in which the wiki applies a clearing."""


def now() -> float:
    """The loop's time."""
    return asyncio.get_running_loop().time()


def make_world(name: str) -> World:
    """A world with this inbox, which may be asked as often as one likes."""
    world = World()
    if name == "home":
        world.add_mastodon(name).allowed_requests = 100_000
    else:
        world.add_wiki(name).applies_clearing_after = LAG
    return world


def open_login(world: World, name: str) -> Upstream:
    """Another upstream of the same login, without a cache."""
    transport = OverHttpx(httpx.ASGITransport(world.instances[name]))
    if name == "home":
        http = Http("https://home.test", transport, "test", 4, "token-of-home")
        return MastodonUpstream("home", "https://home.test", http, LoopClock())
    api = "https://wiki.wiki.test/w/api.php"
    login = BotPassword("Alice@gw", BOT_PASSWORD)
    http = Http(api, transport, "test", 4)
    return WatchlistUpstream(WikiLogin("wiki", api, http, LoopClock(), login))


def arrive(world: World, name: str, number: int) -> None:
    """A new row; at the wiki of a page of its own."""
    if name == "home":
        world.post("home", number)
    else:
        world.edit("wiki", number, page=f"Page {number}")


def list_truth(world: World, name: str) -> list[str]:
    """What the instance lists now, newest first."""
    if name == "home":
        mailbox = world.mastodons["home"].mailboxes["token-of-home"]
        return [str(row["created_at"]).replace(".000Z", "Z") for row in mailbox.notifications]
    pages = world.wikis["wiki"].pages
    changes = pages.watchlist(pages.users["Alice"], only_unread=True)
    return [change.at.strftime("%Y-%m-%dT%H:%M:%SZ") for change in changes]


def rows_of(chunk: Chunk) -> list[str]:
    """What a chunk shows."""
    return [row.created_at.strftime("%Y-%m-%dT%H:%M:%SZ") for row in chunk.rows]


async def read_keys(upstream: Upstream) -> dict[str, str]:
    """The keys of the newest rows."""
    chunk = await upstream.read(ChunkRequest(TOP, 40))
    keys = [parse_id(row.id).key for row in chunk.rows]
    return dict(zip(rows_of(chunk), keys, strict=True))
