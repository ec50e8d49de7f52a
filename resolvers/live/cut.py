"""Where a subscriber stands in each list, and that as a cursor.

A live cut lags: rows are born behind the newest one, as wikis write some by jobs, with the time of
what they are about. So it stands below every row that is young, and names those above it that were
sent. It also knows up to where the login's write log was told.

Layout, before base64url without padding: version (1 byte) · filter (4) · checksum (4), then for
each list: list (6) · its place as in a page's cursor · the token (its length, 1, and its bytes) ·
how many rows are named (1) · their hashes (4 each).
"""

from collections.abc import Iterable, Mapping, Sequence, Set
from hashlib import blake2b
from typing import NamedTuple

from resolvers.errors import BadCursor
from resolvers.merging.cursor import (
    HASH,
    VERSION,
    CursorBytes,
    decode_place,
    decode_places,
    encode_list,
    encode_place,
    longest_cursor,
    open_cursor,
    seal_cursor,
)
from resolvers.seam.chunk import TOP, Place, Row
from resolvers.types.notification import Notification

LIVE_VERSION = 65
"""Far from those of pages' cursors, which stand for something else."""
MOST_NAMED = 64
"""Rows of one list that are named as sent; with more, the cut moves up."""
_NAME = 4
_LONGEST_TOKEN = 32
_MORE_OF_A_LIST = (1 + _LONGEST_TOKEN + 1 + MOST_NAMED * _NAME) * 4 // 3 + 4
"""Characters beside its place."""


class LiveCut(NamedTuple):
    """Of one list: all from `place` down is not to be sent, and of what is above `sent` is not.

    `token` is empty where nothing of the write log was told yet.
    """

    place: Place
    sent: frozenset[bytes] = frozenset()
    token: bytes = b""


LiveCuts = Mapping[str, LiveCut]
"""By list; one that could not be read so far has none."""


def name_row(row: Row) -> bytes:
    """What a cursor names a row by that was sent."""
    return blake2b(row, digest_size=_NAME).digest()


def place_above(row: Row | None) -> Place:
    """The gap above a row; with none, that below all rows."""
    return Place(TOP, None, row)


def encode_live_cursor(cuts: Iterable[tuple[str, LiveCut]], filter_digest: bytes) -> str:
    """Where a subscription stands, as text that it resumes from."""
    head = bytes([LIVE_VERSION]) + filter_digest
    body = b"".join(encode_list(name) + _encode(cut) for name, cut in cuts)
    return seal_cursor(head, body)


def _encode(cut: LiveCut) -> bytes:
    token, names = cut.token, sorted(cut.sent)
    return b"".join(
        [encode_place(cut.place), bytes([len(token)]), token, bytes([len(names)]), *names]
    )


def longest_live_cursor(lists: int) -> int:
    """Characters of an event's cursor over so many lists; longer ones are not looked at."""
    return longest_cursor(lists) + lists * _MORE_OF_A_LIST


def decode_any_cursor(text: str, filter_digest: bytes, names: Sequence[str], most: int) -> LiveCuts:
    """The cuts that a subscription goes on from: by an event's cursor, or by a page's.

    Raises BadCursor. Lists that are not named, as they were removed, are dropped; a cursor may be
    of `most` lists.
    """
    longest = longest_live_cursor(most)
    version, rest = open_cursor(text, filter_digest, {VERSION, LIVE_VERSION}, longest)
    if version == VERSION:
        return {name: LiveCut(place) for name, place in decode_places(rest, names).items()}
    known = {encode_list(name): name for name in names}
    found = {}
    while rest:
        key = rest.take(HASH)
        cut = _decode(rest)
        if key in known:
            found[known[key]] = cut
    return found


def _decode(data: CursorBytes) -> LiveCut:
    place = decode_place(data)
    token = data.take(data.take(1)[0])
    if len(token) > _LONGEST_TOKEN:
        raise BadCursor
    count = data.take(1)[0]
    return LiveCut(place, frozenset(data.take(_NAME) for _ in range(count)), token)


def find_highest(
    rows: Sequence[Notification], held: Sequence[Notification]
) -> tuple[int, int] | None:
    """The highest of `rows`, the lowest first, that is among `held`, and where it is there."""
    places = {row.row: at for at, row in enumerate(held)}
    for at in range(len(rows) - 1, -1, -1):
        if rows[at].row in places:
            return at, places[rows[at].row]
    return None


def leave_out(rows: Sequence[Notification], left: Set[Row]) -> Sequence[Notification]:
    """The others, in their order."""
    return [row for row in rows if row.row not in left]
