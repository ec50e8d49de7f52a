"""Reads single values that instances write, tolerantly: what cannot be read is None."""

from datetime import UTC, datetime
from urllib.parse import urlsplit

from resolvers.types.scalars import URL


def read_instant(text: str | None) -> datetime | None:
    """An ISO 8601 text as an instant in UTC; one without a zone is taken as UTC."""
    if not text:
        return None
    try:
        instant = datetime.fromisoformat(text)
    except ValueError:
        return None
    return instant.replace(tzinfo=UTC) if instant.tzinfo is None else instant.astimezone(UTC)


def read_url(text: str | None) -> URL | None:
    """An absolute http(s) URL; anything else that a stranger may have written is None."""
    if not text:
        return None
    try:
        parts = urlsplit(text)
    except ValueError:
        return None
    return URL(text) if parts.scheme in ("http", "https") and parts.netloc else None
