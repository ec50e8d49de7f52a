"""What a login has paged, counted over all its processes."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from app.cache.shared.link import Link
from app.cache.shared.remote import StoreAway
from app.clock import Clock
from app.upstreams.http.rate_budget import Counted, Paged

AHEAD = 10_000
"""Milliseconds by which processes may disagree on the store's time; what is further ahead of it was
written before its clock was set back, or by somebody else."""

_NAME = "paged"

_COUNT = """
local now, window, most = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now - window)
redis.call('ZREMRANGEBYSCORE', KEYS[1], now + AHEAD, '+inf')
for i = 5, #ARGV, 2 do redis.call('ZADD', KEYS[1], ARGV[i], ARGV[i + 1]) end
local is_counted = redis.call('ZCARD', KEYS[1]) < most
if is_counted then redis.call('ZADD', KEYS[1], now, ARGV[4]) end
redis.call('PEXPIRE', KEYS[1], window)
local members = redis.call('ZRANGE', KEYS[1], -most, -1, 'WITHSCORES')
return {is_counted and 1 or 0, members, redis.call('TIME')}
""".replace("AHEAD", str(AHEAD))


class SharedBudget:
    """See `PagingShare`. Instants are kept by the store's clock, as milliseconds of Unix time."""

    def __init__(self, link: Link, clock: Clock) -> None:
        self._link = link
        self._clock = clock
        self._ahead: timedelta | None = None

    async def count(
        self, uncounted: Sequence[Paged], paged: Paged, most: int, window: timedelta
    ) -> Counted | None:
        milliseconds = window // timedelta(milliseconds=1)
        try:
            if self._ahead is None:
                self._ahead = await self._link.ask_time() - self._clock.now()
            ahead = self._ahead
            earlier = [part for each in uncounted for part in (_write(each.at + ahead), each.name)]
            is_counted, members, there = await self._link.run(
                _COUNT,
                [_NAME],
                [_write(paged.at + ahead), milliseconds, most, paged.name, *earlier],
            )
            self._ahead = self._link.read_time(there) - self._clock.now()
            instants = [_read(score) - ahead for score in members[1::2]]
        except (StoreAway, ValueError, TypeError, OverflowError, OSError):
            return None  # what somebody else has put there counts for nothing
        return Counted(bool(is_counted), instants)


def _read(score: bytes) -> datetime:
    return datetime.fromtimestamp(float(score) / 1000, UTC)


def _write(instant: datetime) -> int:
    return int(instant.timestamp() * 1000)
