"""What a login has written: by it a copy knows whether it still holds, and what has left it.

Every write has two entries, one before it is sent and one after it ended in whatever way. A copy
keeps the token of the last entry under which it was read. What came later says what to do with it.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum

from resolvers.writes import Dismissal

Token = bytes
START: Token = b""
"""The token of a log in which nothing was ever written."""

MOST_ENTRIES = 1000
"""Of one login; copies older than the oldest entry are of no use then."""


class Outcome(Enum):
    """How far a write is, or how it ended, where it is no known dismissal."""

    BEGUN = "it may be on its way"
    MARKED = "the marker was moved, the list is as it was"
    CHANGED = "the list is another one now"
    CLEARED = "nothing of what was there is left"
    UNKNOWN = "it may have been carried out, or still be"
    REFUSED = "the credential is refused: nothing held may be shown"


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that happened. `write` is the token of the entry that the write began with."""

    token: Token
    at: datetime
    what: Outcome | Dismissal
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
    """The log of one login, as far back as its copies may reach (`keep`)."""

    def __init__(self, times: LogTimes, make_token: Callable[[], Token]) -> None:
        self._keep = times.keep
        self._settling = {
            Outcome.CHANGED: times.settling,
            Outcome.CLEARED: times.settling,
            Outcome.UNKNOWN: times.settling_unknown,
        }
        self._make_token = make_token
        self._settled_at: datetime | None = None
        self._is_refused = False
        self._entries: list[Entry] = []
        self._oldest: Token = START

    @property
    def last(self) -> Token:
        """The token to read under."""
        return self._entries[-1].token if self._entries else self._oldest

    @property
    def _is_writing(self) -> bool:
        return bool(self._entries) and self._entries[-1].what is Outcome.BEGUN

    def begin(self, now: datetime) -> Token:
        """A write is about to be sent; its token."""
        token = self._make_token()
        self._append(Entry(token, now, Outcome.BEGUN, token))
        return token

    def end(self, write: Token, what: Outcome | Dismissal, now: datetime) -> None:
        """The write that began with this token has ended."""
        self._append(Entry(self._make_token(), now, what, write))
        if isinstance(what, Outcome):
            settled_at = now + self._settling.get(what, timedelta())
            self._settled_at = max(self._settled_at or settled_at, settled_at)

    def refuse(self, now: datetime) -> None:
        """The instance refuses the credential; said once until it is accepted again."""
        if not self._is_refused:
            self._is_refused = True
            token = self._make_token()
            self._append(Entry(token, now, Outcome.REFUSED, token))

    def accept(self) -> None:
        """The instance has accepted the credential."""
        self._is_refused = False

    def is_settling(self, now: datetime) -> bool:
        """Whether the instance may still be applying a write: what it says is not to be kept."""
        return self._settled_at is not None and now < self._settled_at

    def since(self, token: Token) -> Since:
        """What became of a copy that was read under this token."""
        if token == self.last:
            return _WRITING if self._is_writing else _UNCHANGED
        later = self._after(token)
        if later is None:
            return _VOID
        whats = [entry.what for entry in later]
        if Outcome.REFUSED in whats or Outcome.CLEARED in whats:
            return _VOID
        known = {entry.write for entry in later if _is_known(entry.what)}
        holds = all(entry.write in known for entry in later)
        return Since(
            holds=holds,
            is_void=False,
            is_marked=not holds or Outcome.MARKED in whats,
            dismissals=[what for what in whats if isinstance(what, Dismissal)],
        )

    def _after(self, token: Token) -> Sequence[Entry] | None:
        """The entries after a token; None where the log does not reach that far back."""
        if token == self._oldest:
            return self._entries
        for index in range(len(self._entries) - 1, -1, -1):
            if self._entries[index].token == token:
                return self._entries[index + 1 :]
        return None

    def _append(self, entry: Entry) -> None:
        self._entries.append(entry)
        oldest = entry.at - self._keep
        drop = max(0, len(self._entries) - MOST_ENTRIES)
        while self._entries[drop].at < oldest:
            drop += 1
        if drop:
            self._oldest = self._entries[drop - 1].token
            del self._entries[:drop]


def _is_known(what: Outcome | Dismissal) -> bool:
    """Whether it is known what such a write leaves of a list."""
    return isinstance(what, Dismissal) or what is Outcome.MARKED
