"""What a login shares with other processes: its write log, and the newest copies.

All that is said to the store and learned from it at one time is one exchange, which the store
carries out as one. What it did not take is said again, and until it has been, what it holds of
this login is neither used nor added to.

What is kept there has its instants by the store's own clock, which each exchange tells: processes
whose clocks differ agree on how old a thing is.
"""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from typing import Any, NamedTuple, TypeVar, cast

from app.cache.kept import Copy, KeptReadState
from app.cache.shared.lease import LEASE_LASTS, Lease, stamp_offset
from app.cache.shared.login_store import LoginStore
from app.cache.shared.store import STAMP, Position, Put, Saying, StoreAway, UnderLease
from app.cache.write_log import MOST_ENTRIES, LogEntry, WriteLog, WriteOutcome
from app.clock import Clock
from resolvers.seam.chunk import Scope
from resolvers.types.inbox import Inbox

WRITE_LASTS = timedelta(seconds=30)
"""After which a write that has not ended counts as ended: its process is gone."""
FIRST_PAUSE, LONGEST_PAUSE = 0.05, 1.0
"""Seconds between attempts to say what the store did not take."""

_NOTHING = timedelta()
_LEASE = "lease"
Moved = TypeVar("Moved", bound=Copy | KeptReadState | LogEntry)


class Lookup(NamedTuple):
    """A value to be looked for; one that is still of this stamp need not be sent."""

    name: str
    stamp: bytes = b""


