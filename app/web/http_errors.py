"""What Starlette refuses by itself, told as everything else is."""

from http import HTTPStatus

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from app.web.negotiation import media_type_for
from app.web.refusal import Refusal, Refused

_KNOWN = {
    HTTPStatus.NOT_FOUND: Refusal.NOT_FOUND,
    HTTPStatus.METHOD_NOT_ALLOWED: Refusal.METHOD_NOT_ALLOWED,
}


async def answer_http_error(request: Request, error: Exception) -> Response:
    """An address that is none, a method that is not taken."""
    assert isinstance(error, HTTPException)
    refusal = _KNOWN.get(HTTPStatus(error.status_code), Refusal.BAD_REQUEST)
    message = f"{error.detail}: the API is at /graphql."
    return Refused(refusal, message, error.headers).as_response(media_type_for(request.headers))
