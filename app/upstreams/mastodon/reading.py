"""The list of one login at a Mastodon-API server, read from anywhere in either direction.

https://docs.joinmastodon.org/methods/notifications/#get
"""

import asyncio
import re
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from functools import partial
from http import HTTPStatus
from urllib.parse import quote

from app.clock import Clock
from app.upstreams.http.answer_size import AnswerSize, AnswerTooLarge
from app.upstreams.http.client import Pairs
from app.upstreams.http.reply import Reply
from app.upstreams.http.status import bad_response, left_out, unsupported
from app.upstreams.mastodon import wire
from app.upstreams.mastodon.api import MastodonApi
from app.upstreams.mastodon.decoding import RowDecoder
from app.upstreams.mastodon.links import read_links
from app.upstreams.mastodon.rows import (
    decode_row,
    encode_row,
    id_above,
    is_id,
    is_timed,
    order_of,
)
from app.upstreams.mastodon.software import Software
from app.upstreams.mastodon.writes import LIST, says_gone
from resolvers.seam.chunk import TOP, Anchor, Chunk, ChunkRequest, Direction, rows_beyond
from resolvers.seam.login import UnreadTally
from resolvers.types.mastodon import MastodonNotification

LARGEST_CHUNK = 80
"""What Mastodon gives at most; every server takes a larger number for its own most."""

MOST_ROWS = 1000
"""Rows of one answer that are looked at: some servers give all there are, whatever is asked."""

LOWEST_ID = "0"
"""Below every ID, compared as a number or as text."""

MOST_SCANNED = 10
"""Answers read from the top, where a server cannot be asked for what is above a row."""

MOST_CUT = 20
"""The same where a list comes all at once, but has to be cut to be readable."""

MOST_EMPTY = 5
"""Answers without a row after which the end is taken for granted."""

_FIRST_ID = re.compile(rb'\s*\[\s*\{\s*"id"\s*:\s*"?([!#-\[\]-~]{1,200})["\s,]')
"""Of the first row of a list, as nearly all servers write it."""

AskSoftware = Callable[[], Awaitable[Software]]


