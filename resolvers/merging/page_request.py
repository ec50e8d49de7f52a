"""What one page asks of every inbox, and how much it may read for that."""

from dataclasses import dataclass
from datetime import datetime

from resolvers.merging.filter import Filter
from resolvers.seam.chunk import Direction

MOST_CHUNKS = 10
"""Chunks of one inbox that one page may read, so that no search is without an end."""


@dataclass(frozen=True, slots=True)
class PageRequest:
    """What one page is to show, the same for every inbox of it.

    `count` is how many notifications or, `by_group`, how many groups of them. `is_from_cut` is
    whether the caller gave a cursor; `tells_unread` whether `isUnread` is asked; `not_before` as in
    `ChunkRequest`.
    """

    direction: Direction
    count: int
    is_from_cut: bool
    filter: Filter
    by_group: bool = False
    tells_unread: bool = False
    not_before: datetime | None = None


class ReadBudget:
    """Reads beyond the first of each inbox that one page may make, of all inboxes together."""

    def __init__(self, reads: int) -> None:
        self._left = reads

    def take(self) -> bool:
        """Whether another read may be made, which is thereby counted."""
        self._left -= 1
        return self._left >= 0
