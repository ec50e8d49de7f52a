"""What a login has written: by it a copy knows whether it still holds, and what has left it.

Every write has two entries, one before it is sent and one after it ended in whatever way. A copy
keeps the token of the last entry under which it was read. What came later says what to do with it.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum

from resolvers.seam.writes import Dismissal, ReadUpTo
from resolvers.types.notification import Notification

Token = bytes
MOST_ENTRIES = 1000
"""Of one login; copies older than the oldest entry are of no use then."""


class WriteOutcome(Enum):
    """How far a write is, or how it ended, where it is no known dismissal; or no write at all."""

    BEGUN = "it may be on its way"
    CHANGED = "the list is another one now"
    CLEARED = "nothing of what was there is left"
    UNKNOWN = "it may have been carried out, or still be"
    REFUSED = "the credential is refused: nothing held may be shown"
    OPENED = "nothing was written: a shared log begins here"
    FOUND_LATE = "nothing was written: rows were found further down than they are sent to watchers"
    LOST = "nobody knows what was written: a shared log was lost"


What = WriteOutcome | Dismissal | ReadUpTo
"""How a write ended: a list is as it was after a marker was moved."""


@dataclass(frozen=True, slots=True)
class LogEntry:
    """One thing that happened. `write` is the token of the entry that the write began with."""

    token: Token
    at: datetime
    what: What
    write: Token


@dataclass(frozen=True, slots=True)
class Since:
    """What a log says about a copy.

    `holds`: only known dismissals came later, so the copy less these is what the instance has.
    Otherwise it may be shown while the instance fails, unless it `is_void`. `is_marked`: the marker
    may stand elsewhere now.
    """

    holds: bool
    is_void: bool
    is_marked: bool = False
    dismissals: Sequence[Dismissal] = ()


@dataclass(frozen=True, slots=True)
class LogTimes:
    """How far back copies reach, and how long an instance may take to apply a write it answered."""

    keep: timedelta
    settling: timedelta
    settling_unknown: timedelta


_UNCHANGED = Since(holds=True, is_void=False)
_WRITING = Since(holds=False, is_void=False, is_marked=True)
"""For a copy that was read while the write is under way: it may be of before or of after."""
_VOID = Since(holds=False, is_void=True)


class WriteLog:
    """The log of one login, as far back as its copies may reach (`keep`).

    Entries stand in the order in which this process has learned of them. An entry that others have
    made is learned late, and so counts as later than what is held: that is always safe.
    """

    def __init__(self, times: LogTimes, make_token: Callable[[], Token]) -> None:
        self._keep = times.keep
        self._settling = {
            WriteOutcome.CHANGED: times.settling,
            WriteOutcome.CLEARED: times.settling,
            WriteOutcome.UNKNOWN: times.settling_unknown,
        }
        self.make_token = make_token
        self.on_learned: Callable[[], None] = _nobody_listens
        self._settled_at: datetime | None = None
        self._is_refused = False
        self._entries: list[LogEntry] = []
        self._tokens: set[Token] = set()
        self._under_way: dict[Token, datetime] = {}
        self._oldest: Token = make_token()  # what was read under an older log is none of this one's

    @property
    def last(self) -> Token:
        """The token to read under."""
        return self._entries[-1].token if self._entries else self._oldest

    @property
    def is_writing(self) -> bool:
        """Whether a write has begun and is not known to have ended."""
        return bool(self._under_way)

    def writes_from_before(self, at: datetime) -> Iterator[Token]:
        """Those that began before an instant and are not known to have ended."""
        return (write for write, began in [*self._under_way.items()] if began < at)

    def begin(self, now: datetime) -> LogEntry:
        """The entry of a write that is about to be sent; to be learned like any other."""
        token = self.make_token()
        return LogEntry(token, now, WriteOutcome.BEGUN, token)

    def end(self, write: Token, what: What, now: datetime) -> LogEntry:
        """The entry of the end of the write that began with this token."""
        return LogEntry(self.make_token(), now, what, write)

    def refuse(self, now: datetime) -> LogEntry | None:
        """The entry of a refused credential; once until it is accepted again."""
        if self._is_refused:
            return None
        self._is_refused = True
        return self.note(WriteOutcome.REFUSED, now)

    def note(self, what: What, now: datetime) -> LogEntry:
        """The entry of what is no write."""
        token = self.make_token()
        return LogEntry(token, now, what, token)

    def accept(self) -> None:
        """The instance has accepted the credential."""
        self._is_refused = False

    def learn(self, entry: LogEntry) -> None:
        """Adds an entry, unless it is known."""
        if entry.token in self._tokens:
            return
        if entry.what is WriteOutcome.BEGUN:
            self._under_way[entry.write] = entry.at
        else:
            self._under_way.pop(entry.write, None)
        if isinstance(entry.what, WriteOutcome):
            settled_at = entry.at + self._settling.get(entry.what, timedelta())
            self._settled_at = max(self._settled_at or settled_at, settled_at)
        self._append(entry)
        self.on_learned()

    def is_settling(self, now: datetime) -> bool:
        """Whether the instance may still be applying a write: what it says is not to be kept."""
        return self._settled_at is not None and now < self._settled_at

    @property
    def settled_at(self) -> datetime | None:
        """When the instance will have applied all that it was told; maybe in the past."""
        return self._settled_at

    def has_taken(self, row: Notification) -> bool:
        """Whether a row is known to have been dismissed, by this log."""
        whats = (entry.what for entry in self._entries)
        return any(isinstance(what, Dismissal) and what.covers(row) for what in whats)

    def until(self, token: Token) -> Sequence[LogEntry]:
        """The entries up to that of a token, as far back as they are known."""
        later = self.after(token) or ()
        return self._entries[: len(self._entries) - len(later)]

    def since(self, token: Token) -> Since:
        """What became of a copy that was read under this token."""
        if token == self.last:
            return _WRITING if self.is_writing else _UNCHANGED
        later = self.after(token)
        if later is None:
            return _VOID
        whats = [entry.what for entry in later]
        if WriteOutcome.REFUSED in whats or WriteOutcome.CLEARED in whats:
            return _VOID
        known = {entry.write for entry in later if _is_known(entry.what)}
        holds = not self.is_writing and all(entry.write in known for entry in later)
        return Since(
            holds=holds,
            is_void=False,
            is_marked=not holds or any(isinstance(what, ReadUpTo) for what in whats),
            dismissals=tuple(what for what in whats if isinstance(what, Dismissal)),
        )

    def after(self, token: Token) -> Sequence[LogEntry] | None:
        """The entries after a token; None where the log does not reach that far back."""
        if token == self._oldest:
            return self._entries
        for index in range(len(self._entries) - 1, -1, -1):
            if self._entries[index].token == token:
                return self._entries[index + 1 :]
        return None

    def _append(self, entry: LogEntry) -> None:
        self._entries.append(entry)
        self._tokens.add(entry.token)
        oldest = entry.at - self._keep
        drop = max(0, len(self._entries) - MOST_ENTRIES)
        while self._entries[drop].at < oldest:
            drop += 1
        if drop:
            self._oldest = self._entries[drop - 1].token
            self._tokens.difference_update(each.token for each in self._entries[:drop])
            del self._entries[:drop]


def _nobody_listens() -> None:
    """Where a login is not watched."""


def _is_known(what: What) -> bool:
    """Whether it is known what such an entry leaves of a list."""
    return not isinstance(what, WriteOutcome) or what in _HARMLESS


_HARMLESS = {WriteOutcome.OPENED, WriteOutcome.FOUND_LATE}
