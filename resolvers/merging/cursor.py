"""A cursor is a cut, one place in each list, as opaque text.

Layout, before base64url without padding:

    version (1 byte) · filter (4) · checksum (4), then for each list that has a place:
    list (6, a hash of its name) · marks (1) · the rows that the marks announce

A row is its length (1 byte) and its bytes. Rows that are equal are written once. The lists
are in no particular order and named by hash, so that one can be added, removed or moved in the
configuration and the cursor still means the same for the others.

The checksum finds damage, not forgery: a cursor holds nothing that its reader may not know, and
every row is checked by its upstream before it is used.
"""

import base64
import binascii
from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import lru_cache
from hashlib import blake2b
from typing import NamedTuple
from zlib import crc32

from resolvers.errors import BadCursor
from resolvers.seam.chunk import TOP, Anchor, Direction, Place, Row

Cut = Mapping[str, Place]
"""The name of a list to the place in it; one that was never read has none."""

VERSION = 1
_OF_A_LIST = 120
"""Characters that a list takes at most: 80 with rows of the usual 9 to 12 bytes, and 117 with
three of 26, as GoToSocial has them."""
_OF_ALL = 32
LONGEST_ROW = 255

HASH = 6
_HEAD = 9
"""Bytes of the hash of a list's name, and of what stands before the first list."""


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
    return CursorWriter(filter_digest, [*cut]).write([*cut.values()])


class CursorWriter:
    """Writes the cursors of one page; a place that stands in many of them is written once."""

    def __init__(self, filter_digest: bytes, names: Sequence[str]) -> None:
        self._head = bytes([VERSION]) + filter_digest
        self._names = [encode_list(name) for name in names]
        self._places: list[Place | None] = [None] * len(names)
        self._written = [b""] * len(names)

    def write(self, places: Sequence[Place | None]) -> str:
        """The cursor of a cut: a place for each list, or None."""
        return seal_cursor(self._head, b"".join(self._write_all(places)))

    def of_run(self, places: Sequence[Place | None], index: int, chunk: Anchor) -> "RunCursors":
        """The cursors of edges that differ in one row alone, that of the list at `index`."""

        return RunCursors(self, places, index, chunk)

    def share(self, places: Sequence[Place | None], index: int, chunk: Anchor) -> "Shared":
        """What the cursors of these edges have in common."""
        written = self._write_all(places)
        before = b"".join(written[:index]) + self._names[index]
        return Shared(self._head, before, b"".join(written[index + 1 :]), chunk)

    def _write_all(self, places: Sequence[Place | None]) -> Sequence[bytes]:
        """All places as they are written; of one run to the next nearly all are the same."""
        written = self._written
        for index, (place, last) in enumerate(zip(places, self._places, strict=True)):
            if place is not last:
                written[index] = self._names[index] + encode_place(place) if place else b""
        self._places = [*places]
        return written


class Shared(NamedTuple):
    """What the cursors of a run's edges have in common."""

    head: bytes
    before: bytes
    after: bytes
    chunk: Anchor

    def write(self, row: Row) -> str:
        """The cursor of the edge of a row, which was seen in the run's chunk."""
        return seal_cursor(self.head, self.before + _encode_edge(self.chunk, row) + self.after)


class RunCursors:
    """What writes the cursors of a run's edges; it is made when the first is asked for."""

    __slots__ = ("_run", "_shared", "_writer")

    def __init__(
        self, writer: CursorWriter, places: Sequence[Place | None], index: int, chunk: Anchor
    ) -> None:
        self._writer = writer
        self._run = places, index, chunk
        self._shared: Shared | None = None

    @property
    def shared(self) -> Shared:
        """What they have in common."""
        if self._shared is None:
            self._shared = self._writer.share(*self._run)
        return self._shared


def longest_cursor(lists: int) -> int:
    """Characters of the cursor of a page over so many lists; longer ones are not looked at."""
    return _OF_ALL + lists * _OF_A_LIST


def seal_cursor(head: bytes, body: bytes) -> str:
    """A cursor of its version and filter, and of what it says of lists."""
    return _to_text(head + _checksum(head + body) + body)


