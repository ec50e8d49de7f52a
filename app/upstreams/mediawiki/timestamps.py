"""Sets marks of watched pages, in every way that MediaWiki has, without its traps.

https://www.mediawiki.org/wiki/API:Setnotificationtimestamp, and as measured: the answer's rows are
in an order of their own, once for each page however often and however spelt it was asked for, and
special pages are left out of it; a revision that does not exist marks the page as seen. So the
pages are looked up first, only those that are watched are sent, and each row is told as asked.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from urllib.parse import unquote

from app.upstreams.mediawiki import wire
from app.upstreams.mediawiki.rows import may_be_title, parse_key
from app.upstreams.mediawiki.session import Params, Session
from app.upstreams.reading.values import read_instant
from resolvers.errors import InvalidInput, UpstreamError
from resolvers.seam.writes import PagesBy, TimestampSet, UnseenBy, UnseenFrom, WatchedPages
from resolvers.types.mediawiki import WatchedPageOutcome, WatchedPageResult, WikiPage

BATCH = 50
"""Values of one parameter, for users without `apihighlimits`."""

_INFO = {"prop": "info", "inprop": "notificationtimestamp|watched"}
_PARAMETER = {
    PagesBy.TITLES: "titles",
    PagesBy.NOTIFICATIONS: "titles",
    PagesBy.PAGE_IDS: "pageids",
    PagesBy.REVISION_IDS: "revids",
}
_NUMBER = re.compile(r"[1-9][0-9]{0,9}", re.ASCII)

ShowPage = Callable[[wire.Page, datetime | None], WikiPage]
"""A page with its mark as the API shows it."""


class Timestamps:
    """The marks of one login's watchlist."""

    def __init__(self, session: Session, show_page: ShowPage) -> None:
        self._session = session
        self._show_page = show_page

    async def set(self, pages: WatchedPages, unseen_from: UnseenFrom) -> TimestampSet:
        """Sets the marks. Raises InvalidInput before anything is written, UpstreamError."""
        if pages.by is PagesBy.ENTIRE_WATCHLIST:
            return await self._set_all(_mark(unseen_from))
        done = TimestampSet()
        for start in range(0, len(pages.values), BATCH):
            try:
                values = pages.values[start : start + BATCH]
                rows = await self._set_batch(pages.by, values, unseen_from)
            except UpstreamError as failure:
                return replace(done, failure=failure)
            done = replace(done, pages=[*done.pages, *rows])
        return done

    async def _set_all(self, mark: Params) -> TimestampSet:
        answer = await self._session.write(
            {"action": "setnotificationtimestamp", "entirewatchlist": "1", **mark}
        )
        row = answer.setnotificationtimestamp
        set_to = row.notificationtimestamp if isinstance(row, wire.TimestampRow) else None
        return TimestampSet(timestamp=read_instant(set_to))

    async def _set_batch(
        self, by: PagesBy, values: Sequence[str], unseen_from: UnseenFrom
    ) -> list[WatchedPageResult]:
        names = {value: _name(by, value) for value in values}
        found = await self._look_up(_PARAMETER[by], [name for name in names.values() if name])
        watched = {name: page for name, page in found.items() if page.watched and not page.invalid}
        await self._check_revision(unseen_from, watched)
        marks: dict[str, str | None] = {}
        if watched:
            sent = {_PARAMETER[by]: "|".join(watched)}
            answer = await self._session.write(
                {"action": "setnotificationtimestamp", **sent, **_mark(unseen_from)}
            )
            marks = _read_marks(answer)
        return [self._tell(by, value, names[value], found, marks) for value in values]

    async def _look_up(self, parameter: str, names: Sequence[str]) -> dict[str, wire.Page]:
        """The page that each name stands for; a name that stands for none is left out."""
        if not names:
            return {}
        wanted = {parameter: "|".join(dict.fromkeys(names)), **_INFO}
        if parameter == "revids":
            wanted |= {"prop": "info|revisions", "rvprop": "ids"}
        query = (await self._session.query(wanted)).query
        if parameter == "titles":
            return _match_titles(names, query)
        if parameter == "pageids":
            return {str(page.pageid): page for page in query.pages if page.title}
        return {str(each.revid): page for page in query.pages for each in page.revisions}

    async def _check_revision(
        self, unseen_from: UnseenFrom, watched: Mapping[str, wire.Page]
    ) -> None:
        """Refuses a revision that is not one of the page's: MediaWiki would mark the page seen."""
        if unseen_from.by not in (UnseenBy.TO_REVISION, UnseenBy.NEWER_THAN_REVISION):
            return
        path = ("unseenFrom", unseen_from.by.value)
        if not _NUMBER.fullmatch(unseen_from.revision_id):
            raise InvalidInput("A revision's ID is a positive number.", *path)
        if not watched:
            return
        found = await self._look_up("revids", [unseen_from.revision_id])
        page = found.get(unseen_from.revision_id)
        if page is None or page.title not in {each.title for each in watched.values()}:
            raise InvalidInput("This revision is not one of the page named.", *path)

    def _tell(
        self,
        by: PagesBy,
        value: str,
        name: str | None,
        found: Mapping[str, wire.Page],
        marks: Mapping[str, str | None],
    ) -> WatchedPageResult:
        page = found.get(name) if name else None
        if page is None:  # a number that nothing has, or a name that no page can have
            is_missing = name is not None and _PARAMETER[by] != "titles"
            outcome = WatchedPageOutcome.NO_SUCH_PAGE if is_missing else WatchedPageOutcome.INVALID
            return WatchedPageResult(requested=value, page=None, outcome=outcome)
        outcome = _judge(page, marks)
        mark = marks.get(page.title, page.notificationtimestamp)
        is_shown = outcome is not WatchedPageOutcome.INVALID
        shown = self._show_page(page, read_instant(mark)) if is_shown else None
        return WatchedPageResult(requested=value, page=shown, outcome=outcome)


