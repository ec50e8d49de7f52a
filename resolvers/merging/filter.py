"""What a caller wants listed, checked and ready to be applied to notifications."""

from collections.abc import Mapping, Sequence
from dataclasses import astuple, dataclass
from datetime import datetime, timedelta
from enum import Enum
from hashlib import blake2b

from resolvers.identity import parse_id
from resolvers.merging.watchlist import ANY_CHANGE, WatchlistPart
from resolvers.platforms import PLATFORMS, Platform
from resolvers.seam.chunk import PENDING, Direction, Scope
from resolvers.seam.upstream import Upstream
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

    def select(self, upstreams: Mapping[str, Upstream]) -> Sequence[Upstream]:
        """The inboxes to ask, in the configuration's order."""
        return [
            upstream
            for name, upstream in upstreams.items()
            if (self.inboxes is None or name in self.inboxes)
            and (self.platforms is None or upstream.inbox.instance.platform in self.platforms)
        ]

    def can_match(self, inbox: Inbox) -> bool:
        """Whether an inbox can hold anything that is wanted; else it need not be asked."""
        if self.actor_id is not None and parse_id(self.actor_id).inbox != inbox.name:
            return False
        if self.types is None:
            return True
        kinds = PLATFORMS[inbox.instance.platform].kinds
        return NotificationType.OTHER in self.types or not kinds.isdisjoint(self.types)

    @property
    def takes_all(self) -> bool:
        """Whether every notification of the inboxes that are asked is wanted."""
        wanted_of_rows = (
            *(self.types, self.excluded_types, self.raw_types, self.actor_id),
            *(self.since, self.until),
        )
        is_bare = not (self.unread_only or self.exclude_bots) and self.watchlist == ANY_CHANGE
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
        )

    def is_past(self, notification: Notification, direction: Direction) -> bool:
        """Whether nothing beyond this one can be wanted any more."""
        if direction is Direction.DOWN:
            return self.since is not None and self.since - notification.created_at > INVERSION
        return self.until is not None and notification.created_at - self.until >= INVERSION

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
    parts = (_canonical(part) for part in astuple(wanted))
    return blake2b(repr(tuple(parts)).encode(), digest_size=4).digest()


def _canonical(part: object) -> object:
    """Sets in one order, enums by name, instants in UTC."""
    if isinstance(part, frozenset):
        return sorted(map(_canonical, part), key=str)
    if isinstance(part, Enum):
        return part.name
    return part.timestamp() if isinstance(part, datetime) else part


_NO_FILTER = Filter()
_OF_NO_FILTER = _digest(_NO_FILTER)
"""Most pages have none, and it takes 20 us."""
