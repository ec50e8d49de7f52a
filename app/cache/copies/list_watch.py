"""One subscriber's eye on one list of a login."""

from collections.abc import Callable
from datetime import datetime

from app.cache.copies.watched_list import WatchedList
from resolvers.errors import UpstreamError


class ListWatch:
    """See `resolvers.seam.live.Watch`."""

    def __init__(self, watched: WatchedList, wake: Callable[[], None]) -> None:
        self._list = watched
        self.upstream = watched.upstream
        self.scope = watched.scope
        self.newest = watched.newest
        self.until = watched.until
        self.since = watched.since
        self.read = watched.upstream.read
        self.ask_read_state = watched.upstream.ask_read_state
        self.count_unread = watched.count_unread
        watched.join(self, wake)

    async def look(self) -> None:
        await self._list.has_looked.wait()

    @property
    def has_looked(self) -> bool:
        return self._list.has_looked.is_set()

    @property
    def now(self) -> datetime:
        return self._list.clock.now()

    @property
    def token(self) -> bytes:
        return self._list.token

    @property
    def failure(self) -> UpstreamError | None:
        return self._list.failure

    @property
    def next_look_at(self) -> datetime | None:
        return self._list.next_look.at

    @property
    def is_held_back(self) -> bool:
        return self._list.is_held_back

    @property
    def is_live(self) -> bool:
        return self._list.is_live

    @property
    def stream_failure(self) -> UpstreamError | None:
        return self._list.stream.failure

    def close(self) -> None:
        self._list.leave(self)
