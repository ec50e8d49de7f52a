"""What names one change of a watchlist, which gives its rows no ID.

A change is (second, type, namespace, title, revision or log ID, and the user where there is
neither, as users are renamed and hidden); equal ones of a second are numbered from the oldest, so
that one that arrives later renames none. A second is always read whole, so that the number is the
same however the change was come by.

The key, which a global ID holds, is all of it as text. The row, which a place holds, is the second
and a hash of the key: 12 bytes however long the title is.
"""

import asyncio
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from hashlib import blake2b
from typing import NamedTuple

from app.upstreams.mediawiki import wire
from resolvers.seam.chunk import Row

_SECOND = 5
_HASH = 7
_LAST_SECOND = int(datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC).timestamp())


_NAMESPACES, _REVISIONS = 10**6, 10**12
"""Below these all numbers are that a key can hold."""

_KEY = re.compile(
    r"(\d{1,4})\|(\d{1,12})\|([a-z]{1,20})\|(-?\d{1,6})\|(\d{1,12})\|([^|]{0,255})\|([^|]{0,300})"
)


_AT_ONCE = 2000
"""Changes that are named in one go, which takes 10 ms."""

_ILLEGAL = re.compile("[\x00-\x1f\x7f\ufffd\ud800-\udfff]")
"""What no title holds: https://www.mediawiki.org/wiki/Manual:$wgLegalTitleChars. Whatever else
there is may be in one, whether this version of Unicode knows it or not.
"""


def may_be_title(text: str) -> bool:
    """Whether a text can stand for one page in a request; the wiki has the last word."""
    return bool(text.strip()) and "|" not in text and not _ILLEGAL.search(text)


class ChangeKey(NamedTuple):
    """All that tells a change apart; `revision` is the log entry's number where there is none.

    `number` counts equal changes of a second from the oldest.
    """

    number: int
    second: int
    type: str
    namespace: int
    revision: int
    user: str
    title: str

    def __str__(self) -> str:
        return "|".join(map(str, self))


class NamedChange(NamedTuple):
    """A change with its name."""

    change: wire.Change
    second: int
    key: str
    row: Row


def keep_readable(changes: Sequence[wire.Change | None]) -> list[wire.Change]:
    """Those that have a place in a list: with a type, a date, and numbers that can be."""
    return [change for change in changes if change is not None and _has_place(change)]


def _has_place(change: wire.Change) -> bool:
    if abs(change.ns) >= _NAMESPACES or not 0 <= change.revid + change.logid < _REVISIONS:
        return False
    try:
        read_second(change.timestamp)
    except (ValueError, OverflowError):
        return False
    return True


async def name_changes(changes: Sequence[wire.Change]) -> list[NamedChange]:
    """The changes, newest first, of whole seconds; each has to be readable.

    A second can have so many that others get their turn meanwhile.
    """
    oldest_first, seen, named = changes[::-1], Counter[ChangeKey](), list[NamedChange]()
    for start in range(0, len(changes), _AT_ONCE):
        if start:
            await asyncio.sleep(0)
        named += _name(oldest_first[start : start + _AT_ONCE], seen)
    return named[::-1]


def _name(oldest_first: Sequence[wire.Change], seen: Counter[ChangeKey]) -> Iterator[NamedChange]:
    for change in oldest_first:
        second = read_second(change.timestamp)
        revision = change.logid if change.type == "log" else change.revid
        user = "" if revision else change.user or ""
        first = ChangeKey(0, second, change.type, change.ns, revision, user, change.title)
        key = str(first._replace(number=seen[first]))
        seen[first] += 1
        yield NamedChange(change, second, key, make_row(second, key))


def make_row(second: int, key: str) -> Row:
    """The row of the change with this key."""
    return second.to_bytes(_SECOND, "big") + blake2b(key.encode(), digest_size=_HASH).digest()


def second_of(row: Row) -> int:
    """The Unix second that a row's change happened in."""
    return int.from_bytes(row[:_SECOND], "big")


def is_row(row: Row) -> bool:
    """Whether some change can have this row."""
    return len(row) == _SECOND + _HASH and second_of(row) <= _LAST_SECOND


def parse_key(text: str) -> ChangeKey | None:
    """What a key says; None where no change can have it.

    A title with a `|` would name two pages: no wiki has one, and none is ever sent.
    """
    found = _KEY.fullmatch(text)
    if found is None or _ILLEGAL.search(text):
        return None
    number, second, kind, namespace, revision, user, title = found.groups()
    key = ChangeKey(int(number), int(second), kind, int(namespace), int(revision), user, title)
    return key if str(key) == text and key.second < _LAST_SECOND else None


def read_second(timestamp: str) -> int:
    """A timestamp of MediaWiki, ISO 8601 or 14 digits, as a Unix second. ValueError."""
    if len(timestamp) == 14 and timestamp.isdecimal():
        instant = datetime.strptime(timestamp, "%Y%m%d%H%M%S").replace(tzinfo=UTC)
    else:
        instant = datetime.fromisoformat(timestamp)
    if instant.year < 1970:
        raise ValueError(timestamp)
    return int(instant.timestamp())


def write_second(second: int) -> str:
    """A Unix second as MediaWiki takes it."""
    return datetime.fromtimestamp(second, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
