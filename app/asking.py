"""Runs one operation without a server."""

import asyncio
from typing import Any

import orjson

from app.clock import SystemClock
from app.config.settings import Settings
from app.demo.instances import demo_transport
from app.logins import Logins
from app.main import build_api, open_connections
from resolvers.context import Context
from resolvers.errors import RequestRefused
from resolvers.executing.answer import Answer
from resolvers.executing.masking import show_error


def ask_once(
    settings: Settings, document: str, variables: dict[str, Any], *, demo: bool
) -> tuple[str, bool]:
    """The answer as JSON, and whether it has errors."""
    try:
        answer = asyncio.run(_execute(settings, document, variables, demo))
    except RequestRefused as refused:
        answer = {"errors": [show_error(error) for error in refused.errors]}
    return orjson.dumps(answer, option=orjson.OPT_INDENT_2).decode(), "errors" in answer


async def _execute(
    settings: Settings, document: str, variables: dict[str, Any], demo: bool
) -> Answer:
    api = build_api(settings)
    operation = api.documents.read(document).choose(None)
    clock = SystemClock()
    transport = open_connections(settings.upstream)
    if demo:
        transport = demo_transport(clock, transport)
    try:
        upstreams = Logins(settings, clock, transport).configured
        context = Context(upstreams, settings.server.page_timeout, api.limits)
        return await api.answer(operation, variables, context)
    finally:
        await transport.aclose()
