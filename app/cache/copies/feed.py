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
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta

from app.cache.copies.copies import LoginCopies
from app.cache.copies.dismissed import mark_seen, take_away
from app.cache.copies.gap_reads import GapReads
from app.cache.copies.happenings import tell_happenings
from app.cache.copies.login_stream import LiesAbove, LoginStream
from app.cache.copies.pace import LONGEST, SHORTEST, Pace, is_scarce
from app.cache.copies.seen_rows import SURE_AFTER, MissingRow, SeenRows
from app.cache.copies.shared_tally import SharedTally
from app.cache.copies.streamed_rows import REPLICAS_LAG, StreamedRows
from app.cache.copies.watched import WatchedUpstream
from app.cache.kept import Copy
from app.cache.shared.login import SharedLogin
from app.cache.write_log import What, WriteOutcome
from app.clock import Clock
from resolvers.errors import UpstreamError
from resolvers.seam.chunk import TOP, Chunk, ChunkRequest, Row, Scope
from resolvers.seam.live import Happened, Happening, NewestRows
from resolvers.seam.writes import Dismissal
from resolvers.tasks import begin
from resolvers.types.live import ChangeReason
from resolvers.types.notification import Notification

REMEMBERED = timedelta(hours=1)
"""For so long after the last one who watched has left."""
_ROWS = 40


class Feed:
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
        self._scope = scope
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
        self._looked_at = clock.now()
        self._sooner = asyncio.Event()
        self.has_looked = asyncio.Event()
        self.failure: UpstreamError | None = None
        self.next_look_at: datetime | None = None

    @property
    def is_watched(self) -> bool:
        """Whether there is anybody for whom it looks."""
        return bool(self._watches)

    @property
    def is_live(self) -> bool:
        """Whether the instance tells whatever arrives, so that nobody has to ask for it."""
        is_whole = self._gap_reads.is_done and self._copy is not None
        return is_whole and self._may_be_live and self.stream.is_alive

    def alive_at(self, copy: Copy) -> datetime | None:
        """Up to when a copy is what the list has; None where nobody knows more than it says."""
        return self.stream.alive_at if copy is self._copy and self.is_live else None

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
            self._copy, self.next_look_at = None, None
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
            self._look_by(now + SURE_AFTER)
        return found.seen

    def learn(self) -> None:
        """Something was written, or a write begins or ends."""
        if not self._watches:
            return
        settled_at = self._log.settled_at
        if settled_at is not None and settled_at > self.clock.now():
            self._look_by(settled_at)
        if self._streamed.has_waiting and not self.is_held_back:
            begin(self._extend())
        self.wake()

    def stream_began(self) -> None:
        """See `Listener`."""
        self._gap_reads.begin_again()
        self.upstream.read_anew(self._scope)
        self._look_by(self.clock.now())

    def stream_ended(self, *, was_open: bool) -> None:
        """See `Listener`."""
        self._gap_reads.begin_again()
        if was_open:
            self._pace.begin_again()
            self._look_by(self.clock.now() + SHORTEST)
        self.wake()

    async def stream_brought(
        self, rows: Sequence[Notification], lies_above: LiesAbove, *, is_changed: bool
    ) -> None:
        """See `Listener`."""
        self._streamed.add(rows, lies_above, self.clock.now())
        if is_changed:
            self._say(WriteOutcome.FOUND_LATE)
        if is_changed or not self._may_be_live:
            self._look_soon()
        await self._extend()

    async def _extend(self) -> None:
        """Puts what came into the newest copy, unless the gap before it is still to be read."""
        copy = await self._copies.newest(self._scope)
        if copy is None or not self._gap_reads.has_begun or self.is_held_back:
            return
        if not self._log.since(copy.token).holds:
            return
        chunk = self._streamed.put_waiting_into(copy.chunk)
        if self._streamed.has_waiting:  # which belong further down
            self._streamed.forget_waiting()
            self._look_soon()
        if chunk is not copy.chunk:
            extended = replace(copy, chunk=chunk)
            await self._copies.extend(self._scope, extended)
            self.upstream.note_arrival()
            self.note(extended)

    def complete(self, chunk: Chunk, began: datetime) -> Chunk:
        """What was read from the top, with what a stream brought meanwhile or just before."""
        completed = self._streamed.put_into(chunk, began - REPLICAS_LAG)
        if completed is not chunk:
            self._look_by(self.clock.now() + SURE_AFTER)  # a row may have left since it came
        return completed

    def wake(self) -> None:
        """Tells all who watch that there may be news."""
        for wake in [*self._watches.values()]:
            wake()

    def newest(self) -> NewestRows | None:
        """As `Watch.newest`."""
        copy = self._copy
        since = self._log.since(copy.token) if copy is not None else None
        if copy is None or since is None or since.is_void:
            return None
        chunk = copy.chunk
        if since.dismissals:
            show = mark_seen if self._scope.include_seen else take_away
            chunk = show(chunk, since.dismissals)
        return NewestRows(
            held=copy.chunk.rows,
            shown={row.row: row for row in chunk.rows},
            is_whole=copy.chunk.is_last,
            first_seen=self._seen.first_seen if self._seen is not None else {},
            fetched_at=copy.at,
        )

    @property
    def token(self) -> bytes:
        """As `Watch.token`."""
        return self._log.last

    def until(self, token: bytes) -> Sequence[Happening]:
        """As `Watch.until`."""
        return tell_happenings(self._log.until(token), self._copy)

    def since(self, token: bytes) -> Happened:
        """As `Watch.since`."""
        last = self._log.last
        if token == last:
            return Happened((), last)
        later = self._log.after(token)
        if later is None:
            return Happened((ChangeReason.LOG_LOST,), last)
        return Happened(tell_happenings(later, self._copy), last)

    def _say(self, what: What) -> None:
        """Adds to the write log what nobody here has written."""
        begin(self._shared.say(self._log.note(what, self.clock.now())))

    def _look_by(self, at: datetime) -> None:
        """Looks at this instant at the latest."""
        if self.next_look_at is not None and at < self.next_look_at:
            self.next_look_at = at
            self._sooner.set()

    def _look_soon(self) -> None:
        """Looks now, or a while after the last look."""
        self._look_by(max(self.clock.now(), self._looked_at + SHORTEST))

    async def _poll(self) -> None:
        """Looks again and again, until nobody watches."""
        while True:
            self.next_look_at, self._pace.has_arrivals = None, False
            self._looked_at = began = self.clock.now()
            await self._look()
            if self.failure is None:
                self._gap_reads.count(began)
            self.has_looked.set()
            pause = self._choose_pause()
            self.next_look_at = self.clock.now() + pause
            if self.failure is not None and self.failure.retry_at is not None:
                self.next_look_at = max(self.next_look_at, self.failure.retry_at)
            self.wake()
            await self._wait()

    async def _look(self) -> None:
        if self._seen is None:  # what was read before anybody watched may be what they know
            await self._note_held()
        now = self.clock.now()
        try:
            chunk = await self.upstream.read(ChunkRequest(TOP, _ROWS, self._scope, not_before=now))
        except UpstreamError as failure:
            self.failure = failure
            return
        self.failure = chunk.flaw if chunk.is_stale else None
        await self._note_held()  # it may have been read by another process

    async def _note_held(self) -> None:
        held = await self._copies.newest(self._scope)
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

    async def _wait(self) -> None:
        """Until the next look is due."""
        while self.next_look_at is not None and self.next_look_at > (now := self.clock.now()):
            self._sooner.clear()
            with suppress(TimeoutError):
                async with asyncio.timeout((self.next_look_at - now).total_seconds()):
                    await self._sooner.wait()
