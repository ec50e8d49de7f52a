"""How much one page still has room for: so many notifications, or so many groups of them."""

from collections.abc import Sequence
from typing import Protocol

from resolvers.merging.reader import Reader
from resolvers.types.notification import Notification

MOST_ROWS = 500
"""Notifications that a page of groups may have."""


class Room(Protocol):
    """Takes what a page shows, until it is full."""

    @property
    def is_full(self) -> bool:
        """Whether nothing more is to be taken."""

    @property
    def is_cut_short(self) -> bool:
        """Whether it is full before what was asked for was there."""

    def take(self, reader: Reader, *, is_alone: bool) -> Sequence[Notification]:
        """The reader's head, which there is, and where it `is_alone` what follows at hand too.

        Empty where there is no room for the head: then it is full.
        """


class RoomForRows:
    """For so many notifications."""

    is_cut_short = False

    def __init__(self, count: int) -> None:
        self._left = count

    @property
    def is_full(self) -> bool:
        return not self._left

    def take(self, reader: Reader, *, is_alone: bool) -> Sequence[Notification]:
        taken = reader.take(self._left if is_alone else 1)
        self._left -= len(taken)
        return taken


class RoomForGroups:
    """For the notifications of so many groups: it ends before the one that would open another."""

    def __init__(self, count: int) -> None:
        self.is_full = False
        self.is_cut_short = False
        self._count = count
        self._open: set[str] = set()
        self._rows = 0

    def take(self, reader: Reader, *, is_alone: bool) -> Sequence[Notification]:
        taken: list[Notification] = []
        while (head := reader.head) is not None and self._admit(head):
            taken += reader.take(1)
            if not is_alone:
                break
        return taken

    def _admit(self, head: Notification) -> bool:
        key = head.group
        is_known = key in self._open
        if not is_known and len(self._open) == self._count:
            self.is_full = True
        elif self._rows == MOST_ROWS:
            self.is_full = self.is_cut_short = True
        else:
            self._open.add(key)
            self._rows += 1
        return not self.is_full
