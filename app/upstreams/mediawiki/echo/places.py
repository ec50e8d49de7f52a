"""What names one of Echo's notifications, and where it stands: its second and its number.

The wiki compares pairs of these and takes any, also of a row that is gone, so that a place in the
list is a value. Where either is 0 it answers from the top.
https://www.mediawiki.org/wiki/Notifications/API
"""

import re
from typing import NamedTuple

from resolvers.seam.chunk import Row

_SECOND, _NUMBER = 5, 7
LARGEST_NUMBER = 2**53
_LAST_SECOND = 253402300799
_PAIR = re.compile(r"([1-9]\d{0,11})\|([1-9]\d{0,15})")


class EchoPlace(NamedTuple):
    """Places are ordered as their rows are, from the oldest on."""

    second: int
    number: int

    def __str__(self) -> str:
        return f"{self.second}|{self.number}"

    @property
    def row(self) -> Row:
        """As places in cursors name it: 12 bytes."""
        return self.second.to_bytes(_SECOND, "big") + self.number.to_bytes(_NUMBER, "big")

    @property
    def below(self) -> "EchoPlace":
        """The highest place below this one, whether anything stands there or not."""
        if self.number > 1:
            return EchoPlace(self.second, self.number - 1)
        return EchoPlace(max(1, self.second - 1), LARGEST_NUMBER)


def place_of(row: Row) -> EchoPlace:
    """Where a row stands that `is_row` has passed."""
    return EchoPlace(int.from_bytes(row[:_SECOND], "big"), int.from_bytes(row[_SECOND:], "big"))


def is_row(row: Row) -> bool:
    """Whether some notification can have this row."""
    return len(row) == _SECOND + _NUMBER and _can_be(place_of(row))


def parse_place(text: str) -> EchoPlace | None:
    """What a key says, or the `continue` of an answer; None where nothing can stand there."""
    found = _PAIR.fullmatch(text)
    place = EchoPlace(int(found[1]), int(found[2])) if found else None
    return place if place is not None and _can_be(place) else None


def _can_be(place: EchoPlace) -> bool:
    return 0 < place.second <= _LAST_SECOND and 0 < place.number <= LARGEST_NUMBER
