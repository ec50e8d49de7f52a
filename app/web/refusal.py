"""What a request gets that is not answered: a status, and one error with a code, as JSON."""

from collections.abc import Mapping, Sequence
from enum import Enum
from http import HTTPStatus
from typing import Any

import orjson
from starlette.responses import Response

from app.observability.telemetry import Outcome

JSON = "application/json"
GRAPHQL_JSON = "application/graphql-response+json"

HEADERS = {"cache-control": "no-store", "x-content-type-options": "nosniff"}


class Refusal(Enum):
    """Why; the name is the error's code, and the value its HTTP status."""

    BAD_REQUEST = (HTTPStatus.BAD_REQUEST, "the request cannot be read")
    BAD_INBOX_AUTHORIZATION = (HTTPStatus.BAD_REQUEST, "`Inbox-Authorization` cannot be used")
    UNAUTHORIZED = (HTTPStatus.UNAUTHORIZED, "a key is missing in `Authorization`, or wrong")
    FORBIDDEN_ORIGIN = (HTTPStatus.FORBIDDEN, "a page of another origin may not change anything")
    NOT_FOUND = (HTTPStatus.NOT_FOUND, "there is nothing at this address")
    METHOD_NOT_ALLOWED = (HTTPStatus.METHOD_NOT_ALLOWED, "`Allow` names the methods that work")
    NOT_ACCEPTABLE = (HTTPStatus.NOT_ACCEPTABLE, "`Accept` names no media type that there is")
    REQUEST_TIMEOUT = (HTTPStatus.REQUEST_TIMEOUT, "the body did not arrive in time")
    PAYLOAD_TOO_LARGE = (HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "the body is too large")
    UNSUPPORTED_MEDIA_TYPE = (HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "the body is no JSON in UTF-8")
    MISDIRECTED_REQUEST = (HTTPStatus.MISDIRECTED_REQUEST, "`Host` names no host of this gateway")
    TOO_MANY_REQUESTS = (HTTPStatus.TOO_MANY_REQUESTS, "too many wrong keys: `Retry-After`")
    SUBSCRIPTION_NEEDS_STREAM = (HTTPStatus.BAD_REQUEST, "a subscription was asked for without one")
    OVERLOADED = (HTTPStatus.SERVICE_UNAVAILABLE, "too many requests at once: `Retry-After`")
    SHUTTING_DOWN = (HTTPStatus.SERVICE_UNAVAILABLE, "the gateway stops: `Retry-After`")
    PERSISTED_QUERY_NOT_FOUND = (HTTPStatus.BAD_REQUEST, "no trusted document has this hash")
    DOCUMENT_NOT_TRUSTED = (HTTPStatus.FORBIDDEN, "only trusted documents are executed here")
    INTERNAL = (HTTPStatus.INTERNAL_SERVER_ERROR, "a mistake of the gateway")

    @property
    def status(self) -> HTTPStatus:
        return self.value[0]

    @property
    def meaning(self) -> str:
        return self.value[1]


class Refused(Exception):
    """Ends the handling of a request; `headers` go out with the answer."""

    def __init__(
        self,
        refusal: Refusal,
        message: str,
        headers: Mapping[str, str] | None = None,
        extensions: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.refusal = refusal
        self.headers = headers or {}
        self.extensions = extensions or {}

    def as_response(self, media_type: str) -> Response:
        """The response that says so, in one of the two media types of JSON."""
        extensions = {"code": self.refusal.name, **self.extensions}
        errors = [{"message": str(self), "extensions": extensions}]
        return json_response(
            {"errors": errors}, self.refusal.status, media_type, {**HEADERS, **self.headers}
        )


class Answered(Response):
    """An answer in JSON; `outcome` is how it ended, which its status does not always tell."""

    outcome = Outcome.OK


def json_response(
    content: Mapping[str, Any] | Sequence[object],
    status: int,
    media_type: str,
    headers: Mapping[str, str],
    outcome: Outcome = Outcome.OK,
) -> Answered:
    """JSON in UTF-8, and said to be; never guessed to be anything else."""
    response = bytes_response(orjson.dumps(content), status, media_type, headers)
    response.outcome = outcome
    return response


def bytes_response(
    body: bytes, status: int, media_type: str, headers: Mapping[str, str]
) -> Answered:
    """The same of JSON that is written already."""
    fixed = {
        "content-type": f"{media_type}; charset=utf-8",
        "x-content-type-options": "nosniff",
    }
    return Answered(body, status, {**fixed, **headers})
