"""The events of one subscription, out of all its lists, for as long as it is listened to.

Whoever takes them sends each before it asks for the next: nothing waits in between. A list that
woke is looked at, and no other; and what one of them needs first is prepared beside the rest.
"""

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import suppress
from datetime import datetime, timedelta

from strawberry import ID

from resolvers.context import Context
from resolvers.fields.connection import NotificationEdge
from resolvers.fields.events import (
    InboxChanged,
    LiveStarted,
    NotificationArrived,
    NotificationEvent,
    NotificationsChanged,
    NotificationsRead,
    NotificationsRemoved,
)
from resolvers.fields.sources import NotificationSource, report_on
from resolvers.live.cut import LiveCuts, encode_live_cursor, place_above
from resolvers.live.followed_list import FollowedInbox, FollowedList
from resolvers.live.follower import Follower
from resolvers.live.status import InboxStatusNow, report_list
from resolvers.merging.cursor import CursorWriter
from resolvers.merging.filter import Filter
from resolvers.seam.chunk import TOP
from resolvers.seam.live import Happening, OpenWatch
from resolvers.seam.writes import Dismissal, ReadUpTo
from resolvers.tasks import begin
from resolvers.types.failure import show_failure
from resolvers.types.inbox import Inbox
from resolvers.types.live import ChangeReason
from resolvers.types.notification import Notification

STARTED_EVERY = timedelta(minutes=5)
"""For a subscription without events whose cut has moved."""


class AtRest(NotificationEvent):
    """`stream` has nothing more to say now. It is no event of the API, and is not sent."""

    def __init__(self, stream: "EventStream") -> None:
        super().__init__(write_cursor=stream.write_cursor)
        self.stream = stream


