"""What the cache keeps of what an instance said, and how long that is good for."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from app.cache.write_log import LogTimes, Token
from resolvers.seam.chunk import Chunk
from resolvers.seam.upstream import ReadState


@dataclass(frozen=True, slots=True)
class Copy:
    """A chunk, and the token of the write log that it was read under. `stamp` names the copy."""

    chunk: Chunk
    token: Token
    stamp: bytes = b""

    @property
    def at(self) -> datetime:
        """When the instance said it."""
        return self.chunk.fetched_at


@dataclass(frozen=True, slots=True)
class KeptReadState:
    """What tells the unread from the read, since when, and under which token. `stamp` names it."""

    state: ReadState
    at: datetime
    token: Token
    stamp: bytes = b""


_LONGEST_READ = 60
"""Seconds for which a log reaches back at least, for reads that were under way at a write."""


@dataclass(frozen=True, slots=True)
class CacheTimes:
    """Seconds: how long a copy is fresh, stale and kept; how long one who has a stale copy waits
    for a renewal (`patience`), one who has an older copy for the instance (`longest_wait`); and
    how long a login is settling after a write."""

    fresh: float
    stale: float
    keep: float
    patience: float
    longest_wait: float
    settling: float
    settling_unknown: float

    @property
    def of_log(self) -> LogTimes:
        """What the write log goes by."""
        return LogTimes(
            timedelta(seconds=max(self.keep, _LONGEST_READ)),
            timedelta(seconds=self.settling),
            timedelta(seconds=self.settling_unknown),
        )
