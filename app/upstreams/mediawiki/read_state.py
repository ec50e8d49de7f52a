"""What tells the unread from the read at a wiki."""

from dataclasses import dataclass

from resolvers.types.notification import Notification


@dataclass(frozen=True, slots=True)
class AsItIs:
    """A change comes with its page's mark: there is no more to tell."""

    def __call__(self, notification: Notification) -> Notification:
        return notification
