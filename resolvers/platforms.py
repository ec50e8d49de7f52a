"""The platforms, and what the core has to know of each: docs/adding-a-platform.md."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

import strawberry

from resolvers.types.account import MastodonAccount
from resolvers.types.mastodon import MastodonNotification
from resolvers.types.mediawiki import WatchlistNotification, WikiUser
from resolvers.types.notification import Actor, Notification
from resolvers.types.notification_type import NotificationType


@strawberry.enum(description="Which API an instance speaks.")
class Platform(Enum):
    """Each has an entry below, and one in `app.platforms`."""

    MASTODON = strawberry.enum_value(
        "MASTODON", description="The Mastodon API: Mastodon itself and every server that speaks it."
    )
    MEDIAWIKI = strawberry.enum_value(
        "MEDIAWIKI", description="The action API of a MediaWiki wiki, such as Wikipedia."
    )


@dataclass(frozen=True, slots=True)
class PlatformTypes:
    """What an inbox of a platform has: its notifications, who causes them, and of which kinds.

    A notification has its platform's whole shape: from its fields follow the schema, what processes
    share and what a copy weighs. `kinds` need not name OTHER, which is of every platform.
    """

    notification: type[Notification]
    actor: type[Actor]
    kinds: frozenset[NotificationType]


_AT_MASTODON = frozenset(
    {
        NotificationType.MENTION,
        NotificationType.STATUS,
        NotificationType.REBLOG,
        NotificationType.FOLLOW,
        NotificationType.FOLLOW_REQUEST,
        NotificationType.FAVOURITE,
        NotificationType.POLL,
        NotificationType.UPDATE,
        NotificationType.QUOTE,
        NotificationType.QUOTED_UPDATE,
        NotificationType.ADMIN_SIGN_UP,
        NotificationType.ADMIN_REPORT,
        NotificationType.SEVERED_RELATIONSHIPS,
        NotificationType.MODERATION_WARNING,
        NotificationType.ANNUAL_REPORT,
        NotificationType.ADDED_TO_COLLECTION,
        NotificationType.COLLECTION_UPDATE,
    }
)
_AT_WIKIS = frozenset(
    {
        NotificationType.PAGE_EDITED,
        NotificationType.PAGE_CREATED,
        NotificationType.PAGE_LOGGED,
        NotificationType.PAGE_CATEGORIZED,
        NotificationType.EXTERNAL_CHANGE,
    }
)

PLATFORMS: Mapping[Enum, PlatformTypes] = {
    Platform.MASTODON: PlatformTypes(MastodonNotification, MastodonAccount, _AT_MASTODON),
    Platform.MEDIAWIKI: PlatformTypes(WatchlistNotification, WikiUser, _AT_WIKIS),
}
