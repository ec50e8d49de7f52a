"""A Mastodon notification's ID as a row: short where it is a number, as it is elsewhere.

IDs are opaque text: decimal at Mastodon, ULIDs at GoToSocial, and at Hollo they hold slashes and
colons, after the time of the notification. A decimal number that reads back the same takes half
the bytes.
"""

import re
from datetime import datetime, timedelta

from resolvers.merging.cursor import LONGEST_ROW
from resolvers.seam.chunk import Row

_NUMBER = 0
_MOST_DIGITS = 40

_TIMED = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3})Z/", re.ASCII)


def encode_row(database_id: str) -> Row:
    """The row of a notification, the same for ever."""
    is_number = database_id.isascii() and database_id.isdecimal()
    if is_number and len(database_id) <= _MOST_DIGITS and str(int(database_id)) == database_id:
        number = int(database_id)
        return bytes([_NUMBER]) + number.to_bytes((number.bit_length() + 7) // 8, "big")
    return database_id.encode()


def decode_row(row: Row) -> str:
    """The ID that a row stands for."""
    if row[:1] == bytes([_NUMBER]):
        return str(int.from_bytes(row[1:], "big"))
    return row.decode()


def is_row(row: Row) -> bool:
    """Whether `encode_row` can have made it from an ID that some server gives."""
    if not 0 < len(row) <= LONGEST_ROW:
        return False
    try:
        database_id = decode_row(row)
    except UnicodeDecodeError:
        return False
    is_plain = database_id.isprintable() and " " not in database_id and database_id.strip(".") != ""
    return is_plain and encode_row(database_id) == row


def is_id(database_id: str) -> bool:
    """Whether `is_row` holds for the row of an ID, found out without making it."""
    is_plain = database_id.isprintable() and " " not in database_id and database_id.strip(".") != ""
    return is_plain and len(database_id.encode()) <= LONGEST_ROW


def order_of(database_id: str) -> tuple[int, str, str]:
    """IDs in the order of their notifications: https://docs.joinmastodon.org/api/guidelines/#id"""
    head, _, rest = database_id.partition("/")
    return len(head), head, rest


def is_timed(database_id: str) -> bool:
    """Whether an ID begins with its notification's time, by which alone its server compares it."""
    return _TIMED.match(database_id) is not None


def id_above(database_id: str) -> str | None:
    """What `max_id` has to be for this row to be the first; None where IDs have no successor."""
    if database_id.isdecimal():
        return str(int(database_id) + 1)
    timed = _TIMED.match(database_id)
    if timed is None:
        return None
    try:
        above = datetime.fromisoformat(timed[1]) + timedelta(milliseconds=1)
    except (ValueError, OverflowError):
        return None
    return f"{above.isoformat(timespec='milliseconds')}Z/-/-"
