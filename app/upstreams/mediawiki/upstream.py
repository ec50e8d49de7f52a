"""One login at a wiki: its watchlist is the inbox. https://www.mediawiki.org/wiki/API:Watchlist"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import NamedTuple

from app.clock import Clock
from app.upstreams.http.answer_size import AnswerSize
from app.upstreams.http.client import Http
from app.upstreams.http.status import bad_response, left_out, unsupported
from app.upstreams.mediawiki import wire
from app.upstreams.mediawiki.dismissing import dismiss_change
from app.upstreams.mediawiki.mapping import ChangeMapper, SiteAddresses, make_page_id
from app.upstreams.mediawiki.read_state import AsItIs
from app.upstreams.mediawiki.rights import inspect_rights, read_capabilities, read_tally
from app.upstreams.mediawiki.rows import (
    NamedChange,
    is_row,
    keep_readable,
    name_changes,
    parse_key,
    read_second,
    second_of,
    write_second,
)
from app.upstreams.mediawiki.session import BotPassword, Params, Session
from app.upstreams.mediawiki.timestamps import Timestamps
from app.upstreams.session_share import SessionShare
from app.upstreams.shared_answer import SharedAnswer
from resolvers.errors import NotFound, UpstreamError
from resolvers.fields.inbox import make_inbox
from resolvers.identity import make_id
from resolvers.platforms import Platform
from resolvers.seam.chunk import (
    Anchor,
    Chunk,
    ChunkRequest,
    Direction,
    Row,
    Scope,
    rows_beyond,
)
from resolvers.seam.login import LoginHealth, Profile, UnreadTally
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

LARGEST_CHUNK = 500
"""What a wiki gives at most to a user without `apihighlimits`."""

_SPARE = 10
"""Rows asked for beyond the limit: those of the anchor's own second come again."""

_PROPS = (
    "ids|title|flags|user|comment|parsedcomment|timestamp|sizes|notificationtimestamp|loginfo|tags"
)
_WATCHLIST = {"list": "watchlist", "wlprop": _PROPS}
_ABOUT = {"meta": "siteinfo|userinfo", "siprop": "general", "uiprop": "rights"}

