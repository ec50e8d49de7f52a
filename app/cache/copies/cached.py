"""An upstream whose chunks are kept: never blank, never wrong.

A copy has three ages. Fresh: it is served. Stale: it is renewed, and served if that takes long.
Older: it is served only if the instance fails. docs/caching.md has the rules and their tests.
"""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, TypeVar

from app.cache.copies.copies import Held, LoginCopies, Standing
from app.cache.copies.store import ChunkKey, ChunkStore
from app.cache.copies.times import CacheTimes
from app.cache.copies.writes import LoginWrites, outcome_of_setting
from app.cache.shared.link import Link
from app.cache.shared.login import SharedLogin, Wanted
from app.cache.single_flight import SingleFlight
from app.cache.values import Copy, Teller
from app.cache.write_log import Outcome, Token, WriteLog
from app.clock import Clock
from app.upstreams.wrappers.wrapper import UpstreamWrapper
from resolvers.errors import UpstreamError, UpstreamFailureCode
from resolvers.seam.chunk import PENDING, TOP, Chunk, ChunkRequest, Direction
from resolvers.seam.login import UnreadTally
from resolvers.seam.upstream import TellUnread, Upstream
from resolvers.seam.writes import Dismissal, TimestampSet, UnseenFrom, WatchedPages
from resolvers.types.notification import Notification

Value = TypeVar("Value")

_AWAY = {
    UpstreamFailureCode.SUSPENDED,
    UpstreamFailureCode.RATE_LIMITED,
    UpstreamFailureCode.TIMEOUT,
}
_TELLER = "teller"
"""What the shared store calls what tells the unread from the read."""

_MOST_TRIES = 3
"""Reads of one chunk, where all that it held is dismissed each time before it is there."""


