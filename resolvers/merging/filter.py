"""What a caller wants listed, checked and ready to be applied to notifications."""

from collections.abc import Mapping, Sequence
from dataclasses import astuple, dataclass
from datetime import datetime, timedelta
from enum import Enum
from hashlib import blake2b

from resolvers.identity import parse_id
from resolvers.seam.chunk import PENDING, Direction, Scope
from resolvers.seam.upstream import Upstream
from resolvers.types.inbox import Inbox, Platform
from resolvers.types.mediawiki import WatchlistNotification, WikiUser
from resolvers.types.notification import Notification, NotificationType

OF_WIKIS = frozenset(
    {
        NotificationType.PAGE_EDITED,
        NotificationType.PAGE_CREATED,
        NotificationType.PAGE_LOGGED,
        NotificationType.PAGE_CATEGORIZED,
        NotificationType.EXTERNAL_CHANGE,
    }
)
"""The types that only a wiki has; OTHER is of every platform, the rest of Mastodon."""

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
    namespaces: frozenset[int] | None = None
    exclude_minor: bool = False
    exclude_user: str | None = None
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
        is_wiki = inbox.instance.platform is Platform.MEDIAWIKI
        return any(
            kind is NotificationType.OTHER or (kind in OF_WIKIS) is is_wiki for kind in self.types
        )

    @property
    def takes_all(self) -> bool:
        """Whether every notification of the inboxes that are asked is wanted."""
        wanted_of_rows = (
            *(self.types, self.excluded_types, self.raw_types, self.actor_id, self.since),
            *(self.until, self.namespaces, self.exclude_user),
        )
        is_bare = not (self.unread_only or self.exclude_bots or self.exclude_minor)
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
            and self._wants_change(notification)
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
        return not (self.exclude_bots and _is_bots(notification))

    def _wants_change(self, notification: Notification) -> bool:
        """`filter.watchlist` leaves Mastodon's inboxes alone."""
        if not isinstance(notification, WatchlistNotification):
            return True
        actor = notification.actor
        name = actor.name if isinstance(actor, WikiUser) else None
        return (
            (self.namespaces is None or notification.page.namespace in self.namespaces)
            and not (self.exclude_minor and notification.is_minor)
            and (self.exclude_user is None or name != self.exclude_user)
        )

    @property
    def digest(self) -> bytes:
        """4 bytes that tell this filter from another one, the same in every process."""
        return _OF_NO_FILTER if self == _NO_FILTER else _digest(self)


def _digest(wanted: Filter) -> bytes:
    parts = (_canonical(part) for part in astuple(wanted))
    return blake2b(repr(tuple(parts)).encode(), digest_size=4).digest()


def _is_bots(notification: Notification) -> bool:
    if isinstance(notification, WatchlistNotification):
        return notification.is_bot
    return notification.actor is not None and notification.actor.is_bot is True


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