_MOST_CONTINUATIONS = 10
"""Requests for one chunk, where a single second holds more changes than one answer."""


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
        self._size = AnswerSize()
        self._site: _Site | None = None
        self._first_answer = SharedAnswer(self._ask_about, clock, lambda _: FAILURE_SECONDS)

    @property
    def health(self) -> LoginHealth:
        """What is left of the rate limit; how the instance answers notes ObservedUpstream."""
        return LoginHealth(rate_limit=self._budget.rate_limit if self._budget else None)

    def recognises(self, row: Row) -> bool:
        return is_row(row)

    async def read(self, request: ChunkRequest) -> Chunk:
        listed = await self._list(request)
        beyond = await self._beyond(listed.changes, request.anchor)
        return Chunk(
            anchor=request.anchor,
            rows=self._map(beyond),
            is_last=listed.is_last,
            fetched_at=self._clock.now(),
            flaw=left_out(self._url, listed.unreadable),
        )

    async def find(self, key: str) -> WatchlistNotification | None:
        wanted = parse_key(key)
        if wanted is None:
            return None
        changes = await self._list_second(wanted.second)
        return next(iter(self._map([each for each in changes if each.key == key])), None)

    async def ask_read_state(self) -> ReadState:
        return AsItIs()

    async def count_unread(self) -> UnreadTally:
        answer = await self._query({"meta": "userinfo", "uiprop": "unreadcount"})
        count = read_tally(answer.query.userinfo)
        if count is None:
            raise bad_response(self._url, "did not say how many pages have unseen changes.")
        return count

    async def ask_profile(self) -> Profile:
        if self._site is None:
            await self._first_answer.get()
        return self._known_site().profile

    async def inspect(self) -> Inspection:
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

    async def _list(self, request: ChunkRequest) -> "_Listed":
        """The changes from the anchor's second on, in whole seconds.

        A second that the wiki's page of results cuts in two is left for the next chunk.
        """
        anchor, is_up = request.anchor, request.anchor.direction is Direction.UP
        limit = min(request.limit + _SPARE, LARGEST_CHUNK)
        params = {**_WATCHLIST, "wldir": "newer" if is_up else "older"}
        start = write_second(second_of(anchor.row)) if anchor.row else ""
        if start:
            params["wlstart"] = start
        changes: list[wire.Change] = []
        unreadable = 0
        for _ in range(_MOST_CONTINUATIONS):
            asked = {**params, **_shown(request.scope)}
            answer = await self._size.ask(limit, partial(self._query_rows, asked))
            sent = self._watchlist(answer)
            readable = keep_readable(sent)
            changes += readable
            unreadable += len(sent) - len(readable)
            if not answer.continuation:
                if unreadable and not changes and anchor.row is None:
                    raise self._cannot_read()
                return _Listed(_name(changes, is_up), unreadable, is_last=True)
            cut = self._second_of_continuation(answer)
            whole = [change for change in changes if change.timestamp != cut]
            if any(change.timestamp != start for change in whole):
                return _Listed(_name(whole, is_up), unreadable, is_last=False)
            params |= answer.continuation
        raise bad_response(self._url, "has more changes in one second than can be listed.")

    async def _list_second(self, second: int) -> list[NamedChange]:
        """All changes of one second, seen or not."""
        at = write_second(second)
        params = {**_WATCHLIST, "wlallrev": "1", "wllimit": str(LARGEST_CHUNK)}
        params |= {"wlstart": at, "wlend": at}
        sent = self._watchlist(await self._query(params))
        return name_changes(keep_readable(sent))

    async def _query_rows(self, params: Params, limit: int) -> wire.Answer:
        return await self._query({**params, "wllimit": str(limit)})

    def _watchlist(self, answer: wire.Answer) -> Sequence[wire.Change | None]:
        """What the wiki listed; BAD_RESPONSE where that is no list."""
        watchlist = answer.query.watchlist
        if watchlist is None or len(watchlist) > 2 * LARGEST_CHUNK:
            raise self._cannot_read()
        return watchlist

    def _cannot_read(self) -> UpstreamError:
        return bad_response(self._url, "sent a watchlist that cannot be read.")

    async def _beyond(self, listed: list[NamedChange], anchor: Anchor) -> Sequence[NamedChange]:
        """What of the list lies beyond the anchor's row.

        If the row is not pending any more, the whole of its second tells what stood before it.
        If it is gone from there too, all of that second counts as beyond.
        """
        if anchor.row is None:
            return listed
        rows = [change.row for change in listed]
        if anchor.row in rows:
            return rows_beyond(listed, rows.index(anchor.row), anchor)
        second = await self._list_second(second_of(anchor.row))
        rows = [change.row for change in second]
        if anchor.row not in rows:
            return listed
        past = Anchor(anchor.direction, anchor.row)
        beyond = {change.row for change in rows_beyond(second, rows.index(anchor.row), past)}
        before = set(rows) - beyond
        return [change for change in listed if change.row not in before]

    async def _query(self, params: Params) -> wire.Answer:
        """An answer of the wiki, which the first time also tells about itself."""
        if self._site is not None:
            return await self._session.query(params)
        answer = await self._session.query(_join_meta(params))
        general, user = answer.query.general, answer.query.userinfo
        if general is None or user is None:
            raise bad_response(self._url, "does not say what it is and who is logged in.")
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

    def _second_of_continuation(self, answer: wire.Answer) -> str:
        """The timestamp of the row that the next page of results begins with."""
        try:
            return write_second(read_second(answer.continuation["wlcontinue"].split("|")[0]))
        except (KeyError, ValueError):
            raise bad_response(self._url, "does not say where its list goes on.") from None


@dataclass(frozen=True, slots=True)
class _Site:
    """What the wiki said about itself."""

    profile: Profile
    mapper: ChangeMapper


class _Listed(NamedTuple):
    """What one read of the watchlist gave, and how much of it could not be read."""

    changes: list[NamedChange]
    unreadable: int
    is_last: bool


def _name(changes: list[wire.Change], is_oldest_first: bool) -> list[NamedChange]:
    return name_changes(changes[::-1] if is_oldest_first else changes)


def _join_meta(params: Params) -> Params:
    """The same question and what the wiki is."""
    props = dict.fromkeys([*_ABOUT["uiprop"].split("|"), *params.get("uiprop", "").split("|")])
    uiprop = "|".join(prop for prop in props if prop)
    return {**_ABOUT, **params, "meta": _ABOUT["meta"], "uiprop": uiprop}


def _shown(scope: Scope) -> dict[str, str]:
    """What narrows the list; without `wlallrev` a wiki lists only the newest of each page."""
    shown = {} if scope.include_seen else {"wlshow": "unread"}
    return shown if scope.latest_only else {**shown, "wlallrev": "1"}
