"""Reads JSON that is not as its API promises: as much of it as can be read, and no more.

Slow, and only used where the typed decoder has refused an answer. What cannot be read becomes None
where the type allows that, else the field's default, else whatever holds it cannot be read either.
Members of a list that cannot be read are None or, where the type does not allow that, left out.
"""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from msgspec import Raw, inspect, json


class Unreadable(ValueError):
    """Nothing of the wanted type can be made of a value."""


def salvage(body: bytes, kind: object) -> Any:
    """A value of the type `kind` from a JSON body. Raises Unreadable, msgspec.DecodeError."""
    return _read(json.decode(body), _look_into(kind))


@lru_cache(maxsize=64)
def _look_into(kind: object) -> inspect.Type:
    return inspect.type_info(kind)


def _read(value: object, wanted: inspect.Type) -> Any:
    match wanted:
        case inspect.UnionType():
            return _read_union(value, wanted)
        case inspect.StructType():
            return _read_struct(value, wanted)
        case inspect.ListType() if isinstance(value, list):
            return _read_list(value, wanted.item_type)
        case inspect.DictType() if isinstance(value, dict):
            return {key: _read(each, wanted.value_type) for key, each in value.items()}
        case inspect.StrType():
            return _read_text(value)
        case inspect.IntType() if isinstance(value, int) and not isinstance(value, bool):
            return value
        case inspect.BoolType() if isinstance(value, bool):
            return value
        case inspect.NoneType() if value is None:
            return None
        case inspect.RawType():
            return Raw(json.encode(value))
    raise Unreadable


def _read_text(value: object) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)  # an ID that was to be text
    raise Unreadable


def _read_union(value: object, wanted: inspect.UnionType) -> Any:
    for kind in wanted.types:
        try:
            return _read(value, kind)
        except Unreadable:
            continue
    if wanted.includes_none:
        return None
    raise Unreadable


def _read_list(values: list[object], item_type: inspect.Type) -> list[Any]:
    items = []
    for value in values:
        try:
            items.append(_read(value, item_type))
        except Unreadable:
            continue
    return items


def _read_struct(value: object, wanted: inspect.StructType) -> Any:
    if not isinstance(value, Mapping):
        raise Unreadable
    parts = {}
    for field in wanted.fields:
        try:
            parts[field.name] = _read(value[field.encode_name], field.type)
        except (KeyError, Unreadable):
            if field.required:
                raise Unreadable from None
    return wanted.cls(**parts)
