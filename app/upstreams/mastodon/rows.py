"""A Mastodon notification's ID as a row: short where it is a number, as it is elsewhere.

IDs are opaque text: decimal at Mastodon, ULIDs at GoToSocial, and at Hollo they hold slashes and
colons. A decimal number that reads back the same takes half the bytes.
"""

from resolvers.chunk import Row
from resolvers.cursor import LONGEST_ROW

_NUMBER = 0
_MOST_DIGITS = 40


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
