"""The copies of one login: which may be shown, and what they show now."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from app.cache.copies.dismissed import mark_seen, take_away
from app.cache.copies.store import ChunkKey, ChunkStore
from app.cache.kept import CacheTimes, Copy
from app.cache.shared.login import Lookup, SharedLogin
from app.cache.shared.store import Put
from app.cache.write_log import Since, Token
from app.clock import Clock
from resolvers.seam.chunk import TOP, Anchor, Chunk, ChunkRequest, Direction, Scope
from resolvers.seam.writes import Dismissal
from resolvers.types.notification import Notification


@dataclass(frozen=True, slots=True)
class Standing:
    """How old something held is, in seconds, and what the write log says of it."""

    age: float
    since: Since


Held = tuple[Copy, Standing, Chunk]
"""A copy, how it stands, and what it shows of a request."""


class LoginCopies:
    """What is held in memory and, by what is `shared`, by other processes.

    `login` is a text that no other login has.
    """

    def __init__(
        self, store: ChunkStore, login: str, shared: SharedLogin, times: CacheTimes, clock: Clock
    ) -> None:
        self._store = store
        self._login = login
        self._shared = shared
        self._log = shared.log
        self._times = times
        self._clock = clock

    def key(self, anchor: Anchor, scope: Scope) -> ChunkKey:
        """What the chunk that begins at an anchor is kept under."""
        direction = "UP" if anchor.direction is Direction.UP else "DOWN"
        row = anchor.row.hex() if anchor.row is not None else ""
        listed = f"{scope.include_seen}|{scope.latest_only}|{scope.include_filtered}"
        which = f"{listed}|{direction}|{anchor.inclusive}|{row}"
        return ChunkKey(self._login, which)

    def standing(self, at: datetime, token: Token) -> Standing:
        """How something stands that an instance said then, to one who knew this token.

        A time in the future, as a clock was set back, is as old as can be served.
        """
        age = (self._clock.now() - at).total_seconds()
        return Standing(age if age >= 0 else self._times.stale, self._log.since(token))

    async def newest(self, scope: Scope) -> Copy | None:
        """The copy of a list's top that is in memory."""
        return await self._store.get(self.key(TOP, scope))

    async def find(self, request: ChunkRequest) -> Held | None:
        """The newest copy that may be shown for a request."""
        keys = [self.key(request.anchor, request.scope)]
        if request.held_in is not None and request.held_in != request.anchor:
            keys.insert(0, self.key(request.held_in, request.scope))
        await self._pull(*keys)
        found = None
        for key in keys:
            copy = await self._store.get(key)
            shown = self.show(copy, request) if copy else None
            if copy is None or shown is None:
                continue
            standing = self.standing(copy.at, copy.token)
            if request.scope.include_seen and standing.since.dismissals:
                # the marks of its pages are other ones now
                standing = replace(standing, since=replace(standing.since, holds=False))
            is_newer = found is None or standing.age < found[1].age
            if is_newer and standing.age < self._times.keep:
                found = copy, standing, shown
        return found

    def show(self, copy: Copy, request: ChunkRequest) -> Chunk | None:
        """What a copy has from the anchor on, less what was dismissed; None if that says nothing.

        A rest may be empty: its last row was shown and others lie beyond it. Then the chunk that
        begins there has the answer.
        """
        rest = copy.chunk.rest(request.anchor)
        since = self._log.since(copy.token)
        if rest is None or since.is_void:
            return None
        if since.dismissals:
            show = mark_seen if request.scope.include_seen else take_away
            rest = show(rest, since.dismissals)
        return rest if rest.rows or rest.is_last else None

    async def keep(self, key: ChunkKey, copy: Copy, *, is_late: bool) -> bool:
        """Keeps what was read, unless a late read would displace a copy that knows of a write."""
        held = await self._store.get(key) if is_late else None
        is_kept = held is None or not self._log.since(held.token).holds
        if is_kept:
            await self._put(key, copy)
        return is_kept

    async def extend(self, scope: Scope, held: Copy, copy: Copy) -> Put:
        """Keeps a copy of a list's top that a stream has extended, unless another process leads, or
        has read the list since.
        """
        key = self.key(TOP, scope)
        put = await self._shared.extend(scope, key.chunk, copy, held.stamp)
        if put is Put.DONE and await self._store.get(key) is held:
            await self._put(key, copy)
        return put

    async def pull_newest(self, scope: Scope) -> Copy | None:
        """The same copy, or the one of another process that is newer."""
        key = self.key(TOP, scope)
        await self._pull(key)
        return await self._store.get(key)

    def leaving_with(self, dismissal: Dismissal, held: Sequence[Copy]) -> set[str]:
        """The IDs of rows that copies showed and that leave with a dismissal."""
        return {row.id for copy in held for row in self._leaving(copy, dismissal)}

    async def held(self, anchor: Anchor, scope: Scope) -> Sequence[Copy]:
        """All copies, with that of an anchor as other processes may have it."""
        await self._pull(self.key(anchor, scope))
        return await self._store.copies_of(self._login)

    async def forget(self) -> None:
        """Drops all that are in memory; others drop theirs by the log."""
        await self._store.forget(self._login)

    async def _pull(self, *keys: ChunkKey) -> None:
        """Learns what other processes wrote, and takes over copies that are newer than those here.

        One round trip to the shared store, if there is one.
        """
        if not self._shared.is_shared:
            return
        held = [await self._store.get(key) for key in keys]
        stamps = [copy.stamp if copy else b"" for copy in held]
        wanted = [Lookup(key.chunk, stamp) for key, stamp in zip(keys, stamps, strict=True)]
        for key, here, there in zip(keys, held, await self._shared.pull(*wanted), strict=True):
            if isinstance(there, Copy) and (here is None or there.at >= here.at):
                await self._put(key, there)

    async def _put(self, key: ChunkKey, copy: Copy) -> None:
        left = self._times.keep - self.standing(copy.at, copy.token).age
        if left > 0:
            await self._store.put(key, copy, left)

    def _leaving(self, copy: Copy, dismissal: Dismissal) -> list[Notification]:
        covered = [row for row in copy.chunk.rows if dismissal.covers(row)]
        since = self._log.since(copy.token)
        if since.is_void or not covered:
            return []
        earlier = [each for each in since.dismissals if each is not dismissal]
        rows = take_away(replace(copy.chunk, rows=covered), earlier).rows
        return [row for row in rows if row.is_unread is not False]
