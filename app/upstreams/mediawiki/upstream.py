"""One login at a wiki: its watchlist is the inbox. https://www.mediawiki.org/wiki/API:Watchlist"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from app.clock import Clock
from app.upstreams.http.client import Http
from app.upstreams.http.refusals import bad_response, left_out, unsupported
from app.upstreams.mediawiki import wire
from app.upstreams.mediawiki.dismissing import dismiss_change
from app.upstreams.mediawiki.mapping import ChangeMapper, SiteAddresses, make_page_id
from app.upstreams.mediawiki.read_state import AsItIs
from app.upstreams.mediawiki.reading import Watchlist
from app.upstreams.mediawiki.rights import inspect_rights, read_capabilities, read_tally
from app.upstreams.mediawiki.rows import (
    NamedChange,
    is_row,
    parse_key,
)
from app.upstreams.mediawiki.session import BotPassword, Params, Session
from app.upstreams.mediawiki.timestamps import Timestamps
from app.upstreams.session_share import SessionShare
from app.upstreams.shared_answer import SharedAnswer
from resolvers.errors import NotFound
from resolvers.fields.inbox import make_inbox
from resolvers.identity import make_id
from resolvers.platforms import Platform
from resolvers.seam.chunk import (
    TOP,
    Chunk,
    ChunkRequest,
    Row,
)
from resolvers.seam.login import LoginHealth, Profile, UnreadTally
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
from resolvers.types.mediawiki import WatchlistNotification

FAILURE_SECONDS = 15
"""For which a wiki that did not tell what it is is not asked again."""

_ABOUT = {"meta": "siteinfo|userinfo", "siprop": "general", "uiprop": "rights"}


class MediaWikiUpstream:
    """Speaks for one user of a wiki. See `resolvers.seam.upstream.Upstream` for the contract."""

    def __init__(
        self,
        name: str,
        url: str,
        http: Http,
        clock: Clock,
        bot_password: BotPassword | None,
        share: SessionShare | None = None,
    ) -> None:
        self.inbox = make_inbox(name, Platform.MEDIAWIKI, url)
        self._url = url
        self._budget = http.budget
        self._clock = clock
        self._session = Session(url, http, clock, bot_password, share)
        self._watchlist = Watchlist(url, self._query)
        self._site: _Site | None = None
        self._first_answer = SharedAnswer(self._ask_about, clock, lambda _: FAILURE_SECONDS)

    @property
    def health(self) -> LoginHealth:
        """What is left of the rate limit; how the instance answers notes ObservedUpstream."""
        return LoginHealth(rate_limit=self._budget.rate_limit if self._budget else None)

    def recognises(self, row: Row) -> bool:
        return is_row(row)

    async def read(self, request: ChunkRequest) -> Chunk:
        listed = await self._watchlist.read(request)
        return Chunk(
            anchor=request.anchor,
            rows=self._map(listed.changes),
            is_last=listed.is_last,
            fetched_at=self._clock.now(),
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
        answer = await self._query({"meta": "userinfo", "uiprop": "unreadcount"})
        count = read_tally(answer.query.userinfo)
        if count is None:
            raise bad_response(
                self._url, "did not say how many pages have unseen changes: check its version."
            )
        return count

    async def ask_profile(self) -> Profile:
        if self._site is None:
            await self._first_answer.get()
        return self._known_site().profile

    async def open_stream(self) -> NotificationStream:
        raise unsupported(self._url, "has no streams: wait for `nextLookAt`.")

    async def inspect(self) -> Inspection:
        await self._watchlist.read(ChunkRequest(TOP, 1))
        return await inspect_rights(self._query, await self.ask_profile())

    async def dismiss(self, key: str) -> Dismissal:
        wanted = parse_key(key)
        if wanted is None:
            raise NotFound
        ids = [make_id(WatchlistNotification.__name__, self.inbox.name, key)]
        if not await dismiss_change(self._session, wanted):  # then nothing else has left with it
            return Dismissal(ids)
        return Dismissal(
            notification_ids=ids,
            subject=make_page_id(self.inbox.name, wanted.namespace, wanted.title),
            seen_before=datetime.fromtimestamp(wanted.second + 1, UTC),
        )

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
        await self.ask_profile()  # pages are shown with the wiki's own addresses
        timestamps = Timestamps(self._session, self._known_site().mapper.page)
        return await timestamps.set(pages, unseen_from)

    async def _query(self, params: Params) -> wire.Answer:
        """An answer of the wiki, which the first time also tells about itself."""
        if self._site is not None:
            return await self._session.query(params)
        answer = await self._session.query(_join_meta(params))
        general, user = answer.query.general, answer.query.userinfo
        if general is None or user is None:
            raise bad_response(
                self._url, "does not say what it is and who is logged in: check its version."
            )
        software, _, version = general.generator.partition(" ")
        profile = Profile(
            handle=f"User:{user.name}",
            title=general.sitename,
            software=software.lower() or None,
            version=version or None,
            capabilities=read_capabilities(user),
        )
        mapper = ChangeMapper(self.inbox, SiteAddresses(self._url, general))
        self._site = _Site(profile, mapper)
        return answer

    async def _ask_about(self) -> wire.Answer:
        return await self._query(_ABOUT)

    def _known_site(self) -> "_Site":
        assert self._site is not None  # every answer comes through _query
        return self._site

    def _map(self, changes: Sequence[NamedChange]) -> list[WatchlistNotification]:
        return [self._known_site().mapper.map(change) for change in changes]


@dataclass(frozen=True, slots=True)
class _Site:
    """What the wiki said about itself."""

    profile: Profile
    mapper: ChangeMapper


def _join_meta(params: Params) -> Params:
    """The same question and what the wiki is."""
    props = dict.fromkeys([*_ABOUT["uiprop"].split("|"), *params.get("uiprop", "").split("|")])
    uiprop = "|".join(prop for prop in props if prop)
    return {**_ABOUT, **params, "meta": _ABOUT["meta"], "uiprop": uiprop}
