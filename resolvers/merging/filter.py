"""What a caller wants listed, checked and ready to be applied to notifications."""

from collections.abc import Sequence
from dataclasses import astuple, dataclass
from datetime import datetime, timedelta
from enum import Enum
from hashlib import blake2b

from resolvers.identity import parse_id
from resolvers.merging.echo import ANY_ECHO, EchoPart
from resolvers.merging.watchlist import ANY_CHANGE, WatchlistPart
from resolvers.platforms import PLATFORMS, Platform
from resolvers.seam.chunk import PENDING, Direction, Scope
from resolvers.seam.lists import Lists
from resolvers.seam.upstream import Upstream
from resolvers.types.echo import WATCHLIST_KINDS
from resolvers.types.feed import Feed
from resolvers.types.inbox import Inbox
from resolvers.types.notification import Notification
from resolvers.types.notification_type import NotificationType

INVERSION = timedelta(minutes=1)
"""By how much an instance's own order may go against its clock; real ones do by milliseconds."""


@dataclass(frozen=True, slots=True)
class Filter:
    """Every part narrows the list; None and False do not."""

    inboxes: frozenset[str] | None = None
    platforms: frozenset[Platform] | None = None
    types: frozenset[NotificationType] | None = None
    excluded_types: frozenset[NotificationType] | None = None
    raw_types: frozenset[str] | None = None
    actor_id: str | None = None
    unread_only: bool = False
    exclude_bots: bool = False
    since: datetime | None = None
    until: datetime | None = None
    watchlist: WatchlistPart = ANY_CHANGE
    scope: Scope = PENDING
    feeds: frozenset[Feed] | None = None
    echo: EchoPart = ANY_ECHO
    include_filtered: bool = False

    def select(self, lists: Lists) -> Sequence[Upstream]:
        """The lists to ask, in the configuration's order."""
        return [
            upstream
            for upstream in lists.values()
            if (self.inboxes is None or upstream.inbox.name in self.inboxes)
            and (self.platforms is None or upstream.inbox.instance.platform in self.platforms)
            and (self.feeds is None or upstream.feed in self.feeds)
            and upstream.left_out is None
        ]

    def scope_of(self, upstream: Upstream) -> Scope:
        """What of a list is listed at all."""
        if upstream.feed is Feed.WATCHLIST:
            return self.scope
        if self.include_filtered and upstream.social is not None:
            return _WITH_FILTERED
        return _WITH_READ if self.echo.include_read and upstream.social is None else PENDING

    def can_match(self, upstream: Upstream) -> bool:
        """Whether a list can hold anything that is wanted; else it need not be asked."""
        inbox = upstream.inbox
        if self.actor_id is not None and parse_id(self.actor_id).inbox != inbox.name:
            return False
        if self.types is None:
            return True
        kinds = PLATFORMS[inbox.instance.platform].feeds[upstream.feed].kinds
        return NotificationType.OTHER in self.types or not kinds.isdisjoint(self.types)

    def takes_all_of(self, upstream: Upstream) -> bool:
        """Whether every notification of a list is wanted."""
        return self._takes_all and not (
            upstream.feed is Feed.NOTIFICATIONS and self._reads_watchlist(upstream.inbox)
        )

    @property
    def _takes_all(self) -> bool:
        wanted_of_rows = (
            *(self.types, self.excluded_types, self.raw_types, self.actor_id),
            *(self.since, self.until),
        )
        is_bare = not (self.unread_only or self.exclude_bots)
        is_bare = is_bare and self.watchlist == ANY_CHANGE and self.echo.sections is None
        return is_bare and all(each is None for each in wanted_of_rows)

    def matches(self, notification: Notification) -> bool:
        """Whether a notification is wanted."""
        return (
            (self.types is None or notification.type in self.types)
            and (self.excluded_types is None or notification.type not in self.excluded_types)
            and (self.raw_types is None or notification.raw_type in self.raw_types)
            and (not self.unread_only or notification.is_unread is True)
            and (self.since is None or notification.created_at >= self.since)
            and (self.until is None or notification.created_at < self.until)
            and self._wants_actor(notification)
            and self.watchlist.wants(notification)
            and self.echo.wants(notification)
            and not self._is_double(notification)
        )

    def is_past(self, notification: Notification, direction: Direction) -> bool:
        """Whether nothing beyond this one can be wanted any more."""
        if direction is Direction.DOWN:
            return self.since is not None and self.since - notification.created_at > INVERSION
        return self.until is not None and notification.created_at - self.until >= INVERSION

    def _is_double(self, notification: Notification) -> bool:
        """Whether a wiki tells it in the watchlist too, which is read beside."""
        return notification.raw_type in WATCHLIST_KINDS and self._reads_watchlist(
            notification.inbox
        )

    def _reads_watchlist(self, inbox: Inbox) -> bool:
        if Feed.WATCHLIST not in inbox.configured_feeds:
            return False
        return self.feeds is None or Feed.WATCHLIST in self.feeds

    def _wants_actor(self, notification: Notification) -> bool:
        actor = notification.actor
        if self.actor_id is not None and (actor is None or actor.id != self.actor_id):
            return False
        return not (self.exclude_bots and notification.is_of_bot)

    @property
    def digest(self) -> bytes:
        """4 bytes that tell this filter from another one, the same in every process."""
        return _OF_NO_FILTER if self == _NO_FILTER else _digest(self)


def _digest(wanted: Filter) -> bytes:
    """What was added since cursors were first given counts only where it is used."""
    *parts, watchlist, scope, feeds, echo, include_filtered = astuple(wanted)
    parts += [*watchlist, scope[:_FIRST_OF_SCOPE]]
    if (wanted.feeds, wanted.echo) != (None, ANY_ECHO):
        parts += [feeds, *echo]
    if include_filtered:
        parts.append("with filtered")
    written = tuple(map(_canonical, parts))
    return blake2b(repr(written).encode(), digest_size=4).digest()


def _canonical(part: object) -> object:
    """Sets in one order, enums by name, instants in UTC."""
    if isinstance(part, frozenset):
        return sorted(map(_canonical, part), key=str)
    if isinstance(part, Enum):
        return part.name
    return part.timestamp() if isinstance(part, datetime) else part


_WITH_READ, _WITH_FILTERED = Scope(include_seen=True), Scope(include_filtered=True)
_FIRST_OF_SCOPE = 2
"""Parts that the scope of a watchlist had when cursors were first given."""
_NO_FILTER = Filter()
_OF_NO_FILTER = _digest(_NO_FILTER)
"""Most pages have none, and it takes 20 us."""
