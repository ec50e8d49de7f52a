"""Turns the changes of a watchlist into the types of the API."""

from datetime import UTC, datetime
from urllib.parse import quote, urlencode, urljoin

import strawberry

from app.upstreams.mediawiki import wire
from app.upstreams.mediawiki.rows import NamedChange
from app.upstreams.mediawiki.summaries import summarise
from app.upstreams.reading.values import read_count, read_instant, read_url
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


class SiteAddresses:
    """The addresses that a wiki's pages have, by its own account of itself.

    That is checked here, once: where it leads elsewhere than to the web, the address that the wiki
    was asked at is taken.
    """

    def __init__(self, api_url: str, general: wire.General) -> None:
        self.server = _find(api_url, general.server) or URL(urljoin(api_url, "/"))  # no scheme: //
        self._script = _find(self.server, general.script) or URL(urljoin(api_url, "index.php"))
        articles = _find(self.server, general.articlepath.replace("$1", _PLACE))
        self._articles = articles if articles and _PLACE in articles else None

    def page(self, title: str) -> URL:
        name = quote(title.replace(" ", "_"), safe="/:@!*(),;~'")
        if self._articles is None:
            return self.script(title=title)
        return URL(self._articles.replace(_PLACE, name))

    def script(self, **params: str) -> URL:
        return URL(f"{self._script}?{urlencode(params)}")


_PLACE = "__title__"
"""Stands for a title in an address, as `$1` does in what a wiki says."""


def _find(base: str, address: str) -> URL | None:
    try:
        return read_url(urljoin(base, address))
    except ValueError:
        return None


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
            actor=self._user(change) if change.user else None,
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

    def _user(self, change: wire.Change) -> WikiUser:
        name = change.user or ""
        has_page = not change.anon and not change.temp
        title = f"User:{name}" if has_page else f"Special:Contributions/{name}"
        return WikiUser(
            id=make_id("WikiUser", self._inbox.name, name),
            handle=name if change.anon else f"User:{name}",
            display_name=name,
            url=self._addresses.page(title),
            avatar_url=None,
            is_bot=None,
            name=name,
            is_anonymous=change.anon,
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
