"""One list out of many inboxes: fan out, merge by the heads, collect the failures.

docs/merging.md has the rules in words and names the tests that hold them.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from heapq import heapify, heappop, heappush
from typing import NamedTuple

from resolvers.errors import UpstreamError, UpstreamFailureCode
from resolvers.merging.cursor import Cut
from resolvers.merging.page_request import PageRequest, ReadBudget
from resolvers.merging.reader import Reader
from resolvers.merging.room import Room, RoomForGroups, RoomForRows
from resolvers.seam.chunk import Anchor, Direction, Place
from resolvers.seam.upstream import Upstream
from resolvers.types.notification import Notification

MOST_READS = 200
"""Upstream requests beyond the first of each inbox that one page may cost."""

FIRST_SHARE = 0.8
"""Of a page's time, for the first chunk of each inbox. The rest is kept for reading on in those
that answered, so that one that hangs does not take their time."""


HeapKey = tuple[float, int]
"""What a head is merged by: the least comes first."""

Places = Sequence[Place | None]
"""A cut: a place for each inbox of a page, or None for one that has none."""


class Run(NamedTuple):
    """Notifications that one inbox gave in a row, and where all inboxes stood meanwhile.

    Of the cut that an edge stands for only one place is its own, that of the inbox at
    `inbox_index`: the notification's row, as it was seen in `chunk`. Most are never asked for.
    """

    places: Places
    inbox_index: int
    chunk: Anchor
    notifications: list[Notification]


@dataclass(frozen=True, slots=True)
class MergedPage:
    """What one page shows, how far it looked, and what each list had to do with it."""

    lists: Sequence[str]
    runs: Sequence[Run]
    start: Places
    end: Places
    has_more: bool
    is_incomplete: bool
    readers: Sequence[Reader]


async def merge(
    upstreams: Sequence[Upstream], cut: Cut, wanted: PageRequest, seconds: float
) -> MergedPage:
    """The notifications next to the cut, out of all inboxes at once, newest first.

    An inbox that fails, or has not answered after `seconds`, keeps its place and is reported;
    the page is made of the others.
    """
    budget = ReadBudget(MOST_READS)
    readers = [Reader(each, cut.get(each.name), wanted, budget) for each in upstreams]
    is_up = wanted.direction is Direction.UP
    room = RoomForGroups(wanted.count) if wanted.by_group else RoomForRows(wanted.count)
    return await _Merge(readers, room, seconds, is_up=is_up).run()


class _Merge:
    """The making of one page: rows are collected in the direction of reading."""

    def __init__(
        self, readers: Sequence[Reader], room: Room, seconds: float, *, is_up: bool
    ) -> None:
        self._readers = readers
        self._room = room
        self._is_up = is_up
        now = asyncio.get_running_loop().time()
        self._first_deadline = now + seconds * FIRST_SHARE
        self._deadline = now + seconds
        self._runs: list[Run] = []
        self._gaps: list[Place | None] = []

    async def run(self) -> MergedPage:
        await self._fill(self._readers, self._first_deadline)
        self._gaps = [reader.gap for reader in self._readers]
        is_blocked = await self._merge()
        if not any(reader.head for reader in self._readers):
            await self._fill(self._readers, self._deadline)  # whether there is more
        near = [reader.near for reader in self._readers]
        far = [reader.gap for reader in self._readers]
        return MergedPage(
            lists=[reader.upstream.name for reader in self._readers],
            runs=self._turn_round() if self._is_up else self._runs,
            start=far if self._is_up else near,
            end=near if self._is_up else far,
            has_more=any(reader.may_have_more for reader in self._readers),
            is_incomplete=is_blocked or self._room.is_cut_short,
            readers=self._readers,
        )

    async def _merge(self) -> bool:
        """Takes the next head until the page is full; True if a search was cut short."""
        heap = [entry for index in range(len(self._readers)) if (entry := self._entry(index))]
        heapify(heap)
        while heap and not self._room.is_full:
            _, order = heappop(heap)
            index = abs(order)
            reader = self._readers[index]
            if reader.head is None:
                return True  # what it has not read yet may belong here
            entry = self._show_run(index, heap)
            if reader.head is None and not self._room.is_full:
                await self._fill([reader], self._deadline)
            self._gaps[index] = reader.gap
            if entry := entry or self._entry(index):
                heappush(heap, entry)
        return False

    def _show_run(self, index: int, heap: Sequence[HeapKey]) -> HeapKey | None:
        """Shows what comes before all other heads: the others' places stay where they are.

        The entry of what comes next, as far as it was looked at.
        """
        reader, room = self._readers[index], self._room
        run = Run([*self._gaps], index, reader.chunk, [])
        while True:
            run.notifications.extend(room.take(reader, is_alone=not heap))
            entry = self._entry(index) if reader.head and not room.is_full else None
            if entry is None or heap[0] < entry:
                break
        if run.notifications:
            self._runs.append(run)
        return entry

    def _entry(self, index: int) -> HeapKey | None:
        """Newest first, then the configuration's order, or both reversed going up.

        None for an inbox with nothing to give.
        """
        horizon = self._readers[index].horizon
        if horizon is None:
            return None
        return (horizon.timestamp(), -index) if self._is_up else (-horizon.timestamp(), index)

    def _turn_round(self) -> Sequence[Run]:
        """Newest first, which was read the other way."""
        return [run._replace(notifications=run.notifications[::-1]) for run in self._runs[::-1]]

    async def _fill(self, readers: Sequence[Reader], deadline: float) -> None:
        """Gives every reader a head that can have one, all at once."""
        waiting = [each for each in readers if _is_waiting(each)]
        if not waiting:
            return
        try:
            async with asyncio.timeout_at(deadline):
                if len(waiting) == 1:  # the way of most, without a task
                    await waiting[0].fill()
                else:
                    async with asyncio.TaskGroup() as group:
                        for reader in waiting:
                            group.create_task(reader.fill())
        except TimeoutError:
            for reader in filter(_is_waiting, waiting):
                reader.failure = _too_late(reader.upstream.inbox.instance.url)


def _is_waiting(reader: Reader) -> bool:
    return reader.head is None and reader.can_read_on


def _too_late(instance: str) -> UpstreamError:
    return UpstreamError(
        UpstreamFailureCode.TIMEOUT,
        f"{instance} took longer than a page waits: ask again, or read on, for what it has.",
    )
