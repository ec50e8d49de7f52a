"""How much memory a chunk takes, estimated from some of its rows.

Measuring every value of every row would cost as much as reading them. Rows of one chunk are alike,
so a few stand for all; the bound is of the sum over many chunks, where their differences even out.
"""

from datetime import datetime
from enum import Enum
from itertools import islice
from sys import getsizeof
from typing import Any

from app.cache.fields import fields_reader
from resolvers.fields.inbox import InboxFields
from resolvers.seam.chunk import Chunk

_SAMPLES = 4
_OF_A_COPY = 1600
"""The copy itself, its key, its place in the store, and the timer that ends it."""
_OF_A_ROW = 1500
"""By what a row is found again, and what it remembers of how it was shown."""


def estimate_bytes(chunk: Chunk) -> int:
    """Bytes of heap, with what keeping it takes."""
    count = len(chunk.rows)
    if not count:
        return _OF_A_COPY
    sampled = chunk.rows[:: max(1, count // _SAMPLES)]
    actors = {id(actor): actor for row in chunk.rows for actor in row.people}
    rows = sum(_size(row, set(actors)) for row in sampled) * count // len(sampled)
    some = [*islice(actors.values(), _SAMPLES)]
    of_actors = sum(_size(actor, set()) for actor in some) * len(actors) // max(1, len(some))
    return _OF_A_COPY + rows + of_actors + count * _OF_A_ROW


def _size(value: object, seen: set[int]) -> int:
    """The bytes of a value and all that only it holds; what is shared with others is left out."""
    size, pending = 0, [value]
    while pending:
        each: Any = pending.pop()
        kind = each.__class__
        if kind is str:
            size += getsizeof(each) if each else 0  # Python keeps one empty text
        elif kind is int:
            size += getsizeof(each) if not -6 < each < 257 else 0  # and one of each of these
        elif kind in _PLAIN:
            size += getsizeof(each)
        elif kind not in _HELD_BY_ALL and not isinstance(each, Enum) and id(each) not in seen:
            seen.add(id(each))
            members = each if kind in _LISTS else fields_reader(kind)(each)
            size += getsizeof(each)
            if kind not in _LISTS:
                size += 8 * len(members)  # attributes lie beside the object, a pointer each
            pending += members
    return size


_PLAIN = frozenset({bytes, float, datetime})
_HELD_BY_ALL = frozenset({type(None), bool, InboxFields})
_LISTS = frozenset({list, tuple})
