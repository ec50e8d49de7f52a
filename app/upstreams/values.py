"""Reads single values that instances write, tolerantly: what cannot be read is None."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import TypeVar
from urllib.parse import urlsplit

import msgspec

from resolvers.types.scalars import URL

Value = TypeVar("Value")


def read_json(body: bytes, decode: Callable[[bytes], Value]) -> Value:
    """What a JSON body says; ValueError for whatever else an instance may send."""
    try:
        return decode(body)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        raise ValueError from None


def read_instant(text: str | None) -> datetime | None:
    """An ISO 8601 text as an instant in UTC; one without a zone is taken as UTC."""
    if not text:
        return None
    try:
        instant = datetime.fromisoformat(text)
        return instant.replace(tzinfo=UTC) if instant.tzinfo is None else instant.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def read_url(text: str | None) -> URL | None:
    """An absolute http(s) URL; anything else that a stranger may have written is None."""
    if not text:
        return None
    try:
        parts = urlsplit(text)
    except ValueError:
        return None
    return URL(text) if parts.scheme in ("http", "https") and parts.netloc else None
