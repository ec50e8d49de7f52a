"""An upstream whose chunks are kept for a while."""

from app.cache.store import ChunkStore
from resolvers.chunk import Anchor, Chunk, ChunkRequest, Row, Scope
from resolvers.types.inbox import Inbox, Profile
from resolvers.types.notification import Notification
from resolvers.upstream import Upstream


class CachedUpstream:
    """Wraps the upstream of one login; `login` is a text that no other login has."""

    def __init__(self, inner: Upstream, store: ChunkStore, login: str, seconds: float) -> None:
        self._inner = inner
        self._store = store
        self._login = login
        self._seconds = seconds

    @property
    def inbox(self) -> Inbox:
        return self._inner.inbox

    def recognises(self, row: Row) -> bool:
        return self._inner.recognises(row)

    async def read(self, request: ChunkRequest) -> Chunk:
        return await self._held(request) or await self._fetch(request)

    async def find(self, key: str) -> Notification | None:
        return await self._inner.find(key)

    async def ask_profile(self) -> Profile:
        return await self._inner.ask_profile()

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
        chunk = await self._inner.read(request)
        if self._seconds:
            await self._store.put(self._key(request.anchor, request.scope), chunk, self._seconds)
        return chunk

    def _key(self, anchor: Anchor, scope: Scope) -> str:
        row = anchor.row.hex() if anchor.row is not None else ""
        parts = (self._login, scope.include_seen, anchor.direction.name, anchor.inclusive, row)
        return "|".join(map(str, parts))
