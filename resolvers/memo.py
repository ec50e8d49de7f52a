"""What a function made of a text, remembered as long as there is room for it."""

from collections import OrderedDict
from collections.abc import Callable
from sys import getsizeof

_OVERHEAD = 200
"""Bytes of an entry beside its two texts."""


class Memo:
    """Calls `make` once for each text. It keeps no more than `most` bytes; the least used go first.

    For what costs many times as much as looking it up.
    """

    def __init__(self, make: Callable[[str], str], most: int) -> None:
        self._make = make
        self._most = most
        self._kept: OrderedDict[str, str] = OrderedDict()
        self.used = 0

    def __call__(self, text: str) -> str:
        made = self._kept.get(text)
        if made is not None:
            self._kept.move_to_end(text)
            return made
        made = self._make(text)
        size = _size(text, made)
        if size <= self._most:
            self._kept[text] = made
            self.used += size
        while self.used > self._most:
            self.used -= _size(*self._kept.popitem(last=False))
        return made


def _size(text: str, made: str) -> int:
    return getsizeof(text) + getsizeof(made) + _OVERHEAD
