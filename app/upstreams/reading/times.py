"""When an instance wants to be asked again, in whatever form it says so."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from app.clock import Clock, shift_of
from app.upstreams.reading.values import read_instant

LONGEST = timedelta(hours=24)
"""Nobody is believed who asks to be left alone for longer."""
UNSAID = timedelta(seconds=30)
"""For which a login is held that is asked to wait and not told how long."""

_LONGEST_TEXT = 64
_FIRST_EPOCH = 1e9
"""Numbers from here on are instants: in seconds since 1970, or in milliseconds."""
_FIRST_MILLISECONDS = 1e11


def read_retry_at(headers: Mapping[str, str], clock: Clock) -> datetime | None:
    """The instant of `clock.now` that `Retry-After` or `X-RateLimit-Reset` names, within a day.

    None where neither names one: what is past is no leave to ask at once.
    """
    for name in ("retry-after", "x-ratelimit-reset"):
        at = read_reset(headers.get(name, ""), clock)
        if at is not None:
            return at
    return None


def read_reset(text: str, clock: Clock) -> datetime | None:
    """An instant of `clock.now` that is still to come; of what is over a day ahead, a day ahead.

    It is written as a date of HTTP or of ISO 8601, as seconds from now, or as seconds or
    milliseconds since 1970.
    """
    text, shift = text.strip(), shift_of(clock)
    if not text or len(text) > _LONGEST_TEXT:
        return None
    now = clock.now() + shift  # instances name times of day
    at = _read_seconds(text, now) or read_instant(text) or _read_date(text)
    if at is None or at <= now:
        return None
    return min(at, now + LONGEST) - shift


def _read_seconds(text: str, now: datetime) -> datetime | None:
    if not text.isascii() or not text.replace(".", "", 1).isdecimal() or text.startswith("."):
        return None
    seconds = float(text)
    if seconds >= _FIRST_MILLISECONDS:
        seconds /= 1000
    try:
        if seconds >= _FIRST_EPOCH:
            return datetime.fromtimestamp(seconds, UTC)
        return now + min(timedelta(seconds=seconds), LONGEST)
    except (OverflowError, ValueError, OSError):
        return now + LONGEST


def _read_date(text: str) -> datetime | None:
    try:
        at = parsedate_to_datetime(text)
        return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
    except (ValueError, TypeError, OverflowError, IndexError):
        return None