class MastodonList:
    """Reads chunks and single notifications. `ask_software` never raises."""

    def __init__(
        self, api: MastodonApi, decoder: RowDecoder, clock: Clock, ask_software: AskSoftware
    ) -> None:
        self._api = api
        self._decoder = decoder
        self._clock = clock
        self._ask_software = ask_software
        self._size = AnswerSize()

    async def read(self, request: ChunkRequest) -> Chunk:
        """The rows from the request's anchor on. Raises UpstreamError."""
        anchor = request.anchor
        if anchor != TOP:
            software = await self._ask_software()
            is_up = anchor.direction is Direction.UP
            if software.lists_all_at_once or (is_up and not software.pages_upwards):
                return await self._scan(anchor, software)
        return await self._list_at(anchor, request.limit)

    async def find(self, database_id: str) -> MastodonNotification | None:
        """The notification with this ID; None where there is none. Raises UpstreamError."""
        software = await self._ask_software()
        if software.numbers_rows and not database_id.isdecimal():  # Takahe would answer 500
            return None
        return await self._find(database_id, software)

    async def count_newer(self, read_to: str | None) -> UnreadTally:
        """The newest that are newer than an ID, as far as one answer goes."""
        software = await self._ask_software()
        was_bound = self._size.is_bound
        chunk = await self._list(TOP, [], LARGEST_CHUNK)
        rows = _rows(chunk)
        newer = [
            row for row in rows if read_to is None or order_of(row.database_id) > order_of(read_to)
        ]
        is_bound = (was_bound or self._size.is_bound) and not chunk.is_last
        is_full = len(rows) >= software.largest_chunk and not software.lists_all_at_once
        return UnreadTally(len(newer), is_capped=len(newer) == len(rows) and (is_bound or is_full))

    async def _find(self, database_id: str, software: Software) -> MastodonNotification | None:
        if software.shows_one is not False:
            reply = await self._api.get(f"{LIST}/{quote(database_id, safe='')}")
            if reply.status != HTTPStatus.NOT_FOUND and not says_gone(reply, software):
                return self._map_one(self._api.decode(reply, wire.Notification))
            if software.shows_one:
                return None
        return await self._find_in_list(database_id)

    async def _find_in_list(self, database_id: str) -> MastodonNotification | None:
        """Where a server shows no single notification: the first of those from its ID on.

        An ID without a successor is looked for among the newest.
        """
        at = Anchor(Direction.DOWN, encode_row(database_id), inclusive=True)
        if id_above(database_id) is None:
            at = TOP
        rows = _rows(await self.read(ChunkRequest(at, LARGEST_CHUNK)))
        return next((row for row in rows if row.database_id == database_id), None)

    async def _list_at(self, anchor: Anchor, limit: int) -> Chunk:
        """What lies at an anchor, by the parameter that asks for it."""
        if anchor == TOP:
            return await self._list(anchor, [], limit)
        if anchor.row is None:
            return await self._list(anchor, [("min_id", LOWEST_ID)], limit)
        database_id = decode_row(anchor.row)
        if is_timed(database_id) and anchor.direction is Direction.DOWN:
            return await self._list_from_time(anchor, database_id, limit)
        if anchor.inclusive:
            return await self._list_from(anchor, database_id, limit)
        return await self._list(anchor, [_bound(anchor.direction, database_id)], limit)

    async def _list_from(self, anchor: Anchor, database_id: str, limit: int) -> Chunk:
        """From a row on, the row itself being the first."""
        is_up = anchor.direction is Direction.UP
        if database_id.isdecimal():  # then the row before it has a name, though it need not exist
            number = max(0, int(database_id) - 1) if is_up else int(database_id) + 1
            return await self._list(anchor, [_bound(anchor.direction, str(number))], limit)
        beyond, at = await asyncio.gather(
            self._list(anchor, [_bound(anchor.direction, database_id)], limit),
            self.find(database_id),
        )
        if at is None:  # it is gone, so reading begins just past it
            return beyond
        return replace(beyond, rows=[*beyond.rows, at] if is_up else [at, *beyond.rows])

    async def _list_from_time(self, anchor: Anchor, database_id: str, limit: int) -> Chunk:
        """Downwards where IDs are compared by their time alone: those of its own are asked too.

        They come first, and more rows are asked for until one is seen that lies beyond the anchor.
        """
        around = [("max_id", id_above(database_id) or database_id)]
        wanted, seen = limit + 1, 0
        while True:
            chunk = await self._list(anchor, around, wanted)
            rows = _beyond(_rows(chunk), anchor)
            if rows or chunk.is_last:
                return replace(chunk, rows=rows)
            if len(chunk.rows) <= seen:
                break
            seen = len(chunk.rows)
            wanted = max(wanted, 2 * seen)
            self._size.try_for(2 * seen)
        below = await self._list(anchor, [_bound(anchor.direction, database_id)], limit)
        return replace(below, flaw=below.flaw or bad_response(self._api.url, _TOO_CLOSE))

    async def _scan(self, anchor: Anchor, software: Software) -> Chunk:
        """What lies beyond a row, read from the top on. UNSUPPORTED where that is too far."""
        rows: list[MastodonNotification] = []
        below, flaw = TOP, None
        for _ in range(MOST_CUT if software.lists_all_at_once else MOST_SCANNED):
            was_bound = self._size.is_bound
            chunk = await self._list_at(below, LARGEST_CHUNK)
            rows += _rows(chunk)
            flaw = flaw or chunk.flaw
            is_whole = software.lists_all_at_once and not (was_bound or self._size.is_bound)
            is_last = chunk.is_last or is_whole or _has_passed(rows, anchor)
            found = _beyond(rows, anchor)
            if is_last or (found and anchor.direction is Direction.DOWN):
                return replace(chunk, anchor=anchor, rows=found, is_last=is_last, flaw=flaw)
            below = Anchor(Direction.DOWN, rows[-1].row)
        raise unsupported(
            self._api.url, "cannot be asked for what is newer than something this far down."
        )

    async def _list(self, anchor: Anchor, where: Pairs, limit: int) -> Chunk:
        """One answer or, where nothing of it can be shown, the next that has something.

        GoToSocial may filter all rows of an answer away; others may not be readable. BAD_RESPONSE
        where that is so from the very beginning.
        """
        unreadable, too_large, is_up = 0, None, anchor.direction is Direction.UP
        for _ in range(MOST_EMPTY):
            try:
                reply = await self._size.ask(min(limit, LARGEST_CHUNK), partial(self._ask, where))
            except AnswerTooLarge as error:
                where, too_large = [self._past_first(error, where, anchor.direction)], error
                unreadable += 1
                continue
            too_large = None
            texts = self._api.decode(reply, wire.NotificationTexts)
            is_cut = len(texts) > MOST_ROWS
            if is_cut:  # those next to the anchor are kept, and the next chunk has more
                texts = texts[-MOST_ROWS:] if is_up else texts[:MOST_ROWS]
            sent = self._decoder.decode(texts)
            links = read_links(reply)
            following = links.get("prev" if is_up else "next")
            rows = sent.rows
            unreadable += sent.unreadable
            if where and rows and ("max_id", rows[0].database_id) == where[-1]:
                raise bad_response(self._api.url, "does not go on where it was asked to.")
            further = following or _beyond_last(sent.ids, anchor.direction)
            if rows or further is None or [further] == where:
                break
            where = [further]
        if too_large is not None:
            raise too_large
        if unreadable and not rows and anchor.row is None:
            raise bad_response(self._api.url, _UNREADABLE)
        return Chunk(
            anchor=anchor,
            rows=rows,
            # without a Link (snac), or with a proxy's own, only an empty page is the end
            is_last=not rows or (bool(links) and following is None and not is_cut),
            fetched_at=self._clock.now(),
            flaw=left_out(self._api.url, unreadable),
        )

    async def _ask(self, where: Pairs, limit: int) -> Reply:
        return await self._api.get(LIST, [("limit", str(limit)), *where])

    def _past_first(
        self, error: AnswerTooLarge, where: Pairs, direction: Direction
    ) -> tuple[str, str]:
        """How to ask for what lies beyond a row that is too large; its ID is how it begins."""
        first = _FIRST_ID.match(error.reply.body)
        links = read_links(error.reply)
        past = links.get("prev" if direction is Direction.UP else "next")
        if first is not None and is_id(first[1].decode("latin-1")):
            past = _bound(direction, first[1].decode("latin-1"))
        if past is None or [past] == where:
            raise error
        return past

    def _map_one(self, row: wire.Notification) -> MastodonNotification:
        mapped = self._decoder.map(row, {})
        if mapped is None:
            raise bad_response(self._api.url, _UNREADABLE)
        return mapped