class SharedLogin:
    """One login in this process and, by its `link` to a store, in all others.

    `keep` is how long a copy is kept, in seconds.
    """

    def __init__(
        self,
        write_log: WriteLog,
        inbox: Inbox,
        clock: Clock,
        keep: float,
        store: LoginStore | None,
    ) -> None:
        self.log = write_log
        self.is_in_step = False
        self._inbox = inbox
        self._clock = clock
        self._keep = timedelta(seconds=keep)
        self._store = store
        self._position: Position = ()
        self._opening = b""
        self._ahead: timedelta | None = None
        self._unsaid: list[LogEntry] = []
        self._flushing: asyncio.Task[None] | None = None
        self.lease = Lease()

    @property
    def is_shared(self) -> bool:
        """Whether there can be others."""
        return self._store is not None

    async def aclose(self) -> None:
        """Ends what goes on by itself, after one more attempt to say what is unsaid."""
        if self._store is not None and self._flushing is not None:
            self._flushing.cancel()
            await asyncio.gather(self._flushing, return_exceptions=True)
            with suppress(StoreAway):
                await self._exchange(self._store)

    async def pull(self, *wanted: Lookup) -> Sequence[Copy | KeptReadState | None]:
        """Learns what others have written, and what they have read of what is wanted.

        None for what the store does not have, or not otherwise than it is held here.
        """
        nothing = [None] * len(wanted)
        if self._store is None:
            return nothing
        try:
            _, found = await self._exchange(self._store, wanted=wanted)
        except StoreAway:
            return nothing
        await self._end_abandoned()
        return found if self.is_in_step else nothing

    async def push(self, name: str, value: Copy | KeptReadState) -> None:
        """Lets others have what was read in step with them."""
        store = self._store
        if store is None or not self.is_in_step:
            return
        sealed = value.stamp + store.seal(_moved(value, self._ahead or _NOTHING), name)
        with suppress(StoreAway):
            await store.shared.put(
                store.key(name), sealed, self._keep, store.key("log"), self._log_lives
            )

    async def extend(self, scope: Scope, name: str, value: Copy, stamp: bytes) -> Put:
        """Lets others have a copy that a stream has extended, if it is of that stamp there.

        It is live if the other one was. Where the store is away there are no others.
        """
        store = self._store
        if store is None or not self.is_in_step:
            return Put.DONE
        sealed = value.stamp + store.seal(_moved(value, self._ahead or _NOTHING), name)
        kept = UnderLease(
            *(store.key(name), sealed, stamp),
            *(store.key(_LEASE), self.lease.wish, stamp_offset(scope)),
        )
        try:
            return await store.shared.put_under_lease(
                kept, self._keep, store.key("log"), self._log_lives
            )
        except StoreAway:
            return Put.DONE

    async def end_lease(self) -> None:
        """Lets another process stream at once."""
        holder, self.lease.wish = self.lease.wish, b""
        if self._store is not None and holder:
            with suppress(StoreAway):
                await self._store.shared.end_lease(self._store.key(_LEASE), holder)

    async def begin(self, entry: LogEntry) -> bool:
        """Says that a write begins, unless another one is under way; whether it does.

        While the store is away nobody here can know of others: it does.
        """
        if self._store is None:
            self.log.learn(entry)
            return True
        if self.log.is_writing:
            await self.pull()
        if self.log.is_writing:
            return False
        try:
            is_taken, _ = await self._exchange(self._store, [entry], is_conditional=True)
        except StoreAway:
            self._keep_unsaid(entry)
            return True
        return is_taken

    async def say(self, entry: LogEntry) -> None:
        """Adds an entry to the log: here and, as soon as the store is there, for all."""
        if self._store is None:
            self.log.learn(entry)
            return
        try:
            await self._exchange(self._store, [entry])
        except StoreAway:
            self._keep_unsaid(entry)

    def _keep_unsaid(self, entry: LogEntry) -> None:
        """Under another token: the store may have taken the entry and not have said so."""
        self.log.learn(entry)
        self._unsaid.append(replace(entry, token=self.log.make_token()))
        del self._unsaid[:-MOST_ENTRIES]
        if self._flushing is None or self._flushing.done():
            self._flushing = asyncio.create_task(self._flush())

    async def _flush(self) -> None:
        pause = FIRST_PAUSE
        while self._unsaid:
            await asyncio.sleep(pause)
            pause = min(LONGEST_PAUSE, pause * 2)
            await self.pull()

    async def _end_abandoned(self) -> None:
        """Who began a write that is older than any can be is gone: nobody knows what it did."""
        now = self._clock.now()
        for write in self.log.writes_from_before(now - WRITE_LASTS):
            await self.say(self.log.end(write, WriteOutcome.UNKNOWN, now))

    async def _exchange(
        self,
        store: LoginStore,
        entries: Sequence[LogEntry] = (),
        *,
        wanted: Sequence[Lookup] = (),
        is_conditional: bool = False,
    ) -> tuple[bool, Sequence[Copy | KeptReadState | None]]:
        """Says what is unsaid and these entries, and learns all that is new. Raises StoreAway.

        Whether the entries were taken, which on a condition they are if nothing else was new; and
        what is wanted.
        """
        unsaid, position = [*self._unsaid], self._position
        try:
            if self._ahead is None:
                self._ahead = await store.shared.ask_time() - self._clock.now()
            said = self._seal_all(store, [*unsaid, *entries], self._ahead)
            asked = [(store.key(each.name), each.stamp) for each in wanted]
            heard = await store.shared.exchange(
                Saying(
                    *(store.key("log"), position, said, self._opening, self._log_lives),
                    *(asked, is_conditional),
                    lease=store.key(_LEASE),
                    wish=self.lease.write(self._ahead),
                    lease_lasts=LEASE_LASTS,
                )
            )
            self._ahead = heard.now - self._clock.now()
            self.lease.learn(heard.lease, self._ahead, self._clock.now())
        except StoreAway:
            self.is_in_step = False
            raise
        if heard.is_taken:
            self._unsaid = [entry for entry in self._unsaid if entry not in unsaid]
        if heard.is_broken:
            self._position = ()
        self._learn(store, heard.entries)
        self.is_in_step = not self._unsaid
        if heard.is_broken and position:
            await self.say(self.log.note(WriteOutcome.LOST, self._clock.now()))
        found = [
            self._open(store, each.name, value)
            for each, value in zip(wanted, heard.values, strict=True)
        ]
        return heard.is_taken, found

    def _seal_all(
        self, store: LoginStore, entries: Sequence[LogEntry], ahead: timedelta
    ) -> list[bytes]:
        """The entries as they are kept; and once the one that opens an empty log."""
        if not self._opening:
            opened = self.log.note(WriteOutcome.OPENED, self._clock.now())
            self._opening = store.seal(_moved(opened, ahead), "log")
        return [store.seal(_moved(each, ahead), "log") for each in entries]

    @property
    def _log_lives(self) -> timedelta:
        """Longer than any copy, which has to find the entry that it knows."""
        return self._keep + timedelta(hours=1)

    def _learn(self, store: LoginStore, since: Sequence[tuple[Position, bytes]]) -> None:
        """The entries of an answer that are new, in the order of the store."""
        for position, sealed in since:
            if position <= self._position:
                continue
            entry = store.open(sealed, "log", self._inbox)
            if not isinstance(entry, LogEntry):  # whatever it says, it is not known here
                entry = self.log.note(WriteOutcome.LOST, self._clock.now())
            else:
                entry = self._moved_here(entry)
            self.log.learn(entry)
            self._position = position

    def _open(self, store: LoginStore, name: str, value: bytes) -> Copy | KeptReadState | None:
        opened = store.open(value[STAMP:], name, self._inbox) if value else None
        if not isinstance(opened, Copy | KeptReadState):
            return None
        return replace(self._moved_here(opened), stamp=value[:STAMP])

    def _moved_here(self, value: Moved) -> Moved:
        """With its instants by this process's clock; none of them is still to come."""
        moved = _moved(value, -(self._ahead or _NOTHING))
        late = moved.at - self._clock.now()
        return _moved(moved, -late) if late > _NOTHING else moved


def _moved(value: Moved, by: timedelta) -> Moved:
    """The same, at another instant."""
    moved: Any
    if isinstance(value, Copy):
        moved = replace(value, chunk=replace(value.chunk, fetched_at=value.at + by))
    else:
        moved = replace(value, at=value.at + by)
    return cast("Moved", moved)
