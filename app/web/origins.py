"""Which web pages may use the gateway: CORS by configuration, none by default.

https://fetch.spec.whatwg.org/#http-cors-protocol. Nothing here goes by cookies, and a request that
needs no preflight carries no JSON, so that a foreign page cannot change anything unasked; what it
sends by way of a browser that lets it is refused by its `Origin` all the same.
"""

from collections.abc import Collection
from http import HTTPStatus
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.responses import Response

from app.web.negotiation import media_type_for
from app.web.refusal import Refusal, Refused

_ASKED_WITH = (
    "Authorization",
    "Inbox-Authorization",
    "If-None-Match",
    "Cache-Control",
    "Last-Event-ID",
)
_TOLD = ("ETag", "Retry-After")
_HOUR = 3600


def allow_origins(origins: Collection[str]) -> list[Middleware]:
    """What lets pages of these origins ask and read; nothing where there are none."""
    if not origins:
        return []
    return [
        Middleware(
            _Cors,
            allow_origins=origins,
            allow_methods=("GET", "POST"),
            allow_headers=_ASKED_WITH,
            expose_headers=_TOLD,
            max_age=_HOUR,
        )
    ]


class _Cors(CORSMiddleware):
    """Starlette's, which refuses in JSON and with a code as everything here does."""

    def preflight_response(self, request_headers: Headers) -> Response:
        answer = super().preflight_response(request_headers)
        if answer.status_code < HTTPStatus.BAD_REQUEST:
            return answer
        kept = {key: value for key, value in answer.headers.items() if key in _OF_PREFLIGHTS}
        message = "Pages of this origin may not ask so: see server.allowed_origins."
        refused = Refused(Refusal.FORBIDDEN_ORIGIN, message, kept)
        return refused.as_response(media_type_for(request_headers))


_OF_PREFLIGHTS = {"vary", "access-control-allow-origin"}


def check_origin(headers: Headers, allowed: Collection[str]) -> None:
    """Refuses what a page of another origin asks for and may not have; raises Refused.

    The scheme is not compared: behind a proxy that ends TLS nobody here knows the real one.
    """
    origins = headers.getlist("origin")
    if not origins or (len(origins) == 1 and origins[0] in allowed):
        return
    host = headers.get("host", "").lower()
    if len(origins) > 1 or not host or _authority_of(origins[0]) != host:
        message = "Pages of this origin may not do that here: see server.allowed_origins."
        raise Refused(Refusal.FORBIDDEN_ORIGIN, message)


def _authority_of(origin: str) -> str:
    """The host and port of an origin, in lower case; empty where it has none."""
    try:
        return urlsplit(origin).netloc.lower()
    except ValueError:  # `http://[`
        return ""
