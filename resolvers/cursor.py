"""A cursor is a cut, one place in each inbox, as opaque text.

Layout, before base64url without padding:

    version (1 byte) · filter (4) · checksum (4), then for each inbox that has a place:
    inbox (6, a hash of its name) · marks (1) · the rows that the marks announce

A row is its length (1 byte) and its bytes. Rows that are equal are written once. The inboxes
are in no particular order and named by hash, so that one can be added, removed or moved in the
configuration and the cursor still means the same for the others.

The checksum finds damage, not forgery: a cursor holds nothing that its reader may not know, and
every row is checked by its upstream before it is used.
"""

import base64
import binascii
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property, lru_cache
from hashlib import blake2b
from zlib import crc32

from resolvers.chunk import TOP, Anchor, Direction, Place, Row
from resolvers.errors import BadCursor

Cut = Mapping[str, Place]
"""Inbox name to the place in it; an inbox that was never read has none."""

VERSION = 1
LONGEST = 16 * 1024
"""Characters of a cursor that are looked at; 200 inboxes of the longest rows fit."""
LONGEST_ROW = 255

_HASH = 6
_HEAD = 9


_ABOVE = 1
_BELOW = 2
_SAME = 4
_CHUNK_ROW = 8
_CHUNK_ROW_IS_ABOVE = 16
_CHUNK_UP = 32
_CHUNK_INCLUSIVE = 64
_OPEN = 128
"""Marks: which rows of a place are written, and what they say."""


def encode_cursor(cut: Cut, filter_digest: bytes) -> str:
    """The cut as a cursor; `filter_digest` is 4 bytes that tell one filter from another."""
    return CursorWriter(filter_digest).write(cut)


class CursorWriter:
    """Writes the cursors of one page: a place that stands in many of them is written once."""

    def __init__(self, filter_digest: bytes) -> None:
        self._head = bytes([VERSION]) + filter_digest
        self._written: dict[int, tuple[Place, bytes]] = {}

    def write(self, cut: Cut) -> str:
        """A cut as a cursor."""
        return _seal(self._head, self._encode_all(cut.items()))

    def of_run(
        self, inboxes: Sequence[str], places: Sequence[Place | None], index: int, chunk: Anchor
    ) -> "RunCursors":
        """The cursors of edges that differ in one row alone, that of the inbox at `index`."""

        def make_writer() -> EdgeWriter:
            all_places = [*zip(inboxes, places, strict=True)]
            before, after = all_places[:index], all_places[index + 1 :]
            own = _encode_inbox(inboxes[index])
            sides = self._encode_all(before) + own, self._encode_all(after)
            return _edge_writer(self._head, *sides, chunk)

        return RunCursors(make_writer)

    def _encode_all(self, places: Iterable[tuple[str, Place | None]]) -> bytes:
        return b"".join(
            _encode_inbox(name) + self._encode(place) for name, place in places if place is not None
        )

    def _encode(self, place: Place) -> bytes:
        known = self._written.get(id(place))
        if known is None:  # the place is kept beside its bytes: another one cannot get its id
            known = self._written[id(place)] = (place, _encode_place(place))
        return known[1]


class RunCursors:
    """What writes the cursors of a run's edges; it is made when the first is asked for."""

    def __init__(self, make_writer: Callable[[], "EdgeWriter"]) -> None:
        self._make_writer = make_writer

    @cached_property
    def writer(self) -> "EdgeWriter":
        """The same object wherever what the edges share is the same."""
        return self._make_writer()


class EdgeWriter:
    """Writes cursors of edges, as CursorWriter would: `before` and `after` are what they share."""

    def __init__(self, head: bytes, before: bytes, after: bytes, chunk: Anchor) -> None:
        self._head = head
        self._before = before
        self._after = after
        self._chunk = chunk
        self._sum = crc32(head)

    def write(self, row: Row) -> str:
        """The cursor of the edge of a row, which was seen in the run's chunk."""
        body = self._before + _encode_edge(self._chunk, row) + self._after
        checksum = crc32(body, self._sum).to_bytes(4, "big")  # of all, in the order of reading
        return _to_text(self._head + checksum + body)


_edge_writer = lru_cache(maxsize=1024)(EdgeWriter)


def _seal(head: bytes, body: bytes) -> str:
    return _to_text(head + _checksum(head + body) + body)


