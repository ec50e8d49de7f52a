"""What a copy and the write log say to who watches a list."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from app.cache.copies.dismissed import mark_seen, take_away
from app.cache.kept import Copy
from app.cache.write_log import LogEntry, Token, WriteLog, WriteOutcome
from resolvers.seam.chunk import Row, Scope
from resolvers.seam.live import Happened, Happening, NewestRows, Wiped
from resolvers.seam.writes import Dismissal, ReadUpTo
from resolvers.types.live import ChangeReason

_CHANGES: Mapping[WriteOutcome, ChangeReason] = {
    WriteOutcome.CHANGED: ChangeReason.TIMESTAMP_SET,
    WriteOutcome.UNKNOWN: ChangeReason.UNKNOWN_OUTCOME,
    WriteOutcome.REFUSED: ChangeReason.LOG_LOST,
    WriteOutcome.LOST: ChangeReason.LOG_LOST,
    WriteOutcome.FOUND_LATE: ChangeReason.FOUND_LATE,
}


def tell_happenings(entries: Sequence[LogEntry], copy: Copy | None) -> Sequence[Happening]:
    """Of each entry that says something; `copy` is what may be shown of the list."""
    return [what for entry in entries if (what := _tell(entry, copy)) is not None]


def tell_since(log: WriteLog, token: Token, copy: Copy | None) -> Happened:
    """What a log has after a token; where it does not reach so far, that it was lost."""
    last, later = log.last, log.after(token)
    if token == last:
        return Happened((), last)
    if later is None:
        return Happened((ChangeReason.LOG_LOST,), last)
    return Happened(tell_happenings(later, copy), last)


def show_newest(
    copy: Copy | None, log: WriteLog, scope: Scope, first_seen: Mapping[Row, datetime]
) -> NewestRows | None:
    """What a copy of the top of a list shows now; None where nothing that holds is known."""
    since = log.since(copy.token) if copy is not None else None
    if copy is None or since is None or since.is_void:
        return None
    chunk = copy.chunk
    if since.dismissals:
        show = mark_seen if scope.include_seen else take_away
        chunk = show(chunk, since.dismissals)
    return NewestRows(
        held=copy.chunk.rows,
        shown={row.row: row for row in chunk.rows},
        is_whole=copy.chunk.is_last,
        first_seen=first_seen,
        fetched_at=copy.at,
    )


def _tell(entry: LogEntry, copy: Copy | None) -> Happening | None:
    what = entry.what
    if what is WriteOutcome.CLEARED:
        return Wiped(entry.at)
    if isinstance(what, WriteOutcome):
        return _CHANGES.get(what)
    if isinstance(what, ReadUpTo) or copy is None or what.subject is None:
        return what
    covered = [row.id for row in copy.chunk.rows if what.covers(row)]
    ids = dict.fromkeys([*what.notification_ids, *covered])
    return Dismissal([*ids], what.subject, what.seen_before)
