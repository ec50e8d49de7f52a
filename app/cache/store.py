"""The store behind the cache: the only module that knows aiocache."""

from collections import OrderedDict
from typing import NamedTuple

from aiocache import SimpleMemoryCache

from resolvers.chunk import Chunk


class ChunkKey(NamedTuple):
    """Which chunk of which login; a login is a text that no other login has."""

    login: str
    chunk: str


class ChunkStore:
    """Chunks, each for some seconds, no more than `most` of them.

    aiocache has no bound of its own, so the keys are counted here and the oldest are dropped.
    Values are kept as they are: whoever gets a chunk must not change it.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._cache = SimpleMemoryCache(timeout=0)  # nothing here can wait
        self._keys: OrderedDict[ChunkKey, None] = OrderedDict()

    async def get(self, key: ChunkKey) -> Chunk | None:
        """The chunk under this key, if it is still kept."""
        chunk: Chunk | None = await self._cache.get(key)
        return chunk

    async def put(self, key: ChunkKey, chunk: Chunk, seconds: float) -> None:
        """Keeps the chunk for `seconds`, which must be more than 0 (aiocache: 0 is for ever)."""
        self._keys[key] = None
        self._keys.move_to_end(key)
        await self._cache.set(key, chunk, ttl=seconds)
        while len(self._keys) > self._most:
            oldest, _ = self._keys.popitem(last=False)
            await self._cache.delete(oldest)

    async def chunks_of(self, login: str) -> list[Chunk]:
        """Every chunk of a login that is still kept."""
        held = [await self.get(key) for key in list(self._keys) if key.login == login]
        return [chunk for chunk in held if chunk is not None]

    async def forget(self, login: str) -> None:
        """Drops every chunk of a login."""
        for key in [key for key in self._keys if key.login == login]:
            del self._keys[key]
            await self._cache.delete(key)
