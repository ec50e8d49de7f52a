"""A GraphQL request as it stands in an HTTP request: https://graphql.github.io/graphql-over-http/draft/"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import orjson
from starlette.requests import ClientDisconnect, Request

from app.web.refusal import JSON, Refusal, Refused

Json = dict[str, Any]
"""A JSON object; its values are checked where they are used."""


@dataclass(frozen=True, slots=True)
class Parameters:
    """What is asked: a document or its hash, which operation of it, and the variables' values."""

    query: str | None
    document_id: str | None
    operation_name: str | None
    variables: Mapping[str, Any]


def read_query_string(request: Request) -> Parameters:
    """What a GET asks. Raises Refused."""
    asked: Json = {name: value for name, value in request.query_params.items() if value}
    for name in ("variables", "extensions"):
        if name in asked:
            asked[name] = _load(asked[name].encode(), f"The parameter {name}")
    return check_parameters(asked)


async def read_body(request: Request, most: int, seconds: float) -> Parameters:
    """What a POST asks. Raises Refused, and ClientDisconnect."""
    body = await receive_json(request, most, seconds)
    return _read_known(body) if len(body) <= _LONGEST_KNOWN else _read(body)


async def receive_json(request: Request, most: int, seconds: float) -> bytes:
    """A body that is said to be JSON, of so many bytes at most that arrive within so many seconds.

    Raises Refused, and ClientDisconnect.
    """
    _check_content_type(request.headers.get("content-type", ""))
    for name, value in request.scope["headers"]:  # nearly nobody sends it, and this is quick
        if name == b"content-encoding" and value.strip().lower() != b"identity":
            message = "Send the body without a content coding."
            headers = {"accept-encoding": "identity", **_CLOSE}
            raise Refused(Refusal.UNSUPPORTED_MEDIA_TYPE, message, headers)
    try:
        async with asyncio.timeout(seconds):
            return await _receive(request, most)
    except TimeoutError:
        message = f"The body did not arrive within {seconds:g} s."
        raise Refused(Refusal.REQUEST_TIMEOUT, message, _CLOSE) from None


_LONGEST_KNOWN = 4096
"""Bytes of a body that is remembered with what it asks: clients send the same again and again."""


@lru_cache(maxsize=128)
def _read_known(body: bytes) -> Parameters:
    return _read(body)


def _read(body: bytes) -> Parameters:
    asked = _load(body, "The body")
    if isinstance(asked, list):
        raise _bad("The body is a list: send one operation at a time.")
    if not isinstance(asked, dict):
        raise _bad("The body is no JSON object.")
    return check_parameters(asked)


_CLOSE = {"connection": "close"}
"""What is left of a body that nobody reads must not be taken for the next request."""


def _check_content_type(header: str) -> None:
    if header == JSON:
        return
    media_type, *parameters = (each.strip().lower() for each in header.split(";"))
    charsets = [each.partition("=")[2].strip('"') for each in parameters if "charset=" in each]
    if media_type != JSON or any(charset not in ("utf-8", "utf8") for charset in charsets):
        message = f"Send the request as {JSON}, in UTF-8, and say so in Content-Type."
        raise Refused(Refusal.UNSUPPORTED_MEDIA_TYPE, message, {"accept-post": JSON, **_CLOSE})


async def _receive(request: Request, most: int) -> bytes:
    body = bytearray()
    try:
        announced = int(request.headers.get("content-length", 0))
    except ValueError:
        announced = 0
    while announced <= most:
        message = await request.receive()
        if message["type"] == "http.disconnect":
            raise ClientDisconnect
        part: bytes = message.get("body", b"")
        has_more = message.get("more_body", False)
        if not has_more and not body and len(part) <= most:
            return part
        body += part
        if len(body) > most:
            break
        if not has_more:
            return bytes(body)
    problem = f"The body is larger than {most} bytes."
    raise Refused(Refusal.PAYLOAD_TOO_LARGE, problem, _CLOSE)


def _load(text: bytes, where: str) -> object:
    try:
        value: object = orjson.loads(text)
    except orjson.JSONDecodeError:
        raise _bad(f"{where} is no JSON in UTF-8, or is nested too deeply.") from None
    return value


def check_parameters(asked: Json) -> Parameters:
    """What a JSON object asks. Raises Refused.

    Null is the same as left out: https://graphql.github.io/graphql-over-http/draft/#sec-Request-Parameters
    """
    values = {name: value for name, value in asked.items() if value is not None}
    query, operation_name = _text(values, "query"), _text(values, "operationName")
    variables, extensions = _object(values, "variables"), _object(values, "extensions")
    document_id = _text(values, "documentId") or _apollo_hash(extensions)
    if not query and not document_id:
        raise _bad("There is no query: send the document as query.")
    return Parameters(query, document_id, operation_name or None, variables)


def _text(values: Json, name: str) -> str | None:
    value = values.get(name)
    if value is not None and not isinstance(value, str):
        raise _bad(f"{name} is no text.")
    return value


def _object(values: Json, name: str) -> Json:
    value = values.get(name, {})
    if not isinstance(value, dict):
        raise _bad(f"{name} is no JSON object.")
    return value


def _apollo_hash(extensions: Json) -> str | None:
    """Where Apollo's clients put a document's hash."""
    persisted = extensions.get("persistedQuery")
    value = persisted.get("sha256Hash") if isinstance(persisted, dict) else None
    return value if isinstance(value, str) else None


def _bad(message: str) -> Refused:
    return Refused(Refusal.BAD_REQUEST, message)
