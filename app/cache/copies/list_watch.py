"""One subscriber's eye on one list of a login."""

from collections.abc import Callable
from datetime import datetime

from app.cache.copies.feed import Feed
from resolvers.errors import UpstreamError


class FeedWatch:
    """See `resolvers.seam.live.Watch`."""

    def __init__(self, feed: Feed, wake: Callable[[], None]) -> None:
        self._feed = feed
        self.upstream = feed.upstream
        self.newest = feed.newest
        self.until = feed.until
        self.since = feed.since
        self.read = feed.upstream.read
        self.ask_read_state = feed.upstream.ask_read_state
        self.count_unread = feed.count_unread
        feed.join(self, wake)

    async def look(self) -> None:
        await self._feed.has_looked.wait()

    @property
    def has_looked(self) -> bool:
        return self._feed.has_looked.is_set()

    @property
    def now(self) -> datetime:
        return self._feed.clock.now()

    @property
    def token(self) -> bytes:
        return self._feed.token

    @property
    def failure(self) -> UpstreamError | None:
        return self._feed.failure

    @property
    def next_look_at(self) -> datetime | None:
        return self._feed.next_look.at

    @property
    def is_held_back(self) -> bool:
        return self._feed.is_held_back

    @property
    def is_live(self) -> bool:
        return self._feed.is_live

    @property
    def stream_failure(self) -> UpstreamError | None:
        return self._feed.stream.failure

    def close(self) -> None:
        self._feed.leave(self)
