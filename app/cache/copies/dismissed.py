"""A chunk less what was dismissed after it was read, as its instance would give it now."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from resolvers.seam.chunk import Chunk
from resolvers.seam.writes import Dismissal
from resolvers.types.notification import Notification


def take_away(chunk: Chunk, dismissals: Sequence[Dismissal]) -> Chunk:
    """The chunk of a pending list without what was dismissed, in one pass over its rows.

    What is left of a subject is shown as its instance would now, as new values: those of the copy
    belong to everybody who was given them.
    """
    gone = {each for dismissal in dismissals for each in dismissal.notification_ids}
    seen: dict[str, datetime] = {}
    for dismissal in dismissals:
        if dismissal.subject is not None and dismissal.seen_before is not None:
            before = seen.get(dismissal.subject, dismissal.seen_before)
            seen[dismissal.subject] = max(before, dismissal.seen_before)
    rows = [_less_seen(row, seen) for row in chunk.rows if row.id not in gone]
    ends = (chunk.rows[0].row, chunk.rows[-1].row) if chunk.rows else None
    return replace(chunk, rows=[row for row in rows if row is not None], ends=ends)


def mark_seen(chunk: Chunk, dismissals: Sequence[Dismissal]) -> Chunk:
    """The chunk of a whole watchlist, where what was dismissed stays and is not unread."""

    def mark(row: Notification) -> Notification:
        is_seen = any(dismissal.covers(row) for dismissal in dismissals)
        return replace(row, is_unread=False) if is_seen else row

    return replace(chunk, rows=[mark(row) for row in chunk.rows])


def _less_seen(row: Notification, seen: dict[str, datetime]) -> Notification | None:
    """The row, as it is once its subject was seen up to an instant; None for one from before it."""
    instant = seen.get(row.subject) if row.subject is not None else None
    if instant is None:
        return row
    return row.seen_before(instant) if row.created_at >= instant else None
