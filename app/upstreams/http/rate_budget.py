"""How often one login may still ask, so that a limit is known before it is hit.

Mastodon names its closest limit in headers, with the reset as ISO 8601 text, and allows 300
requests that page (with `max_id`, `min_id` or `since_id`) in 15 minutes, of which it tells nothing:
https://docs.joinmastodon.org/api/rate-limits/
"""

import secrets
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from app.clock import Clock
from app.upstreams.http.reply import Reply
from app.upstreams.reading.times import UNSAID, read_reset, read_retry_at
from app.upstreams.reading.values import LARGEST, read_number
from resolvers.errors import UpstreamError, UpstreamFailureCode
from resolvers.types.inbox_status import RateLimit

PAGING_REQUESTS = 300
PAGING_WINDOW = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class _Told:
    """What the headers of the last answer said."""

    limit: int
    remaining: int
    resets_at: datetime


@dataclass(frozen=True, slots=True)
class Paged:
    """A request that pages, by a name of its own: to count it twice is to count it once."""

    at: datetime
    name: str


@dataclass(frozen=True, slots=True)
class Counted:
    """Whether a request was within the limit, and the instants of all that were, oldest first."""

    is_counted: bool
    instants: Sequence[datetime]


class PagingShare(Protocol):
    """Where a login's requests that page are counted for all its processes."""

    async def count(
        self, uncounted: Sequence[Paged], paged: Paged, most: int, window: timedelta
    ) -> Counted | None:
        """Counts a request, unless it would be one more than `most` in the window.

        `uncounted` are earlier ones of which it is not known that they are counted. None where it
        is not known of this one either.
        """


class RateBudget:
    """The budget of one login at one instance; by its `share`, of all its processes together."""

    def __init__(
        self, instance: str, clock: Clock, *, counts_paging: bool, share: PagingShare | None = None
    ) -> None:
        self._instance = instance
        self._clock = clock
        self._counts_paging = counts_paging
        self._paged: deque[datetime] = deque()  # no more than PAGING_REQUESTS
        self._share = share
        self._uncounted: deque[Paged] = deque(maxlen=PAGING_REQUESTS)
        self._told: _Told | None = None
        self._held_until: datetime | None = None

    def count_paging(self, *, counts: bool) -> None:
        """Whether requests that page are limited beside the others, once that is known."""
        self._counts_paging = counts
        if not counts:
            self._paged.clear()

    async def take(self, *, is_paging: bool) -> None:
        """Counts a request that is about to be sent; UpstreamError where it would be too many."""
        now = self._clock.now()
        wait = self._waits_until(now, is_paging=is_paging)
        if wait is not None:
            raise self._too_many(wait)
        if is_paging and self._counts_paging:
            self._paged.append(now)
            if self._share is not None:
                await self._count_with_others(self._share, now)

    async def _count_with_others(self, share: PagingShare, now: datetime) -> None:
        """While the store is away, each process counts for itself."""
        uncounted = [*self._uncounted]
        paged = Paged(now, secrets.token_hex(8))
        counted = await share.count(uncounted, paged, PAGING_REQUESTS, PAGING_WINDOW)
        if counted is None:
            self._uncounted.append(paged)
            return
        for each in uncounted:
            if each in self._uncounted:
                self._uncounted.remove(each)
        self._paged = deque(counted.instants)
        if not counted.is_counted:
            raise self._too_many(counted.instants[0] + PAGING_WINDOW)

    def _too_many(self, retry_at: datetime) -> UpstreamError:
        return UpstreamError(
            UpstreamFailureCode.RATE_LIMITED,
            f"{self._instance} has been asked as often as this login may: wait until `retryAt`.",
            retry_at,
        )

    def note(self, reply: Reply) -> None:
        """Learns what an answer says of the limits."""
        now = self._clock.now()
        if reply.status == 429:
            self._held_until = read_retry_at(reply.headers, self._clock) or now + UNSAID
        limit = read_number(reply.headers.get("x-ratelimit-limit", ""))
        remaining = read_number(reply.headers.get("x-ratelimit-remaining", ""))
        resets_at = read_reset(reply.headers.get("x-ratelimit-reset", ""), self._clock)
        if limit is not None and remaining is not None and resets_at is not None:
            self._told = _Told(min(limit, LARGEST), min(remaining, LARGEST), resets_at)

    @property
    def rate_limit(self) -> RateLimit | None:
        """The limit that is closest, as far as it is known."""
        now = self._clock.now()
        self._forget_old(now)
        known = []
        if self._told is not None and self._told.resets_at > now:
            told = self._told
            known.append(_show(told.limit, told.remaining, told.resets_at))
        if self._paged:
            left = PAGING_REQUESTS - len(self._paged)
            known.append(_show(PAGING_REQUESTS, left, self._paged[0] + PAGING_WINDOW))
        return min(known, key=lambda each: each.remaining / max(1, each.limit), default=None)

    def _waits_until(self, now: datetime, *, is_paging: bool) -> datetime | None:
        if self._held_until is not None and now < self._held_until:
            return self._held_until
        told = self._told
        if told is not None and not told.remaining and now < told.resets_at:
            return told.resets_at
        self._forget_old(now)
        if is_paging and len(self._paged) >= PAGING_REQUESTS:
            return self._paged[0] + PAGING_WINDOW
        return None

    def _forget_old(self, now: datetime) -> None:
        while self._paged and self._paged[0] + PAGING_WINDOW <= now:
            self._paged.popleft()


def _show(limit: int, remaining: int, resets_at: datetime) -> RateLimit:
    return RateLimit(limit=limit, remaining=remaining, resets_at=resets_at)
