"""What `filter.watchlist` means: it leaves all inboxes but wikis' alone."""

from dataclasses import dataclass

from resolvers.types.mediawiki import WatchlistNotification, WikiUser
from resolvers.types.notification import Notification


@dataclass(frozen=True, slots=True)
class WatchlistPart:
    """The part of a filter that goes by what only a wiki's changes have."""

    namespaces: frozenset[int] | None = None
    exclude_minor: bool = False
    exclude_user: str | None = None

    def wants(self, notification: Notification) -> bool:
        """Whether a notification is wanted; one that is no wiki's always is."""
        if not isinstance(notification, WatchlistNotification):
            return True
        actor = notification.actor
        name = actor.name if isinstance(actor, WikiUser) else None
        return (
            (self.namespaces is None or notification.page.namespace in self.namespaces)
            and not (self.exclude_minor and notification.is_minor)
            and (self.exclude_user is None or name != self.exclude_user)
        )


ANY_CHANGE = WatchlistPart()
