"""The platforms, and what the core has to know of each: docs/adding-a-platform.md."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from functools import cache

import strawberry

from resolvers.types.account import MastodonAccount
from resolvers.types.echo import EchoNotification
from resolvers.types.feed import Feed
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
class FeedTypes:
    """What one of an inbox's lists holds: its notifications, and of which kinds they are.

    A notification has its feed's whole shape: from its fields follow the schema, what processes
    share and what a copy weighs. `kinds` need not name OTHER, which is of every feed.
    """

    notification: type[Notification]
    kinds: frozenset[NotificationType]


@dataclass(frozen=True, slots=True)
class PlatformTypes:
    """What an inbox of a platform has: who causes its notifications, and its lists."""

    actor: type[Actor]
    feeds: Mapping[Feed, FeedTypes]


_AT_MASTODON = frozenset(
    {
        NotificationType.MENTION,
        NotificationType.STATUS,
        NotificationType.REBLOG,
        NotificationType.FOLLOW,
        NotificationType.FOLLOW_REQUEST,
        NotificationType.FAVOURITE,
        NotificationType.REACTION,
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
_ON_WATCHLISTS = frozenset(
    {
        NotificationType.PAGE_EDITED,
        NotificationType.PAGE_CREATED,
        NotificationType.PAGE_LOGGED,
        NotificationType.PAGE_CATEGORIZED,
        NotificationType.EXTERNAL_CHANGE,
    }
)

_IN_ECHO = frozenset(
    {
        NotificationType.MENTION,
        NotificationType.TALK,
        NotificationType.REPLY,
        NotificationType.THANKS,
        NotificationType.REVERTED,
        NotificationType.PAGE_LINKED,
        NotificationType.USER_RIGHTS,
        NotificationType.EMAIL,
        NotificationType.MILESTONE,
    }
)

PLATFORMS: Mapping[Enum, PlatformTypes] = {
    Platform.MASTODON: PlatformTypes(
        MastodonAccount, {Feed.NOTIFICATIONS: FeedTypes(MastodonNotification, _AT_MASTODON)}
    ),
    Platform.MEDIAWIKI: PlatformTypes(
        WikiUser,
        {
            Feed.NOTIFICATIONS: FeedTypes(EchoNotification, _IN_ECHO),
            Feed.WATCHLIST: FeedTypes(WatchlistNotification, _ON_WATCHLISTS),
        },
    ),
}


def all_types() -> Iterator[type[Notification] | type[Actor]]:
    """Those of all notifications, and of who causes them."""
    for platform in PLATFORMS.values():
        yield from (feed.notification for feed in platform.feeds.values())
        yield platform.actor


@cache  # every inbox has it
def feeds_of(platform: Enum) -> frozenset[Feed]:
    """The lists that inboxes of a platform have."""
    return frozenset(PLATFORMS[platform].feeds)


def name_type(platform: Enum, feed: Feed) -> str:
    """What the notifications of a list are called in the API."""
    return PLATFORMS[platform].feeds[feed].notification.__name__
