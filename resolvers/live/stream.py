"""The events of one subscription, out of all its inboxes, for as long as it is listened to.

Whoever takes them sends each before it asks for the next: nothing waits in between. An inbox that
woke is looked at, and no other; and what one of them needs first is prepared beside the rest.
"""

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import suppress
from datetime import datetime, timedelta

from strawberry import ID

from resolvers.context import Context
from resolvers.fields.connection import Freshness, NotificationEdge, NotificationSource
from resolvers.fields.events import (
    InboxChanged,
    LiveStarted,
    NotificationArrived,
    NotificationEvent,
    NotificationsChanged,
    NotificationsRead,
    NotificationsRemoved,
)
from resolvers.live.cut import LiveCuts, encode_live_cursor, place_above
from resolvers.live.followed_inbox import FollowedInbox
from resolvers.live.follower import Follower
from resolvers.merging.cursor import CursorWriter
from resolvers.merging.filter import Filter
from resolvers.seam.chunk import TOP
from resolvers.seam.live import Happening, OpenWatch
from resolvers.seam.writes import Dismissal, ReadUpTo
from resolvers.tasks import begin
from resolvers.types.failure import show_failure
from resolvers.types.inbox import Inbox
from resolvers.types.live import ChangeReason, LiveMode
from resolvers.types.notification import Notification

STARTED_EVERY = timedelta(minutes=5)
"""For a subscription without events whose cut has moved."""


class AtRest(NotificationEvent):
    """`stream` has nothing more to say now. It is no event of the API, and is not sent."""

    def __init__(self, stream: "EventStream") -> None:
        super().__init__(write_cursor=stream.write_cursor)
        self.stream = stream


