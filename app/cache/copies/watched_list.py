"""The newest copy of one list of a login, watched for the sake of subscribers.

While anybody watches, the instance is asked by a timer, or tells by a stream; but whatever renews
the newest copy, also a query, wakes those who watch. What left elsewhere goes into the write log,
as what leaves by this gateway does: so copies are served without it, and whoever resumes is told.

A stream tells nothing of what came while it was not open. So the list is read once it is, and once
more when replicas have it all; from then on the copy is live, as long as the instance gives signs
of life, and nobody has to ask for it.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from app.cache.copies.copies import LoginCopies
from app.cache.copies.gap_reads import GapReads
from app.cache.copies.happenings import show_newest, tell_happenings, tell_since
from app.cache.copies.login_stream import LiesAbove, LoginStream
from app.cache.copies.pace import LONGEST, SHORTEST, NextLook, Pace, is_scarce
from app.cache.copies.seen_rows import SURE_AFTER, MissingRow, SeenRows
from app.cache.copies.shared_tally import SharedTally
from app.cache.copies.streamed_rows import REPLICAS_LAG, StreamedRows
from app.cache.copies.watched_upstream import WatchedUpstream
from app.cache.kept import Copy
from app.cache.shared.login import SharedLogin
from app.cache.shared.store import Put
from app.cache.write_log import What, WriteOutcome
from app.clock import Clock
from resolvers.errors import UpstreamError
from resolvers.seam.chunk import TOP, Chunk, ChunkRequest, Row, Scope
from resolvers.seam.live import Happened, Happening, NewestRows
from resolvers.seam.writes import Dismissal
from resolvers.tasks import begin
from resolvers.types.notification import Notification

REMEMBERED = timedelta(hours=1)
"""For so long after the last one who watched has left."""
_ROWS = 40


class WatchedList:
    """One list of a login, which `upstream` speaks for and keeps copies of.

    `may_be_live`: copies may be served unasked at all.
    """

    def __init__(
        self,
        upstream: WatchedUpstream,
        scope: Scope,
        shared: SharedLogin,
        copies: LoginCopies,
        tally: SharedTally,
        stream: LoginStream,
        clock: Clock,
        *,
        may_be_live: bool,
    ) -> None:
        self.upstream = upstream
        self.scope = scope
        self._shared = shared
        self._log = shared.log
        self._copies = copies
        self.count_unread = tally.get
        self.stream = stream
        self.clock = clock
        self._may_be_live = may_be_live
        self._streamed = StreamedRows(self._log)
        self._gap_reads = GapReads(stream)
        self._copy: Copy | None = None
        self._seen: SeenRows | None = None
        self._missing: Mapping[Row, MissingRow] = {}
        self._left_at: datetime | None = None
        self._watches: dict[object, Callable[[], None]] = {}
        self._polling: asyncio.Task[None] | None = None
        self._pace = Pace()
        self._extending = asyncio.Lock()
        self._was_live = False
        self.has_looked = asyncio.Event()
        self.failure: UpstreamError | None = None
        self.next_look = NextLook(clock)

    @property
    def is_watched(self) -> bool:
        """Whether there is anybody for whom it looks."""
        return bool(self._watches)

    @property
    def is_live(self) -> bool:
        """Whether the instance tells whatever arrives, so that nobody has to ask for it."""
        return self._copy is not None and self.alive_at(self._copy) is not None

    def alive_at(self, copy: Copy) -> datetime | None:
        """Up to when a copy is what the list has; None where nobody knows more than it says."""
        if not self._may_be_live:
            return None
        if self.stream.began_at is None:
            return self._shared.lease.alive_at(self.scope, copy.stamp, self.clock.now())
        is_whole = self._gap_reads.is_done and copy is self._copy
        return self.stream.alive_at if is_whole and self.stream.is_alive else None

    @property
    def live_stamp(self) -> bytes:
        """What names the copy that is live by the stream of this process; empty where none is."""
        if self._copy is None or self.stream.began_at is None or not self.is_live:
            return b""
        return self._copy.stamp

    @property
    def is_held_back(self) -> bool:
        """As `Watch.is_held_back`."""
        return self._log.is_writing or self._log.is_settling(self.clock.now())

    def join(self, watch: object, wake: Callable[[], None]) -> None:
        """Another one who watches, and is woken whenever there may be news."""
        self._watches[watch] = wake
        if self._polling is None:
            self._pace.begin_again()
            self._polling = asyncio.ensure_future(self._poll())
            self.stream.join(self)

    def leave(self, watch: object) -> None:
        """One who watches no more; with the last the timer ends.

        What was seen is remembered for a while, so that who resumes is told what left meanwhile.
        """
        self._watches.pop(watch, None)
        if not self._watches and self._polling is not None:
            self._polling.cancel()
            self._polling = None
            self._copy = None
            self.next_look.begin()
            self._left_at = self.clock.now()
            self.has_looked.clear()
            self.stream.leave(self)
            self._gap_reads.begin_again()

    def note(self, copy: Copy) -> None:
        """Learns of a copy that was read from the top, by whoever asked for it."""
        now, before = self.clock.now(), self._seen
        if not self._watches and (self._left_at is None or now - self._left_at > REMEMBERED):
            self._seen = None
            self._missing = {}
            return
        if before is not None and copy.at < before.at:
            return
        self._seen = self._look_through(before, copy, now)
        if self._watches:
            self._copy, self.failure = copy, None
            self.wake()

    def _look_through(self, before: SeenRows | None, copy: Copy, now: datetime) -> SeenRows:
        """Tells the log what has left since the read before, and whether something came late."""
        if before is None:
            return SeenRows(copy, {row.row: min(row.created_at, now) for row in copy.chunk.rows})
        since, later = self._log.since(before.token), self._log.since(copy.token).dismissals
        dismissed = [each for each in since.dismissals if each not in later]
        found = before.compare(copy, since, self._missing, now, dismissed)
        self._missing = found.missing
        self._pace.has_arrivals |= found.has_arrivals
        if found.is_late:
            self._say(WriteOutcome.FOUND_LATE)
        if found.gone:
            self._say(Dismissal(found.gone))
        if found.missing:
            self.next_look.by(now + SURE_AFTER)
        return found.seen

    def learn(self) -> None:
        """Something was written, or a write begins or ends."""
        if not self._watches:
            return
        settled_at = self._log.settled_at
        if settled_at is not None and settled_at > self.clock.now():
            self.next_look.by(settled_at)
        if self._streamed.has_waiting and not self.is_held_back:
            begin(self._extend())
        self.wake()

    def stream_began(self) -> None:
        """See `Listener`."""
        self._gap_reads.begin_again()
        self.upstream.read_anew(self.scope)
        self.next_look.by(self.clock.now())

    def stream_ended(self, *, was_open: bool) -> None:
        """See `Listener`."""
        self._gap_reads.begin_again()
        if was_open:
            self._pace.begin_again()
            self.next_look.by(self.clock.now() + SHORTEST)
        self.wake()

    async def stream_brought(
        self, rows: Sequence[Notification], lies_above: LiesAbove, *, is_changed: bool
    ) -> None:
        """See `Listener`."""
        self._streamed.add(rows, lies_above, self.clock.now())
        if is_changed:
            self._say(WriteOutcome.FOUND_LATE)
        if is_changed or not self._may_be_live:
            self.next_look.soon()
        await self._extend()

    async def look_in_store(self) -> None:
        """See `Listener`."""
        before, was_live = self._copy, self._was_live
        copy = await self._copies.pull_newest(self.scope)
        if copy is not None and copy is not before:
            self.note(copy)
            await self._extend()
        self._was_live = self.is_live
        if self._was_live:
            self.next_look.put_off(LONGEST)
        elif was_live:
            self.next_look.by(self.clock.now() + SHORTEST)
        if self._was_live is not was_live:
            self.wake()

    async def _extend(self) -> None:
        """Puts what came into the newest copy, unless the gap before it is still to be read.

        Where another process has read the list since, that is the newest copy.
        """
        async with self._extending:
            copy = await self._copies.newest(self.scope)
            while self._streamed.has_waiting and copy is not None and self._may_extend(copy):
                put = await self._put_waiting_into(copy)
                if put is not Put.REPLACED:
                    break
                pulled = await self._copies.pull_newest(self.scope)
                copy = replace(copy, stamp=b"") if pulled is copy else pulled

    async def _put_waiting_into(self, copy: Copy) -> Put:
        chunk = self._streamed.put_waiting_into(copy.chunk)
        if chunk is not copy.chunk:
            chunk = replace(chunk, fetched_at=self.clock.now())
            extended = Copy(chunk, copy.token, self._log.make_token())
            put = await self._copies.extend(self.scope, copy, extended)
            if put is not Put.DONE:
                return put
            self.upstream.note_arrival()
            self.note(extended)
        if self._streamed.leave_out(chunk):  # which belong further down
            self.next_look.soon()
        return Put.DONE

    def _may_extend(self, copy: Copy) -> bool:
        is_known = self._gap_reads.has_begun and not self.is_held_back
        return is_known and self._log.since(copy.token).holds

    def complete(self, chunk: Chunk, began: datetime) -> Chunk:
        """What was read from the top, with what a stream brought meanwhile or just before."""
        completed = self._streamed.put_into(chunk, began - REPLICAS_LAG)
        if completed is not chunk:
            self.next_look.by(self.clock.now() + SURE_AFTER)  # a row may have left since it came
        return completed

    def wake(self) -> None:
        """Tells all who watch that there may be news."""
        for wake in [*self._watches.values()]:
            wake()

    def newest(self) -> NewestRows | None:
        """As `Watch.newest`."""
        first_seen = self._seen.first_seen if self._seen is not None else {}
        return show_newest(self._copy, self._log, self.scope, first_seen)

    @property
    def token(self) -> bytes:
        """As `Watch.token`."""
        return self._log.last

    def until(self, token: bytes) -> Sequence[Happening]:
        """As `Watch.until`."""
        return tell_happenings(self._log.until(token), self._copy)

    def since(self, token: bytes) -> Happened:
        """As `Watch.since`."""
        return tell_since(self._log, token, self._copy)

    def _say(self, what: What) -> None:
        """Adds to the write log what nobody here has written."""
        begin(self._shared.say(self._log.note(what, self.clock.now())))

    async def _poll(self) -> None:
        """Looks again and again, until nobody watches."""
        while True:
            began, self._pace.has_arrivals = self.next_look.begin(), False
            await self._look()
            if self.failure is None:
                self._gap_reads.count(began)
            self.has_looked.set()
            not_before = self.failure.retry_at if self.failure is not None else None
            self.next_look.be_in(self._choose_pause(), not_before)
            self.wake()
            await self.next_look.wait()

    async def _look(self) -> None:
        if self._seen is None:  # what was read before anybody watched may be what they know
            await self._note_held()
        now, known = self.clock.now(), await self._copies.newest(self.scope)
        try:
            chunk = await self.upstream.read(ChunkRequest(TOP, _ROWS, self.scope, not_before=now))
        except UpstreamError as failure:
            self.failure = failure
            return
        await self._note_held()  # it may have been read by another process
        if chunk.is_stale and self._copy == known:
            self.failure = chunk.flaw

    async def _note_held(self) -> None:
        held = await self._copies.newest(self.scope)
        if held is not None:
            self.note(held)

    def _choose_pause(self) -> timedelta:
        is_streaming = self.stream.began_at is not None and self.failure is None
        if is_streaming and not self._gap_reads.has_begun:
            return timedelta()
        if self.is_live or is_scarce(self.upstream.health.rate_limit):
            return LONGEST
        if is_streaming and not self._gap_reads.is_done:
            return REPLICAS_LAG
        return self._pace.choose_pause()
