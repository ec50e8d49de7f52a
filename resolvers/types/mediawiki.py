"""What a wiki's watchlist tells: https://www.mediawiki.org/wiki/API:Watchlist"""

from dataclasses import replace
from datetime import datetime
from enum import Enum
from typing import ClassVar, Self

import strawberry

from resolvers.types import html
from resolvers.types.group_kind import GroupKind
from resolvers.types.notification import Actor, Notification
from resolvers.types.scalars import HTML, URL


@strawberry.type(description="A page as one inbox watches it.")
class WikiPage:
    """Of (inbox, namespace, title): two inboxes that watch one page have a mark each."""

    id: strawberry.ID = strawberry.field(
        description="Global, for normalised caches; not one that `node` takes."
    )
    page_id: str | None = strawberry.field(
        description="The number that survives a move; null where the page does not exist."
    )
    namespace: int = strawberry.field(
        description="0 for articles, odd for talk pages: "
        "https://www.mediawiki.org/wiki/Help:Namespaces"
    )
    title: str = strawberry.field(description="With its namespace's prefix: `Talk:Page 1`.")
    url: URL = strawberry.field(description="Where a person reads it.")
    notification_timestamp: datetime | None = strawberry.field(
        description="From this instant on the page's changes count as unseen; null where all "
        "is seen."
    )


@strawberry.type(
    description="The page of a wiki that something is about. It has no `id` and no mark: as a page "
    "that you watch it is a `WikiPage`."
)
class WikiTitle:
    """A page as a name and an address."""

    title: str = strawberry.field(description="With its namespace's prefix: `Talk:Page 1`.")
    namespace: int = strawberry.field(
        description="0 for articles, odd for talk pages: "
        "https://www.mediawiki.org/wiki/Help:Namespaces"
    )
    page_id: str | None = strawberry.field(
        description="The number that survives a move; null where the wiki does not tell it."
    )
    url: URL = strawberry.field(description="Where a person reads it.")


@strawberry.type(description="Who edits a wiki.")
class WikiUser(Actor):
    """https://www.mediawiki.org/wiki/Help:User_page"""

    name: str = strawberry.field(
        description="The user name without prefix, or the address of somebody not logged in."
    )
    is_anonymous: bool = strawberry.field(
        description="Whether nobody was logged in: `name` is an IP address."
    )


@strawberry.type(description="What was done to a page other than editing it.")
class WikiLogEntry:
    """https://www.mediawiki.org/wiki/Manual:Log_actions"""

    log_id: str = strawberry.field(description="The entry's number at the wiki.")
    type: str = strawberry.field(description="The log: `move`, `delete`, `protect` …")
    action: str = strawberry.field(
        description="What was done, more closely: `move_redir`, `restore`, `modify` …"
    )


@strawberry.type(description="A change of a page on the watchlist.")
class WatchlistNotification(Notification):
    """https://www.mediawiki.org/wiki/API:Watchlist"""

    group_kinds: ClassVar = frozenset({GroupKind.CHANGES})
    page: WikiPage = strawberry.field(description="The page that changed.")
    revision_id: str | None = strawberry.field(
        description="The revision that the change made. Null for a log entry, and with "
        "PAGE_CATEGORIZED."
    )
    member_page_id: str | None = strawberry.field(
        description="With PAGE_CATEGORIZED the number of the page that entered or left the "
        "category `page`. A wiki never marks such a change by itself: it is pending only while "
        "another change of the category is."
    )
    previous_revision_id: str | None = strawberry.field(
        description="The revision before it; null where there is none."
    )
    diff_url: URL | None = strawberry.field(
        description="What changed, side by side, for a person to read; null without two revisions."
    )
    comment: str | None = strawberry.field(
        description="What the user wrote about the change, as wikitext; null where the wiki "
        "hides it."
    )
    is_minor: bool = strawberry.field(description="Whether its user called it minor.")
    is_bot: bool = strawberry.field(description="Whether it was made as a bot's.")
    is_new_page: bool = strawberry.field(description="Whether it made the page.")
    old_length: int | None = strawberry.field(description="Bytes before; null for a log entry.")
    new_length: int | None = strawberry.field(description="Bytes after; null for a log entry.")
    tags: list[str] = strawberry.field(
        description="The wiki's own marks on changes: https://www.mediawiki.org/wiki/Help:Tags"
    )
    log_entry: WikiLogEntry | None = strawberry.field(description="With PAGE_LOGGED.")
    comment_markup: strawberry.Private[str | None]
    base_url: strawberry.Private[str]

    @strawberry.field(description="Bytes that came or, where negative, went.")
    def length_delta(self) -> int | None:
        if self.old_length is None or self.new_length is None:
            return None
        return self.new_length - self.old_length

    @strawberry.field(
        description="The comment with its links and section names, as the wiki shows it; links "
        "are absolute. Null where the wiki hides it."
    )
    def comment_html(self) -> HTML | None:
        if self.comment_markup is None:
            return None
        return html.clean_with_base(self.comment_markup, self.base_url)

    @property
    def is_of_bot(self) -> bool:
        return self.is_bot

    @property
    def grouped_by(self) -> tuple[GroupKind, str]:
        """Changes of a page, with what the wiki itself tells of a talk page."""
        return GroupKind.CHANGES, self.page.title

    @property
    def about(self) -> WikiTitle:
        page = self.page
        return WikiTitle(
            title=page.title, namespace=page.namespace, page_id=page.page_id, url=page.url
        )

    @property
    def subject(self) -> str:
        return self.page.id

    def seen_before(self, instant: datetime) -> Self:
        return replace(self, page=replace(self.page, notification_timestamp=instant))


@strawberry.enum(description="What became of one page that a timestamp was to be set for.")
class WatchedPageOutcome(Enum):
    """Told for each page of setNotificationTimestamp."""

    UPDATED = strawberry.enum_value(
        "UPDATED", description="Set, also for a watched page that does not exist."
    )
    NOT_WATCHED = strawberry.enum_value(
        "NOT_WATCHED", description="The page exists and is not on the watchlist: nothing was done."
    )
    NO_SUCH_PAGE = strawberry.enum_value(
        "NO_SUCH_PAGE",
        description="No such page, and none of that name is watched: nothing was done.",
    )
    INVALID = strawberry.enum_value(
        "INVALID",
        description="No page can be called so, or it is of a kind that cannot be watched: a "
        "special page, one of another wiki. Nothing was done.",
    )


@strawberry.type(description="What became of one page.")
class WatchedPageResult:
    """A row of SetNotificationTimestampPayload."""

    requested: str = strawberry.field(description="As given, to match it with what was asked.")
    page: WikiPage | None = strawberry.field(
        description="The page with its new mark; null where there is none to show."
    )
    outcome: WatchedPageOutcome = strawberry.field(description="What was done.")
