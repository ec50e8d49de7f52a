"""Turns Echo's rows into the types of the API."""

from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime
from urllib.parse import urljoin

from app.upstreams.mediawiki.addresses import SiteAddresses
from app.upstreams.mediawiki.echo import wire
from app.upstreams.mediawiki.echo.places import EchoPlace
from app.upstreams.mediawiki.rows import read_second
from app.upstreams.mediawiki.users import make_user
from app.upstreams.reading.values import LARGEST, read_url
from resolvers.identity import make_id
from resolvers.types.echo import EchoNotification, EchoSection, WikiLink
from resolvers.types.html import plain_text
from resolvers.types.inbox import Inbox
from resolvers.types.mediawiki import WikiTitle
from resolvers.types.names import isolate, read_name
from resolvers.types.notification_type import NotificationType
from resolvers.types.scalars import URL

_TYPES: Mapping[str, NotificationType] = {
    "edit-user-talk": NotificationType.TALK,
    "edit-user-page": NotificationType.TALK,
    "edit-thank": NotificationType.THANKS,
    "reverted": NotificationType.REVERTED,
    "page-linked": NotificationType.PAGE_LINKED,
    "page-connection": NotificationType.PAGE_LINKED,
    "user-rights": NotificationType.USER_RIGHTS,
    "user-blocked": NotificationType.USER_RIGHTS,
    "user-unblocked": NotificationType.USER_RIGHTS,
    "emailuser": NotificationType.EMAIL,
    "thank-you-edit": NotificationType.MILESTONE,
    "welcome": NotificationType.MILESTONE,
    "mention": NotificationType.MENTION,
    "mention-summary": NotificationType.MENTION,
    "flow-mention": NotificationType.MENTION,
}
_OF_EXTENSIONS = {"flow-": NotificationType.TALK, "dt-": NotificationType.REPLY}
"""By how the kind begins: https://www.mediawiki.org/wiki/Notifications/Developer_guide"""

_MOST_LINKS = 20
_LONGEST_KIND = 60
_SECTIONS = {"message": EchoSection.MESSAGE}


def type_of_kind(kind: str) -> NotificationType:
    """What a kind is in terms that all networks share."""
    if kind in _TYPES:
        return _TYPES[kind]
    begins = (each for start, each in _OF_EXTENSIONS.items() if kind.startswith(start))
    return next(begins, NotificationType.OTHER)


class EchoMapper:
    """Maps for one inbox at one wiki."""

    def __init__(self, inbox: Inbox, addresses: SiteAddresses) -> None:
        self._inbox = inbox
        self._addresses = addresses

    def map(self, row: wire.Row, place: EchoPlace) -> EchoNotification:
        text = row.text or wire.Text()
        links, page = self._links(text), self._page(row.title)
        name = row.agent.name if row.agent is not None else None
        read_at = _read_time(row.read)
        return EchoNotification(
            id=make_id(EchoNotification.__name__, self._inbox.name, str(place)),
            row=place.row,
            inbox=self._inbox,
            type=type_of_kind(row.type),
            raw_type=row.type,
            created_at=datetime.fromtimestamp(place.second, UTC),
            is_unread=row.read is None,
            actor=make_user(self._inbox, self._addresses, name) if name else None,
            url=links[0].url if links else page.url if page is not None else None,
            summary=read_name(plain_text(text.header)) or _say(row, name),
            page=page,
            revision_id=str(row.revid) if row.revid else None,
            category=row.category,
            section=_SECTIONS.get(row.section, EchoSection.ALERT),
            links=links,
            icon_url=self._make_absolute(text.icon_url),
            read_at=read_at,
            header_markup=text.header,
            body_markup=text.body,
            base_url=self._addresses.server,
        )

    def _page(self, title: wire.Title | None) -> WikiTitle | None:
        if title is None or not title.full or abs(title.namespace_key) > LARGEST:
            return None
        return WikiTitle(
            title=title.full,
            namespace=title.namespace_key,
            page_id=None,
            url=self._addresses.page(title.full),
        )

    def _links(self, text: wire.Text) -> list[WikiLink]:
        """The main one first, of what leads to the web."""
        given = text.links
        if not isinstance(given, wire.Links):
            return []
        main = [given.primary] if isinstance(given.primary, wire.Link) else []
        every = [*main, *(each for each in given.secondary if each is not None)]
        found = [(each, self._make_absolute(each.url)) for each in every[:_MOST_LINKS]]
        return [
            WikiLink(label=read_name(plain_text(each.label)) or url, url=url)
            for each, url in found
            if url is not None
        ]

    def _make_absolute(self, address: str | None) -> URL | None:
        with suppress(ValueError):
            return read_url(urljoin(self._addresses.server, address)) if address else None
        return None


def _read_time(timestamp: str | None) -> datetime | None:
    with suppress(ValueError, OverflowError):
        return datetime.fromtimestamp(read_second(timestamp), UTC) if timestamp else None
    return None


def _say(row: wire.Row, name: str | None) -> str:
    """A row that the wiki has no words for."""
    who = isolate(read_name(name) or "Somebody")
    kind = read_name(row.type[:_LONGEST_KIND]) or "something"
    title = read_name(row.title.full) if row.title is not None else None
    return f"{who}: {kind} of {isolate(title)}" if title else f"{who}: {kind}"
