"""An upstream whose chunks are kept: never blank, never wrong.

A copy has three ages. Fresh: it is served. Stale: it is renewed, and served if that takes long.
Older: it is served only if the instance fails. docs/caching.md has the rules and their tests.
"""

import asyncio
import random
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, TypeVar

from app.cache.copies.copies import Held, LoginCopies
from app.cache.copies.list_watch import ListWatch
from app.cache.copies.login_stream import LoginStream
from app.cache.copies.read_state import LoginReadState
from app.cache.copies.shared_tally import SharedTally
from app.cache.copies.store import ChunkKey, ChunkStore
from app.cache.copies.waiting import Waiting
from app.cache.copies.watched_list import WatchedList
from app.cache.copies.write_turns import LoginWrites, outcome_of_change, outcome_of_setting
from app.cache.kept import CacheTimes, Copy
from app.cache.shared.lease import LiveCopies
from app.cache.shared.login import SharedLogin
from app.cache.shared.login_store import LoginStore
from app.cache.single_flight import SingleFlight
from app.cache.write_log import Token, What, WriteLog, WriteOutcome
from app.clock import Clock
from app.upstreams.wrappers.calls import Ask, Call
from app.upstreams.wrappers.wrapper import UpstreamWrapper
from resolvers.errors import Overloaded, UpstreamError, UpstreamFailureCode
from resolvers.identity import make_id
from resolvers.platforms import name_type
from resolvers.seam.chunk import PENDING, TOP, Chunk, ChunkRequest, Direction, Scope
from resolvers.seam.login import UnreadTally
from resolvers.seam.upstream import ReadState, Upstream
from resolvers.seam.writes import Dismissal, ReadUpTo, TimestampSet, UnseenFrom, WatchedPages
from resolvers.types.notification import Notification

Value = TypeVar("Value")

_MOST_TRIES = 3
"""Reads of one chunk, where all that it held is dismissed each time before it is there."""


