"""One list of one subscription: what is to be sent of it next, and where it stands then.

It reads from the login's newest rows, whoever has renewed them, and has no queue: what is not sent
yet is what stands above its cut and is not named as sent. Where the row that the cut stands on is
not among the newest, as much came meanwhile, it reads up from there first: that is its bridge.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime

from resolvers.errors import UpstreamError, UpstreamFailureCode
from resolvers.live.cut import MOST_NAMED, LiveCut, find_highest, leave_out, name_row, place_above
from resolvers.live.unseen import UnseenNames
from resolvers.merging.filter import Filter
from resolvers.seam.chunk import BOTTOM, TOP, Anchor, ChunkRequest, Direction, Place, Row
from resolvers.seam.live import LAG, Happening, NewestRows, Watch, Wiped
from resolvers.seam.upstream import ReadState
from resolvers.seam.writes import Dismissal
from resolvers.types.live import ChangeReason
from resolvers.types.notification import Notification

MOST_JOINING = 20
"""Rows of an inbox that joins which are sent."""
MOST_CHUNKS = 10
"""Read of one inbox for what came while nobody was subscribed."""
_MOST_UNDER = 50
"""Rows below the cut that are remembered, for when the one that it stands on leaves."""
_CHUNK = 80

Rows = Sequence[Notification]


class Follower:
    """Follows one list from `cut` on; a list without one joins when it can be read.

    `tells_unread` is whether `isUnread` is asked for, or filtered by.
    """

    def __init__(
        self, watch: Watch, wanted: Filter, cut: LiveCut | None, *, tells_unread: bool
    ) -> None:
        self.watch = watch
        self._wanted = wanted
        self._tells_unread = tells_unread
        self.has_place = cut is not None
        self._token = cut.token if cut is not None else b""
        self._sent = set(cut.sent) if cut is not None else set()
        self._unseen = UnseenNames(self._sent, watch.now)
        place = cut.place if cut is not None else place_above(None)
        self._is_inclusive = place.below is None and place.above is not None
        self._below = place.above if self._is_inclusive else place.below
        self._ladder: Rows = ()  # what stands above the cut, the lowest first
        self._bridge: Rows = ()
        self._under: Rows = ()  # what the cut stands on, and what is below that
        self._lacking: Rows = ()  # what it stood on, and a look lacked: sent, unless it has left
        self._state: ReadState | None = None
        self._has_state = not tells_unread
        self.is_to_be_prepared = False
        self.is_behind = False
        self.has_gap = False
        self.is_joining = False
        self.top: Row | None = self._below
        self._is_of_page = cut is not None and not cut.token
        self._opened_at, self._opened_under, self._opened_on = watch.now, watch.token, self._below

    @property
    def cut(self) -> LiveCut | None:
        """Where it stands now, with all that it has given counted as sent."""
        if not self.has_place:
            return None
        below, above = self._below, [*self._ladder]
        while len(self._sent) > MOST_NAMED and above and name_row(above[0].row) in self._sent:
            self._sent.discard(name_row(above[0].row))
            below = above.pop(0).row
        self._below, self._ladder = below, above
        place = Place(TOP, below, None) if self._is_inclusive else place_above(below)
        return LiveCut(place, frozenset([*self._sent][-MOST_NAMED:]), self._token)

    def happenings(self) -> Sequence[Happening]:
        """What the write log has that was not told yet, which is thereby told."""
        if not self.has_place or not self.watch.has_looked:
            return ()
        told = [] if self._token else self._happened_before()
        happened = self.watch.since(self._token)
        self._token = happened.token
        self._forget_sent(happened.happenings)
        return self._without_returned([*told, *happened.happenings])

    def _forget_sent(self, told: Sequence[Happening]) -> None:
        """What was dismissed is to be sent if it is listed again, also what the cut stands on."""
        gone = [each for each in told if isinstance(each, Dismissal)]
        known = [*self._ladder, *self._bridge, *self._lacking, *self._under] if gone else []
        left = {row.row for row in known if any(each.covers(row) for each in gone)}
        self._sent.difference_update(map(name_row, left))
        self._bridge = leave_out(self._bridge, left)
        self._lacking = leave_out(self._lacking, left)
        if self._below in left and (staying := leave_out(self._under, left)):
            self._below = staying[0].row

    def _without_returned(self, told: Sequence[Happening]) -> Sequence[Happening]:
        """The same, without taking out what is listed again: it left longer ago than it came."""
        newest = self.watch.newest()
        if newest is None or not told or self.watch.scope.include_seen:
            return told
        listed = {row.id for row in newest.shown.values()}
        return [
            replace(each, notification_ids=[i for i in each.notification_ids if i not in listed])
            if isinstance(each, Dismissal)
            else each
            for each in told
        ]

    def _happened_before(self) -> Sequence[Happening]:
        """What the log had when this began, for who knows a page of any time before that.

        Whether the page is older than a clearing, the row tells that it begins with.
        """
        self._token = self._opened_under
        known = self.watch.until(self._opened_under)
        wiped_at = max((each.at for each in known if isinstance(each, Wiped)), default=None)
        if wiped_at is None or self.watch.scope.include_seen:
            return known
        rest = [each for each in known if not isinstance(each, Wiped)]
        newest = self.watch.newest()
        is_younger = newest is not None and any(
            row.row == self._opened_on and row.created_at > wiped_at + LAG for row in newest.held
        )
        return rest if is_younger or self._opened_on is None else [*rest, ChangeReason.LOG_LOST]

    def begin_here(self) -> None:
        """Of an inbox without a place: nothing that is there now is to be sent."""
        newest = self.watch.newest()
        if newest is not None:
            self._settle(newest, unsent=0)

    def join(self) -> None:
        """Takes a place in an inbox that has none, below its newest, if it can be read."""
        newest = self.watch.newest()
        if newest is not None:
            self._settle(newest, unsent=MOST_JOINING)
            self.is_joining = True

    def wipe(self) -> None:
        """Nothing of what was there is left: whatever is listed from now on is to be sent."""
        self._below, self._is_inclusive, self._sent = None, False, set()
        self._unseen = UnseenNames(self._sent, self.watch.now)
        self._ladder = self._bridge = self._under = self._lacking = ()

    def skip_gap(self) -> None:
        """Goes on at the newest."""
        self.has_gap = False
        self.begin_here()

    def take(self) -> Iterator[Notification]:
        """What is to be sent now, the lowest first; each counts as sent once it is given.

        Where that cannot be said yet, `is_to_be_prepared` is set.
        """
        newest = None if self.watch.is_held_back else self.watch.newest()
        if newest is None or not self.has_place or self.has_gap:
            return
        self.is_behind = not self._line_up(newest)
        if self.is_behind:
            self.is_to_be_prepared = True
            return
        unsent = [row for row in self._ladder if name_row(row.row) not in self._sent]
        if unsent and not self._has_state:
            self.is_to_be_prepared = True
            return
        held = {row.row for row in newest.held}
        for row in unsent:
            shown = newest.shown.get(row.row) if row.row in held else row
            if shown is None:  # it has left; if it comes back, it is to be sent
                continue
            self._sent.add(name_row(row.row))
            told = self._state(shown) if self._state is not None else shown
            self.top = row.row
            if self._wanted.matches(told):
                yield told
        self._has_state = not self._tells_unread
        self._move_up(newest)
        self.is_joining = False

    async def prepare(self) -> bool:
        """Reads what `take` needs; whether it is there, else it is tried again at the next wake."""
        self.is_to_be_prepared = False
        try:
            newest = self.watch.newest()
            if newest is not None and not self._line_up(newest):
                await self._build_bridge(newest)
            if self._tells_unread:
                self._state, self._has_state = await self._ask_state(), True
        except UpstreamError as failure:
            self.has_gap = failure.failure_code is UpstreamFailureCode.UNSUPPORTED
            return self.has_gap
        newest = self.watch.newest()
        return self.has_gap or (newest is not None and self._line_up(newest))

    async def _ask_state(self) -> ReadState | None:
        try:
            return await self.watch.ask_read_state()
        except UpstreamError:
            return None

    async def _build_bridge(self, newest: NewestRows) -> None:
        """Reads up from the cut to the newest rows. Raises UpstreamError."""
        rows: list[Notification] = []
        scope, since = self.watch.scope, newest.fetched_at
        anchor = BOTTOM
        if self._below is not None:
            anchor = Anchor(Direction.UP, self._below, inclusive=self._is_inclusive)
        for _ in range(MOST_CHUNKS):
            limit = self.watch.upstream.health.rate_limit
            if limit is not None and limit.remaining * 2 < limit.limit:
                break  # the rest is left to queries
            chunk = await self.watch.read(ChunkRequest(anchor, _CHUNK, scope, not_before=since))
            rows += reversed(chunk.rows)
            if rows:
                anchor = Anchor(Direction.UP, rows[-1].row)
            if chunk.rows and not chunk.is_last:
                continue
            await self.watch.read(ChunkRequest(TOP, _CHUNK, scope, not_before=chunk.fetched_at))
            reached = self.watch.newest()
            if reached is None:
                return
            if not rows:
                self._stand_on_top(reached, chunk.fetched_at)
                return
            if find_highest(rows, reached.held) is not None:
                self._bridge = rows
                return
        self.has_gap = True

    def _stand_on_top(self, newest: NewestRows, looked_at: datetime) -> None:
        """Nothing was above the cut, whose row has left: only what came since is to be sent."""
        came_since = sum(
            newest.first_seen.get(row.row, looked_at) > looked_at for row in newest.held
        )
        self._settle(newest, unsent=came_since, keeps_token=True)

    def _settle(self, newest: NewestRows, unsent: int, *, keeps_token: bool = False) -> None:
        """Counts all but so many of the newest as sent."""
        rows, named = newest.held[::-1], self._sent
        self.wipe()
        if rows and not newest.is_whole:
            self._below, self._is_inclusive = rows[0].row, unsent >= len(rows)
            rows = rows if self._is_inclusive else rows[1:]
        self._sent = named | {name_row(row.row) for row in rows[: max(0, len(rows) - unsent)]}
        self._ladder, self.has_place = rows, True
        self.top = newest.held[unsent].row if unsent < len(newest.held) else self._below
        if not keeps_token:
            self._token = self.watch.token
        if not unsent:
            self._move_up(newest)

    def _line_up(self, newest: NewestRows) -> bool:
        """Finds what stands above the cut; False where the newest rows do not reach down to it."""
        held, at = newest.held, self._find(newest)
        if at is not None:
            self._bridge, self._under = (), held[at : at + _MOST_UNDER]
            self._ladder = held[:at][::-1]
            if self._is_of_page:
                self._lag(newest, at)
            return True
        found = find_highest(self._bridge, held)
        if found is None:
            return False
        of_bridge, of_held = found
        self._ladder = [*self._bridge[: of_bridge + 1], *held[:of_held][::-1]]
        return True

    def _lag(self, newest: NewestRows, at: int) -> None:
        """Moves the cut of a page's cursor down below rows that are young, which the page had.

        What was not there when this began is to be sent, wherever it is.
        """
        self._is_of_page = False
        held, seen, now = newest.held, newest.first_seen, self.watch.now
        young = [i for i in range(at, len(held)) if now - seen[held[i].row] < LAG]
        if not young:
            return
        end = young[-1] + 1
        self._ladder = held[:end][::-1]
        self._sent = {name_row(row.row) for row in held[at:end] if seen[row.row] < self._opened_at}
        if end < len(held):
            self._below = held[end].row
        elif newest.is_whole:
            self._below = None
        else:
            self._below, self._ladder = held[-1].row, self._ladder[1:]

    def _find(self, newest: NewestRows) -> int | None:
        """How many of the newest rows stand above the cut."""
        if self._below is None:
            return len(newest.held) if newest.is_whole or not newest.held else None
        places = {row.row: at for at, row in enumerate(newest.held)}
        if self._below in places:
            at = places[self._below] + self._is_inclusive
            if self._is_inclusive and (at < len(newest.held) or newest.is_whole):
                self._is_inclusive = False
                self._below = newest.held[at].row if at < len(newest.held) else None
            return at
        first = next((i for i, row in enumerate(self._under) if row.row in places), None)
        if first is None:
            return None
        lacking = self._under[:first]  # what the cut stood on is not listed, maybe for a moment
        self._lacking = [*self._lacking, *lacking][-_MOST_UNDER:]
        self._sent.update(name_row(row.row) for row in lacking)
        self._below = self._under[first].row
        return places[self._below]

    def _move_up(self, newest: NewestRows) -> None:
        """Moves the cut up to the lowest row that is young, or has left: it may come back there."""
        rows, now, seen, left = self._ladder, self.watch.now, newest.first_seen, newest.left
        ages = ((row.row, now - seen.get(row.row, row.created_at)) for row in rows)
        staying = (at for at, (row, age) in enumerate(ages) if row in left or age < LAG)
        at = max(next(staying, len(rows)), len(rows) - MOST_NAMED)
        if at > 0:
            self._below, self._is_inclusive = rows[at - 1].row, False
        self._ladder = rows[at:]
        above = {row.row for row in self._ladder}
        self._lacking = leave_out(self._lacking, above)
        kept = {name_row(row) for row in (*above, *(each.row for each in self._lacking))}
        self._sent &= kept | self._unseen.left((*newest.held, *rows), now)
        reaches = newest.is_whole or self._below in {row.row for row in newest.held}
        self._bridge = () if reaches else leave_out(self._ladder, left)
        if reaches:
            below = next((i for i, row in enumerate(newest.held) if row.row == self._below), None)
            self._under = newest.held[below:][:_MOST_UNDER] if below is not None else ()
