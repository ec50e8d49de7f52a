"""Reads one inbox downwards from a place, chunk by chunk, and always knows where it stands."""

from datetime import datetime

from resolvers.chunk import TOP, Chunk, ChunkRequest, Place, Row, Scope
from resolvers.errors import UpstreamError, UpstreamFailureCode
from resolvers.types.notification import Notification
from resolvers.upstream import Upstream

FEWEST = 40
"""Rows asked for at least, so that small pages share a chunk."""

MOST_CHUNKS = 10
"""Chunks of one inbox that one page may read, so that no search is without an end."""

_HAS_NOTHING = {UpstreamFailureCode.UNAUTHORIZED, UpstreamFailureCode.UNSUPPORTED}
"""After these an inbox does not count as having more: paging on would never end."""


class Reader:
    """One inbox's part in one page.

    `head` is the next row to show, where one is at hand. Once it is None, `fill` looks for
    another; afterwards the reader has a head, is at the end, has failed, or has read as much as
    one page may.
    """

    def __init__(self, upstream: Upstream, start: Place | None, scope: Scope) -> None:
        self.upstream = upstream
        self.failure: UpstreamError | None = None
        self.fetched_at: datetime | None = None
        self.is_stale = False
        self.is_at_end = start is not None and start.was_empty
        self._scope = scope
        self._start = start
        self._chunks_read = 0
        self._read_to = start
        self._rows: list[Notification] = []  # not shown yet, oldest first: popping is cheap
        self._chunk = start.chunk if start else TOP
        self._shown: Row | None = start.above if start else None
        self._top: Place | None = start
        self._looked_to: datetime | None = None

    @property
    def head(self) -> Notification | None:
        return self._rows[-1] if self._rows else None

    @property
    def can_read_on(self) -> bool:
        return not self.is_at_end and self.failure is None and self._chunks_read < MOST_CHUNKS

    @property
    def horizon(self) -> datetime | None:
        """No row that is still to come is newer than this; None where none is to come.

        Of a reader that has read as much as one page may it is the last row's, as its next
        could be just as new.
        """
        if self._rows:
            return self._rows[-1].created_at
        return self._looked_to if self.may_have_more and self.failure is None else None

    @property
    def may_have_more(self) -> bool:
        """Whether rows may lie beyond those shown, as far as is known."""
        if self._rows:
            return True
        if self.failure is None:
            return not self.is_at_end
        started_at_end = self._start is not None and self._start.is_bottom
        knew_its_end = started_at_end and self._chunks_read == 0
        return not knew_its_end and self.failure.failure_code not in _HAS_NOTHING

    def pop(self) -> Notification:
        """The head, which is thereby shown."""
        notification = self._rows.pop()
        self._shown = notification.row
        return notification

    async def fill(self, count: int) -> None:
        """Reads on until there is a head or no use in going on; a failure is kept, not raised."""
        while self.head is None and self.can_read_on:
            try:
                self._take(await self.upstream.read(self._request(count)))
            except UpstreamError as failure:
                self.failure = failure

    @property
    def top(self) -> Place | None:
        """The place above all that was looked at; None where nothing ever was."""
        return self._top

    @property
    def gap(self) -> Place | None:
        """The place between the row shown last and the next; None where nothing was ever read."""
        if self._start is not None and self._read_to is self._start:
            return self._start  # nothing was there to stand next to
        if self._chunks_read == 0:
            return None
        if self._rows:
            return Place(self._chunk, self._shown, self._rows[-1].row)
        return Place(self._chunk, self._shown, None if self.is_at_end else self._shown)

    def edge(self, notification: Notification) -> Place:
        """The place of an edge of this inbox, right after it was popped."""
        return Place(self._chunk, notification.row, notification.row)

    def _request(self, count: int) -> ChunkRequest:
        limit = max(FEWEST, count + 1)
        if self._read_to is None:
            return ChunkRequest(TOP, limit, self._scope)
        return ChunkRequest(self._read_to.below_it(), limit, self._scope, self._read_to.chunk)

    def _take(self, chunk: Chunk) -> None:
        if self._chunks_read == 0:
            self._top = self._place_above(chunk)
        self._chunks_read += 1
        self._chunk = chunk.anchor
        self._rows = list(reversed(chunk.rows))
        self.is_at_end = chunk.is_last or not chunk.rows
        self.is_stale |= chunk.is_stale
        self.fetched_at = min(self.fetched_at or chunk.fetched_at, chunk.fetched_at)
        if chunk.rows:
            self._read_to = Place(chunk.anchor, above=chunk.rows[-1].row, below=None)
            self._looked_to = chunk.rows[-1].created_at

    def _place_above(self, chunk: Chunk) -> Place:
        if self._start is not None and not chunk.rows:
            return self._start
        above = self._start.above if self._start else None
        return Place(chunk.anchor, above, chunk.rows[0].row if chunk.rows else None)
