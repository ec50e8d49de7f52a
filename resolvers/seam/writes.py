"""What writes take and give at the seam; GraphQL shows none of it as it is."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from resolvers.errors import UpstreamError
from resolvers.seam.login import Profile, UnreadTally
from resolvers.types.mediawiki import WatchedPageResult
from resolvers.types.notification import Notification


@dataclass(frozen=True, slots=True)
class Dismissal:
    """What left the list of an inbox: one notification, and where it has a subject, more of it.

    Those are the ones of that subject before the instant `seen_before` (UTC).
    """

    notification_ids: Sequence[str]
    subject: str | None = None
    seen_before: datetime | None = None

    def covers(self, notification: Notification) -> bool:
        """Whether a notification left the list with it."""
        if notification.id in self.notification_ids:
            return True
        return (
            self.seen_before is not None
            and notification.subject is not None
            and notification.subject == self.subject
            and notification.created_at < self.seen_before
        )


@dataclass(frozen=True, slots=True)
class ReadUpTo:
    """A marker that was moved: this notification and all older ones are read."""

    notification_id: str


class PagesBy(Enum):
    """What pages are named by."""

    ENTIRE_WATCHLIST = "entireWatchlist"
    TITLES = "titles"
    PAGE_IDS = "pageIds"
    REVISION_IDS = "revisionIds"
    NOTIFICATIONS = "notificationIds"


@dataclass(frozen=True, slots=True)
class WatchedPages:
    """The pages that a timestamp is set for.

    `values` are as the caller wrote them; of notifications they are the keys of their IDs.
    """

    by: PagesBy
    values: Sequence[str] = ()


class UnseenBy(Enum):
    """What the first unseen change is named by."""

    NOTHING = "nothing"
    TIMESTAMP = "timestamp"
    TO_REVISION = "toRevisionId"
    NEWER_THAN_REVISION = "newerThanRevisionId"


@dataclass(frozen=True, slots=True)
class UnseenFrom:
    """From where on changes are unseen: an instant, a revision, or nowhere."""

    by: UnseenBy
    timestamp: datetime | None = None
    revision_id: str = ""


@dataclass(frozen=True, slots=True)
class TimestampSet:
    """What became of setting a timestamp.

    `pages` are in the order asked, as far as the wiki took them; if it failed in the middle,
    `failure` says why the rest is missing. `timestamp` is of the entire watchlist; None: all seen.
    """

    pages: Sequence[WatchedPageResult] = ()
    timestamp: datetime | None = None
    failure: UpstreamError | None = None


@dataclass(frozen=True, slots=True)
class Inspection:
    """What a login may do, for its operator.

    `unread` is None where the instance does not count. `missing` are sentences that say what
    cannot be done and which scope or grant would mend it.
    """

    profile: Profile
    unread: UnreadTally | None
    abilities: Sequence[str]
    missing: Sequence[str]