_UNREADABLE = "sent a notification whose ID or date cannot be read."
_TOO_CLOSE = (
    "has notifications of one instant that are too many or too large to be read together: "
    "some of them may be left out."
)


def _rows(chunk: Chunk) -> list[MastodonNotification]:
    return [row for row in chunk.rows if isinstance(row, MastodonNotification)]


def _beyond(rows: Sequence[MastodonNotification], anchor: Anchor) -> Sequence[MastodonNotification]:
    """Of rows around an anchor those on its side, also where its own row is gone."""
    if anchor.row is None:
        return rows
    database_id = decode_row(anchor.row)
    ids = [row.database_id for row in rows]
    if database_id in ids:
        return rows_beyond(rows, ids.index(database_id), anchor)
    is_down, here = anchor.direction is Direction.DOWN, order_of(database_id)
    return [row for row in rows if (order_of(row.database_id) < here) is is_down]


def _has_passed(rows: Sequence[MastodonNotification], anchor: Anchor) -> bool:
    """Whether rows read from the top on hold all that is above an anchor."""
    if anchor.row is None or anchor.direction is Direction.DOWN:
        return False
    return order_of(rows[-1].database_id) <= order_of(decode_row(anchor.row))


def _beyond_last(ids: Sequence[str], direction: Direction) -> tuple[str, str] | None:
    """How to ask for what comes after rows of which at least an ID can be read."""
    if not ids:
        return None
    return _bound(direction, ids[0] if direction is Direction.UP else ids[-1])


def _bound(direction: Direction, database_id: str) -> tuple[str, str]:
    """The parameter that asks for what lies beyond an ID, the row itself left out."""
    return ("min_id" if direction is Direction.UP else "max_id", database_id)
