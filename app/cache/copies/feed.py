"""The newest copy of one list of a login, watched for the sake of subscribers.

While anybody watches, the instance is asked by a timer; but whatever renews the newest copy, also
a query, wakes those who watch. What left elsewhere goes into the write log, as what leaves by this
gateway does: so copies are served without it, and whoever resumes is told.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime, timedelta

from app.cache.copies.copies import LoginCopies
from app.cache.copies.dismissed import mark_seen, take_away
from app.cache.copies.seen_rows import SURE_AFTER, MissingRow, SeenRows
from app.cache.copies.shared_tally import SharedTally
from app.cache.kept import Copy
from app.cache.shared.login import SharedLogin
from app.cache.write_log import LogEntry, What, WriteOutcome
from app.clock import Clock
from resolvers.errors import UpstreamError
from resolvers.seam.chunk import TOP, ChunkRequest, Row, Scope
from resolvers.seam.live import Happened, Happening, NewestRows, Wiped
from resolvers.seam.upstream import Upstream
from resolvers.seam.writes import Dismissal, ReadUpTo
from resolvers.tasks import begin
from resolvers.types.live import ChangeReason

SHORTEST, LONGEST = timedelta(seconds=10), timedelta(minutes=5)
"""Between two looks: doubled while nothing comes."""
REMEMBERED = timedelta(hours=1)
"""For so long after the last one who watched has left."""
_ROWS = 40
_LEFT_OF_LIMIT = 4
"""Who has less than one in so many requests left is asked as rarely as can be."""

_CHANGES: Mapping[WriteOutcome, ChangeReason] = {
    WriteOutcome.CHANGED: ChangeReason.TIMESTAMP_SET,
    WriteOutcome.UNKNOWN: ChangeReason.UNKNOWN_OUTCOME,
    WriteOutcome.REFUSED: ChangeReason.LOG_LOST,
    WriteOutcome.LOST: ChangeReason.LOG_LOST,
    WriteOutcome.FOUND_LATE: ChangeReason.FOUND_LATE,
}


class Feed:
    """One list of a login, which `upstream` speaks for and keeps copies of."""

    def __init__(
        self,
        upstream: Upstream,
        scope: Scope,
        shared: SharedLogin,
        copies: LoginCopies,
        tally: SharedTally,
        clock: Clock,
    ) -> None:
        self.upstream = upstream
        self._scope = scope
        self._shared = shared
        self._log = shared.log
        self._copies = copies
        self.count_unread = tally.get
        self.clock = clock
        self._copy: Copy | None = None
        self._seen: SeenRows | None = None
        self._missing: Mapping[Row, MissingRow] = {}
        self._left_at: datetime | None = None
        self._watches: dict[FeedWatch, Callable[[], None]] = {}
        self._polling: asyncio.Task[None] | None = None
        self._pause = SHORTEST / 2
        self._has_arrivals = False
        self._sooner = asyncio.Event()
        self.has_looked = asyncio.Event()
        self.failure: UpstreamError | None = None
        self.next_look_at: datetime | None = None

    @property
    def is_watched(self) -> bool:
        """Whether there is anybody for whom it looks."""
        return bool(self._watches)

    @property
    def is_held_back(self) -> bool:
        """As `Watch.is_held_back`."""
        return self._log.is_writing or self._log.is_settling(self.clock.now())

    def watch(self, wake: Callable[[], None]) -> "FeedWatch":
        """Another one who watches."""
        watch = FeedWatch(self)
        self._watches[watch] = wake
        if self._polling is None:
            self._pause = SHORTEST / 2  # which is doubled
            self._polling = asyncio.ensure_future(self._poll())
        return watch

    def leave(self, watch: "FeedWatch") -> None:
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
        self._has_arrivals |= found.has_arrivals
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
        self.wake()

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
        return self._tell_all(self._log.until(token))

    def since(self, token: bytes) -> Happened:
        """As `Watch.since`."""
        last = self._log.last
        if token == last:
            return Happened((), last)
        later = self._log.after(token)
        if later is None:
            return Happened((ChangeReason.LOG_LOST,), last)
        return Happened(self._tell_all(later), last)

    def _tell_all(self, entries: Sequence[LogEntry]) -> Sequence[Happening]:
        return [what for entry in entries if (what := self._tell(entry)) is not None]

    def _tell(self, entry: LogEntry) -> Happening | None:
        what = entry.what
        if what is WriteOutcome.CLEARED:
            return Wiped(entry.at)
        if isinstance(what, WriteOutcome):
            return _CHANGES.get(what)
        if isinstance(what, ReadUpTo) or self._copy is None or what.subject is None:
            return what
        covered = [row.id for row in self._copy.chunk.rows if what.covers(row)]
        ids = dict.fromkeys([*what.notification_ids, *covered])
        return Dismissal([*ids], what.subject, what.seen_before)

    def _say(self, what: What) -> None:
        """Adds to the write log what nobody here has written."""
        begin(self._shared.say(self._log.note(what, self.clock.now())))

    def _look_by(self, at: datetime) -> None:
        """Looks at this instant at the latest."""
        if self.next_look_at is not None and at < self.next_look_at:
            self.next_look_at = at
            self._sooner.set()

    async def _poll(self) -> None:
        """Looks again and again, until nobody watches."""
        while True:
            self.next_look_at, self._has_arrivals = None, False
            await self._look()
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
        limit = self.upstream.health.rate_limit
        if limit is not None and limit.remaining * _LEFT_OF_LIMIT < limit.limit:
            return LONGEST
        self._pause = SHORTEST if self._has_arrivals else min(LONGEST, self._pause * 2)
        return self._pause

    async def _wait(self) -> None:
        """Until the next look is due."""
        while self.next_look_at is not None and self.next_look_at > (now := self.clock.now()):
            self._sooner.clear()
            with suppress(TimeoutError):
                async with asyncio.timeout((self.next_look_at - now).total_seconds()):
                    await self._sooner.wait()


class FeedWatch:
    """See `resolvers.seam.live.Watch`."""

    def __init__(self, feed: Feed) -> None:
        self._feed = feed
        self.upstream = feed.upstream
        self.newest = feed.newest
        self.until = feed.until
        self.since = feed.since
        self.read = feed.upstream.read
        self.ask_read_state = feed.upstream.ask_read_state
        self.count_unread = feed.count_unread

    async def look(self) -> None:
        await self._feed.has_looked.wait()

    @property
    def has_looked(self) -> bool:
        return self._feed.has_looked.is_set()

    @property
    def now(self) -> datetime:
        return self._feed.clock.now()

    @property
    def token(self) -> bytes:
        return self._feed.token

    @property
    def failure(self) -> UpstreamError | None:
        return self._feed.failure

    @property
    def next_look_at(self) -> datetime | None:
        return self._feed.next_look_at

    @property
    def is_held_back(self) -> bool:
        return self._feed.is_held_back

    def close(self) -> None:
        self._feed.leave(self)
