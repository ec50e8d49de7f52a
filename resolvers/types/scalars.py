"""The custom scalars and how they are read and written."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import lru_cache
from typing import NewType

import strawberry
from graphql import GraphQLError
from strawberry.types.scalar import ScalarDefinition

URL = NewType("URL", str)
HTML = NewType("HTML", str)


@lru_cache(maxsize=8192)  # a list shows the same instants again and again
def format_instant(instant: datetime) -> str:
    """An aware datetime as ISO 8601 in UTC with `Z`, with milliseconds where it has any."""
    utc = instant.astimezone(UTC)
    precision = "milliseconds" if utc.microsecond else "seconds"
    return utc.isoformat(timespec=precision).removesuffix("+00:00") + "Z"


def parse_instant(value: object) -> datetime:
    """The instant that a caller gave, in UTC; GraphQLError where it has no zone or is none."""
    try:
        instant = datetime.fromisoformat(value) if isinstance(value, str) else None
        if instant is not None and instant.tzinfo is not None:
            return instant.astimezone(UTC)
    except (ValueError, OverflowError):
        pass
    raise GraphQLError(
        "A DateTime is ISO 8601 text with a zone, such as 2026-11-24T09:30:00Z.",
        extensions={"code": "BAD_USER_INPUT"},
    )


def show_url(value: object) -> str:
    """The last check: whatever mapped it, nothing but an absolute http(s) URL is ever shown."""
    if isinstance(value, str) and _WEB.match(value):
        return value
    raise GraphQLError("This is no URL.", extensions={"code": "INTERNAL"})


_WEB = re.compile(r"https?://[^/?#]")

SCALARS: Mapping[object, ScalarDefinition] = {
    datetime: strawberry.scalar(
        name="DateTime",
        description="An instant in time: ISO 8601 with a zone on input, UTC with `Z` on output. "
        "A value without a zone is refused.",
        specified_by_url="https://scalars.graphql.org/andimarek/date-time",
        serialize=format_instant,
        parse_value=parse_instant,
    ),
    URL: strawberry.scalar(
        name="URL",
        description="An absolute http(s) URL.",
        specified_by_url="https://url.spec.whatwg.org/",
        serialize=show_url,
    ),
    HTML: strawberry.scalar(
        name="HTML",
        description="HTML from an instance, cleaned to a small allow-list of tags, "
        "safe to put into a page.",
        serialize=str,
    ),
}
"""What `StrawberryConfig.scalar_map` takes: Python type to scalar."""
