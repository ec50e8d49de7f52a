"""The few values of the seam that GraphQL does not show: how an inbox is read, piece by piece.

A *row* names one notification inside its inbox: bytes that only the inbox's upstream understands.
A *place* is a gap between two rows. An *anchor* is where a chunk begins. A *chunk* is what one
request to an instance gave.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import Enum
from typing import NamedTuple, TypeVar

from resolvers.errors import UpstreamError
from resolvers.types.notification import Notification

Row = bytes
Item = TypeVar("Item")


class Direction(Enum):
    """Which way an inbox is read."""

    DOWN = "to older ones"
    UP = "to newer ones"


@dataclass(frozen=True, slots=True)
class Anchor:
    """Where a chunk begins: next to a row, at it, or at the end of the inbox.

    Without a row it is the newest end going down and the oldest end going up. `inclusive` means
    that the row itself is the chunk's first.
    """

    direction: Direction
    row: Row | None = None
    inclusive: bool = False


TOP = Anchor(Direction.DOWN)
BOTTOM = Anchor(Direction.UP)


def rows_beyond(rows: Sequence[Item], index: int, anchor: Anchor) -> Sequence[Item]:
    """What of `rows`, newest first, lies on the anchor's side of the one at `index`.

    That one is among them if the anchor includes it.
    """
    if anchor.direction is Direction.DOWN:
        return rows[index if anchor.inclusive else index + 1 :]
    return rows[: index + 1 if anchor.inclusive else index]


class Place(NamedTuple):
    """A gap in one inbox: the row above it and the row below it, as they were when it was made.

    None above: nothing newer was there. None below: nothing older was; or, where `is_open`, nobody
    has looked. An edge's own place has its row on both sides, so that reading on leaves it out
    either way. `chunk` is where the rows were seen, for whoever still holds that chunk.
    """

    chunk: Anchor
    above: Row | None
    below: Row | None
    is_open: bool = False

    @property
    def was_empty(self) -> bool:
        """The inbox had no rows at all: everything in it now is above."""
        return self.above is None and self.below is None

    @property
    def is_bottom(self) -> bool:
        """Nothing was below it, as was seen."""
        return self.below is None and not self.is_open

    def below_it(self) -> Anchor:
        """Where to read on downwards: below the row above, else at the row below."""
        if self.above is not None:
            return Anchor(Direction.DOWN, self.above)
        return Anchor(Direction.DOWN, self.below, inclusive=self.below is not None)

    def above_it(self) -> Anchor:
        """Where to read on upwards: above the row below, else at the row above."""
        if self.below is not None:
            return Anchor(Direction.UP, self.below)
        return Anchor(Direction.UP, self.above, inclusive=self.above is not None)

    def beyond(self, direction: Direction) -> Anchor:
        """Where to read on in a direction."""
        return self.below_it() if direction is Direction.DOWN else self.above_it()


@dataclass(frozen=True, slots=True)
class Scope:
    """What of an inbox is listed at all; two scopes are two lists and share no chunk."""

    include_seen: bool = False
    latest_only: bool = False
    include_filtered: bool = False


PENDING = Scope()


@dataclass(frozen=True, slots=True)
class ChunkRequest:
    """Asks for at least `limit` rows from `anchor` on, or as many as the instance gives.

    `held_in` is the chunk in which the anchor's row was seen: whoever holds that chunk can
    answer from it. `not_before` is an instant of the gateway's clock after which the answer has to
    be known: an older copy is of use only while the instance fails.
    """

    anchor: Anchor
    limit: int
    scope: Scope = PENDING
    held_in: Anchor | None = None
    not_before: datetime | None = None


@dataclass(frozen=True, slots=True)
class Chunk:
    """Rows of one inbox without a gap, newest first in whichever direction they were read.

    `is_last` means that nothing lies beyond the last row read. `fetched_at` is UTC, by the
    gateway's clock; `is_stale` that the copy is older than it should be. `flaw` says that rows had
    to be left out, as they could not be read. `ends` are the newest and the oldest row that it had
    before some were taken away, so that who reads on from it asks the same as before.
    """

    anchor: Anchor
    rows: Sequence[Notification]
    is_last: bool
    fetched_at: datetime
    is_stale: bool = False
    flaw: UpstreamError | None = None
    ends: tuple[Row, Row] | None = None

    def end(self, direction: Direction) -> Row:
        """The row to read on from in a direction; there has to be one."""
        newest, oldest = self.ends or (self.rows[0].row, self.rows[-1].row)
        return newest if direction is Direction.UP else oldest

    def rest(self, anchor: Anchor) -> "Chunk | None":
        """What this chunk has from `anchor` on, or None where its row is not in here.

        A chunk that was read the other way gives its rows too, but knows nothing of that end.
        """
        if anchor == self.anchor:
            return self
        for index, notification in enumerate(self.rows):
            if notification.row == anchor.row:
                is_last = self.is_last and anchor.direction is self.anchor.direction
                return replace(self, rows=rows_beyond(self.rows, index, anchor), is_last=is_last)
        return None
