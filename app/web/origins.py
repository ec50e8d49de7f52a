"""Which web pages may use the gateway: CORS by configuration, none by default.

https://fetch.spec.whatwg.org/#http-cors-protocol. Nothing here goes by cookies, and a request that
needs no preflight carries no JSON, so that a foreign page cannot change anything unasked; what it
sends by way of a browser that lets it is refused by its `Origin` all the same.
"""

from collections.abc import Collection
from urllib.parse import urlsplit

from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request

from app.web.refusal import Refusal, Refused

_ASKED_WITH = ("Authorization", "Inbox-Authorization", "If-None-Match")
_TOLD = ("ETag", "Retry-After")
_HOUR = 3600


def allow_origins(origins: Collection[str]) -> list[Middleware]:
    """What lets pages of these origins ask and read; nothing where there are none."""
    if not origins:
        return []
    return [
        Middleware(
            CORSMiddleware,
            allow_origins=origins,
            allow_methods=("GET", "POST"),
            allow_headers=_ASKED_WITH,
            expose_headers=_TOLD,
            max_age=_HOUR,
        )
    ]


def check_origin(request: Request, allowed: Collection[str]) -> None:
    """Refuses a change that a page of another origin asks for; raises Refused.

    The scheme is not compared: behind a proxy that ends TLS nobody here knows the real one.
    """
    origin = request.headers.get("origin")
    if origin is None or origin in allowed:
        return
    if urlsplit(origin).netloc != request.headers.get("host"):
        message = "Pages of this origin may not change anything here: see server.allowed_origins."
        raise Refused(Refusal.FORBIDDEN_ORIGIN, message)
