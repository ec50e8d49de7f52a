"""What a login has paged, counted over all its processes."""

from collections.abc import Sequence
from datetime import timedelta

from app.cache.shared.link import Link
from app.cache.shared.store import StoreAway
from app.clock import Clock
from app.upstreams.http.rate_budget import Counted, Paged

_NAME = "paged"


class SharedBudget:
    """See `PagingShare`. Instants are kept by the store's clock."""

    def __init__(self, link: Link, clock: Clock) -> None:
        self._link = link
        self._clock = clock
        self._ahead: timedelta | None = None

    async def count(
        self, uncounted: Sequence[Paged], paged: Paged, most: int, window: timedelta
    ) -> Counted | None:
        link = self._link
        try:
            if self._ahead is None:
                self._ahead = await link.store.ask_time() - self._clock.now()
            ahead = self._ahead
            named = [(each.name, each.at + ahead) for each in (*uncounted, paged)]
            tally = await link.store.count(link.key(_NAME), named, most, window)
            self._ahead = tally.now - self._clock.now()
            instants = [instant - ahead for instant in tally.instants]
        except (StoreAway, OverflowError):
            return None
        return Counted(tally.is_counted, instants)
