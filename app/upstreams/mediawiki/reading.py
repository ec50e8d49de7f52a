"""A watchlist, read from anywhere in either direction, in whole seconds.

https://www.mediawiki.org/wiki/API:Watchlist
"""

from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import NamedTuple

from app.upstreams.http.answer_size import AnswerSize
from app.upstreams.http.refusals import bad_response
from app.upstreams.mediawiki import wire
from app.upstreams.mediawiki.rows import (
    NamedChange,
    keep_readable,
    name_changes,
    read_second,
    second_of,
    write_second,
)
from app.upstreams.mediawiki.session import Params
from resolvers.errors import UpstreamError
from resolvers.seam.chunk import Anchor, ChunkRequest, Direction, Scope, rows_beyond

LARGEST_CHUNK = 500
"""What a wiki gives at most to a user without `apihighlimits`."""

_SPARE = 10
"""Rows asked for beyond the limit: those of the anchor's own second come again."""

_PROPS = (
    "ids|title|flags|user|comment|parsedcomment|timestamp|sizes|notificationtimestamp|loginfo|tags"
)
EVERY_TYPE = "edit|new|log|categorize|external"
"""All that a change can be. Who does not name them is not told of those elsewhere (Wikidata)."""

_WATCHLIST = {"list": "watchlist", "wlprop": _PROPS, "wltype": EVERY_TYPE}
MOST_ROWS = 1000
"""Rows of one chunk; a second that has more is gone through by several."""

_MOST_OF_A_SECOND = 40
"""Answers of 500 changes of one second, which a bot made: 20,000."""


Query = Callable[[Params], Awaitable[wire.Answer]]


class Watchlist:
    """Of one user; `query` asks the wiki, whose address is `url`."""

    def __init__(self, url: str, query: Query) -> None:
        self._url = url
        self._query = query
        self._size = AnswerSize()

    async def read(self, request: ChunkRequest) -> "Listed":
        """The changes from the request's anchor on. Raises UpstreamError."""
        listed = await self._list(request)
        beyond = await self._beyond(listed.changes, request.anchor)
        if len(beyond) <= MOST_ROWS:
            return listed._replace(changes=beyond)
        is_up = request.anchor.direction is Direction.UP
        return listed._replace(
            changes=beyond[-MOST_ROWS:] if is_up else beyond[:MOST_ROWS], is_last=False
        )

    async def _list(self, request: ChunkRequest) -> "Listed":
        """The changes from the anchor's second on, in whole seconds.

        A second that the wiki's page of results cuts in two is left for the next chunk.
        """
        anchor, is_up = request.anchor, request.anchor.direction is Direction.UP
        limit = min(request.limit + _SPARE, LARGEST_CHUNK)
        params = {**_WATCHLIST, "wldir": "newer" if is_up else "older"}
        start = write_second(second_of(anchor.row)) if anchor.row else ""
        if start:
            params["wlstart"] = start
        changes: list[wire.Change] = []
        unreadable = 0
        for _ in range(_MOST_OF_A_SECOND):
            asked = {**params, **_shown(request.scope)}
            answer = await self._size.ask(limit, partial(self._query_rows, asked))
            sent = self._watchlist(answer)
            readable = keep_readable(sent)
            changes += readable
            unreadable += len(sent) - len(readable)
            if not answer.continuation:
                if unreadable and not changes and anchor.row is None:
                    raise self._cannot_read()
                return Listed(await _name(changes, is_up), unreadable, is_last=True)
            cut = self._second_of_continuation(answer)
            whole = [change for change in changes if change.timestamp != cut]
            if any(change.timestamp != start for change in whole):
                return Listed(await _name(whole, is_up), unreadable, is_last=False)
            params |= answer.continuation
            limit = LARGEST_CHUNK
        raise bad_response(
            self._url,
            "has more changes in one second than can be listed: ask for the latest of each page "
            "alone, or clear its watchlist.",
        )

    async def read_second(self, second: int) -> list[NamedChange]:
        """All changes of one second, seen or not."""
        params = of_second(second)
        answer = await self._query(params)
        self._watchlist(answer)
        return await name_changes(await read_on(self._query, params, answer))

    async def _query_rows(self, params: Params, limit: int) -> wire.Answer:
        return await self._query({**params, "wllimit": str(limit)})

    def _watchlist(self, answer: wire.Answer) -> Sequence[wire.Change | None]:
        """What the wiki listed; BAD_RESPONSE where that is no list."""
        watchlist = answer.query.watchlist
        if watchlist is None or len(watchlist) > 2 * LARGEST_CHUNK:
            raise self._cannot_read()
        return watchlist

    def _cannot_read(self) -> UpstreamError:
        return bad_response(self._url, "sent a watchlist that cannot be read: check its version.")

    async def _beyond(self, listed: Sequence[NamedChange], anchor: Anchor) -> Sequence[NamedChange]:
        """What of the list lies beyond the anchor's row.

        If the row is not pending any more, the whole of its second tells what stood before it.
        If it is gone from there too, all of that second counts as beyond.
        """
        if anchor.row is None:
            return listed
        rows = [change.row for change in listed]
        if anchor.row in rows:
            return rows_beyond(listed, rows.index(anchor.row), anchor)
        second = await self.read_second(second_of(anchor.row))
        rows = [change.row for change in second]
        if anchor.row not in rows:
            return listed
        past = Anchor(anchor.direction, anchor.row)
        beyond = {change.row for change in rows_beyond(second, rows.index(anchor.row), past)}
        before = set(rows) - beyond
        return [change for change in listed if change.row not in before]

    def _second_of_continuation(self, answer: wire.Answer) -> str:
        """The timestamp of the row that the next page of results begins with."""
        try:
            return write_second(read_second(answer.continuation["wlcontinue"].split("|")[0]))
        except (KeyError, ValueError):
            raise bad_response(
                self._url, "does not say where its list goes on: check its version."
            ) from None


def of_second(second: int) -> Params:
    """How to ask for all changes of one second."""
    at = write_second(second)
    return {
        **_WATCHLIST,
        "wlallrev": "1",
        "wllimit": str(LARGEST_CHUNK),
        "wlstart": at,
        "wlend": at,
    }


async def read_on(query: Query, params: Params, answer: wire.Answer) -> list[wire.Change]:
    """The changes of an answer to `params` and of those that follow it, as far as can be read.

    Raises UpstreamError.
    """
    changes = keep_readable(answer.query.watchlist or ())
    for _ in range(_MOST_OF_A_SECOND - 1):
        if "wlcontinue" not in answer.continuation:
            break
        answer = await query({**params, "wlcontinue": answer.continuation["wlcontinue"]})
        changes += keep_readable(answer.query.watchlist or ())
    return changes


class Listed(NamedTuple):
    """What one read of the watchlist gave, and how much of it could not be read."""

    changes: Sequence[NamedChange]
    unreadable: int
    is_last: bool


async def _name(changes: list[wire.Change], is_oldest_first: bool) -> list[NamedChange]:
    return await name_changes(changes[::-1] if is_oldest_first else changes)


def _shown(scope: Scope) -> dict[str, str]:
    """What narrows the list; without `wlallrev` a wiki lists only the newest of each page."""
    shown = {} if scope.include_seen else {"wlshow": "unread"}
    return shown if scope.latest_only else {**shown, "wlallrev": "1"}
