"""Joins an inbox to a list that is read upwards and has no place in it yet.

It came back, or was added, after the cursor was made. A poll shows at once what it holds: its
newest, as many as the page has room for, however many chunks they come in.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace

from resolvers.errors import UpstreamError
from resolvers.merging.page_request import MOST_CHUNKS, PageRequest, ReadBudget
from resolvers.seam.chunk import TOP, Anchor, Chunk, ChunkRequest, Direction, Row
from resolvers.types.notification import Notification


@dataclass(frozen=True, slots=True)
class Newest:
    """The newest of an inbox as one chunk, and what is below.

    `below` is the row that follows the last, None where none was seen; then `is_open` tells whether
    more may follow. `failure` is why fewer were read than were wanted, if so.
    """

    chunk: Chunk
    below: Row | None
    is_open: bool
    failure: UpstreamError | None = None


async def read_newest(
    read: Callable[[ChunkRequest], Awaitable[Chunk]],
    request: ChunkRequest,
    wanted: PageRequest,
    budget: ReadBudget,
) -> Newest:
    """Reads down from the top until the page is full, or all there is or may be read is read.

    Raises UpstreamError if the first chunk fails.
    """
    chunk = await read(replace(request, anchor=TOP))
    rows, failure = [*chunk.rows], None
    for _ in range(MOST_CHUNKS - 1):
        is_done = chunk.is_last or not chunk.rows or _is_full(rows, wanted)
        if is_done or not budget.take():
            break
        beyond = Anchor(Direction.DOWN, chunk.end(Direction.DOWN))
        try:
            following = await read(replace(request, anchor=beyond, held_in=chunk.anchor))
        except UpstreamError as error:
            failure = error
            break
        rows += following.rows
        chunk = _join(chunk, following)
    end = _end(rows, wanted)
    below = rows[end].row if end < len(rows) else None
    is_open = below is None and not chunk.is_last
    return Newest(replace(chunk, anchor=TOP, rows=rows[:end]), below, is_open, failure)


def _join(chunk: Chunk, following: Chunk) -> Chunk:
    """The one that follows, as old as the older of the two, and with what is amiss in either."""
    return replace(
        following,
        fetched_at=min(chunk.fetched_at, following.fetched_at),
        is_stale=chunk.is_stale or following.is_stale,
        flaw=chunk.flaw or following.flaw,
    )


def _is_full(rows: list[Notification], wanted: PageRequest) -> bool:
    is_past = wanted.filter.is_past(rows[-1], Direction.DOWN)
    return is_past or sum(map(wanted.filter.matches, rows)) >= wanted.count


def _end(rows: list[Notification], wanted: PageRequest) -> int:
    """How many rows there are before the first for which the page has no room."""
    shown = 0
    for index, row in enumerate(rows):
        shown += wanted.filter.matches(row)
        if shown > wanted.count:
            return index
    return len(rows)