class CachedUpstream(UpstreamWrapper):
    """Wraps the upstream of one login; `login` is a text that no other login has.

    `was_accepted`: the instance has answered this credential once.
    """

    def __init__(
        self,
        inner: Upstream,
        chunks: ChunkStore,
        login: str,
        times: CacheTimes,
        clock: Clock,
        make_token: Callable[[], Token],
        shared: LoginStore | None = None,
        random: Callable[[], float] = random.random,
    ) -> None:
        super().__init__(inner)
        self.login = login
        self.was_accepted = False
        self.may_be_watched: Callable[[], bool] = lambda: True
        self._is_shared = shared is not None
        self._opened_as = make_token()
        self._renewals = 0
        self._times = times
        self._clock = clock
        self._log = WriteLog(times.of_log, make_token)
        self._shared = SharedLogin(self._log, inner.inbox, clock, times.keep, shared)
        self._counts = chunks.counts
        self._copies = LoginCopies(chunks, login, self._shared, times, clock)
        url = inner.inbox.instance.url
        self.writes = LoginWrites(url, self._shared, times.longest_wait, clock)
        self._reads: SingleFlight[ChunkKey, Token, Copy] = SingleFlight()
        self._waiting = Waiting(times, self._log, clock, url)
        self._lists: dict[Scope, WatchedList] = {}
        self._log.on_learned = self._learn
        self._shared.lease.find_live = self._find_live
        self._tally = SharedTally(self.count_unread, self._log, clock)
        self._stream = LoginStream(inner.open_stream, self._shared, clock, random)
        self._read_state = LoginReadState(
            lambda: self._notice(inner.ask_read_state()),
            *(self._shared, self._copies, times, self._waiting, clock),
        )

    def watch(self, scope: Scope, wake: Callable[[], None]) -> ListWatch:
        """Watches a list for a subscriber, who is woken whenever there may be news.

        Raises Overloaded where too many others are watched.
        """
        if not self.is_watched and not self.may_be_watched():
            raise Overloaded
        watched = self._lists.get(scope)
        if watched is None:
            parts = self._shared, self._copies, self._tally, self._stream, self._clock
            is_streamed = not scope.include_filtered  # of which no instance streams all
            may_be_live = self._times.fresh > 0 and self._times.keep > 0 and is_streamed
            watched = self._lists[scope] = WatchedList(self, scope, *parts, may_be_live=may_be_live)
        return ListWatch(watched, wake)

    def _find_live(self) -> LiveCopies:
        """What other processes may serve unasked, by the stream of this one."""
        stamps = {scope: watched.live_stamp for scope, watched in self._lists.items()}
        return LiveCopies(self._stream.alive_at, {k: stamp for k, stamp in stamps.items() if stamp})

    def read_anew(self, scope: Scope) -> None:
        """See `WatchedUpstream`."""
        self._reads.forget(self._copies.key(TOP, scope))

    def note_arrival(self) -> None:
        """See `WatchedUpstream`."""
        self._renewals += 1

    @property
    def is_watched(self) -> bool:
        """Whether there is anybody for whom it has to stay."""
        return any(each.is_watched for each in self._lists.values())

    def _learn(self) -> None:
        for watched in self._lists.values():
            watched.learn()

    @property
    def last_write(self) -> Token | None:
        """What this login has written last, for answers that are made of its copies.

        None where no answer may be kept: while it writes or settles, and where other processes
        write too, of which nobody knows here without asking. A login that was forgotten and opened
        again knows nothing of what it wrote before, and so has other marks; and so has one that was
        asked past the fresh time, as answers from before would go back behind what was shown.
        """
        if self._is_shared or self._log.is_writing or self._waiting.is_settling():
            return None
        return self._opened_as + self._log.last + self._renewals.to_bytes(8, "big")

    def fresh_until(self, fetched_at: datetime) -> datetime:
        """When what was fetched then is not fresh any more."""
        return fetched_at + timedelta(seconds=self._times.fresh)

    @property
    def is_streaming(self) -> bool:
        """Whether its instance tells of its own accord what arrives."""
        return self._stream.is_alive

    async def aclose(self) -> None:
        """Ends the reads that are under way."""
        await self._stream.aclose()
        await self._reads.aclose()
        await self._read_state.aclose()
        await self._tally.aclose()
        await self._shared.aclose()
        await super().aclose()

    async def read(self, request: ChunkRequest) -> Chunk:
        held = await self._copies.find(request)
        if held is not None and _is_new_enough(held, request):
            if self._waiting.is_fresh(held[1]):
                self._counts["hit"] += 1
                return held[2]
            live = self._show_live(held, request.scope)
            if live is not None:
                self._counts["hit"] += 1
                return live
        self._counts["missed" if held is None else "stale"] += 1
        try:
            return await (self._ask(request) if held is None else self._renew_copy(request, held))
        except UpstreamError as failure:
            shown = None if _is_refusal(failure) else await self._find_instead(request, held)
            if shown is None:
                raise
            return replace(shown, is_stale=True, flaw=failure)

    def _show_live(self, held: Held, scope: Scope) -> Chunk | None:
        """What a copy shows, if its instance tells of its own accord what it has beside."""
        watched = self._lists.get(scope)
        if watched is not None:
            alive_at = watched.alive_at(held[0])
        else:  # another process may be told
            alive_at = self._shared.lease.alive_at(scope, held[0].stamp, self._clock.now())
            alive_at = alive_at if self._times.fresh else None
        if alive_at is None or not self._waiting.holds(held[1]):
            return None
        return replace(held[2], fetched_at=max(alive_at, held[2].fetched_at))

    async def _find_instead(self, request: ChunkRequest, held: Held | None) -> Chunk | None:
        """What the copy in hand shows now, or one that has come since, by an earlier read."""
        if held is None:
            held = await self._copies.find(request)
        return self._copies.show(held[0], request) if held is not None else None

    async def _renew_copy(self, request: ChunkRequest, held: Held) -> Chunk:
        """A newer chunk, or the copy where that takes long. Raises UpstreamError."""
        waits_long = request.anchor.direction is Direction.UP or request.not_before is not None
        try:
            return await self._waiting.renew(
                held[1], lambda: self._ask(request), waits_long=waits_long
            )
        except TimeoutError:
            shown = self._copies.show(held[0], request)
        if shown is not None:
            return replace(shown, is_stale=True)
        return await self._waiting.in_time(
            self._ask(request)
        )  # all that it held has left meanwhile

    async def ask_read_state(self) -> ReadState:
        return await self._read_state.get()

    async def find(self, key: str) -> Notification | None:
        return await self._notice(self._inner.find(key))

    async def count_unread(self) -> UnreadTally:
        return await self._notice(self._inner.count_unread())

    async def dismiss(self, *keys: str) -> Dismissal:
        """The instance's, and what else of the copies held has left with it."""
        held = await self._copies.held(TOP, PENDING)  # it may have been seen in another process
        dismissal = await self._write(self._inner.dismiss(*keys), lambda done: done)
        if dismissal.subject is None:
            return dismissal
        gone = self._copies.leaving_with(dismissal, held)
        others = sorted(gone - set(dismissal.notification_ids))
        return replace(dismissal, notification_ids=[*dismissal.notification_ids, *others])

    async def clear(self) -> None:
        await self._write(self._inner.clear(), lambda _: WriteOutcome.CLEARED)

    async def mark_read(self, key: str) -> None:
        kind = name_type(self.inbox.instance.platform, self.feed)
        marked = ReadUpTo(make_id(kind, self.inbox.name, key))
        await self._write(self._inner.mark_read(key), lambda _: marked)

    async def set_timestamp(self, pages: WatchedPages, unseen_from: UnseenFrom) -> TimestampSet:
        setting = self._inner.set_timestamp(pages, unseen_from)
        return await self._write(setting, outcome_of_setting)

    async def pass_on(self, call: Call, ask: Ask[Value]) -> Value:
        """For what has no method of its own here: after a change the list is another one."""
        if call is Call.WRITE:
            return await self._write(ask(), outcome_of_change)
        return await (ask() if call is Call.ABOUT else self._notice(ask()))

    async def _write(
        self, writing: Coroutine[Any, Any, Value], tell: Callable[[Value], What]
    ) -> Value:
        """A write, once it is its turn; `tell` says of its answer what it has taken away."""
        try:
            return await self.writes.write(lambda: self._notice(writing), tell)
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
        self._read_state.forget()
        await self._copies.forget()

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
        began, was_settling = self._clock.now(), self._waiting.is_settling()
        is_kept = self._times.keep > 0 and not was_settling
        is_shared = self._shared.is_in_step
        try:
            chunk = await self._inner.read(request)
        except UpstreamError as failure:
            if _is_refusal(failure):
                await self._lose_copies()
            raise
        self._log.accept()
        self.was_accepted = True
        self._renewals += request.not_before is not None
        watched = self._lists.get(request.scope) if request.anchor == TOP else None
        if watched is not None and watched.is_watched:
            chunk = watched.complete(chunk, began)
        copy = Copy(chunk, token, self._log.make_token())
        is_late = not self._may_join(token)
        if watched is not None and not is_late and not was_settling:
            watched.note(copy)
        is_kept = is_kept and await self._copies.keep(key, copy, is_late=is_late)
        if is_kept and is_shared and not is_late:
            await self._shared.push(key.chunk, copy)
        return copy


def _is_new_enough(held: Held, request: ChunkRequest) -> bool:
    return request.not_before is None or held[0].at > request.not_before


def _is_refusal(failure: UpstreamError) -> bool:
    return failure.failure_code is UpstreamFailureCode.UNAUTHORIZED
