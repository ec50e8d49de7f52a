"""What a stream brought lately to one list, and copies that it is put into.

A list that is read meanwhile may not have it yet, as replicas lag, and must not take it away.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import NamedTuple

from app.cache.copies.login_stream import LiesAbove
from app.cache.write_log import Token, WriteLog
from resolvers.seam.chunk import Chunk
from resolvers.seam.live import LAG
from resolvers.types.notification import Notification

REPLICAS_LAG = timedelta(seconds=10)
"""After which a list has what was streamed, or never will."""
MOST_HELD = 120
"""Rows of a copy that a stream extends; the oldest go."""
MOST_RECENT = 300
"""Rows that are remembered, of which more in so short a time are a flood."""


class StreamedRow(NamedTuple):
    """One that came, when, and under which token of the write log."""

    row: Notification
    at: datetime
    token: Token


class StreamedRows:
    """Of one list of one login, by whose write log they hold."""

    def __init__(self, log: WriteLog) -> None:
        self._log = log
        self._recent: list[StreamedRow] = []
        self._waiting: list[StreamedRow] = []
        self._lies_above: LiesAbove = _keep_order

    def add(self, rows: Sequence[Notification], lies_above: LiesAbove, now: datetime) -> None:
        """Remembers what came, unless it is known that it has left."""
        self._lies_above = lies_above
        token = self._log.last
        new = [StreamedRow(row, now, token) for row in rows if not self._log.has_taken(row)]
        self._recent = [each for each in self._recent if now - each.at < LAG]
        self._recent = [*self._recent, *new][-MOST_RECENT:]
        self._waiting = [*self._waiting, *new][-MOST_RECENT:]

    @property
    def has_waiting(self) -> bool:
        """Whether something came that no copy was extended by."""
        return bool(self._waiting)

    def put_waiting_into(self, chunk: Chunk) -> Chunk:
        """A chunk with what waits, as far as it has a place there; the same if it has all of it."""
        return self._put_all([each.row for each in self._waiting if self._holds(each)], chunk)

    def leave_out(self, chunk: Chunk) -> bool:
        """What a copy has waits no more; whether anything is left, which has no place in it."""
        held = {row.row for row in chunk.rows}
        left = [each for each in self._waiting if each.row.row not in held and self._holds(each)]
        self._waiting = []
        return bool(left)

    def put_into(self, chunk: Chunk, since: datetime) -> Chunk:
        """A chunk with what came after an instant and has not left; the same if it has that."""
        lately = [each.row for each in self._recent if each.at >= since and self._holds(each)]
        return self._put_all(lately, chunk)

    def _put_all(self, rows: Sequence[Notification], chunk: Chunk) -> Chunk:
        listed = [*chunk.rows]
        held = {row.row for row in listed}
        newest = listed[0].created_at if listed else None
        for row in rows:
            is_late = newest is not None and row.created_at < newest - LAG
            if row.row not in held and not is_late and self._insert(row, listed, chunk):
                held.add(row.row)
        if len(listed) == len(chunk.rows):
            return chunk
        is_last = chunk.is_last and len(listed) <= MOST_HELD
        return replace(chunk, rows=listed[:MOST_HELD], is_last=is_last)

    def _insert(self, row: Notification, listed: list[Notification], chunk: Chunk) -> bool:
        """Puts a row at its place, unless that lies below what is known."""
        at = 0
        while at < len(listed) and self._lies_above(listed[at].row, row.row):
            at += 1
        if at == len(listed) and not chunk.is_last:
            return False
        listed.insert(at, row)
        return True

    def _holds(self, each: StreamedRow) -> bool:
        """Whether it is known not to have left since it came."""
        since = self._log.since(each.token)
        return since.holds and not any(gone.covers(each.row) for gone in since.dismissals)


def _keep_order(_: bytes, __: bytes) -> bool:
    """As long as nothing came."""
    return False
