"""Reads single values that instances write, tolerantly: what cannot be read is None."""

import re
from collections.abc import Hashable
from datetime import UTC, datetime
from functools import cache
from typing import Any, TypeVar, cast
from urllib.parse import quote, urlsplit

import msgspec

from app.upstreams.reading.salvage import salvage
from resolvers.types.scalars import URL

Value = TypeVar("Value")

_HALF_CHARACTER = re.compile(
    rb"\\u[dD][89abAB][0-9a-fA-F]{2}(?!\\u[dD][c-fC-F])"
    rb"|(?<!\\u[dD][89abAB][0-9a-fA-F]{2})\\u[dD][c-fC-F][0-9a-fA-F]{2}"
)
"""A surrogate on its own, as a server writes it that has cut a text in the middle of an emoji."""

_LONG_NUMBER = re.compile(rb"(?<!\d)\d{1000,}")
"""Python refuses to read one of more than 4,300 digits, and all around it."""

_PLAIN_URL = re.compile(r"https?://[^/?#\[\]\s\x00-\x1f\x7f][^\s\x00-\x1f\x7f]*")
_LONGEST_URL = 4096

MOST_SALVAGED = 1024 * 1024
"""Bytes of what is read once more where it is not as it should be: ten times as slowly."""

LARGEST = 2**31 - 1
"""What GraphQL's Int can hold: https://spec.graphql.org/October2021/#sec-Int"""
_MOST_DIGITS = 15


def read_json(body: bytes, kind: type[Value]) -> Value:
    """What a JSON body says, or as much of it as can be read; ValueError where nothing can be."""
    try:
        try:
            return cast("Value", _decoder(cast("Hashable", kind)).decode(body))
        except (msgspec.DecodeError, UnicodeDecodeError):
            if len(body) > MOST_SALVAGED:
                raise
            readable = _LONG_NUMBER.sub(b"0", _HALF_CHARACTER.sub(rb"\\ufffd", body))
            salvaged: Value = salvage(readable, kind)
            return salvaged
    except (ValueError, RecursionError):
        raise ValueError from None


@cache  # as many as there are types
def _decoder(kind: Hashable) -> msgspec.json.Decoder[Any]:
    return msgspec.json.Decoder(kind)


def read_instant(text: str | float | None) -> datetime | None:
    """An ISO 8601 text as an instant in UTC; one without a zone is taken as UTC.

    A number, also as text, is seconds or milliseconds since 1970.
    """
    if not text:
        return None
    try:
        if not isinstance(text, str) or _EPOCH.fullmatch(text):
            return _read_epoch(float(text))
        if text[-1] in "zC":
            text = f"{text.removesuffix('z').removesuffix('UTC').rstrip()}Z"
        instant = datetime.fromisoformat(text)
        if instant.tzinfo is UTC:
            return instant
        return instant.replace(tzinfo=UTC) if instant.tzinfo is None else instant.astimezone(UTC)
    except (ValueError, OverflowError, OSError):
        return None


_EPOCH = re.compile(r"\d{9,16}(?:\.\d{1,9})?", re.ASCII)
_FIRST_MILLISECONDS = 1e11


def _read_epoch(seconds: float) -> datetime:
    return datetime.fromtimestamp(
        seconds / 1000 if seconds >= _FIRST_MILLISECONDS else seconds, UTC
    )


def read_url(text: str | None) -> URL | None:
    """An absolute http(s) URL; anything else that a stranger may have written is None."""
    if not text or len(text) > _LONGEST_URL or not _PLAIN_URL.fullmatch(text):
        return _read_odd_url(text) if text and len(text) <= _LONGEST_URL else None
    return URL(text)


def _read_odd_url(text: str) -> URL | None:
    """One with an address in brackets, with spaces, or with its scheme in capitals."""
    try:
        parts = urlsplit(text.strip())
    except ValueError:
        return None
    is_web = parts.scheme in ("http", "https") and parts.netloc and not _BLANK.search(parts.netloc)
    return URL(_BLANK.sub(lambda blank: quote(blank[0]), parts.geturl())) if is_web else None


_BLANK = re.compile(r"[\s\x00-\x1f\x7f]")


def read_number(text: str) -> int | None:
    """A whole number that is written in digits; None where it is none, or longer than any here."""
    digits = text.strip()
    is_number = digits.isascii() and digits.isdecimal() and len(digits) <= _MOST_DIGITS
    return int(digits) if is_number else None


def read_count(number: int | None) -> int | None:
    """How many there are of something, as far as GraphQL can say; nobody has fewer than none."""
    return min(number, LARGEST) if number is not None and number >= 0 else None
