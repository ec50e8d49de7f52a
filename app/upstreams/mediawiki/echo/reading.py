"""Echo's list, read from anywhere in either direction.

The API goes down alone, from any place; what lies above one is found by going down from instants
above it. https://www.mediawiki.org/wiki/Notifications/API
"""

from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import NamedTuple

from app.upstreams.http.answer_size import AnswerSize
from app.upstreams.http.refusals import bad_response, unsupported
from app.upstreams.mediawiki.echo import wire
from app.upstreams.mediawiki.echo.places import EchoPlace, parse_place, place_of
from app.upstreams.mediawiki.echo.searching import Search
from app.upstreams.mediawiki.rows import read_second
from app.upstreams.mediawiki.session import Params
from resolvers.seam.chunk import Anchor, ChunkRequest, Direction, Scope

LARGEST_CHUNK = 50
LARGEST_WITH_HIGH_LIMITS = 500
"""What a wiki gives at most, and to a user with the right `apihighlimits`."""
MOST_EMPTY = 10
"""Answers in a row without anything that can be rendered: such rows are left out by the wiki after
it has counted them."""
MOST_FROM_THE_TOP = 10
"""Answers that are gone through before a place further down is searched for."""
MOST_ROWS = 1000
"""Of one chunk that is read upwards, where the wiki gives so many at once."""
MOST_REQUESTS = 40
"""For one chunk that is read upwards."""

LIST = {"meta": "notifications", "notprop": "list", "notformat": "model"}
PENDING = {"notfilter": "!read"}

Ask = Callable[[Params], Awaitable[wire.Notifications]]
"""Asks the wiki. Raises UpstreamError."""


class PlacedRow(NamedTuple):
    """A row, and where it stands."""

    place: EchoPlace
    row: wire.Row


class EchoRows(NamedTuple):
    """Rows without a gap, newest first, and how many more could not be read."""

    rows: Sequence[PlacedRow]
    unreadable: int
    is_last: bool


class _Answer(NamedTuple):
    """Rows from a place down, and where the next ones are; None at the end."""

    rows: Sequence[PlacedRow]
    unreadable: int
    next: EchoPlace | None


class EchoList:
    """Of one user at the wiki with this address; `largest` is how many rows it gives at once."""

    def __init__(self, url: str, ask: Ask, largest: Callable[[], int]) -> None:
        self._url = url
        self._ask = ask
        self._largest = largest
        self._size = AnswerSize()

    async def read(self, request: ChunkRequest) -> EchoRows:
        """The rows from the request's anchor on. Raises UpstreamError."""
        if request.anchor.direction is Direction.UP:
            return await self._read_up(request)
        return await self._read_down(_beginning(request.anchor), request)

    async def _read_down(self, start: EchoPlace | None, request: ChunkRequest) -> EchoRows:
        """Goes on until there is a row: what cannot be rendered is no end."""
        unreadable = 0
        for _ in range(MOST_EMPTY):
            answer = await self._list(start, request.scope, request.limit)
            unreadable += answer.unreadable
            if answer.rows or answer.next is None:
                return EchoRows(answer.rows, unreadable, is_last=answer.next is None)
            start = answer.next
        raise bad_response(
            self._url, "has too many notifications in a row that it cannot show: look at it there."
        )

    async def _read_up(self, request: ChunkRequest) -> EchoRows:
        """From the top, if the anchor is near, or else by a search for what is just above it."""
        place = _end_of_reading_up(request.anchor)
        rows: list[PlacedRow] = []
        start, unreadable = None, 0
        for _ in range(MOST_FROM_THE_TOP):
            answer = await self._list(start, request.scope, self._largest())
            rows += answer.rows
            unreadable += answer.unreadable
            above = _above(rows, place)
            if answer.next is None or len(above) < len(rows) or answer.next <= place:
                is_last = len(above) <= MOST_ROWS
                return EchoRows(above[-MOST_ROWS:], unreadable, is_last)
            start = answer.next
        assert start is not None  # there was more each time
        seen_from = answer.rows[0].place if answer.rows else start
        search = Search(place, start, seen_from)
        return await self._search(place, search, request.scope)

    async def _search(self, place: EchoPlace, search: Search, scope: Scope) -> EchoRows:
        """What is just above a place that lies far below all that was seen. UpstreamError."""
        for _ in range(MOST_REQUESTS - MOST_FROM_THE_TOP):
            start = search.next_try()
            answer = await self._list(start, scope, self._largest())
            above = _above(answer.rows, place)
            reaches = answer.next is None or answer.next <= place or len(above) < len(answer.rows)
            if reaches and above:
                return EchoRows(above, answer.unreadable, is_last=False)
            if reaches:
                search.note_too_low(start)
            else:
                assert answer.next is not None  # or it would reach
                search.note_too_high(start, answer.next)
        raise unsupported(
            self._url,
            "has too many notifications to find what is above this one: begin at the top.",
        )

    async def _list(self, start: EchoPlace | None, scope: Scope, limit: int) -> _Answer:
        """One answer: rows from a place down, or from the top."""
        asked = {**LIST, **({} if scope.include_seen else PENDING)}
        if start is not None:
            asked["notcontinue"] = str(start)
        sent = await self._size.ask(min(limit, self._largest()), partial(self._query, asked))
        placed = [_place(each) for each in sent.rows]
        rows = {each.place: each for each in placed if each is not None}
        kept = [each for place, each in rows.items() if start is None or place <= start]
        kept.sort(key=lambda each: each.place, reverse=True)
        following = self._read_continuation(sent, start)
        return _Answer(kept, sum(each is None for each in placed), following)

    async def _query(self, params: Params, limit: int) -> wire.Notifications:
        return await self._ask({**params, "notlimit": str(limit)})

    def _read_continuation(
        self, sent: wire.Notifications, start: EchoPlace | None
    ) -> EchoPlace | None:
        """Where the next page begins, which is further down: else it would go round for ever."""
        if sent.continuation is None:
            return None
        place = parse_place(sent.continuation)
        if place is None or (start is not None and place >= start):
            raise bad_response(
                self._url, "does not say where its notifications go on: check Echo's version."
            )
        return place


def _beginning(anchor: Anchor) -> EchoPlace | None:
    """From where on an answer holds what lies below an anchor; its own row costs none of them."""
    if anchor.row is None:
        return None
    place = place_of(anchor.row)
    return place if anchor.inclusive else place.below


def _end_of_reading_up(anchor: Anchor) -> EchoPlace:
    """Above this place lies all that is wanted."""
    if anchor.row is None:
        return EchoPlace(0, 0)
    place = place_of(anchor.row)
    return place.below if anchor.inclusive else place


def _above(rows: Sequence[PlacedRow], place: EchoPlace) -> list[PlacedRow]:
    return [each for each in rows if each.place > place]


def _place(row: wire.Row | None) -> PlacedRow | None:
    """Where a row stands; None for one that cannot be read."""
    try:
        second = read_second(row.timestamp.utciso8601) if row is not None else 0
    except (ValueError, OverflowError):
        return None
    place = parse_place(f"{second}|{row.id}") if row is not None else None
    return PlacedRow(place, row) if row is not None and place is not None else None
