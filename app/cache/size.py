"""How much memory a chunk takes, estimated from some of its rows.

Measuring every value of every row would cost as much as reading them. Rows of one chunk are alike,
so a few stand for all; the bound is of the sum over many chunks, where their differences even out.
"""

from collections.abc import Iterator
from dataclasses import fields
from datetime import datetime
from enum import Enum
from functools import cache
from itertools import islice
from sys import getsizeof
from typing import Any

from resolvers.chunk import Chunk
from resolvers.types.inbox import Inbox
from resolvers.types.mastodon import MastodonNotification
from resolvers.types.notification import Actor, Notification

_SAMPLES = 4
_OF_A_COPY = 1600
"""The copy itself, its key, its place in the store, and the timer that ends it."""


def estimate_bytes(chunk: Chunk) -> int:
    """Bytes of heap, with what keeping it takes."""
    count = len(chunk.rows)
    if not count:
        return _OF_A_COPY
    sampled = chunk.rows[:: max(1, count // _SAMPLES)]
    actors = {id(actor): actor for row in chunk.rows for actor in _actors(row)}
    rows = sum(_size(row, set(actors)) for row in sampled) * count // len(sampled)
    some = [*islice(actors.values(), _SAMPLES)]
    of_actors = sum(_size(actor, set()) for actor in some) * len(actors) // max(1, len(some))
    return _OF_A_COPY + rows + of_actors


def _actors(row: Notification) -> Iterator[Actor]:
    """Who is in a row: several rows of a chunk share them."""
    if row.actor is not None:
        yield row.actor
    status = row.status if isinstance(row, MastodonNotification) else None
    if status is not None:
        yield status.account


def _size(value: object, seen: set[int]) -> int:
    """The bytes of a value and all that only it holds; what is shared with others is left out."""
    if value is None or isinstance(value, bool | Enum | Inbox) or id(value) in seen:
        return 0
    if value == "" or (isinstance(value, int) and -6 < value < 257):  # Python keeps one of each
        return 0
    if isinstance(value, str | bytes | int | float | datetime):
        return getsizeof(value)
    seen.add(id(value))
    if isinstance(value, list | tuple):
        return getsizeof(value) + sum(_size(member, seen) for member in value)
    kind: Any = type(value)
    names = _field_names(kind)
    own = getsizeof(value) + 8 * len(names)  # attributes lie beside the object, a pointer each
    return own + sum(_size(getattr(value, name), seen) for name in names)


@cache  # as many as there are types
def _field_names(kind: Any) -> tuple[str, ...]:
    return tuple(field.name for field in fields(kind) if field.init)
