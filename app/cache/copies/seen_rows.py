"""What one read of a list's top tells beside the read before: what came, and what has left."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from app.cache.kept import Copy
from app.cache.write_log import Since
from resolvers.seam.chunk import Chunk, Row
from resolvers.seam.live import LAG
from resolvers.seam.writes import Dismissal

SURE_AFTER = timedelta(seconds=10)
"""A row has left elsewhere if two reads that are so far apart lack it."""
SURELY_MORE = 15
"""Rows that every server gives at once if it has them: one that gave fewer has no more."""


class KnownRow(NamedTuple):
    """Of a row as much as tells later that it has left."""

    id: str
    created_at: datetime


class MissingRow(NamedTuple):
    """A row that a read does not have, and since when."""

    id: str
    created_at: datetime
    since: datetime


class Comparison(NamedTuple):
    """What a read tells beside the one before.

    `is_late`: a row turned up where nobody is sent it any more. `missing` are to be looked for once
    more, and `gone` the IDs of those that two reads did not have.
    """

    seen: "SeenRows"
    has_arrivals: bool
    is_late: bool
    missing: Mapping[Row, MissingRow]
    gone: Sequence[str]


class SeenRows:
    """The last read: its rows, and since when each is known; about 200 bytes for each."""

    def __init__(self, copy: Copy, first_seen: Mapping[Row, datetime]) -> None:
        self.at = copy.at
        self.token = copy.token
        self.first_seen = first_seen
        self._is_last = copy.chunk.is_last
        self._rows = {row.row: KnownRow(row.id, row.created_at) for row in copy.chunk.rows}

    def compare(
        self,
        copy: Copy,
        since: Since,
        missing: Mapping[Row, MissingRow],
        now: datetime,
        dismissed: Sequence[Dismissal],
    ) -> Comparison:
        """A later read beside this one; `since` is what the write log says came after this one.

        Of these, `dismissed` came before the later read: what it lists of them has come back.
        """
        first_seen, has_arrivals, is_late = self._find_new(copy.chunk, now, dismissed)
        still, gone = self._find_missing(copy.chunk, since, missing, now)
        return Comparison(SeenRows(copy, first_seen), has_arrivals, is_late, still, gone)

    def _find_new(
        self, after: Chunk, now: datetime, dismissed: Sequence[Dismissal]
    ) -> tuple[dict[Row, datetime], bool, bool]:
        known, seen = dict(self.first_seen), dict[Row, datetime]()
        for row in after.rows if dismissed else ():
            if any(each.covers(row) for each in dismissed):
                known.pop(row.row, None)
        lowest = max((at for at, row in enumerate(after.rows) if row.row in known), default=-1)
        was_short = self._is_last or len(self._rows) < SURELY_MORE
        has_arrivals = is_late = is_below_settled = False
        for at, row in enumerate(after.rows):
            first = known.get(row.row)
            if first is not None:
                is_below_settled |= now - first >= LAG
            elif at > lowest >= 0 and not was_short:
                first = min(row.created_at, now)  # further down than was looked before
            else:
                first, has_arrivals = now, True
                is_lowest = not self._is_last and at > lowest >= 0
                is_late |= is_below_settled or is_lowest  # nobody stands below the lowest
            seen[row.row] = first
        return seen, has_arrivals, is_late

    def _find_missing(
        self, after: Chunk, since: Since, missing: Mapping[Row, MissingRow], now: datetime
    ) -> tuple[dict[Row, MissingRow], list[str]]:
        if since.is_void:
            return {}, []
        dismissed = {each for one in since.dismissals for each in one.notification_ids}
        held = {row.row for row in after.rows}
        candidates = {row: MissingRow(*known, now) for row, known in self._rows.items()}
        still = {
            row: each
            for row, each in {**candidates, **missing}.items()
            if row not in held and each.id not in dismissed and _reaches(after, each)
        }
        gone = [row for row, each in still.items() if now - each.since >= SURE_AFTER]
        return still, [still.pop(row).id for row in gone]


def _reaches(chunk: Chunk, missing: MissingRow) -> bool:
    """Whether a chunk that was read from the top goes down beyond where a row was."""
    return chunk.is_last or (bool(chunk.rows) and chunk.rows[-1].created_at < missing.created_at)
