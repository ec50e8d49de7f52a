"""Runs one operation without a server."""

import asyncio
from typing import Any

import orjson
from strawberry.types import ExecutionResult

from app.clock import SystemClock
from app.config.settings import Settings
from app.main import build_upstreams, log_unforeseen, open_connections
from app.sandbox.demo import demo_transport
from resolvers.context import Context
from resolvers.schema import build_schema


def ask_once(
    settings: Settings, document: str, variables: dict[str, Any], *, demo: bool
) -> tuple[str, bool]:
    """The answer as JSON, and whether it has errors."""
    result = asyncio.run(_execute(settings, document, variables, demo))
    answer: dict[str, object] = {"data": result.data}
    if result.errors:
        answer["errors"] = [error.formatted for error in result.errors]
    if result.extensions:
        answer["extensions"] = result.extensions
    return orjson.dumps(answer, option=orjson.OPT_INDENT_2).decode(), bool(result.errors)


async def _execute(
    settings: Settings, document: str, variables: dict[str, Any], demo: bool
) -> ExecutionResult:
    clock = SystemClock()
    transport = open_connections(settings.upstream)
    if demo:
        transport = demo_transport(clock, transport)
    try:
        upstreams = build_upstreams(settings, clock, transport)
        context = Context(upstreams, settings.server.page_timeout)
        schema = build_schema(log_unforeseen)
        return await schema.execute(document, variables, context)
    finally:
        await transport.aclose()