def open_cursor(
    text: str, filter_digest: bytes, versions: Collection[int], longest: int
) -> tuple[int, "CursorBytes"]:
    """Which of the versions a cursor has, and what it says of lists; BadCursor for any other, and
    for one of more than `longest` characters.
    """
    data = _from_text(text, longest)
    head, checksum, body = data[:5], data[5:_HEAD], data[_HEAD:]
    is_whole = len(data) >= _HEAD and checksum == _checksum(head + body)
    if not is_whole or head[0] not in versions or head[1:] != filter_digest:
        raise BadCursor
    return head[0], CursorBytes(body)


def decode_cursor(
    text: str, filter_digest: bytes, names: Iterable[str], longest: int = longest_cursor(200)
) -> Cut:
    """The cut that a cursor stands for, for the lists named; BadCursor for anything else.

    Places in lists that are not named (they were removed) are dropped.
    """
    _, body = open_cursor(text, filter_digest, {VERSION}, longest)
    return decode_places(body, names)


@lru_cache(maxsize=1024)
def encode_list(name: str) -> bytes:
    """What a cursor names a list by."""
    return blake2b(name.encode(), digest_size=HASH).digest()


def _checksum(data: bytes) -> bytes:
    """What finds damage in the other bytes of a cursor."""
    return crc32(data).to_bytes(4, "big")


def _to_text(data: bytes) -> str:
    """Bytes as a cursor is written."""
    return binascii.b2a_base64(data, newline=False).translate(_URL_SAFE, b"=").decode("ascii")


_URL_SAFE = bytes.maketrans(b"+/", b"-_")


def _from_text(text: str, longest: int) -> bytes:
    """The bytes of a cursor; BadCursor for text that `_to_text` cannot have made."""
    if len(text) > longest:
        raise BadCursor
    try:
        data = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        raise BadCursor from None
    if _to_text(data) != text:  # the last character has bits that decoding ignores
        raise BadCursor
    return data


def encode_place(place: Place) -> bytes:
    """A place: its marks, and the rows that they announce."""
    chunk, above, below, is_open = place
    marks, chunk_row = _encode_chunk(chunk, above)
    if is_open:
        marks |= _OPEN
    if above is None:
        if below is None:
            return b"%c%b" % (marks, chunk_row)
        return b"%c%c%b%b" % (marks | _BELOW, len(below), below, chunk_row)
    if below is None:
        return b"%c%c%b%b" % (marks | _ABOVE, len(above), above, chunk_row)
    if below == above:
        return b"%c%c%b%b" % (marks | _ABOVE | _SAME, len(above), above, chunk_row)
    rows = (len(above), above, len(below), below)
    return b"%c%c%b%c%b%b" % (marks | _ABOVE | _BELOW, *rows, chunk_row)


def _encode_edge(chunk: Anchor, row: Row) -> bytes:
    """As `encode_place` of the place that has the row on both sides."""
    marks, chunk_row = _encode_chunk(chunk, row)
    return b"%c%c%b%b" % (marks | _ABOVE | _SAME, len(row), row, chunk_row)


def _encode_chunk(chunk: Anchor, above: Row | None) -> tuple[int, bytes]:
    """The marks of a place's chunk, and its row where that is not the row above."""
    if chunk is TOP:  # as nearly all are
        return 0, b""
    marks = _CHUNK_UP if chunk.direction is Direction.UP else 0
    if chunk.inclusive:
        marks |= _CHUNK_INCLUSIVE
    if chunk.row is None:
        return marks, b""
    if chunk.row == above:
        return marks | _CHUNK_ROW_IS_ABOVE, b""
    return marks | _CHUNK_ROW, b"%c%b" % (len(chunk.row), chunk.row)


class CursorBytes:
    """Bytes that are taken from the front; BadCursor where there are too few."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    def __bool__(self) -> bool:
        return self._at < len(self._data)

    def take(self, count: int) -> bytes:
        """The next bytes, so many."""
        end = self._at + count
        if end > len(self._data):
            raise BadCursor
        taken = self._data[self._at : end]
        self._at = end
        return taken

    def take_row(self) -> Row:
        """The next row, after its length."""
        return self.take(self.take(1)[0])


def decode_places(data: CursorBytes, names: Iterable[str]) -> Cut:
    """What a page's cursor says of the lists named. Raises BadCursor."""
    known = {encode_list(name): name for name in names}
    places = {}
    while data:
        key, place = data.take(HASH), decode_place(data)
        if key in known:
            places[known[key]] = place
    return places


def decode_place(data: CursorBytes) -> Place:
    """The place that comes next. Raises BadCursor."""
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
