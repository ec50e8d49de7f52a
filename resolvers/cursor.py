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
from collections.abc import Iterable, Mapping
from enum import IntFlag
from hashlib import blake2b

from resolvers.chunk import Anchor, Direction, Place, Row
from resolvers.errors import BadCursor

Cut = Mapping[str, Place]
"""Inbox name to the place in it; an inbox that was never read has none."""

VERSION = 1
LONGEST = 16 * 1024
"""Characters of a cursor that are looked at; 200 inboxes of the longest rows fit."""
LONGEST_ROW = 255

_HASH = 6
_HEAD = 9


class _Mark(IntFlag):
    """Which rows of a place are written, and what they say."""

    ABOVE = 1
    BELOW = 2
    SAME = 4
    CHUNK_ROW = 8
    CHUNK_ROW_IS_ABOVE = 16
    CHUNK_UP = 32
    CHUNK_INCLUSIVE = 64
    OPEN = 128


def encode_cursor(cut: Cut, filter_digest: bytes) -> str:
    """The cut as a cursor; `filter_digest` is 4 bytes that tell one filter from another."""
    body = b"".join(_encode_inbox(name) + _encode_place(place) for name, place in cut.items())
    head = bytes([VERSION]) + filter_digest
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


def _encode_inbox(name: str) -> bytes:
    return blake2b(name.encode(), digest_size=_HASH).digest()


def _checksum(data: bytes) -> bytes:
    return blake2b(data, digest_size=4).digest()


def _to_text(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


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
    marks, rows = _Mark(0), []
    if place.above is not None:
        marks |= _Mark.ABOVE
        rows.append(place.above)
    if place.below is not None and place.below == place.above:
        marks |= _Mark.SAME
    elif place.below is not None:
        marks |= _Mark.BELOW
        rows.append(place.below)
    chunk = place.chunk
    if chunk.row is not None and chunk.row == place.above:
        marks |= _Mark.CHUNK_ROW_IS_ABOVE
    elif chunk.row is not None:
        marks |= _Mark.CHUNK_ROW
        rows.append(chunk.row)
    if chunk.direction is Direction.UP:
        marks |= _Mark.CHUNK_UP
    if chunk.inclusive:
        marks |= _Mark.CHUNK_INCLUSIVE
    if place.is_open:
        marks |= _Mark.OPEN
    return bytes([marks]) + b"".join(bytes([len(row)]) + row for row in rows)


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
    marks = _Mark(data.take(1)[0])
    above = data.take_row() if _Mark.ABOVE in marks else None
    below = above if _Mark.SAME in marks else None
    if _Mark.BELOW in marks:
        below = data.take_row()
    chunk_row = above if _Mark.CHUNK_ROW_IS_ABOVE in marks else None
    if _Mark.CHUNK_ROW in marks:
        chunk_row = data.take_row()
    direction = Direction.UP if _Mark.CHUNK_UP in marks else Direction.DOWN
    chunk = Anchor(direction, chunk_row, _Mark.CHUNK_INCLUSIVE in marks)
    return Place(chunk, above, below, is_open=_Mark.OPEN in marks)
