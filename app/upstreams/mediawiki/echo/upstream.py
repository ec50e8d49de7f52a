"""One login's own notifications at a wiki, by its extension Echo."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from app.upstreams.http.refusals import bad_response, left_out, unsupported
from app.upstreams.mediawiki.echo import wire
from app.upstreams.mediawiki.echo.elsewhere import SUMMARY, read_elsewhere
from app.upstreams.mediawiki.echo.mapping import EchoMapper
from app.upstreams.mediawiki.echo.marking import MOST_AT_ONCE, EchoMarking
from app.upstreams.mediawiki.echo.places import EchoPlace, is_row, parse_place
from app.upstreams.mediawiki.echo.reading import (
    LARGEST_CHUNK,
    LARGEST_WITH_HIGH_LIMITS,
    LIST,
    EchoList,
    PlacedRow,
)
from app.upstreams.mediawiki.errors import IGNORED
from app.upstreams.mediawiki.read_state import AsItIs
from app.upstreams.mediawiki.session import Params
from app.upstreams.mediawiki.wiki_login import WikiLogin
from app.upstreams.reading.values import read_count
from resolvers.errors import NotFound, UpstreamError, UpstreamFailureCode
from resolvers.identity import make_id
from resolvers.seam.chunk import TOP, Chunk, ChunkRequest, Row
from resolvers.seam.lists import name_further_list
from resolvers.seam.login import Elsewhere, LoginHealth, Profile, UnreadTally
from resolvers.seam.streaming import NotificationStream
from resolvers.seam.upstream import ReadState
from resolvers.seam.writes import Dismissal, Inspection, TimestampSet, UnseenFrom, WatchedPages
from resolvers.types.echo import EchoNotification
from resolvers.types.feed import Feed
from resolvers.types.inbox import InboxCapabilities

ABSENT_FOR, REFUSED_FOR = timedelta(days=1), timedelta(minutes=10)
"""For which a wiki is not asked again that has no Echo, and one that refuses the login its rows."""
MOST_OF_A_SECTION = 100
"""Where a wiki stops counting."""

_COUNT = {"meta": "notifications", "notprop": "count", "notgroupbysection": "1"}
_RIGHT = "echo-read-notifications"
_GRANT = (
    "cannot read or dismiss the wiki's own notifications: the login lacks the right "
    f"{_RIGHT}; grant it 'Read my notifications', which bot passwords of before April 2026 lack"
)


class EchoUpstream:
    """See `resolvers.seam.upstream.Upstream` for the contract.

    `is_asked_for` is whether the configuration names this list: then it fails where the wiki does
    not have it, and is not left out.
    """

    feed = Feed.NOTIFICATIONS
    social = None

    def __init__(self, wiki: WikiLogin, *, is_asked_for: bool = False) -> None:
        self.inbox = wiki.inbox
        self.name = name_further_list(wiki.inbox.name, self.feed)
        self._wiki = wiki
        self._url = wiki.url
        self._is_asked_for = is_asked_for
        self._is_there = False
        self._missing: UpstreamError | None = None
        self._missing_until: datetime | None = None
        self._list = EchoList(wiki.url, self._ask, self._largest_chunk)
        self._marking = EchoMarking(wiki, self._list, self._find_row)

    @property
    def health(self) -> LoginHealth:
        return self._wiki.health

    @property
    def left_out(self) -> UpstreamError | None:
        return None if self._is_asked_for else self._known_to_be_missing()

    def recognises(self, row: Row) -> bool:
        return is_row(row)

    async def read(self, request: ChunkRequest) -> Chunk:
        listed = await self._list.read(request)
        return Chunk(
            anchor=request.anchor,
            rows=self._map(listed.rows),
            is_last=listed.is_last,
            fetched_at=self._wiki.clock.now(),
            flaw=left_out(self._url, listed.unreadable),
        )

    async def find(self, key: str) -> EchoNotification | None:
        place = parse_place(key)
        found = await self._find_row(place) if place is not None else None
        return self._map([found])[0] if found is not None else None

    async def ask_read_state(self) -> ReadState:
        return AsItIs()

    async def count_unread(self) -> UnreadTally:
        told = await self._ask(_COUNT)
        if told.alert is None or told.message is None:
            raise bad_response(
                self._url, "did not say how many notifications are unread: check Echo's version."
            )
        counts = told.alert.rawcount, told.message.rawcount
        is_capped = any(each >= MOST_OF_A_SECTION for each in counts)
        return UnreadTally(read_count(sum(counts)) or 0, is_capped=is_capped)

    async def count_elsewhere(self) -> Sequence[Elsewhere]:
        """A wiki that is in no farm ignores what asks for it."""
        return read_elsewhere(await self._ask(SUMMARY, may_ignore=True))

    async def ask_profile(self) -> Profile:
        site = await self._wiki.ask_site()
        if not self._is_there:
            await self._ask({**LIST, "notlimit": "1"})
        return site.describe(
            InboxCapabilities(
                can_dismiss=True,
                can_clear=True,
                can_set_timestamp=False,
                can_mark_read=False,
                can_answer_follow_requests=False,
                can_mute_conversations=False,
                can_filter_notifications=False,
                can_count_unread=True,
                can_page_upwards=True,
            )
        )

    async def open_stream(self) -> NotificationStream:
        raise unsupported(self._url, "has no streams: wait for `nextLookAt`.")

    async def inspect(self) -> Inspection:
        try:
            await self._list.read(ChunkRequest(TOP, 1))
        except UpstreamError as failure:
            if self._missing is None or failure.failure_code is UpstreamFailureCode.UNSUPPORTED:
                raise
            site = await self._wiki.ask_site()
            return Inspection(site.describe(InboxCapabilities()), None, (), [_GRANT])
        abilities = ["read and dismiss the wiki's own notifications"]
        return Inspection(await self.ask_profile(), await self.count_unread(), abilities, ())

    def portions(self, keys: Sequence[str]) -> Sequence[Sequence[str]]:
        good = [key for key in keys if parse_place(key) is not None]
        at_once = [good[i : i + MOST_AT_ONCE] for i in range(0, len(good), MOST_AT_ONCE)]
        return [*at_once, *([key] for key in keys if parse_place(key) is None)]

    async def dismiss(self, *keys: str) -> Dismissal:
        places = [place for key in keys if (place := parse_place(key)) is not None]
        if len(places) < len(keys):
            raise NotFound
        await self._marking.mark(places)
        kind, name = EchoNotification.__name__, self.inbox.name
        return Dismissal([make_id(kind, name, key) for key in keys])

    async def clear(self) -> None:
        await self._marking.mark_all()

    async def mark_read(self, key: str) -> None:
        if parse_place(key) is None:
            raise NotFound
        raise unsupported(self._url, "marks its own notifications one by one: dismiss this one.")

    async def set_timestamp(self, pages: WatchedPages, unseen_from: UnseenFrom) -> TimestampSet:
        raise unsupported(
            self._url, "has timestamps for its watchlist alone: configure that among `feeds`."
        )

    def _known_to_be_missing(self) -> UpstreamError | None:
        """Why the login does not have this list, until it is worth asking again."""
        until = self._missing_until
        return self._missing if until and self._wiki.clock.now() < until else None

    async def _ask(self, params: Params, *, may_ignore: bool = False) -> wire.Notifications:
        """What the wiki says of notifications. Raises UpstreamError."""
        missing = self._known_to_be_missing()
        if missing is not None:
            raise missing.with_traceback(None)
        try:
            answer = await self._wiki.query(params, tolerates=IGNORED)
            told = answer.query.notifications
            ignored = [each for each in answer.warnings if each.code in IGNORED]
            if told is None:
                raise self._lacks() if ignored else self._cannot_read()
        except UpstreamError as failure:
            self._note(failure)
            raise
        if ignored and not may_ignore:
            raise self._cannot_read()
        self._is_there, self._missing = True, None
        return told

    def _note(self, failure: UpstreamError) -> None:
        """Remembers what is a trouble of this list alone, and nothing of the login."""
        is_right = failure.failure_code is UpstreamFailureCode.UNAUTHORIZED
        if failure.failure_code is UpstreamFailureCode.UNSUPPORTED:
            lasts = ABSENT_FOR
        elif is_right and not failure.is_login_refused:
            lasts = REFUSED_FOR
        else:
            return
        code, message = failure.failure_code, str(failure)
        self._missing = UpstreamError(code, message, is_unasked=True)
        self._missing_until = self._wiki.clock.now() + lasts
        self._is_there = False

    def _lacks(self) -> UpstreamError:
        return unsupported(
            self._url, "has no notifications of its own: ask its operator to install Echo."
        )

    def _cannot_read(self) -> UpstreamError:
        return bad_response(
            self._url, "sent notifications that cannot be read: check Echo's version."
        )

    async def _find_row(self, place: EchoPlace) -> PlacedRow | None:
        """The row that stands at a place, read or not; None where there is none."""
        told = await self._ask({**LIST, "notcontinue": str(place), "notlimit": "1"})
        found = [
            each for each in told.rows if each is not None and str(each.id) == str(place.number)
        ]
        return PlacedRow(place, found[0]) if found else None

    def _largest_chunk(self) -> int:
        site = self._wiki.known_site
        rights = (site.user.rights or ()) if site is not None else ()
        return LARGEST_WITH_HIGH_LIMITS if "apihighlimits" in rights else LARGEST_CHUNK

    def _map(self, rows: Sequence[PlacedRow]) -> list[EchoNotification]:
        mapper = EchoMapper(self.inbox, self._wiki.site.addresses)
        return [mapper.map(each.row, each.place) for each in rows]
