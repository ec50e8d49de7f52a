"""What an answer or a refusal of the view looks like."""

from collections.abc import Collection
from http import HTTPStatus
from typing import NoReturn

from starlette.responses import Response
from starlette.types import Message, Send

from app.observability.telemetry import Outcome
from app.web.caching import VARY
from app.web.event_stream import stream_once
from app.web.in_flight import RETRY_AFTER
from app.web.noted_operation import REQUEST_ID
from app.web.refusal import JSON, Refusal, Refused, json_response
from resolvers.errors import RefusalCode, RequestRefused
from resolvers.executing.answer import Answer
from resolvers.executing.masking import show_error

_BAD_REQUESTS = {RefusalCode.GRAPHQL_PARSE_FAILED, RefusalCode.UNUSED_VARIABLE}
"""What gets 400 and not 422. A variable that nothing uses should get 422 by the draft, but
graphql-http's audit 86EE sends one, and wants the 400 of earlier drafts."""


NOT_TO_BE_KEPT = {"vary": VARY, "cache-control": "no-store"}


SHUTTING_DOWN = Refused(
    Refusal.SHUTTING_DOWN,
    "The gateway stops and does not finish this: ask again. What a mutation has sent to an "
    "instance may be carried out all the same.",
    {**RETRY_AFTER, "connection": "close"},
)

NEEDS_STREAM = (
    "A subscription is sent by a WebSocket (graphql-transport-ws) or by server-sent events: name "
    "text/event-stream in Accept."
)


def show_refusal(refused: RequestRefused, media_type: str | None) -> Response:
    """An answer without data; 200 where only `application/json` is known, as old clients expect."""
    if media_type is None:
        return stream_once({"errors": [show_error(error) for error in refused.errors]})
    status = HTTPStatus.OK if media_type == JSON else status_of(refused.code)
    errors = [show_error(error) for error in refused.errors]
    answer, kept = {"errors": errors}, NOT_TO_BE_KEPT
    return json_response(answer, status, media_type, kept, Outcome.REFUSED)


def status_of(code: RefusalCode) -> HTTPStatus:
    """Of an answer without data, for callers who know `application/graphql-response+json`."""
    return HTTPStatus.BAD_REQUEST if code in _BAD_REQUESTS else HTTPStatus.UNPROCESSABLE_ENTITY


def refuse_method(message: str, allowed: Collection[str]) -> NoReturn:
    """Raises Refused, with the methods that work."""
    headers = {"allow": ", ".join(allowed)}
    raise Refused(Refusal.METHOD_NOT_ALLOWED, message, headers)


def outcome_of_answer(answer: Answer) -> Outcome:
    """Whether something went wrong, here or at an instance."""
    is_whole = "errors" not in answer and "failedInboxes" not in answer["extensions"]
    return Outcome.OK if is_whole else Outcome.PARTIAL


def with_id(send: Send, request_id: bytes) -> Send:
    """Sends the request's ID with the head of the answer."""

    async def sendwith_id(message: Message) -> None:
        if message["type"] == "http.response.start":
            message["headers"] = [*message["headers"], (REQUEST_ID, request_id)]
        await send(message)

    return sendwith_id
