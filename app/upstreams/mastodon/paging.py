"""From one answer of a list to the next, until there is something to show.

Servers differ in what `max_id` and `min_id` leave out, and some ignore them. So of an answer only
what lies beyond the row that was asked beyond is taken, each ID once; one that has nothing of it is
the end, or a failure that is told.
"""

import asyncio
import re
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from urllib.parse import quote

from app.clock import Clock
from app.upstreams.http.answer_size import AnswerSize, AnswerTooLarge
from app.upstreams.http.client import Pairs
from app.upstreams.http.refusals import bad_response, left_out
from app.upstreams.http.reply import Reply
from app.upstreams.mastodon import wire
from app.upstreams.mastodon.api import LIST, MastodonApi
from app.upstreams.mastodon.decoding import RowDecoder, Sent
from app.upstreams.mastodon.links import read_links
from app.upstreams.mastodon.mapping import TOLD_TYPES
from app.upstreams.mastodon.rows import encode_row, is_id, is_timed, order_of
from app.upstreams.mastodon.software import Software
from app.upstreams.reading.values import read_instant
from resolvers.errors import UpstreamError
from resolvers.seam.chunk import Anchor, Chunk, Direction, rows_beyond
from resolvers.tasks import begin
from resolvers.types.mastodon import MastodonNotification
from resolvers.types.notification_type import NotificationType

Rows = Sequence[MastodonNotification]
Learn = Callable[[], Awaitable[Software]]
"""Asks the instance about itself, once: rows show what it says. It never raises."""

LARGEST_CHUNK = 80
"""What Mastodon gives at most; every server takes a larger number for its own most."""

FALLBACKS = [("supported_types[]", each) for each in TOLD_TYPES]
"""Asks for the instance's own words for all other types."""

LOWEST_ID = "0"
"""Below every ID, compared as a number or as text."""

MOST_ROWS = 1000
"""Rows of one answer that are looked at: some servers give all there are, whatever is asked."""

MOST_EMPTY = 5
"""Answers without a row after which the end is taken for granted."""

INVERSION = timedelta(seconds=1)
"""By how much the order of IDs may go against that of times; at real servers it is milliseconds."""

MOST_TIMES = 20
"""When so many rows of one login happened is remembered."""

SMALLEST_PAGE = 15
"""Members that every server gives at once if it has them: a list that repeats fewer has no more."""

PATIENCE = 0.5
"""Seconds for which a list that is there waits for what its instance says of itself."""

UNREADABLE = "sent a notification whose ID cannot be read: check which software runs there."
_STUCK = (
    "repeats its newest notifications where older ones are asked for: there may be more of them "
    "than it gives. Look there for them."
)

_FIRST_ID = re.compile(rb'\s*\[\s*\{\s*"id"\s*:\s*"?([!#-\[\]-~]{1,200})["\s,]')
"""Of the first row of a list, as nearly all servers write it."""


