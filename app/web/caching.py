"""What callers and what is between may keep of an answer: https://www.rfc-editor.org/rfc/rfc9111

An answer is one caller's, and what instances say changes by the second: it may be kept, but has to
be asked about each time. One that is not the whole truth is not to be kept at all.
"""

from hashlib import blake2b
from http import HTTPStatus

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import Response

from app.web.refusal import bytes_response

READS = ("GET", "HEAD")
"""The methods by which an answer can be asked about again."""

VARY = "Accept, Authorization, Inbox-Authorization"
"""The request's headers that an answer depends on."""


def tag_of(body: bytes) -> str:
    """What tells this answer from another one."""
    return f'"{blake2b(body, digest_size=16).hexdigest()}"'


def show_whole(request: Request, body: bytes, media_type: str) -> Response:
    """An answer that may be kept and asked about, by GET and HEAD alone."""
    if request.method not in READS:
        return bytes_response(body, HTTPStatus.OK, media_type, _KEPT)
    return bytes_response(body, HTTPStatus.OK, media_type, {**_KEPT, "etag": tag_of(body)})


def revalidate(request: Request, response: Response) -> Response:
    """304 in place of an answer that the caller has already."""
    tag = response.headers.get("etag") if request.method in READS else None
    known = {each.strip().removeprefix("W/") for each in _known_tags(request)} if tag else set()
    if tag in known or (tag and "*" in known):
        return Response(status_code=HTTPStatus.NOT_MODIFIED, headers={**_KEPT, "etag": tag or ""})
    return response


def wants_now(headers: Headers) -> bool:
    """Whether a caller wants what instances say now, as somebody does who pulls to refresh.

    https://www.rfc-editor.org/rfc/rfc9111#section-5.2.1.4
    """
    asked = ",".join(headers.getlist("cache-control")).lower()
    return "no-cache" in (each.strip() for each in asked.split(","))


_KEPT = {"cache-control": "private, no-cache", "vary": VARY}


def _known_tags(request: Request) -> list[str]:
    return request.headers.get("if-none-match", "").split(",")
