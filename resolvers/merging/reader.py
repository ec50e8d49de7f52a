"""Reads one inbox on from a place, chunk by chunk, and always knows where it stands."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from resolvers.errors import UpstreamError, UpstreamFailureCode
from resolvers.merging.filter import INVERSION
from resolvers.merging.joining import read_newest
from resolvers.merging.page_request import MOST_CHUNKS, PageRequest, ReadBudget
from resolvers.seam.chunk import BOTTOM, TOP, Anchor, Chunk, ChunkRequest, Direction, Place, Row
from resolvers.seam.upstream import ReadState, Upstream
from resolvers.types.notification import Notification

FEWEST = 40
"""Rows asked for at least, so that small pages share a chunk."""

_HAS_NOTHING = {UpstreamFailureCode.UNAUTHORIZED, UpstreamFailureCode.UNSUPPORTED}
"""After these an inbox does not count as having more: paging on would never end."""


class Reader:
    """One inbox's part in one page.

    `head` is the next row to show, where one is at hand. Once it is None, `fill` looks for
    another; afterwards the reader has a head, is at the end, has failed, or has read as much as
    one page may.
    """

    def __init__(
        self, upstream: Upstream, start: Place | None, wanted: PageRequest, budget: ReadBudget
    ) -> None:
        self.upstream = upstream
        self.failure: UpstreamError | None = None
        self.surprise: Exception | None = None
        self.flaw: UpstreamError | None = None
        self.fetched_at: datetime | None = None
        self.is_stale = False
        self._wanted = wanted
        self._takes_all = wanted.filter.takes_all_of(upstream)
        self._budget = budget
        self._is_up = wanted.direction is Direction.UP
        self._joins_late = self._is_up and wanted.is_from_cut and start is None
        self._can_match = wanted.filter.can_match(upstream)
        self.is_at_end = not self._can_match or (
            start is not None and start.was_empty and not self._is_up
        )
        self._start = start
        self._near: Place | None = start
        self._read_to = start
        self._chunk = start.chunk if start else TOP
        self._rows: list[Notification] = []  # those ahead, the next one last: popping is cheap
        self._passed: Row | None = None
        self._passed_first: Row | None = None
        if start is not None:
            self._passed = start.below if self._is_up else start.above
        self._chunks_read = 0
        self._is_cut_short = False
        self._joined_open = False
        self._looked_from: datetime | None = None
        self._looked_to: datetime | None = None
        self._tell_unread: ReadState | None = None

    @property
    def head(self) -> Notification | None:
        return self._rows[-1] if self._rows else None

    @property
    def trouble(self) -> UpstreamError | None:
        """What to report of this inbox: that it failed, or that rows of it could not be read."""
        return self.failure or self.flaw

    @property
    def can_read_on(self) -> bool:
        is_done = self.is_at_end or self.failure is not None
        return not (is_done or self._is_cut_short or self._chunks_read >= MOST_CHUNKS)

    @property
    def horizon(self) -> datetime | None:
        """No row that is still to come lies before this; None where none is to come.

        Of a reader that has read as much as one page may it is the last row's, as its next
        could have the same time.
        """
        if self._rows:
            return self._rows[-1].created_at
        is_searching = self.failure is None and not self.is_at_end
        return self._looked_to if is_searching else None

    @property
    def may_have_more(self) -> bool:
        """Whether rows may lie beyond those shown, as far as is known."""
        if self._rows or (self._is_up and self.is_stale):
            return True  # going up, an old copy does not know what has arrived
        if self.failure is None:
            return not self.is_at_end
        is_at_bottom = self._start is not None and self._start.is_bottom and not self._is_up
        knew_its_end = is_at_bottom and self._chunks_read == 0
        return not knew_its_end and self.failure.failure_code not in _HAS_NOTHING

    def take(self, most: int) -> Sequence[Notification]:
        """The head and what follows it at hand, no more than `most`, which are thereby shown."""
        if self._takes_all:
            taken = self._rows[: -most - 1 : -1]
            del self._rows[-most:]
            self._passed = taken[-1].row
            return taken
        taken = []
        while self._rows and len(taken) < most:
            row = self._rows.pop()
            taken.append(row)
            self._passed = row.row
            self._skip_unwanted()
        return taken

    async def fill(self) -> None:
        """Reads on until there is a head or no use in going on; a failure is kept, not raised."""
        while self.head is None and self.can_read_on:
            if self._chunks_read and not self._budget.take():
                self._is_cut_short = True
                return
            try:
                self._take(await self._read())
            except UpstreamError as failure:
                self.failure = failure
            except Exception as error:  # whatever it is, it is no other inbox's
                self.surprise, self.failure = error, self._cannot_read()

    def _cannot_read(self) -> UpstreamError:
        return UpstreamError(
            UpstreamFailureCode.BAD_RESPONSE,
            f"{self.upstream.inbox.instance.url} could not be read by a mistake of the gateway: "
            "ask its operator to look in the log.",
        )

    @property
    def near(self) -> Place | None:
        """The place before all that was looked at; None where nothing ever was."""
        return self._near

    @property
    def gap(self) -> Place | None:
        """The place between the row passed last and the next; None where nothing was ever read."""
        if self._chunks_read == 0:
            return self._start
        if self._rows:
            return self._place(self._passed, self._rows[-1].row)
        if self._passed is None and self._start is not None:
            return self._start  # nothing is there to stand next to
        return self._place(self._passed, None, is_open=not self.is_at_end)

    def has_seen_around(self, since: datetime, until: datetime) -> bool:
        """Whether no other row from `since` to before `until` can be there than those passed.

        That is where on both sides the list's end was seen, or a row outside by more than an
        instance's order may go against its clock.
        """
        if not self._can_match:
            return True
        ahead = self._rows[-1].created_at if self._rows else self._looked_to
        near = self._begins_at_end, self._looked_from
        far = self.is_at_end and not self._rows, ahead
        (is_top, newest), (is_bottom, oldest) = (far, near) if self._is_up else (near, far)
        is_above = (is_top and not self.is_stale) or (
            newest is not None and newest - until >= INVERSION
        )
        return is_above and (is_bottom or (oldest is not None and since - oldest > INVERSION))

    @property
    def _begins_at_end(self) -> bool:
        """Whether nothing lies behind where this page begins to read, as was seen."""
        if self._chunks_read == 0 or self._start is not None:
            return False
        return self._passed_first is None and not self._joined_open

    @property
    def chunk(self) -> Anchor:
        """Where the chunk begins that the rows ahead were seen in."""
        return self._chunk

    async def _read(self) -> Chunk:
        """The next chunk, and with the first what tells whether rows are unread, if asked."""
        if self._chunks_read:
            return await self._read_chunk(self._request())
        if self._joins_late:
            return await self._join()
        if not self._wanted.tells_unread:
            return await self.upstream.read(self._request())
        chunk, self._tell_unread = await asyncio.gather(
            self.upstream.read(self._request()), self._learn_unread()
        )
        return self._tell(chunk)

    async def _read_chunk(self, request: ChunkRequest) -> Chunk:
        return self._tell(await self.upstream.read(request))

    def _tell(self, chunk: Chunk) -> Chunk:
        """The chunk, with what is known of each row's being unread."""
        if self._tell_unread is None:
            return chunk
        return replace(chunk, rows=[self._tell_unread(row) for row in chunk.rows])

    async def _join(self) -> Chunk:
        """The newest of an inbox that has no place yet; what lies below it is left there."""
        if self._wanted.tells_unread:
            self._tell_unread = await self._learn_unread()
        newest = await read_newest(self._read_chunk, self._request(), self._wanted, self._budget)
        self._passed = self._passed_first = newest.below
        self._joined_open = newest.is_open
        self.failure = newest.failure
        return replace(newest.chunk, is_last=True)  # nothing is newer

    async def _learn_unread(self) -> ReadState | None:
        """None where the instance cannot say; with `unreadOnly` that is a failure, not a guess."""
        try:
            return await self.upstream.ask_read_state()
        except UpstreamError as failure:
            if not self._wanted.filter.unread_only:
                return None
            if failure.failure_code in _HAS_NOTHING:
                raise UpstreamError(UpstreamFailureCode.UNSUPPORTED, str(failure)) from None
            raise

    def _request(self) -> ChunkRequest:
        wanted = self._wanted
        limit = max(FEWEST, wanted.count + 1)
        scope = wanted.filter.scope_of(self.upstream)
        if self._read_to is not None:
            anchor = self._read_to.beyond(wanted.direction)
            return ChunkRequest(anchor, limit, scope, self._read_to.chunk, wanted.not_before)
        end = BOTTOM if self._is_up else TOP
        return ChunkRequest(end, limit, scope, not_before=wanted.not_before)

    def _take(self, chunk: Chunk) -> None:
        is_first, rows = self._chunks_read == 0, list(chunk.rows)
        self._chunks_read += 1
        self._chunk = chunk.anchor
        self.is_at_end = chunk.is_last or not rows
        self.is_stale |= chunk.is_stale
        self.flaw = self.flaw or chunk.flaw
        self.fetched_at = min(self.fetched_at or chunk.fetched_at, chunk.fetched_at)
        if is_first and (rows or self._passed is not None or self._start is None):
            first = (rows[-1] if self._is_up else rows[0]).row if rows else None
            self._near = self._place(self._passed, first, is_open=self._joined_open)
        if not rows:
            return
        first_seen = (rows[-1] if self._is_up else rows[0]).created_at
        self._looked_from = self._looked_from or first_seen
        self._read_to = self._place(chunk.end(self._wanted.direction), None)
        self._looked_to = (rows[0] if self._is_up else rows[-1]).created_at
        self._rows = rows if self._is_up else rows[::-1]
        self._skip_unwanted()

    def _skip_unwanted(self) -> None:
        """Passes rows until one that is wanted; beyond a time that is past there is none."""
        if self._takes_all:
            return
        wanted = self._wanted.filter
        while self._rows and not wanted.matches(self._rows[-1]):
            row = self._rows.pop()
            self._passed = row.row
            if wanted.is_past(row, self._wanted.direction):
                self._rows.clear()
                self.is_at_end = True

    def _place(self, behind: Row | None, ahead: Row | None, *, is_open: bool = False) -> Place:
        """A gap in the current chunk, between what was passed and what comes."""
        if self._is_up:
            return Place(self._chunk, above=ahead, below=behind, is_open=is_open)
        return Place(self._chunk, above=behind, below=ahead, is_open=is_open)
