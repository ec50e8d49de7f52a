"""What a login's marker says of a notification: https://docs.joinmastodon.org/entities/Marker/"""

from dataclasses import dataclass, replace

from app.upstreams.mastodon.rows import order_of
from resolvers.types.mastodon import MastodonNotification
from resolvers.types.notification import Notification


@dataclass(frozen=True, slots=True)
class UnreadAfter:
    """Tells the unread from the read: all up to `read_to` is read; None where nothing ever was."""

    read_to: str | None

    def __call__(self, notification: Notification) -> Notification:
        if not isinstance(notification, MastodonNotification):
            return notification
        read_to = self.read_to
        is_unread = read_to is None or order_of(notification.database_id) > order_of(read_to)
        return replace(notification, is_unread=is_unread)
