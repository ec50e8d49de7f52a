"""A chunk less what was dismissed after it was read, as its instance would give it now."""

from collections.abc import Sequence
from dataclasses import replace

from resolvers.chunk import Chunk
from resolvers.types.mediawiki import WatchlistNotification
from resolvers.types.notification import Notification
from resolvers.writes import Dismissal


def take_away(chunk: Chunk, dismissals: Sequence[Dismissal], *, include_seen: bool) -> Chunk:
    """The chunk without what was dismissed; with `include_seen` it stays, and is not unread.

    Rows that change are new values: those of the copy belong to everybody who was given them.
    """
    rows = chunk.rows
    for dismissal in dismissals:
        if not include_seen:
            rows = [row for row in rows if not dismissal.covers(row)]
        if dismissal.page_id is not None:
            rows = [_mark(row, dismissal, rows) for row in rows]
    return chunk if rows is chunk.rows else replace(chunk, rows=rows)


def _mark(row: Notification, dismissal: Dismissal, rows: Sequence[Notification]) -> Notification:
    """The row with its page's new mark, if it is of the page: later changes stay unseen."""
    seen_before = dismissal.seen_before
    if seen_before is None or not _is_of(row, dismissal):
        return row
    assert isinstance(row, WatchlistNotification)
    has_later = any(_is_of(each, dismissal) and each.created_at >= seen_before for each in rows)
    page = replace(row.page, notification_timestamp=seen_before if has_later else None)
    return replace(row, page=page, is_unread=row.is_unread and row.created_at >= seen_before)


def _is_of(row: Notification, dismissal: Dismissal) -> bool:
    return isinstance(row, WatchlistNotification) and row.page.id == dismissal.page_id
