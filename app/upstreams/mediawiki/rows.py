"""What names one change of a watchlist, which gives its rows no ID.

A change is (second, type, namespace, title, revision or log ID, user); equal ones of a second are
numbered from the oldest, so that one that arrives later renames none. A second is always read
whole, so that the number is the same however the change was come by.

The key, which a global ID holds, is all of it as text. The row, which a place holds, is the second
and a hash of the key: 12 bytes however long the title is.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from hashlib import blake2b
from typing import NamedTuple

from app.upstreams.mediawiki import wire
from resolvers.chunk import Row

_SECOND = 5
_HASH = 7
_LAST_SECOND = int(datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC).timestamp())


class NamedChange(NamedTuple):
    """A change with its name."""

    change: wire.Change
    second: int
    key: str
    row: Row


def name_changes(changes: Sequence[wire.Change]) -> list[NamedChange]:
    """The changes, newest first, of whole seconds. ValueError where a timestamp is none."""
    return list(_name_from_oldest(changes))[::-1]


def _name_from_oldest(changes: Sequence[wire.Change]) -> Iterator[NamedChange]:
    seen: Counter[str] = Counter()
    for change in reversed(changes):
        second = read_second(change.timestamp)
        number = change.logid if change.type == "log" else change.revid
        parts = (second, change.type, change.ns, number, change.user or "", change.title)
        equal = "|".join(map(str, parts))
        key = f"{seen[equal]}|{equal}"
        seen[equal] += 1
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


def second_of_key(key: str) -> int | None:
    """The Unix second in a key; None where it is no key."""
    parts = key.split("|", 6)
    if len(parts) != 7 or not (parts[1].isascii() and parts[1].isdecimal()):
        return None
    second = int(parts[1]) if len(parts[1]) < 13 else _LAST_SECOND + 1
    return second if second <= _LAST_SECOND else None


def read_second(timestamp: str) -> int:
    """A timestamp of MediaWiki, ISO 8601 or 14 digits, as a Unix second. ValueError."""
    if len(timestamp) == 14 and timestamp.isdecimal():
        instant = datetime.strptime(timestamp, "%Y%m%d%H%M%S").replace(tzinfo=UTC)
    else:
        instant = datetime.fromisoformat(timestamp)
    return int(instant.timestamp())


def write_second(second: int) -> str:
    """A Unix second as MediaWiki takes it."""
    return datetime.fromtimestamp(second, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