class MastodonPaging:
    """Asks for the list of one login, by answers as large as can be read."""

    def __init__(
        self,
        api: MastodonApi,
        decoder: RowDecoder,
        clock: Clock,
        learn: Learn,
        listed: Pairs = (),
    ) -> None:
        self._listed = listed
        self._fallbacks: Pairs = ()
        self._learn = learn
        self._api = api
        self._decoder = decoder
        self._clock = clock
        self.size = AnswerSize()
        self._times: OrderedDict[str, datetime] = OrderedDict()

    async def list(self, anchor: Anchor, where: Pairs, limit: int) -> Chunk:
        """One answer or, where nothing of it can be shown, the next that has something.

        GoToSocial may filter all rows of an answer away; others may not be readable. BAD_RESPONSE
        where that is so from the very beginning.
        """
        asking = _Asking(anchor.direction, where, min(limit, LARGEST_CHUNK))
        too_large = None
        for _ in range(MOST_EMPTY):
            try:
                reply = await self.size.ask(asking.limit, partial(self._ask, asking.where))
            except AnswerTooLarge as error:
                asking.where, too_large = [self._past_first(error, asking)], error
                asking.unreadable += 1
                continue
            too_large = None
            if not await self._take(asking, reply):
                break
        if too_large is not None:
            raise too_large
        return self._chunk(anchor, asking)

    def _chunk(self, anchor: Anchor, asking: "_Asking") -> Chunk:
        if asking.unreadable and not asking.rows and anchor.row is None:
            raise bad_response(self._api.url, UNREADABLE)
        flaw = left_out(self._api.url, asking.unreadable)
        if asking.is_stuck:
            flaw = bad_response(self._api.url, _STUCK)
        return Chunk(
            anchor=anchor,
            rows=asking.rows,
            is_last=not asking.rows or asking.is_last,
            fetched_at=self._clock.now(),
            flaw=flaw,
        )

    async def _take(self, asking: "_Asking", reply: Reply) -> bool:
        """What an answer has that was asked for; whether another one is to be asked for."""
        texts = self._api.decode(reply, wire.NotificationTexts)
        has_words = await self._learn_whether_it_has_words()
        is_cut = len(texts) > MOST_ROWS
        if is_cut:  # those next to the anchor are kept, and the next chunk has more
            texts = texts[-MOST_ROWS:] if asking.is_up else texts[:MOST_ROWS]
        sent = self._decoder.decode(texts)
        if has_words and not self._fallbacks and any(map(_is_unknown, sent.rows)):
            self._fallbacks = FALLBACKS
            return True  # asked again, for what the instance itself says of it
        self._remember(sent.rows)
        asking.unreadable += sent.unreadable
        asking.rows = await self._beyond(sent.rows, asking)
        if sent.rows and not asking.rows:
            return asking.widens(len(texts))
        links = read_links(reply)
        following = links.get("prev" if asking.is_up else "next")
        # without a Link (snac), or with a proxy's own, only an empty page is the end
        asking.is_last = bool(links) and following is None and not is_cut
        return not asking.rows and asking.goes_on(following, sent)

    async def _learn_whether_it_has_words(self) -> bool:
        """For types that we do not know; besides, rows show what an instance says of itself."""
        learning = begin(self._learn())
        await asyncio.wait({learning}, timeout=PATIENCE)
        return learning.done() and learning.result().tells_fallbacks

    async def _beyond(self, rows: Rows, asking: "_Asking") -> Rows:
        """Of an answer those rows that lie beyond the one that it was asked beyond."""
        bound = asking.bound
        if bound is None or is_timed(bound):  # the latter is compared by whoever asks
            return rows
        ids = [row.database_id for row in rows]
        if bound in ids:
            at = Anchor(asking.direction, encode_row(bound))
            return rows_beyond(rows, ids.index(bound), at)
        are_ordered = ids == sorted(ids, key=order_of, reverse=True)
        if are_ordered and all(_is_past(each, bound, asking.direction) for each in ids):
            known = self._times.get(bound)
            if known is None or any(row.created_at - known <= INVERSION for row in rows):
                return rows  # as nearly all servers answer
        at_time = await self._time_of(bound)
        if at_time is not None and asking.is_up:
            return [row for row in rows if row.created_at >= at_time]
        if at_time is not None:
            return [row for row in rows if row.created_at <= at_time]
        if not are_ordered:
            return rows  # its IDs say nothing of their order, and the row is gone
        return [row for row in rows if _is_past(row.database_id, bound, asking.direction)]

    def _remember(self, rows: Rows) -> None:
        """When those at the ends of an answer happened, beyond which more is asked for."""
        for row in (rows[0], rows[-1]) if rows else ():
            self._times[row.database_id] = row.created_at
            self._times.move_to_end(row.database_id)
        while len(self._times) > MOST_TIMES:
            self._times.popitem(last=False)

    async def _time_of(self, database_id: str) -> datetime | None:
        """When a notification happened; None where neither we nor the server know it any more."""
        if database_id in self._times:
            return self._times[database_id]
        reply = await self._api.get(f"{LIST}/{quote(database_id, safe='')}")
        try:
            return read_instant(self._api.decode(reply, wire.Notification).created_at)
        except UpstreamError:
            return None

    async def _ask(self, where: Pairs, limit: int) -> Reply:
        return await self._api.get(
            LIST, [("limit", str(limit)), *self._listed, *self._fallbacks, *where]
        )

    def _past_first(self, error: AnswerTooLarge, asking: "_Asking") -> tuple[str, str]:
        """How to ask for what lies beyond a row that is too large; its ID is how it begins."""
        first = _FIRST_ID.match(error.reply.body)
        links = read_links(error.reply)
        past = links.get("prev" if asking.is_up else "next")
        if first is not None and is_id(first[1].decode("latin-1")):
            past = bound_at(asking.direction, first[1].decode("latin-1"))
        if past is None or [past] == asking.where:
            raise error
        return past


@dataclass(slots=True)
class _Asking:
    """What is asked for, and what has come of it so far."""

    direction: Direction
    where: Pairs
    limit: int
    rows: Rows = ()
    unreadable: int = 0
    is_last: bool = False
    is_stuck: bool = False
    repeated: int = 0

    @property
    def is_up(self) -> bool:
        return self.direction is Direction.UP

    @property
    def bound(self) -> str | None:
        """The ID that is asked beyond."""
        bound = self.where[-1][1] if self.where else LOWEST_ID
        return bound if bound != LOWEST_ID else None

    def widens(self, repeated: int) -> bool:
        """Whether more rows are to be asked for, of an answer that had nothing but known ones.

        Where that is no use either, there may be more than the server gives.
        """
        has_grown, self.repeated = repeated > self.repeated > 0, repeated
        if repeated < SMALLEST_PAGE or (has_grown and repeated < self.limit):
            return False
        if self.limit < LARGEST_CHUNK:
            self.limit = LARGEST_CHUNK
            return True
        self.is_stuck = True
        return False

    def goes_on(self, following: tuple[str, str] | None, sent: Sent) -> bool:
        """Whether another answer is to be asked for, after one without a row that can be shown."""
        further = following
        if further is None and sent.rows:
            farthest = sent.rows[0 if self.is_up else -1]
            further = bound_at(self.direction, farthest.database_id)
        if further is None or [further] == self.where:
            return False
        self.where = [further]
        return True


def _is_past(database_id: str, bound: str, direction: Direction) -> bool:
    """Whether an ID lies beyond another one, where IDs are in the order of their notifications."""
    here, there = order_of(database_id), order_of(bound)
    return here > there if direction is Direction.UP else here < there


def _is_unknown(row: MastodonNotification) -> bool:
    return row.type is NotificationType.OTHER


def bound_at(direction: Direction, database_id: str) -> tuple[str, str]:
    """The parameter that asks for what lies beyond an ID, the row itself left out."""
    return ("min_id" if direction is Direction.UP else "max_id", database_id)
