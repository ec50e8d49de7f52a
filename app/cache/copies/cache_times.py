"""How long what is kept is good for."""

from dataclasses import dataclass
from datetime import timedelta

from app.cache.write_log import LogTimes

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
