"""Inboxes of one instance and the upstreams of their logins, without a cache."""

import httpx

from app.upstreams.http.client import Http
from app.upstreams.http.over_httpx import OverHttpx
from app.upstreams.mastodon.upstream import MastodonUpstream
from app.upstreams.mediawiki.session import BotPassword
from app.upstreams.mediawiki.watchlist_upstream import WatchlistUpstream
from app.upstreams.mediawiki.wiki_login import WikiLogin
from resolvers.seam.chunk import Chunk
from resolvers.types.mediawiki import WatchlistNotification
from support.virtual_time import LoopClock
from support.worlds import (
    BOT_PASSWORD,
    Instance,
    World,
)

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


def open_mastodon(
    world: World, token: str = TOKEN, clock: LoopClock | None = None
) -> MastodonUpstream:
    """The upstream of a login at a world's instance, without a cache."""
    http = Http(URL, OverHttpx(httpx.ASGITransport(world.instances["home"])), "test", 4, token)
    return MastodonUpstream("home", URL, http, clock or LoopClock())


def open_wiki(instance: Instance, username: str) -> WatchlistUpstream:
    """A login at a wiki, with a cookie jar of its own."""
    api = "https://wiki.wiki.test/w/api.php"
    http = Http(api, OverHttpx(httpx.ASGITransport(instance)), "test", 4)
    login = BotPassword(username, BOT_PASSWORD)
    return WatchlistUpstream(WikiLogin("wiki", api, http, LoopClock(), login))


def wiki_rows(chunk: Chunk) -> list[WatchlistNotification]:
    """The changes of a chunk."""
    return [row for row in chunk.rows if isinstance(row, WatchlistNotification)]
