"""What a wiki's extension Echo tells: https://www.mediawiki.org/wiki/Extension:Echo"""

from datetime import datetime
from enum import Enum
from typing import ClassVar

import strawberry

from resolvers.types import html
from resolvers.types.group_kind import GroupKind
from resolvers.types.mediawiki import WikiTitle
from resolvers.types.notification import Notification
from resolvers.types.notification_type import NotificationType
from resolvers.types.scalars import HTML, URL


@strawberry.enum(description="Where a wiki shows a notification: behind its bell, or its tray.")
class EchoSection(Enum):
    """https://www.mediawiki.org/wiki/Help:Notifications"""

    ALERT = strawberry.enum_value(
        "ALERT", description="Behind the bell: somebody wants something of you."
    )
    MESSAGE = strawberry.enum_value(
        "MESSAGE", description="In the tray, which can wait: thanks, links to your pages …"
    )


@strawberry.type(description="A link that a wiki puts beside a notification.")
class WikiLink:
    """https://www.mediawiki.org/wiki/Notifications/Developer_guide"""

    label: str = strawberry.field(description="What the link says, as plain text.")
    url: URL = strawberry.field(description="Where it leads.")


_KINDS = {
    NotificationType.TALK: GroupKind.CHANGES,
    NotificationType.PAGE_LINKED: GroupKind.PAGE_LINKED,
    NotificationType.THANKS: GroupKind.THANKS,
}


@strawberry.type(
    description="A wiki's own notification, by its extension Echo: somebody mentioned you, thanked "
    "you, undid your edit …"
)
class EchoNotification(Notification):
    """https://www.mediawiki.org/wiki/Extension:Echo"""

    group_kinds: ClassVar = frozenset(_KINDS.values())
    page: WikiTitle | None = strawberry.field(
        description="The page that it is about; null where it is about none, or one that is gone. "
        "Beside a WatchlistNotification's `page` give it an alias, such as `about: page`: that one "
        "is never null."
    )
    revision_id: str | None = strawberry.field(
        description="The revision that it is about; null where there is none."
    )
    category: str = strawberry.field(
        description="By what the wiki's preferences switch such notifications on and off: "
        "`mention`, `edit-thank` …"
    )
    section: EchoSection = strawberry.field(description="Where the wiki shows it.")
    links: list[WikiLink] = strawberry.field(
        description="The main one first, which `url` is too, then the others that the wiki offers. "
        "Opening the main one in a browser marks the notification as read at the wiki."
    )
    icon_url: URL | None = strawberry.field(description="The wiki's picture for its kind.")
    read_at: datetime | None = strawberry.field(
        description="When it was read; null while it is unread."
    )
    header_markup: strawberry.Private[str]
    body_markup: strawberry.Private[str]
    base_url: strawberry.Private[str]

    @strawberry.field(
        description="What happened, in the wiki's own words and language; links are absolute."
    )
    def header(self) -> HTML:
        return html.clean_with_base(self.header_markup, self.base_url)

    @strawberry.field(
        description="More of it, such as how a message begins; empty where there is no more."
    )
    def body(self) -> HTML:
        return html.clean_with_base(self.body_markup, self.base_url)

    @property
    def grouped_by(self) -> tuple[GroupKind, str] | None:
        """What was written on a talk page, with its changes; links to a page; thanks for edits."""
        kind = _KINDS.get(self.type)
        return (kind, self.page.title) if kind and self.page else None

    @property
    def about(self) -> WikiTitle | None:
        return self.page


WATCHLIST_KINDS = frozenset({"watchlist-change", "minor-watchlist-change"})
"""`rawType`s of what a watchlist has too, on wikis that tell it twice."""
