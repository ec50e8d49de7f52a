"""What the entries of a write log say to who watches a list."""

from collections.abc import Mapping, Sequence

from app.cache.kept import Copy
from app.cache.write_log import LogEntry, WriteOutcome
from resolvers.seam.live import Happening, Wiped
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
