"""A chunk less what was dismissed after it was read, as its instance would give it now."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from resolvers.seam.chunk import Chunk
from resolvers.seam.writes import Dismissal
from resolvers.types.mediawiki import WatchlistNotification
from resolvers.types.notification import Notification


def take_away(chunk: Chunk, dismissals: Sequence[Dismissal]) -> Chunk:
    """The chunk of a pending list without what was dismissed, in one pass over its rows.

    What is left of a page is shown with its new mark, as new values: those of the copy belong to
    everybody who was given them.
    """
    gone = {each for dismissal in dismissals for each in dismissal.notification_ids}
    marks: dict[str, datetime] = {}
    for dismissal in dismissals:
        if dismissal.page_id is not None and dismissal.seen_before is not None:
            before = marks.get(dismissal.page_id, dismissal.seen_before)
            marks[dismissal.page_id] = max(before, dismissal.seen_before)
    rows = [_mark(row, marks) for row in chunk.rows if row.id not in gone]
    return replace(chunk, rows=[row for row in rows if row is not None])


def mark_seen(chunk: Chunk, dismissals: Sequence[Dismissal]) -> Chunk:
    """The chunk of a whole watchlist, where what was dismissed stays and is not unread."""

    def mark(row: Notification) -> Notification:
        is_seen = any(dismissal.covers(row) for dismissal in dismissals)
        return replace(row, is_unread=False) if is_seen else row

    return replace(chunk, rows=[mark(row) for row in chunk.rows])


def _mark(row: Notification, marks: dict[str, datetime]) -> Notification | None:
    """The row with its page's new mark; None for one from before it."""
    mark = marks.get(row.page.id) if isinstance(row, WatchlistNotification) else None
    if mark is None or not isinstance(row, WatchlistNotification):
        return row
    if row.created_at < mark:
        return None
    return replace(row, page=replace(row.page, notification_timestamp=mark))
