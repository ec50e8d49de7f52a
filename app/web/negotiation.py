"""Which media type an answer has: https://www.rfc-editor.org/rfc/rfc9110#section-12.5.1"""

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from starlette.datastructures import Headers

from app.web.refusal import GRAPHQL_JSON, JSON

HTML = "text/html"
EVENT_STREAM = "text/event-stream"

_QUALITY = re.compile(r"[01](\.\d{0,3})?")


@dataclass(frozen=True, slots=True)
class Accepted:
    """What an `Accept` header says, by media range."""

    qualities: dict[str, float]

    def quality(self, media_type: str) -> float:
        """From 0 (not at all) to 1; the most specific range that fits decides."""
        family = media_type.split("/", maxsplit=1)[0]
        for known in (media_type, f"{family}/*", "*/*"):
            if known in self.qualities:
                return self.qualities[known]
        return 0


def read_accept(header: str) -> Accepted:
    """What is accepted; everything where the header is missing or empty."""
    qualities: dict[str, float] = {}
    for part in header.lower().split(","):
        media_range, *parameters = (each.strip() for each in part.split(";"))
        if media_range:
            qualities[media_range] = max(_quality_of(parameters), qualities.get(media_range, 0))
    return Accepted(qualities or {"*/*": 1})


def _quality_of(parameters: list[str]) -> float:
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name.strip() == "q":
            return min(float(value), 1) if _QUALITY.fullmatch(value.strip()) else 0
    return 1


def choose_json(accepted: Accepted) -> str | None:
    """The media type of an answer; None where neither is accepted.

    Who takes anything gets `application/json`, which all clients know.
    """
    graphql, plain = accepted.quality(GRAPHQL_JSON), accepted.quality(JSON)
    if GRAPHQL_JSON in accepted.qualities and graphql >= plain and graphql > 0:
        return GRAPHQL_JSON
    if plain >= graphql and plain > 0:
        return JSON
    return GRAPHQL_JSON if graphql > 0 else None


class Negotiated(NamedTuple):
    """What a caller takes: the media type of an answer in JSON, None where that is not accepted;
    whether a page is asked for rather, and whether an event stream is named.
    """

    json: str | None
    prefers_page: bool
    takes_events: bool


def negotiate(header: str) -> Negotiated:
    """What an `Accept` header says."""
    return _negotiate_known(header) if len(header) <= _LONGEST_KNOWN else _negotiate(header)


_LONGEST_KNOWN = 256
"""Characters of a header that is remembered: callers send a handful of them, again and again."""


@lru_cache(maxsize=256)
def _negotiate_known(header: str) -> Negotiated:
    return _negotiate(header)


def _negotiate(header: str) -> Negotiated:
    accepted = read_accept(header)
    takes_events = accepted.qualities.get(EVENT_STREAM, 0) > 0
    return Negotiated(choose_json(accepted), prefers_html(accepted), takes_events)


def media_type_for(headers: Headers) -> str:
    """The media type of a refusal: JSON also where no JSON is accepted."""
    return negotiate(",".join(headers.getlist("accept"))).json or JSON


def prefers_html(accepted: Accepted) -> bool:
    """Whether a page is asked for rather than data: browsers do, `curl` does not."""
    html = accepted.quality(HTML)
    return html > max(accepted.quality(GRAPHQL_JSON), accepted.quality(JSON))
