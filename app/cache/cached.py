"""An upstream whose chunks are kept for a while."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

from app.cache.store import ChunkKey, ChunkStore
from resolvers.chunk import Anchor, Chunk, ChunkRequest, Row, Scope
from resolvers.types.inbox import Inbox, Profile, UnreadTally
from resolvers.types.notification import Notification
from resolvers.upstream import TellUnread, Upstream
from resolvers.writes import Dismissal, Inspection, TimestampSet, UnseenFrom, WatchedPages


class CachedUpstream:
    """Wraps the upstream of one login; `login` is a text that no other login has."""

    def __init__(self, inner: Upstream, store: ChunkStore, login: str, seconds: float) -> None:
        self._inner = inner
        self._store = store
        self._login = login
        self._seconds = seconds
        self._writes = 0
        self._writing = asyncio.Lock()
        self._teller: tuple[float, TellUnread] | None = None  # until when it is good

    @property
    def inbox(self) -> Inbox:
        return self._inner.inbox

    def recognises(self, row: Row) -> bool:
        return self._inner.recognises(row)

    async def read(self, request: ChunkRequest) -> Chunk:
        return await self._held(request) or await self._fetch(request)

    async def find(self, key: str) -> Notification | None:
        return await self._inner.find(key)

    async def tell_unread(self) -> TellUnread:
        now = asyncio.get_running_loop().time()
        if self._teller is not None and self._teller[0] > now:
            return self._teller[1]
        writes = self._writes
        teller = await self._inner.tell_unread()
        if writes == self._writes:
            self._teller = (now + self._seconds, teller)
        return teller

    async def count_unread(self) -> UnreadTally:
        return await self._inner.count_unread()

    async def ask_profile(self) -> Profile:
        return await self._inner.ask_profile()

    async def inspect(self) -> Inspection:
        return await self._inner.inspect()

    async def dismiss(self, key: str) -> Dismissal:
        held = await self._store.chunks_of(self._login)
        async with self._forgetting():
            dismissal = await self._inner.dismiss(key)
        gone = {each.id for chunk in held for each in chunk.rows if dismissal.covers(each)}
        others = sorted(gone - set(dismissal.notification_ids))
        return replace(dismissal, notification_ids=[*dismissal.notification_ids, *others])

    async def clear(self) -> None:
        async with self._forgetting():
            await self._inner.clear()

    async def mark_read(self, key: str) -> None:
        async with self._forgetting():
            await self._inner.mark_read(key)

    async def set_timestamp(self, pages: WatchedPages, unseen_from: UnseenFrom) -> TimestampSet:
        async with self._forgetting():
            return await self._inner.set_timestamp(pages, unseen_from)

    @asynccontextmanager
    async def _forgetting(self) -> AsyncIterator[None]:
        """Around a write: what was read before it ended, however it ended, is not served again.

        Writes of a login go one at a time: each looks before it acts, and what it saw must hold.
        """
        async with self._writing:
            self._writes += 1
            try:
                yield
            finally:
                self._writes += 1
                self._teller = None
                await self._store.forget(self._login)

    async def _held(self, request: ChunkRequest) -> Chunk | None:
        """What a chunk that is kept has from the anchor on, if that says anything.

        The rest of a chunk may be empty: its last row was shown and others lie beyond it. Then
        the chunk that begins there has the answer.
        """
        if request.held_in is not None:
            chunk = await self._get(request.held_in, request.scope)
            rest = chunk.rest(request.anchor) if chunk else None
            if rest is not None and (rest.rows or rest.is_last):
                return rest
        return await self._get(request.anchor, request.scope)

    async def _get(self, anchor: Anchor, scope: Scope) -> Chunk | None:
        if not self._seconds:
            return None
        return await self._store.get(self._key(anchor, scope))

    async def _fetch(self, request: ChunkRequest) -> Chunk:
        writes = self._writes
        chunk = await self._inner.read(request)
        if self._seconds and writes == self._writes:
            key = self._key(request.anchor, request.scope)
            await self._store.put(key, chunk, self._seconds)
        return chunk

    def _key(self, anchor: Anchor, scope: Scope) -> ChunkKey:
        row = anchor.row.hex() if anchor.row is not None else ""
        which = (scope.include_seen, scope.latest_only)
        parts = (*which, anchor.direction.name, anchor.inclusive, row)
        return ChunkKey(self._login, "|".join(map(str, parts)))
