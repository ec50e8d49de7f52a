"""Spans arrive at a collector of OpenTelemetry, from a real process."""

import asyncio
from pathlib import Path

import httpx
import pytest
from conftest import REAL_TIME
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from support.commands import run, started
from support.debian import free_port
from support.served_app import serve_app


@pytest.fixture
def anyio_backend() -> object:
    """Processes need real time."""
    return REAL_TIME


async def test_spans_are_sent(tmp_path: Path) -> None:
    """At the latest when the process ends, over the demo."""
    taken: list[ExportTraceServiceRequest] = []

    async def take(request: Request) -> Response:
        taken.append(ExportTraceServiceRequest.FromString(await request.body()))
        return Response()

    port = free_port()
    collector = Starlette(routes=[Route("/v1/traces", take, methods=["POST"])])
    async with serve_app(collector) as address:
        (tmp_path / "tidings.toml").write_text(
            f'[server]\ndrain = 0\n[tracing]\nendpoint = "{address}/v1/traces"\n'
        )
        arguments = ("serve", "--demo", "--config", "tidings.toml", "--port", str(port))
        async with started(*arguments, folder=tmp_path), httpx.AsyncClient() as client:
            query = {"query": "{ notifications(first: 2) { nodes { id } } }"}
            await client.post(f"http://127.0.0.1:{port}/graphql", json=query)
            await asyncio.sleep(0)
    spans = [
        span
        for request in taken
        for resource in request.resource_spans
        for scope in resource.scope_spans
        for span in scope.spans
    ]
    assert {"query", "notifications", "GET social"} <= {span.name for span in spans}


def test_where_no_collector_is(tmp_path: Path) -> None:
    """A wrong address is told of at the start."""
    (tmp_path / "tidings.toml").write_text('[tracing]\nendpoint = "nonsense"\n')
    ran = run("serve", "--demo", "--config", "tidings.toml", folder=tmp_path)
    assert ran.returncode == 2 and "tracing.endpoint: expected" in ran.stderr
