"""What `filter.echo` means: it leaves all but wikis' own notifications alone."""

from dataclasses import dataclass

from resolvers.types.echo import EchoNotification, EchoSection
from resolvers.types.notification import Notification


@dataclass(frozen=True, slots=True)
class EchoPart:
    """The part of a filter that goes by what only Echo's rows have."""

    include_read: bool = False
    sections: frozenset[EchoSection] | None = None

    def wants(self, notification: Notification) -> bool:
        """Whether a notification is wanted; one that is not Echo's always is."""
        if self.sections is None or not isinstance(notification, EchoNotification):
            return True
        return notification.section in self.sections


ANY_ECHO = EchoPart()
