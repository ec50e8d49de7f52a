"""When an instance wants to be asked again."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime


def read_retry_at(headers: Mapping[str, str], now: datetime) -> datetime | None:
    """The instant that `Retry-After` or `X-RateLimit-Reset` names; None where neither does.

    Mastodon writes the latter as ISO 8601 and sends no `Retry-After`.
    """
    after = headers.get("retry-after", "").strip()
    if after.isdecimal() and len(after) < 7:
        return now + timedelta(seconds=int(after))
    for read, text in (
        (parsedate_to_datetime, after),
        (datetime.fromisoformat, headers.get("x-ratelimit-reset", "")),
    ):
        try:
            return read(text).astimezone(UTC)
        except (ValueError, TypeError, OverflowError):
            continue
    return None
