"""The list of one login at a Mastodon-API server, read from anywhere in either direction.

https://docs.joinmastodon.org/methods/notifications/#get
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from http import HTTPStatus
from urllib.parse import quote

from app.clock import Clock
from app.upstreams.http.client import Pairs
from app.upstreams.http.refusals import bad_response, unsupported
from app.upstreams.mastodon import wire
from app.upstreams.mastodon.api import LIST, MastodonApi
from app.upstreams.mastodon.decoding import RowDecoder
from app.upstreams.mastodon.paging import (
    FALLBACKS,
    LARGEST_CHUNK,
    LOWEST_ID,
    UNREADABLE,
    MastodonPaging,
    bound_at,
)
from app.upstreams.mastodon.rows import (
    decode_row,
    encode_row,
    id_above,
    is_id,
    is_timed,
    order_of,
)
from app.upstreams.mastodon.software import Software
from app.upstreams.mastodon.writes import says_gone
from app.upstreams.reading.values import read_instant
from resolvers.seam.chunk import TOP, Anchor, Chunk, ChunkRequest, Direction, rows_beyond
from resolvers.seam.login import UnreadTally
from resolvers.types.mastodon import MastodonNotification

MOST_SCANNED = 10
"""Answers read from the top, where a server cannot be asked for what is above a row."""

MOST_CUT = 20
"""The same where a list comes all at once, but has to be cut to be readable."""

AskSoftware = Callable[[], Awaitable[Software]]


class MastodonList:
    """Reads chunks and single notifications. `ask_software` never raises.

    `listed` are parameters that say what is listed at all.
    """

    def __init__(
        self,
        api: MastodonApi,
        decoder: RowDecoder,
        clock: Clock,
        ask_software: AskSoftware,
        listed: Pairs = (),
    ) -> None:
        self._api = api
        self._decoder = decoder
        self._clock = clock
        self._ask_software = ask_software
        self._paging = MastodonPaging(api, decoder, clock, ask_software, listed)

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
        was_bound = self._paging.size.is_bound
        chunk = await self._paging.list(TOP, [], LARGEST_CHUNK)
        rows = _rows(chunk)
        newer = [
            row for row in rows if read_to is None or order_of(row.database_id) > order_of(read_to)
        ]
        is_bound = (was_bound or self._paging.size.is_bound) and not chunk.is_last
        is_full = len(rows) >= software.largest_chunk and not software.lists_all_at_once
        return UnreadTally(len(newer), is_capped=len(newer) == len(rows) and (is_bound or is_full))

    async def _find(self, database_id: str, software: Software) -> MastodonNotification | None:
        if software.shows_one is not False:
            fallbacks = FALLBACKS if software.tells_fallbacks else ()
            reply = await self._api.get(f"{LIST}/{quote(database_id, safe='')}", fallbacks)
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
            return await self._paging.list(anchor, [], limit)
        if anchor.row is None:
            return await self._paging.list(anchor, [("min_id", LOWEST_ID)], limit)
        database_id = decode_row(anchor.row)
        if is_timed(database_id) and anchor.direction is Direction.DOWN:
            return await self._list_from_time(anchor, database_id, limit)
        if anchor.inclusive:
            return await self._list_from(anchor, database_id, limit)
        return await self._paging.list(anchor, [bound_at(anchor.direction, database_id)], limit)

    async def _list_from(self, anchor: Anchor, database_id: str, limit: int) -> Chunk:
        """From a row on, the row itself being the first."""
        is_up = anchor.direction is Direction.UP
        if database_id.isdecimal():  # then the row before it has a name, though it need not exist
            number = max(0, int(database_id) - 1) if is_up else int(database_id) + 1
            return await self._paging.list(anchor, [bound_at(anchor.direction, str(number))], limit)
        beyond, at = await asyncio.gather(
            self._paging.list(anchor, [bound_at(anchor.direction, database_id)], limit),
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
            chunk = await self._paging.list(anchor, around, wanted)
            rows = _beyond(_rows(chunk), anchor)
            if rows or chunk.is_last:
                return replace(chunk, rows=rows)
            if len(chunk.rows) <= seen:
                break
            seen = len(chunk.rows)
            wanted = max(wanted, 2 * seen)
            self._paging.size.try_for(2 * seen)
        below = await self._paging.list(anchor, [bound_at(anchor.direction, database_id)], limit)
        return replace(below, flaw=below.flaw or bad_response(self._api.url, _TOO_CLOSE))

    async def _scan(self, anchor: Anchor, software: Software) -> Chunk:
        """What lies beyond a row, read from the top on. UNSUPPORTED where that is too far."""
        rows: list[MastodonNotification] = []
        below, flaw = TOP, None
        for _ in range(MOST_CUT if software.lists_all_at_once else MOST_SCANNED):
            was_bound = self._paging.size.is_bound
            chunk = await self._list_at(below, LARGEST_CHUNK)
            rows += _rows(chunk)
            flaw = flaw or chunk.flaw
            is_whole = software.lists_all_at_once and not (was_bound or self._paging.size.is_bound)
            is_last = chunk.is_last or is_whole or _has_passed(rows, anchor)
            found = _beyond(rows, anchor)
            if is_last or (found and anchor.direction is Direction.DOWN):
                return replace(chunk, anchor=anchor, rows=found, is_last=is_last, flaw=flaw)
            below = Anchor(Direction.DOWN, rows[-1].row)
        raise unsupported(
            self._api.url,
            "cannot be asked for what is newer than something this far down: begin at the top.",
        )

    def _map_one(self, row: wire.Notification) -> MastodonNotification:
        if not is_id(row.id):
            raise bad_response(self._api.url, UNREADABLE)
        return self._decoder.map(row, {}, read_instant(row.created_at))


_TOO_CLOSE = (
    "has notifications of one instant that are too many or too large to be read together: "
    "some of them may be left out. Look at them there."
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
