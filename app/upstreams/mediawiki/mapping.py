"""Turns the changes of a watchlist into the types of the API."""

from datetime import UTC, datetime

import strawberry

from app.upstreams.mediawiki import wire
from app.upstreams.mediawiki.addresses import SiteAddresses
from app.upstreams.mediawiki.rows import NamedChange
from app.upstreams.mediawiki.summaries import summarise
from app.upstreams.mediawiki.users import make_user
from app.upstreams.reading.values import read_count, read_instant
from resolvers.identity import make_id
from resolvers.types.inbox import Inbox
from resolvers.types.mediawiki import WatchlistNotification, WikiLogEntry, WikiPage, WikiUser
from resolvers.types.notification_type import NotificationType
from resolvers.types.scalars import URL

_TYPES = {
    "edit": NotificationType.PAGE_EDITED,
    "new": NotificationType.PAGE_CREATED,
    "log": NotificationType.PAGE_LOGGED,
    "categorize": NotificationType.PAGE_CATEGORIZED,
    "external": NotificationType.EXTERNAL_CHANGE,
}


class ChangeMapper:
    """Maps for one inbox at one wiki."""

    def __init__(self, inbox: Inbox, addresses: SiteAddresses) -> None:
        self._inbox = inbox
        self._addresses = addresses

    def map(self, named: NamedChange) -> WatchlistNotification:
        change = named.change
        kind = _TYPES.get(change.type, NotificationType.OTHER)
        page = self.page(change, read_instant(change.notificationtimestamp))
        is_of_member = kind is NotificationType.PAGE_CATEGORIZED
        mark, created_at = page.notification_timestamp, datetime.fromtimestamp(named.second, UTC)
        diff_url = self._diff_url(change)
        return WatchlistNotification(
            id=make_id("WatchlistNotification", self._inbox.name, named.key),
            row=named.row,
            inbox=self._inbox,
            type=kind,
            raw_type=change.type,
            created_at=created_at,
            is_unread=mark is not None and created_at >= mark,
            actor=self._user(change),
            url=self._log_url(change) or diff_url or page.url,
            summary=summarise(kind, change),
            page=page,
            revision_id=str(change.revid)
            if change.revid and not (change.logid or is_of_member)
            else None,
            member_page_id=_number(change.pageid) if is_of_member else None,
            previous_revision_id=_number(change.old_revid),
            diff_url=diff_url,
            comment=change.comment,
            is_minor=change.minor,
            is_bot=change.bot,
            is_new_page=change.new,
            old_length=None if change.logid else read_count(change.oldlen),
            new_length=None if change.logid else read_count(change.newlen),
            tags=change.tags,
            log_entry=_log_entry(change),
            comment_markup=change.parsedcomment,
            base_url=self._addresses.server,
        )

    def page(self, page: wire.Page | wire.Change, mark: datetime | None) -> WikiPage:
        """A page with its mark: from `mark` on its changes are unseen."""
        return WikiPage(
            id=make_page_id(self._inbox.name, page.ns, page.title),
            page_id=str(page.pageid) if page.pageid and not _is_of_member(page) else None,
            namespace=page.ns,
            title=page.title,
            url=self._addresses.page(page.title),
            notification_timestamp=mark,
        )

    def _user(self, change: wire.Change) -> WikiUser | None:
        if not change.user:
            return None
        has_page = not change.anon and not change.temp
        return make_user(
            self._inbox,
            self._addresses,
            change.user,
            is_anonymous=change.anon,
            has_page=has_page,
        )

    def _diff_url(self, change: wire.Change) -> URL | None:
        if change.logid or not (change.revid and change.old_revid):
            return None
        return self._addresses.script(diff=str(change.revid), oldid=str(change.old_revid))

    def _log_url(self, change: wire.Change) -> URL | None:
        if not change.logid:
            return None
        return self._addresses.script(title="Special:Log", logid=str(change.logid))


def _is_of_member(page: wire.Page | wire.Change) -> bool:
    """Whether the numbers of a row are those of another page, which entered or left this category.

    https://doc.wikimedia.org/mediawiki-core/master/php/classMediaWiki_1_1RecentChanges_1_1RecentChange.html
    """
    return isinstance(page, wire.Change) and page.type == "categorize"


def make_page_id(inbox: str, namespace: int, title: str) -> strawberry.ID:
    """The global ID of a page as one inbox watches it; the page need not exist."""
    return make_id(WikiPage.__name__, inbox, f"{namespace}:{title}")


def _log_entry(change: wire.Change) -> WikiLogEntry | None:
    if change.type != "log":
        return None
    return WikiLogEntry(
        log_id=str(change.logid), type=change.logtype or "", action=change.logaction or ""
    )


def _number(number: int) -> str | None:
    """As the API shows it; None where there is none."""
    return str(number) if number else None
