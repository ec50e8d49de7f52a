"""The watchlist of one login at a wiki. https://www.mediawiki.org/wiki/API:Watchlist"""

from collections.abc import Sequence
from datetime import UTC, datetime

from app.upstreams.http.refusals import bad_response, left_out, unsupported
from app.upstreams.mediawiki.dismissing import dismiss_change
from app.upstreams.mediawiki.mapping import ChangeMapper, make_page_id
from app.upstreams.mediawiki.read_state import AsItIs
from app.upstreams.mediawiki.reading import Watchlist
from app.upstreams.mediawiki.rights import inspect_rights, read_capabilities, read_tally
from app.upstreams.mediawiki.rows import NamedChange, is_row, parse_key
from app.upstreams.mediawiki.timestamps import Timestamps
from app.upstreams.mediawiki.wiki_login import WikiLogin
from resolvers.errors import NotFound, UpstreamError
from resolvers.identity import make_id
from resolvers.seam.chunk import TOP, Chunk, ChunkRequest, Row
from resolvers.seam.login import Elsewhere, LoginHealth, Profile, UnreadTally
from resolvers.seam.streaming import NotificationStream
from resolvers.seam.upstream import ReadState
from resolvers.seam.writes import (
    Dismissal,
    Inspection,
    PagesBy,
    TimestampSet,
    UnseenBy,
    UnseenFrom,
    WatchedPages,
)
from resolvers.types.feed import Feed
from resolvers.types.mediawiki import WatchlistNotification


class WatchlistUpstream:
    """See `resolvers.seam.upstream.Upstream` for the contract."""

    feed = Feed.WATCHLIST
    social = None
    left_out: UpstreamError | None = None

    def __init__(self, wiki: WikiLogin) -> None:
        self.inbox = wiki.inbox
        self.name = wiki.inbox.name
        self._wiki = wiki
        self._url = wiki.url
        self._watchlist = Watchlist(wiki.url, wiki.query)

    @property
    def health(self) -> LoginHealth:
        return self._wiki.health

    def recognises(self, row: Row) -> bool:
        return is_row(row)

    async def read(self, request: ChunkRequest) -> Chunk:
        listed = await self._watchlist.read(request)
        return Chunk(
            anchor=request.anchor,
            rows=self._map(listed.changes),
            is_last=listed.is_last,
            fetched_at=self._wiki.clock.now(),
            flaw=left_out(self._url, listed.unreadable),
        )

    async def find(self, key: str) -> WatchlistNotification | None:
        wanted = parse_key(key)
        if wanted is None:
            return None
        changes = await self._watchlist.read_second(wanted.second)
        return next(iter(self._map([each for each in changes if each.key == key])), None)

    async def ask_read_state(self) -> ReadState:
        return AsItIs()

    async def count_unread(self) -> UnreadTally:
        answer = await self._wiki.query({"meta": "userinfo", "uiprop": "unreadcount"})
        count = read_tally(answer.query.userinfo)
        if count is None:
            raise bad_response(
                self._url, "did not say how many pages have unseen changes: check its version."
            )
        return count

    async def count_elsewhere(self) -> Sequence[Elsewhere]:
        return ()

    async def ask_profile(self) -> Profile:
        site = await self._wiki.ask_site()
        return site.describe(read_capabilities(site.user))

    async def open_stream(self) -> NotificationStream:
        raise unsupported(self._url, "has no streams: wait for `nextLookAt`.")

    async def inspect(self) -> Inspection:
        await self._watchlist.read(ChunkRequest(TOP, 1))
        return await inspect_rights(self._wiki.query, await self.ask_profile())

    def portions(self, keys: Sequence[str]) -> Sequence[Sequence[str]]:
        """By page: its newest change takes the earlier ones along."""
        by_page: dict[object, list[str]] = {}
        for key in keys:
            parsed = parse_key(key)
            page = (parsed.namespace, parsed.title) if parsed is not None else key
            by_page.setdefault(page, []).append(key)
        return [*by_page.values()]

    async def dismiss(self, *keys: str) -> Dismissal:
        changes = [change for key in keys if (change := parse_key(key)) is not None]
        if len(changes) < len(keys):
            raise NotFound
        kind, name = WatchlistNotification.__name__, self.inbox.name
        ids = [make_id(kind, name, key) for key in keys]
        for change in sorted(changes, key=lambda each: each.second, reverse=True):
            if await dismiss_change(self._wiki.session, change):
                return Dismissal(
                    notification_ids=ids,
                    subject=make_page_id(name, change.namespace, change.title),
                    seen_before=datetime.fromtimestamp(change.second + 1, UTC),
                )
        return Dismissal(ids)  # none was pending, so that nothing else has left with them

    async def clear(self) -> None:
        await self.set_timestamp(
            WatchedPages(PagesBy.ENTIRE_WATCHLIST), UnseenFrom(UnseenBy.NOTHING)
        )

    async def mark_read(self, key: str) -> None:
        if parse_key(key) is None:
            raise NotFound
        raise unsupported(
            self._url, "has no marker: dismiss the change, or set its page's timestamp."
        )

    async def set_timestamp(self, pages: WatchedPages, unseen_from: UnseenFrom) -> TimestampSet:
        await self._wiki.ask_site()  # pages are shown with the wiki's own addresses
        timestamps = Timestamps(self._wiki.session, self._mapper.page)
        return await timestamps.set(pages, unseen_from)

    @property
    def _mapper(self) -> ChangeMapper:
        return ChangeMapper(self.inbox, self._wiki.site.addresses)

    def _map(self, changes: Sequence[NamedChange]) -> list[WatchlistNotification]:
        mapper = self._mapper
        return [mapper.map(change) for change in changes]
