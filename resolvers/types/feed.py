"""The lists that a login can have."""

from enum import Enum

import strawberry


@strawberry.enum(
    description="A list that a login has at its instance. A wiki has both; a Mastodon-API server "
    "has NOTIFICATIONS alone."
)
class Feed(Enum):
    """Where a platform has several, each is read, paged and written to by itself."""

    NOTIFICATIONS = strawberry.enum_value(
        "NOTIFICATIONS",
        description="What the instance tells you of its own accord: mentions, thanks, likes … At "
        "a wiki that is the extension Echo.",
    )
    WATCHLIST = strawberry.enum_value(
        "WATCHLIST", description="Changes of the pages that you watch at a wiki."
    )
