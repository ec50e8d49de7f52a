"""Dismisses one change of a watchlist: the page is marked as seen up to and including it.

A wiki keeps one mark for each page, a second. What is seen with a change is what happened to its
page before it and in its own second; nothing of a later second, and a mark never moves backwards.
https://www.mediawiki.org/wiki/API:Setnotificationtimestamp says how marks are set, and measuring
showed what it does not say: `newerthanrevid` of a revision that does not exist, or is not of the
page named, marks everything seen.
"""

from typing import NamedTuple

from app.upstreams.http.refusals import bad_response
from app.upstreams.mediawiki import wire
from app.upstreams.mediawiki.reading import EVERY_TYPE, of_second, read_on
from app.upstreams.mediawiki.rows import ChangeKey, name_changes, write_second
from app.upstreams.mediawiki.session import Params, Session
from resolvers.errors import UpstreamError, UpstreamFailureCode

_MOST_REVISIONS = 50
"""Of the page, from the change's second on: the change, and the one after it."""


class Look(NamedTuple):
    """A pending change, its page, and the first change of the page in a later second.

    The page is None where its title now stands for something else: then nothing is known of later.
    """

    change: wire.Change
    page: wire.Page | None
    later: wire.Change | None


async def dismiss_change(session: Session, key: ChangeKey) -> bool:
    """Marks the page as seen up to the change with this key; whether there was anything to mark.

    Nothing is sent beyond the look if the change is not pending. Raises UpstreamError.
    """
    look = await look_at(session, key)
    if look is None:
        return False
    mark = choose_mark(look, key.second)
    by_title = {"titles": key.title}
    by_id = {"pageids": str(look.change.pageid)} if _has_own_page(look) else None
    for pages in (by_title, by_id):
        # a title may have become one of a special page or of another wiki, a page ID has not
        if pages is not None and await _set_mark(session, {**pages, **mark}):
            return True
    raise bad_response(
        session.url,
        "did not mark the page of this change: it may have become another wiki's or a special "
        "one's. Clear the watchlist, or unwatch the page there.",
    )


def _has_own_page(look: Look) -> bool:
    """Whether the page ID of a change is that of the page which it is about."""
    return look.change.pageid > 0 and look.change.type != "categorize"


async def _set_mark(session: Session, params: Params) -> bool:
    """Whether the wiki says that it has set a mark."""
    answer = await session.write({"action": "setnotificationtimestamp", **params})
    rows = answer.setnotificationtimestamp
    listed = rows if isinstance(rows, list) else []
    return any(not (row.notwatched or row.invalid) for row in listed)


async def look_at(session: Session, key: ChangeKey) -> Look | None:
    """What there is to know of a change before it is dismissed; None if it is not pending.

    Raises UpstreamError.
    """
    if not key.title:
        raise bad_response(
            session.url, "hides which page this change is of: clear its watchlist instead."
        )
    second = {**of_second(key.second), "wlshow": "unread"}
    try:
        answer = await session.query({**second, **_ask_of_page(key)})
    except UpstreamError as failure:
        if failure.failure_code is not UpstreamFailureCode.REJECTED:
            raise
        answer = await session.query(second)  # its title has become one of another wiki
    if answer.query.watchlist is None:
        raise bad_response(session.url, "did not say whether the change is pending: try again.")
    pending = await name_changes(await read_on(session.query, second, answer))
    change = next((each.change for each in pending if each.key == str(key)), None)
    if change is None:
        return None
    page = next((each for each in answer.query.pages if not (each.special or each.invalid)), None)
    return Look(change, page, next(iter(answer.query.recentchanges), None))


def _ask_of_page(key: ChangeKey) -> Params:
    """How to ask for the page of a change, and for what comes after it."""
    return {
        "titles": key.title,
        "prop": "info|revisions",
        "rvprop": "ids|timestamp",
        "rvstart": write_second(key.second),
        "rvdir": "newer",
        "rvlimit": str(_MOST_REVISIONS),
        "rctitle": key.title,
        "rcstart": write_second(key.second + 1),
        "rcdir": "newer",
        "rctype": EVERY_TYPE,
        "rclimit": "1",
        "list": "watchlist|recentchanges",
        "wlprop": "ids|title|timestamp|user|loginfo",
    }


def choose_mark(look: Look, second: int) -> Params:
    """The parameters that see the change and nothing of a later second.

    Where nothing came later the page is seen whole, as a mark that no change follows would count as
    unread for ever. `newerthanrevid` is best where it is safe: the wiki itself then looks for what
    comes next, so that a revision of this very moment stays pending. Everywhere else the next
    second is the mark.
    """
    change, page, later = look
    next_second = {"timestamp": write_second(second + 1)}
    if page is None:
        return next_second
    if later is None:
        return {} if page.missing else {"newerthanrevid": str(page.lastrevid)}
    are_revisions = {change.type, later.type} <= {"edit", "new"} and not page.missing
    if are_revisions and _ends_its_second(change, page):
        return {"newerthanrevid": str(change.revid)}
    return next_second


def _ends_its_second(change: wire.Change, page: wire.Page) -> bool:
    """Whether the revision is of this page, and the page's next one is of a later second."""
    in_second = [each.revid for each in page.revisions if each.timestamp == change.timestamp]
    is_cut_off = len(in_second) == _MOST_REVISIONS
    return bool(in_second) and change.revid == in_second[-1] and not is_cut_off
