"""What values of the API are made of: their fields, without those that they remember."""

from collections.abc import Callable
from dataclasses import fields
from functools import cache
from operator import attrgetter
from typing import Any


@cache  # as many as there are types
def field_names(kind: Any) -> tuple[str, ...]:
    """The fields that a dataclass is made with, in order."""
    return tuple(field.name for field in fields(kind) if field.init)


@cache  # as many as there are types
def fields_reader(kind: Any) -> Callable[[Any], tuple[Any, ...]]:
    """What reads all of these fields of a value at once."""
    names = field_names(kind)
    read = attrgetter(*names) if names else lambda _: ()
    return read if len(names) != 1 else lambda value: (read(value),)
