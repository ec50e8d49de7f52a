"""An upstream around another one, which passes everything on: what wrappers are made from."""

from resolvers.seam.chunk import Chunk, ChunkRequest, Row
from resolvers.seam.login import LoginStatus, Profile, UnreadTally
from resolvers.seam.upstream import TellUnread, Upstream
from resolvers.seam.writes import Dismissal, Inspection, TimestampSet, UnseenFrom, WatchedPages
from resolvers.types.inbox import Inbox
from resolvers.types.notification import Notification


class UpstreamWrapper:
    """Overrides of a subclass are all that it adds."""

    def __init__(self, inner: Upstream) -> None:
        self._inner = inner
        self._inbox = inner.inbox  # always the same value

    async def aclose(self) -> None:
        """Ends what this wrapper and those inside have begun."""
        if isinstance(self._inner, UpstreamWrapper):
            await self._inner.aclose()

    @property
    def inbox(self) -> Inbox:
        return self._inbox

    @property
    def status(self) -> LoginStatus:
        return self._inner.status

    def recognises(self, row: Row) -> bool:
        return self._inner.recognises(row)

    async def read(self, request: ChunkRequest) -> Chunk:
        return await self._inner.read(request)

    async def find(self, key: str) -> Notification | None:
        return await self._inner.find(key)

    async def tell_unread(self) -> TellUnread:
        return await self._inner.tell_unread()

    async def count_unread(self) -> UnreadTally:
        return await self._inner.count_unread()

    async def ask_profile(self) -> Profile:
        return await self._inner.ask_profile()

    async def inspect(self) -> Inspection:
        return await self._inner.inspect()

    async def dismiss(self, key: str) -> Dismissal:
        return await self._inner.dismiss(key)

    async def clear(self) -> None:
        await self._inner.clear()

    async def mark_read(self, key: str) -> None:
        await self._inner.mark_read(key)

    async def set_timestamp(self, pages: WatchedPages, unseen_from: UnseenFrom) -> TimestampSet:
        return await self._inner.set_timestamp(pages, unseen_from)