def decode_cursor(text: str, filter_digest: bytes, inboxes: Iterable[str]) -> Cut:
    """The cut that a cursor stands for, for the inboxes named; BadCursor for anything else.

    Places in inboxes that are not named (they were removed) are dropped.
    """
    data = _from_text(text)
    head, checksum, body = data[:5], data[5:_HEAD], data[_HEAD:]
    is_ours = len(data) >= _HEAD and head[0] == VERSION and checksum == _checksum(head + body)
    if not is_ours or head[1:] != filter_digest:
        raise BadCursor
    names = {_encode_inbox(name): name for name in inboxes}
    places = _decode_places(_Bytes(body))
    return {names[key]: place for key, place in places.items() if key in names}


@lru_cache(maxsize=1024)
def _encode_inbox(name: str) -> bytes:
    return blake2b(name.encode(), digest_size=_HASH).digest()


def _checksum(data: bytes) -> bytes:
    return crc32(data).to_bytes(4, "big")


def _to_text(data: bytes) -> str:
    return binascii.b2a_base64(data, newline=False).translate(_URL_SAFE, b"=").decode("ascii")


_URL_SAFE = bytes.maketrans(b"+/", b"-_")


def _from_text(text: str) -> bytes:
    if len(text) > LONGEST:
        raise BadCursor
    try:
        data = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        raise BadCursor from None
    if _to_text(data) != text:  # the last character has bits that decoding ignores
        raise BadCursor
    return data


def _encode_place(place: Place) -> bytes:
    marks, rows = 0, []
    if place.above is not None:
        marks |= _ABOVE
        rows.append(place.above)
    if place.below is not None and place.below == place.above:
        marks |= _SAME
    elif place.below is not None:
        marks |= _BELOW
        rows.append(place.below)
    chunk = place.chunk
    if chunk.row is not None and chunk.row == place.above:
        marks |= _CHUNK_ROW_IS_ABOVE
    elif chunk.row is not None:
        marks |= _CHUNK_ROW
        rows.append(chunk.row)
    if chunk.direction is Direction.UP:
        marks |= _CHUNK_UP
    if chunk.inclusive:
        marks |= _CHUNK_INCLUSIVE
    if place.is_open:
        marks |= _OPEN
    return bytes([marks]) + b"".join(bytes([len(row)]) + row for row in rows)


def _encode_edge(chunk: Anchor, row: Row) -> bytes:
    """As `_encode_place` of the place that has the row on both sides, in half the time."""
    if chunk is TOP or chunk == TOP:
        return b"%c%c%b" % (_ABOVE | _SAME, len(row), row)
    marks, more = _ABOVE | _SAME, b""
    if chunk.row is not None and chunk.row == row:
        marks |= _CHUNK_ROW_IS_ABOVE
    elif chunk.row is not None:
        marks |= _CHUNK_ROW
        more = bytes([len(chunk.row)]) + chunk.row
    if chunk.direction is Direction.UP:
        marks |= _CHUNK_UP
    if chunk.inclusive:
        marks |= _CHUNK_INCLUSIVE
    return bytes((marks, len(row))) + row + more


class _Bytes:
    """Bytes that are taken from the front; BadCursor where there are too few."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    def __bool__(self) -> bool:
        return self._at < len(self._data)

    def take(self, count: int) -> bytes:
        end = self._at + count
        if end > len(self._data):
            raise BadCursor
        taken = self._data[self._at : end]
        self._at = end
        return taken

    def take_row(self) -> Row:
        return self.take(self.take(1)[0])


def _decode_places(data: _Bytes) -> dict[bytes, Place]:
    places = {}
    while data:
        key = data.take(_HASH)
        places[key] = _decode_place(data)
    return places


def _decode_place(data: _Bytes) -> Place:
    marks = data.take(1)[0]
    above = data.take_row() if marks & _ABOVE else None
    below = above if marks & _SAME else None
    if marks & _BELOW:
        below = data.take_row()
    chunk_row = above if marks & _CHUNK_ROW_IS_ABOVE else None
    if marks & _CHUNK_ROW:
        chunk_row = data.take_row()
    direction = Direction.UP if marks & _CHUNK_UP else Direction.DOWN
    chunk = Anchor(direction, chunk_row, bool(marks & _CHUNK_INCLUSIVE))
    return Place(chunk, above, below, is_open=bool(marks & _OPEN))
