"""What a login has paged, counted over all its processes."""

from collections.abc import Sequence
from datetime import timedelta

from app.cache.shared.login_store import LoginStore
from app.cache.shared.store import StoreAway
from app.clock import Clock
from app.upstreams.http.rate_budget import Counted, Paged

_NAME = "paged"


class SharedPaging:
    """See `PagingShare`. Instants are kept by the store's clock."""

    def __init__(self, store: LoginStore, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._ahead: timedelta | None = None

    async def count(
        self, uncounted: Sequence[Paged], paged: Paged, most: int, window: timedelta
    ) -> Counted | None:
        store = self._store
        try:
            if self._ahead is None:
                self._ahead = await store.shared.ask_time() - self._clock.now()
            ahead = self._ahead
            named = [(each.name, each.at + ahead) for each in (*uncounted, paged)]
            tally = await store.shared.count(store.key(_NAME), named, most, window)
            self._ahead = tally.now - self._clock.now()
            instants = [instant - ahead for instant in tally.instants]
        except (StoreAway, OverflowError):
            return None
        return Counted(tally.is_counted, instants)