class CachedUpstream(UpstreamWrapper):
    """Wraps the upstream of one login; `login` is a text that no other login has.

    `was_accepted`: the instance has answered this credential once.
    """

    def __init__(
        self,
        inner: Upstream,
        store: ChunkStore,
        login: str,
        times: CacheTimes,
        clock: Clock,
        make_token: Callable[[], Token],
        link: Link | None = None,
    ) -> None:
        super().__init__(inner)
        self.login = login
        self.was_accepted = False
        self._is_shared = link is not None
        self._opened_as = make_token()
        self._times = times
        self._clock = clock
        self._log = WriteLog(times.of_log, make_token)
        self._shared = SharedLogin(self._log, inner.inbox, clock, times.keep, link)
        self._copies = LoginCopies(store, login, self._shared, times, clock)
        url = inner.inbox.instance.url
        self._writes = LoginWrites(url, self._shared, times.longest_wait, clock)
        self._reads: SingleFlight[ChunkKey, Token, Copy] = SingleFlight()
        self._tellers: SingleFlight[None, Token, TellUnread] = SingleFlight()
        self._teller: Teller | None = None

    @property
    def mark(self) -> Token | None:
        """What this login has written last, for answers that are made of its copies.

        None where no answer may be kept: while it writes or settles, and where other processes
        write too, of which nobody knows here without asking. A login that was forgotten and opened
        again knows nothing of what it wrote before, and so has other marks.
        """
        if self._is_shared or self._log.is_writing or self._is_settling():
            return None
        return self._opened_as + self._log.last

    def fresh_until(self, fetched_at: datetime) -> datetime:
        """When what was fetched then is not fresh any more."""
        return fetched_at + timedelta(seconds=self._times.fresh)

    async def aclose(self) -> None:
        """Ends the reads that are under way."""
        await self._reads.aclose()
        await self._tellers.aclose()
        await self._shared.aclose()
        await super().aclose()

    async def read(self, request: ChunkRequest) -> Chunk:
        held = await self._copies.find(request)
        if held is not None and self._is_fresh(held[1]):
            return held[2]
        try:
            return await (self._ask(request) if held is None else self._renew_copy(request, held))
        except UpstreamError as failure:
            shown = None if _is_refusal(failure) else await self._find_instead(request, held)
            if shown is None:
                raise
            return replace(shown, is_stale=True, flaw=failure)

    async def _find_instead(self, request: ChunkRequest, held: Held | None) -> Chunk | None:
        """What the copy in hand shows now, or one that has come since, by an earlier read."""
        if held is None:
            held = await self._copies.find(request)
        return self._copies.show(held[0], request) if held is not None else None

    async def _renew_copy(self, request: ChunkRequest, held: Held) -> Chunk:
        """A newer chunk, or the copy where that takes long. Raises UpstreamError."""
        is_up = request.anchor.direction is Direction.UP
        try:
            return await self._renew(held[1], lambda: self._ask(request), waits_long=is_up)
        except TimeoutError:
            shown = self._copies.show(held[0], request)
        if shown is not None:
            return replace(shown, is_stale=True)
        return await self._in_time(self._ask(request))  # all that it held has left meanwhile

    async def tell_unread(self) -> TellUnread:
        await self._pull_teller()
        teller = self._teller
        if teller is None:
            return await self._in_time(self._ask_teller())
        standing = self._copies.standing(teller.at, teller.token)
        is_marked = standing.since.is_marked
        if standing.since.is_void or standing.age >= self._times.keep:
            return await self._in_time(self._ask_teller())
        if self._is_fresh(standing) and not is_marked:
            return teller.tell
        try:
            return await self._renew(standing, self._ask_teller, waits_long=is_marked)
        except UpstreamError as failure:
            if is_marked or not _is_away(failure):  # an old marker would pass for the new one
                raise
        except TimeoutError:
            pass
        return teller.tell

    async def find(self, key: str) -> Notification | None:
        return await self._notice(self._inner.find(key))

    async def count_unread(self) -> UnreadTally:
        return await self._notice(self._inner.count_unread())

    async def dismiss(self, key: str) -> Dismissal:
        """The instance's, and what else of the copies held has left with it."""
        held = await self._copies.held(TOP, PENDING)  # it may have been seen in another process
        dismissal = await self._write(self._inner.dismiss(key), lambda done: done)
        if dismissal.subject is None:
            return dismissal
        gone = self._copies.leaving_with(dismissal, held)
        others = sorted(gone - set(dismissal.notification_ids))
        return replace(dismissal, notification_ids=[*dismissal.notification_ids, *others])

    async def clear(self) -> None:
        await self._write(self._inner.clear(), lambda _: Outcome.CLEARED)

    async def mark_read(self, key: str) -> None:
        await self._write(self._inner.mark_read(key), lambda _: Outcome.MARKED)

    async def set_timestamp(self, pages: WatchedPages, unseen_from: UnseenFrom) -> TimestampSet:
        setting = self._inner.set_timestamp(pages, unseen_from)
        return await self._write(setting, outcome_of_setting)

    async def _write(
        self, writing: Coroutine[Any, Any, Value], tell: Callable[[Value], Outcome | Dismissal]
    ) -> Value:
        """A write, once it is its turn; `tell` says of its answer what it has taken away."""
        try:
            return await self._writes.write(lambda: self._notice(writing), tell)
        finally:
            writing.close()  # where its turn never came

    async def _notice(self, asking: Awaitable[Value]) -> Value:
        """The answer; a credential that is refused takes the copies with it."""
        try:
            return await asking
        except UpstreamError as failure:
            if failure.is_login_refused:
                await self._lose_copies()
            raise

    async def _lose_copies(self) -> None:
        refused = self._log.refuse(self._clock.now())
        if refused is not None:
            await self._shared.say(refused)
        self._teller = None
        await self._copies.forget()

    async def _renew(
        self, standing: Standing, ask: Callable[[], Awaitable[Value]], *, waits_long: bool
    ) -> Value:
        """A newer answer. TimeoutError where the copy is good enough not to wait any longer.

        UpstreamError with TIMEOUT where the instance hangs.
        """
        times = self._times
        is_good = standing.since.holds and standing.age < times.stale and not self._is_settling()
        if is_good and not waits_long:
            async with asyncio.timeout(times.patience):
                return await ask()
        return await self._in_time(ask())

    async def _in_time(self, asking: Awaitable[Value]) -> Value:
        """The answer, if it is there before a page gives up. Raises UpstreamError."""
        try:
            async with asyncio.timeout(self._times.longest_wait):
                return await asking
        except TimeoutError:
            raise UpstreamError(
                UpstreamFailureCode.TIMEOUT,
                f"{self.inbox.instance.url} did not answer in time.",
            ) from None

    async def _ask(self, request: ChunkRequest) -> Chunk:
        """What the instance says now, asked once for all who ask meanwhile. UpstreamError."""
        for _ in range(_MOST_TRIES):
            copy = await self._join(request)
            shown = self._copies.show(copy, request)
            if shown is not None:
                return shown
        raise UpstreamError(
            UpstreamFailureCode.UNAVAILABLE,
            f"{self.inbox.instance.url} is being written to faster than it can be read: ask again.",
        )

    def _join(self, request: ChunkRequest) -> "asyncio.Future[Copy]":
        """A read that is under way, if nothing but known dismissals came since, or a new one."""
        key, token = self._copies.key(request.anchor, request.scope), self._log.last

        def start() -> Coroutine[Any, Any, Copy]:
            return self._fetch(key, request, token)

        return self._reads.join(key, token, start, self._may_join)

    def _may_join(self, under: Token) -> bool:
        """Whether a read that began under a token is as good as one that begins now."""
        return under == self._log.last or self._log.since(under).holds

    async def _fetch(self, key: ChunkKey, request: ChunkRequest, token: Token) -> Copy:
        """Reads a chunk under a token and keeps it, unless the login is settling."""
        is_kept = self._times.keep > 0 and not self._is_settling()
        is_shared = self._shared.is_in_step
        try:
            chunk = await self._inner.read(request)
        except UpstreamError as failure:
            if _is_refusal(failure):
                await self._lose_copies()
            raise
        self._log.accept()
        self.was_accepted = True
        copy = Copy(chunk, token, self._log.make_token())
        is_late = not self._may_join(token)
        is_kept = is_kept and await self._copies.keep(key, copy, is_late=is_late)
        if is_kept and is_shared and not is_late:
            await self._shared.push(key.chunk, copy)
        return copy

    async def _ask_teller(self) -> TellUnread:
        """What tells the unread from the read, asked once for all, and kept unless settling."""
        token = self._log.last

        def is_same(under: Token) -> bool:
            return under == self._log.last or not self._log.since(under).is_marked

        async def ask() -> TellUnread:
            asked_at, is_kept = self._clock.now(), not self._is_settling()
            is_shared = self._shared.is_in_step
            tell = await self._notice(self._inner.tell_unread())
            if is_kept and is_same(token):
                self._teller = Teller(tell, asked_at, token, self._log.make_token())
                if is_shared:
                    await self._shared.push(_TELLER, self._teller)
            return tell

        return await self._tellers.join(None, token, ask, is_same)

    async def _pull_teller(self) -> None:
        """Learns what other processes wrote, and takes over a newer teller."""
        here = self._teller
        (there,) = await self._shared.pull(Wanted(_TELLER, here.stamp if here else b""))
        if isinstance(there, Teller) and (here is None or there.at > here.at):
            self._teller = there

    def _is_fresh(self, standing: Standing) -> bool:
        is_young = standing.age < self._times.fresh
        return standing.since.holds and is_young and not self._is_settling()

    def _is_settling(self) -> bool:
        return self._log.is_settling(self._clock.now())


def _is_refusal(failure: UpstreamError) -> bool:
    return failure.failure_code is UpstreamFailureCode.UNAUTHORIZED


def _is_away(failure: UpstreamError) -> bool:
    """Whether the instance does not answer at all, so that its list is an old one too."""
    return failure.is_outage or failure.failure_code in _AWAY
