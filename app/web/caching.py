"""What callers and what is between may keep of an answer: https://www.rfc-editor.org/rfc/rfc9111

An answer is one caller's, and what instances say changes by the second: it may be kept, but has to
be asked about each time. One that is not the whole truth is not to be kept at all.
"""

from hashlib import blake2b
from http import HTTPStatus

from starlette.requests import Request
from starlette.responses import Response

from app.web.refusal import bytes_response

VARY = "Accept, Authorization, Inbox-Authorization"
"""The request's headers that an answer depends on."""


def tag_of(body: bytes) -> str:
    """What tells this answer from another one."""
    return f'"{blake2b(body, digest_size=16).hexdigest()}"'


def show_kept(request: Request, body: bytes, media_type: str, tag: str) -> Response:
    """An answer that may be kept, with its tag; 304 where the caller has this very one already."""
    headers = {"cache-control": "private, no-cache", "etag": tag, "vary": VARY}
    if request.method == "GET":
        known = {each.strip().removeprefix("W/") for each in _known_tags(request)}
        if tag in known or "*" in known:
            return Response(status_code=HTTPStatus.NOT_MODIFIED, headers=headers)
    return bytes_response(body, HTTPStatus.OK, media_type, headers)


def _known_tags(request: Request) -> list[str]:
    return request.headers.get("if-none-match", "").split(",")