def _name(by: PagesBy, value: str) -> str | None:
    """What stands for a page in a request; None where it cannot stand for one page."""
    if by is PagesBy.NOTIFICATIONS:
        key = parse_key(value)
        return (key.title or None) if key else None
    if by is PagesBy.TITLES:
        return value if may_be_title(value) else None
    return value if _NUMBER.fullmatch(value) else None


def _mark(unseen_from: UnseenFrom) -> Params:
    if unseen_from.timestamp is not None:
        return {"timestamp": unseen_from.timestamp.strftime("%Y-%m-%dT%H:%M:%SZ")}
    if unseen_from.by is UnseenBy.TO_REVISION:
        return {"torevid": unseen_from.revision_id}
    if unseen_from.by is UnseenBy.NEWER_THAN_REVISION:
        return {"newerthanrevid": unseen_from.revision_id}
    return {}


def _match_titles(names: Sequence[str], query: wire.Query) -> dict[str, wire.Page]:
    """Each spelling's page, by what the wiki says that it made of the spellings."""
    read_as = {
        unquote(each.original) if each.fromencoded else each.original: each.to
        for each in query.normalized
    }
    pages = {page.title: page for page in query.pages}
    found = {name: pages.get(read_as.get(name, name)) for name in names}
    return {name: page for name, page in found.items() if page is not None}


def _read_marks(answer: wire.Answer) -> dict[str, str | None]:
    """The marks that were set, by title."""
    rows = answer.setnotificationtimestamp
    listed = rows if isinstance(rows, list) else []
    return {row.title: row.notificationtimestamp for row in listed if not row.notwatched}


def _judge(page: wire.Page, marks: Mapping[str, str | None]) -> WatchedPageOutcome:
    if page.invalid or page.special:
        return WatchedPageOutcome.INVALID
    if page.title in marks:
        return WatchedPageOutcome.UPDATED
    return WatchedPageOutcome.NO_SUCH_PAGE if page.missing else WatchedPageOutcome.NOT_WATCHED