class EventStream:
    """What happens in the inboxes of `names` from the cuts on, as events."""

    def __init__(
        self,
        names: Sequence[str],
        open_watch: OpenWatch,
        cuts: LiveCuts,
        wanted: Filter,
        context: Context,
        *,
        resumes: bool,
    ) -> None:
        self._wanted = wanted
        self._context = context
        self._names = names
        self._resumes = resumes
        self._woken = asyncio.Event()
        self._writer = CursorWriter(wanted.digest, names)
        tells = wanted.unread_only or context.tells_unread
        self._inboxes: list[FollowedInbox] = []
        for index, name in enumerate(names):
            watch = open_watch(name, wanted.scope, lambda index=index: self._wake(index))  # type: ignore[misc]
            context.watches[name] = watch
            follower = Follower(watch, wanted, cuts.get(name), tells_unread=tells)
            self._inboxes.append(FollowedInbox(follower, index))
        self._start_again_at = self._now + STARTED_EVERY
        self._said = ""
        self._is_resting = False

    async def events(self) -> AsyncIterator[NotificationEvent]:
        """All that happens, until whoever listens goes away."""
        try:
            if not self._resumes:
                await self._begin_here()
            yield self._started()
            while self._context.gone:
                yield self._gone(self._context.gone[0])
                del self._context.gone[0]  # now that it was sent
            while True:
                self._woken.clear()
                self._is_resting = False
                for each in self._inboxes:
                    for event in self._events_of(each):
                        yield event
                        self._start_again_at = self._now + STARTED_EVERY
                        if self._context.has_failed and not isinstance(event, NotificationsChanged):
                            each.owed = ChangeReason.FAILED
                if self._now >= self._start_again_at:
                    if self._has_moved():
                        yield self._started()
                    self._start_again_at = self._now + STARTED_EVERY
                if not any(each.has_more for each in self._inboxes):
                    self._is_resting = True
                    yield AtRest(self)
                await self._wait()
        finally:
            self._close()

    def write_cursor(self) -> str:
        """Where the subscription stands now; each event's is written when it is sent."""
        self._said = self._encode_cursor()
        return self._said

    def _encode_cursor(self) -> str:
        cuts = ((each.inbox.name, each.cut) for each in self._inboxes)
        places = [(name, cut) for name, cut in cuts if cut is not None]
        return encode_live_cursor(places, self._wanted.digest)

    def _has_moved(self) -> bool:
        """Whether it stands elsewhere than the last cursor says."""
        return self._said != self._encode_cursor()

    @property
    def standing(self) -> tuple[str, Sequence[object]] | None:
        """Streams that stand alike say the same from now on; None while this one moves."""
        if not self._is_resting:
            return None
        return self._encode_cursor(), [each.told for each in self._inboxes]

    async def _begin_here(self) -> None:
        """At the newest of each inbox that can be read before a page would be given up."""
        looks = (each.follower.watch.look() for each in self._inboxes)
        with suppress(TimeoutError):
            async with asyncio.timeout(self._context.page_seconds):
                await asyncio.gather(*looks)
        for each in self._inboxes:
            if not each.follower.has_place:
                each.follower.begin_here()

    def _events_of(self, each: FollowedInbox) -> Iterator[NotificationEvent]:
        """What there is to say of an inbox that woke, or to which something is owed."""
        if each.is_woken and each.preparing is None:
            each.is_woken = False
            yield from self._news_of(each)
        if each.owed is not None and each.may_change:
            yield self._change(each, each.owed)

    def _news_of(self, each: FollowedInbox) -> Iterator[NotificationEvent]:
        yield from self._status_of(each)
        follower = each.follower
        if not follower.has_place:
            follower.join()
        for happening in follower.happenings():
            yield from self._tell(each, happening)
        if follower.has_gap:
            follower.skip_gap()
            each.owed = ChangeReason.GAP
        for notification in follower.take():
            yield self._arrived(each, notification, is_new=not follower.is_joining)
        if follower.is_to_be_prepared:
            self._prepare(each)

    def _tell(self, each: FollowedInbox, happening: Happening) -> Iterator[NotificationEvent]:
        write, inbox = self.write_cursor, each.inbox
        is_listed = self._wanted.scope.include_seen  # what was seen stays in such a list
        if isinstance(happening, ChangeReason):
            each.owed = happening
        elif isinstance(happening, ReadUpTo):
            up_to = ID(happening.notification_id)
            yield NotificationsRead(
                write_cursor=write, inbox=inbox, up_to_notification_id=up_to, notification_ids=[]
            )
        elif isinstance(happening, Dismissal):
            yield from self._take_out(each, happening)
        elif is_listed:
            each.owed = ChangeReason.TIMESTAMP_SET
        else:
            each.follower.wipe()
            yield self._gone(inbox)

    def _gone(self, inbox: Inbox) -> NotificationsRemoved:
        return NotificationsRemoved(
            write_cursor=self.write_cursor, inbox=inbox, notification_ids=[], is_whole_inbox=True
        )

    def _take_out(self, each: FollowedInbox, dismissal: Dismissal) -> Iterator[NotificationEvent]:
        write, inbox = self.write_cursor, each.inbox
        ids = [ID(each) for each in dismissal.notification_ids]
        if self._wanted.scope.include_seen:
            yield NotificationsRead(
                write_cursor=write, inbox=inbox, up_to_notification_id=None, notification_ids=ids
            )
        elif ids:
            yield NotificationsRemoved(
                write_cursor=write, inbox=inbox, notification_ids=ids, is_whole_inbox=False
            )

    def _change(self, each: FollowedInbox, reason: ChangeReason) -> NotificationsChanged:
        each.changed_at, each.owed = self._now, None
        return NotificationsChanged(write_cursor=self.write_cursor, inbox=each.inbox, reason=reason)

    def _status_of(self, each: FollowedInbox) -> Iterator[NotificationEvent]:
        watch = each.follower.watch
        failure = watch.failure
        no_stream = None if watch.is_live or failure else watch.stream_failure
        if watch.newest() is None and failure is None:
            return
        mode = LiveMode.STREAMING if watch.is_live else LiveMode.POLLING
        mode = LiveMode.PAUSED if failure else mode
        told = mode, *(each.failure_code for each in (failure, no_stream) if each is not None)
        if told == each.told:
            return
        each.told = told
        to_wall, to_come = self._context.to_wall, self._context.to_come
        yield InboxChanged(
            write_cursor=self.write_cursor,
            source=self._source_of(each),
            mode=mode,
            next_look_at=to_wall(watch.next_look_at) if watch.next_look_at else None,
            stream_failure=show_failure(no_stream, to_come) if no_stream else None,
        )

    def _source_of(self, each: FollowedInbox) -> NotificationSource:
        watch, context = each.follower.watch, self._context
        newest, failure = watch.newest(), watch.failure
        if newest is None:
            freshness = Freshness.MISSING
        else:
            freshness = Freshness.STALE if failure else Freshness.FRESH
        return NotificationSource(
            inbox=each.inbox,
            freshness=freshness,
            fetched_at=context.to_wall(newest.fetched_at) if newest else None,
            failure=show_failure(failure, context.to_come) if failure else None,
        )

    def _started(self) -> LiveStarted:
        return LiveStarted(
            write_cursor=self.write_cursor,
            sources=[self._source_of(each) for each in self._inboxes],
        )

    def _arrived(
        self, each: FollowedInbox, notification: Notification, *, is_new: bool
    ) -> NotificationArrived:
        places = [
            place_above(other.follower.top) if other.follower.has_place else None
            for other in self._inboxes
        ]
        cursors = self._writer.of_run(places, each.index, TOP)
        newest = each.follower.watch.newest() if is_new else None
        return NotificationArrived(
            write_cursor=self.write_cursor,
            seen_at=newest.first_seen.get(notification.row) if newest else None,
            edge=NotificationEdge(node=notification, cursors=cursors),
            is_new=is_new,
        )

    def _prepare(self, each: FollowedInbox) -> None:
        each.preparing = begin(each.follower.prepare())

        def end(prepared: "asyncio.Future[bool]") -> None:
            each.preparing = None
            is_ready = not prepared.cancelled() and not prepared.exception() and prepared.result()
            if is_ready or each.is_woken:  # else it waits for the next look at the instance
                self._wake(each.index)

        each.preparing.add_done_callback(end)

    def _wake(self, index: int) -> None:
        if index < len(self._inboxes):
            self._inboxes[index].is_woken = True
        self._is_resting = False
        self._woken.set()

    @property
    def _now(self) -> datetime:
        if not self._inboxes:
            return self._context.wall()
        return self._inboxes[0].follower.watch.now

    async def _wait(self) -> None:
        """Until an inbox wakes, or something that is owed may be told."""
        ends = [each.owed_until for each in self._inboxes if each.owed_until is not None]
        owed = [end for end in ends if end > self._now]  # else it waits for the inbox to wake
        until = min([self._start_again_at, *owed])
        seconds = max(0.0, (until - self._now).total_seconds()) if self._inboxes else None
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._woken.wait()

    def _close(self) -> None:
        preparing = [each.preparing for each in self._inboxes if each.preparing is not None]
        for task in preparing:
            task.cancel()
        for each in self._inboxes:
            each.follower.watch.close()
