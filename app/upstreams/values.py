"""Reads single values that instances write, tolerantly: what cannot be read is None."""

import re
from collections.abc import Hashable
from datetime import UTC, datetime
from functools import cache
from typing import Any, TypeVar, cast
from urllib.parse import urlsplit

import msgspec

from app.upstreams.salvage import salvage
from resolvers.types.scalars import URL

Value = TypeVar("Value")

_HALF_CHARACTER = re.compile(
    rb"\\u[dD][89abAB][0-9a-fA-F]{2}(?!\\u[dD][c-fC-F])"
    rb"|(?<!\\u[dD][89abAB][0-9a-fA-F]{2})\\u[dD][c-fC-F][0-9a-fA-F]{2}"
)
"""A surrogate on its own, as a server writes it that has cut a text in the middle of an emoji."""

_PLAIN_URL = re.compile(r"https?://[^/?#\[\]\s]")


def read_json(body: bytes, kind: type[Value]) -> Value:
    """What a JSON body says, or as much of it as can be read; ValueError where nothing can be."""
    try:
        try:
            return cast("Value", _decoder(cast("Hashable", kind)).decode(body))
        except (msgspec.DecodeError, UnicodeDecodeError):
            salvaged: Value = salvage(_HALF_CHARACTER.sub(rb"\\ufffd", body), kind)
            return salvaged
    except (ValueError, RecursionError):
        raise ValueError from None


@cache  # as many as there are types
def _decoder(kind: Hashable) -> msgspec.json.Decoder[Any]:
    return msgspec.json.Decoder(kind)


def read_instant(text: str | None) -> datetime | None:
    """An ISO 8601 text as an instant in UTC; one without a zone is taken as UTC."""
    if not text:
        return None
    try:
        instant = datetime.fromisoformat(text)
        if instant.tzinfo is UTC:
            return instant
        return instant.replace(tzinfo=UTC) if instant.tzinfo is None else instant.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def read_url(text: str | None) -> URL | None:
    """An absolute http(s) URL; anything else that a stranger may have written is None."""
    if not text:
        return None
    if _PLAIN_URL.match(text):  # nearly all are, and parsing takes ten times as long
        return URL(text)
    try:
        parts = urlsplit(text)
    except ValueError:
        return None
    return URL(text) if parts.scheme in ("http", "https") and parts.netloc else None
