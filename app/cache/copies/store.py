"""The store behind the cache: the only module that knows aiocache."""

from collections import Counter, OrderedDict, defaultdict
from typing import NamedTuple

from app.cache.copies.size import estimate_bytes
from app.cache.kept import Copy
from app.light_imports import without

with without("redis"):  # aiocache loads all backends that it finds, which takes 8 MB
    from aiocache import SimpleMemoryCache


class ChunkKey(NamedTuple):
    """Which chunk of which login; a login is a text that no other login has."""

    login: str
    chunk: str


class ChunkStore:
    """Copies of all logins together, no more than `most` bytes of heap as estimated.

    aiocache has no bound of its own, so sizes are counted here and the least used are dropped.
    Values are kept as they are: whoever gets a copy must not change it.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._cache = SimpleMemoryCache(timeout=0)  # nothing here can wait
        self._sizes: OrderedDict[ChunkKey, int] = OrderedDict()
        self._keys_of: defaultdict[str, set[ChunkKey]] = defaultdict(set)
        self.used = 0
        self.counts: Counter[str] = Counter()
        """How often a read found a copy that it could serve (`hit`), one to be renewed (`stale`) or
        none (`missed`), and how many were `evicted` for want of room."""

    async def get(self, key: ChunkKey) -> Copy | None:
        """The copy under this key, if it is still kept."""
        # aiocache's `get` has timers, plugins and a log around this, which take ten times as long
        copy: Copy | None = await self._cache._get(key)  # noqa: SLF001
        if copy is not None:
            self._sizes.move_to_end(key)
        elif key in self._sizes:  # its time was up
            self._forget_size(key)
        return copy

    async def put(self, key: ChunkKey, copy: Copy, seconds: float) -> None:
        """Keeps the copy for `seconds`, which must be more than 0 (aiocache: 0 is for ever)."""
        size = estimate_bytes(copy.chunk)
        await self._drop(key)
        if size > self._most:
            return
        while self.used + size > self._most:
            self.counts["evicted"] += 1
            await self._drop(next(iter(self._sizes)))
        self._sizes[key] = size
        self._keys_of[key.login].add(key)
        self.used += size
        await self._cache.set(key, copy, ttl=seconds)

    async def copies_of(self, login: str) -> list[Copy]:
        """Every copy of a login that is still kept; looking at it is no use of it."""
        held = [await self._cache.get(key) for key in [*self._keys_of.get(login, ())]]
        return [copy for copy in held if copy is not None]

    async def forget(self, login: str) -> None:
        """Drops every copy of a login."""
        for key in [*self._keys_of.get(login, ())]:
            await self._drop(key)

    async def _drop(self, key: ChunkKey) -> None:
        if key in self._sizes:
            self._forget_size(key)
            await self._cache.delete(key)

    def _forget_size(self, key: ChunkKey) -> None:
        self.used -= self._sizes.pop(key)
        keys = self._keys_of[key.login]
        keys.discard(key)
        if not keys:
            del self._keys_of[key.login]
