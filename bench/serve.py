"""Serves one of the subjects that are compared: `python -m bench.serve SUBJECT PORT INSTANCE`."""

import asyncio
import os
import sys
from collections.abc import Callable

import httpx
import uvicorn
from opentelemetry.sdk.trace import TracerProvider
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from app.clock import SystemClock
from app.config.settings import Settings
from app.gateway import Gateway
from app.main import build_app, open_connections
from app.observability.exporting import make_sampler
from app.observability.log_lines import LogLines
from app.observability.logging import BackgroundStream
from app.observability.metrics import Metrics
from app.observability.spans import NO_SPANS, Spans
from app.observability.telemetry import NOBODY, Telemetries, Telemetry
from app.observability.tracing import Tracing
from app.server import SettledServer
from bench.peer import build_peer
from bench.query import QUERY

HOUR = {"fresh": 3600, "stale": 3600}


def build_tidings(
    instance: str,
    port: int,
    *,
    inboxes: int = 1,
    responses: int = 0,
    own_pool: bool = True,
    telemetry: Telemetry = NOBODY,
    spans: Spans = NO_SPANS,
) -> Gateway:
    """The gateway over inboxes at the stand-in; without inboxes, one of whoever brings a token."""
    brought = {"name": "home", "credentials": "request"}
    own = [{"name": f"home-{number}", "token": f"t-{number}"} for number in range(inboxes)]
    tables = [
        {"platform": "mastodon", "url": instance, **each}
        for each in (own if inboxes else [brought])
    ]
    cache = {**HOUR, "responses": responses}
    upstream = {"client": "pool" if own_pool else "httpx"}
    settings = Settings.model_validate(
        {"server": {"port": port}, "upstream": upstream, "cache": cache, "inboxes": tables}
    )
    way = open_connections(settings.upstream)
    return build_app(settings, SystemClock(), way, telemetry=telemetry, spans=spans)


def build_observed(instance: str, port: int) -> Gateway:
    """The same with a log line for each operation, and metrics."""
    lines = BackgroundStream(sys.stderr)
    return build_tidings(instance, port, telemetry=Telemetries(LogLines(lines), Metrics()))


def build_traced(instance: str, port: int) -> Gateway:
    """The same with tracing, where no operation is drawn."""
    tracer = TracerProvider(make_sampler(0)).get_tracer("tidings")
    return build_tidings(instance, port, spans=Tracing(tracer, 0, propagates=False))


def ask_tidings(instance: str, port: int) -> bytes:
    """The very bytes that the gateway answers the query with."""

    async def ask() -> bytes:
        gateway = build_tidings(instance, port)
        url = f"http://127.0.0.1:{port}/graphql"
        async with (
            gateway.router.lifespan_context(gateway),
            httpx.AsyncClient(transport=httpx.ASGITransport(gateway)) as client,
        ):
            return (await client.post(url, json={"query": QUERY})).content

    return asyncio.run(ask())


def build_route(body: bytes) -> ASGIApp:
    """A bare route of Starlette with the same bytes."""

    async def answer(request: Request) -> Response:
        await request.body()
        return Response(body, media_type="application/json")

    return Starlette(routes=[Route("/graphql", answer, methods=["POST"])])


def build_bare(body: bytes) -> ASGIApp:
    """Bare ASGI with the same bytes."""
    headers = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(body))]

    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        await receive()
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    return answer


def subjects(instance: str, port: int) -> dict[str, Callable[[], ASGIApp]]:
    """What can be served; names stay, as `bench.pairs` asks other commits for the same."""
    return {
        "tidings": lambda: build_tidings(instance, port),
        "tidings-observed": lambda: build_observed(instance, port),
        "tidings-traced": lambda: build_traced(instance, port),
        "tidings-5": lambda: build_tidings(instance, port, inboxes=5),
        "tidings-answers": lambda: build_tidings(instance, port, responses=8 * 1024 * 1024),
        "tidings-cold": lambda: build_tidings(instance, port, inboxes=0),
        "tidings-cold-httpx": lambda: build_tidings(instance, port, inboxes=0, own_pool=False),
        "strawberry": lambda: build_peer(instance, keeps=True),
        "strawberry-cold": lambda: build_peer(instance, keeps=False),
        "starlette": lambda: build_route(ask_tidings(instance, port)),
        "asgi": lambda: build_bare(ask_tidings(instance, port)),
    }


def main(subject: str, port: int, instance: str) -> None:
    """Serves on the first core that this process may use, all subjects in the same way."""
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    app = subjects(instance, port)[subject]()
    config = uvicorn.Config(app, port=port, log_level="warning", access_log=False, ws="none")
    SettledServer(config).run()


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), sys.argv[3])
