"""What callers and what is between may keep of an answer: https://www.rfc-editor.org/rfc/rfc9111

An answer is one caller's, and what instances say changes by the second: it may be kept, but has to
be asked about each time. One that is not the whole truth is not to be kept at all.
"""

from hashlib import blake2b
from http import HTTPStatus

from starlette.requests import Request
from starlette.responses import Response

VARY = "Accept, Authorization, Inbox-Authorization"
"""The request's headers that an answer depends on."""


def forbid_storing(response: Response) -> None:
    """For an answer with errors or failures, and of a mutation."""
    response.headers["cache-control"] = "no-store"


def allow_revalidation(request: Request, response: Response) -> Response:
    """The answer with a tag, or 304 where the caller has this very answer already."""
    tag = f'"{blake2b(response.body, digest_size=16).hexdigest()}"'
    headers = {"cache-control": "private, no-cache", "etag": tag, "vary": VARY}
    known = {each.strip().removeprefix("W/") for each in _known_tags(request)}
    if request.method == "GET" and (tag in known or "*" in known):
        return Response(status_code=HTTPStatus.NOT_MODIFIED, headers=headers)
    response.headers.update(headers)
    return response


def _known_tags(request: Request) -> list[str]:
    return request.headers.get("if-none-match", "").split(",")