class EventStream:
    """What happens in the lists of these names from the cuts on, as events."""

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
        self._lists: list[FollowedList] = []
        self._inboxes: dict[str, FollowedInbox] = {}
        for index, name in enumerate(names):
            scope = wanted.scope_of(context.upstreams[name])
            watch = open_watch(name, scope, lambda index=index: self._wake(index))  # type: ignore[misc]
            context.watches[name] = watch
            follower = Follower(watch, wanted, cuts.get(name), tells_unread=tells)
            inbox = watch.upstream.inbox
            of = self._inboxes.setdefault(inbox.name, FollowedInbox(inbox))
            of.lists.append(FollowedList(follower, index, of))
            self._lists.append(of.lists[-1])
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
                for each in self._lists:
                    for event in self._events_of(each):
                        yield event
                        self._start_again_at = self._now + STARTED_EVERY
                        if self._context.has_failed and not isinstance(event, NotificationsChanged):
                            each.owed = ChangeReason.FAILED
                if self._now >= self._start_again_at:
                    if self._has_moved():
                        yield self._started()
                    self._start_again_at = self._now + STARTED_EVERY
                if not any(each.has_more for each in self._lists):
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
        cuts = ((each.name, each.cut) for each in self._lists)
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
        return self._encode_cursor(), [each.told for each in self._inboxes.values()]

    async def _begin_here(self) -> None:
        """At the newest of each list that can be read before a page would be given up."""
        looks = (each.follower.watch.look() for each in self._lists)
        with suppress(TimeoutError):
            async with asyncio.timeout(self._context.page_seconds):
                await asyncio.gather(*looks)
        for each in self._lists:
            if not each.follower.has_place:
                each.follower.begin_here()

    def _events_of(self, each: FollowedList) -> Iterator[NotificationEvent]:
        """What there is to say of a list that woke, or of which something is owed."""
        if each.is_woken and each.preparing is None:
            each.is_woken = False
            yield from self._news_of(each)
        if each.owed is not None and each.may_change:
            yield self._change(each, each.owed)

    def _news_of(self, each: FollowedList) -> Iterator[NotificationEvent]:
        yield from self._status_of(each.of)
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

    def _tell(self, each: FollowedList, happening: Happening) -> Iterator[NotificationEvent]:
        write, inbox = self.write_cursor, each.inbox
        is_listed = each.follower.watch.scope.include_seen  # what was seen stays in such a list
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
            if each.is_all_of_it:
                yield self._gone(inbox)
            else:  # what is there of its other lists stays
                each.owed = ChangeReason.CLEARED

    def _gone(self, inbox: Inbox) -> NotificationsRemoved:
        return NotificationsRemoved(
            write_cursor=self.write_cursor, inbox=inbox, notification_ids=[], is_whole_inbox=True
        )

    def _take_out(self, each: FollowedList, dismissal: Dismissal) -> Iterator[NotificationEvent]:
        write, inbox = self.write_cursor, each.inbox
        ids = [ID(each) for each in dismissal.notification_ids]
        if each.follower.watch.scope.include_seen:
            yield NotificationsRead(
                write_cursor=write, inbox=inbox, up_to_notification_id=None, notification_ids=ids
            )
        elif ids:
            yield NotificationsRemoved(
                write_cursor=write, inbox=inbox, notification_ids=ids, is_whole_inbox=False
            )

    def _change(self, each: FollowedList, reason: ChangeReason) -> NotificationsChanged:
        each.of.changed_at, each.owed = self._now, None
        return NotificationsChanged(write_cursor=self.write_cursor, inbox=each.inbox, reason=reason)

    def _status_of(self, inbox: FollowedInbox) -> Iterator[NotificationEvent]:
        """How it is, if that has changed, once it is known of all its lists."""
        watches = [each.follower.watch for each in inbox.lists if not each.is_left_out]
        if not watches or any(each.newest() is None and each.failure is None for each in watches):
            return
        status = InboxStatusNow.of(watches)
        if status.told == inbox.told:
            return
        inbox.told = status.told
        to_wall, to_come = self._context.to_wall, self._context.to_come
        yield InboxChanged(
            write_cursor=self.write_cursor,
            source=self._sources(inbox.lists)[0],
            mode=status.mode,
            next_look_at=to_wall(status.next_look_at) if status.next_look_at else None,
            stream_failure=show_failure(status.no_stream, to_come) if status.no_stream else None,
        )

    def _sources(self, lists: Sequence[FollowedList]) -> list[NotificationSource]:
        context = self._context
        return report_on(
            (each.inbox, report_list(each.follower.watch, context))
            for each in lists
            if not each.is_left_out
        )

    def _started(self) -> LiveStarted:
        return LiveStarted(write_cursor=self.write_cursor, sources=self._sources(self._lists))

    def _arrived(
        self, each: FollowedList, notification: Notification, *, is_new: bool
    ) -> NotificationArrived:
        places = [
            place_above(other.follower.top) if other.follower.has_place else None
            for other in self._lists
        ]
        cursors = self._writer.of_run(places, each.index, TOP)
        newest = each.follower.watch.newest() if is_new else None
        return NotificationArrived(
            write_cursor=self.write_cursor,
            seen_at=newest.first_seen.get(notification.row) if newest else None,
            edge=NotificationEdge(node=notification, cursors=cursors),
            is_new=is_new,
        )

    def _prepare(self, each: FollowedList) -> None:
        each.preparing = begin(each.follower.prepare())

        def end(prepared: "asyncio.Future[bool]") -> None:
            each.preparing = None
            is_ready = not prepared.cancelled() and not prepared.exception() and prepared.result()
            if is_ready or each.is_woken:  # else it waits for the next look at the instance
                self._wake(each.index)

        each.preparing.add_done_callback(end)

    def _wake(self, index: int) -> None:
        if index < len(self._lists):
            self._lists[index].is_woken = True
        self._is_resting = False
        self._woken.set()

    @property
    def _now(self) -> datetime:
        if not self._lists:
            return self._context.wall()
        return self._lists[0].follower.watch.now

    async def _wait(self) -> None:
        """Until a list wakes, or something that is owed may be told."""
        ends = [each.owed_until for each in self._lists if each.owed_until is not None]
        owed = [end for end in ends if end > self._now]  # else it waits for the list to wake
        until = min([self._start_again_at, *owed])
        seconds = max(0.0, (until - self._now).total_seconds()) if self._lists else None
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._woken.wait()

    def _close(self) -> None:
        preparing = [each.preparing for each in self._lists if each.preparing is not None]
        for task in preparing:
            task.cancel()
        for each in self._lists:
            each.follower.watch.close()
