"""Runs the gateway as a server."""

import logging
import os
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import orjson
import typer
import uvicorn

from app.clock import SystemClock
from app.config.observing import MetricsSettings
from app.config.server import ServerSettings
from app.config.settings import Settings
from app.configuration_source import ConfigurationSource
from app.gateway import Gateway
from app.main import MoreRoutes, build_app, no_more_routes, open_connections, open_store
from app.metrics_server import MetricsServer
from app.observability.log_lines import LogLines
from app.observability.logging import Writable, logging_in_background
from app.observability.spans import NO_SPANS, Spans
from app.observability.telemetry import Telemetries, Telemetry
from app.operating import address_of
from app.reloading import Reloading
from app.server import BREAKING_OFF, GatewayServer
from app.upstreams.http.transport import Transport
from app.web.protocol import ConnectionDeadlines, protocol_with
from app.web.subscriptions import Subscriptions

if TYPE_CHECKING:
    from app.observability.metrics import Metrics

PING_EVERY = 20.0
"""Seconds between signs of life on a WebSocket; who does not answer one is gone."""

FIRST_QUERY = "{ notifications(first: 3) { nodes { summary createdAt inbox { name } } } }"


def serve_forever(
    source: ConfigurationSource,
    settings: Settings,
    *,
    faults: Mapping[str, str],
    arrivals: bool = False,
) -> None:
    """Serves until the process is told to stop; SystemExit where it cannot listen.

    `settings` were read from `source`, which is read again at SIGHUP.

    `faults` are the sandbox's, by inbox; with `arrivals` something happens there from the start,
    else from the first subscription on. Raises UnknownFault.
    """
    sandbox = _open_sandbox(settings, faults) if source.demo else None

    def announce() -> None:
        typer.echo(announcement(settings))
        if sandbox is not None and arrivals:
            sandbox.begin()

    with pid_in(settings.server.pid_file), watched(settings) as watching:
        open_server(source, settings, watching, sandbox, announce).run()


class Sandboxed(NamedTuple):
    """What a sandbox adds: the way to its instances, its routes, and what lets things happen."""

    transport: Transport
    more_routes: MoreRoutes
    begin: Callable[[], None]


def _open_sandbox(settings: Settings, faults: Mapping[str, str]) -> Sandboxed:
    """Raises UnknownFault."""
    from app.demo.instances import Demo
    from app.demo.sandbox_routes import sandbox_routes

    demo = Demo(SystemClock(), open_connections(settings.upstream))
    demo.set_faults(faults)
    return Sandboxed(demo.transport, partial(sandbox_routes, demo), demo.arrivals.begin)


class Watching(NamedTuple):
    """Where spans go, and lines of the log that are JSON."""

    spans: Spans
    lines: Writable | None


@contextmanager
def watched(settings: Settings) -> Iterator[Watching]:
    """The log of a process, and its spans, if anybody wants them; sent until its end."""
    with ExitStack() as stack:
        log, tracing = settings.log, settings.tracing
        spans: Spans = NO_SPANS
        lines = stack.enter_context(logging_in_background(log.level, log.format))
        if tracing.endpoint is not None:
            from app.observability.exporting import exported

            given = tracing.endpoint, tracing.sample
            spans = stack.enter_context(exported(*given, propagates=tracing.propagate))
        yield Watching(spans, lines)


def open_server(
    source: ConfigurationSource,
    settings: Settings,
    watching: Watching,
    sandbox: Sandboxed | None = None,
    on_start: Callable[[], None] = lambda: None,
    parent: int | None = None,
    processes: int = 1,
) -> GatewayServer:
    """A server of one process of so many, over a sandbox too if there is one.

    `on_start` and `parent` as in `GatewayServer`.
    """
    if sandbox is None:
        way = open_connections(settings.upstream)
        sandbox = Sandboxed(way, no_more_routes, _nothing_begins)
    transport, more_routes, begin = sandbox
    subscriptions = Subscriptions(time.monotonic, settings.server.sockets, begin)
    store = open_store(settings)
    told: list[Telemetry] = [LogLines(watching.lines)]
    metrics = _make_metrics(settings.metrics)
    if metrics is not None:
        told.append(metrics)
    telemetry = Telemetries(*told)
    parts = settings, SystemClock(), transport, store, more_routes
    gateway = build_app(
        *parts, subscriptions=subscriptions, telemetry=telemetry, spans=watching.spans
    )
    logging.getLogger("uvicorn.error").addFilter(_is_no_denial)
    reloading = Reloading(gateway, source.read, is_open=source.is_open)
    config = configure(gateway, settings)
    page = _open_metrics(gateway, metrics, processes) if metrics is not None else None
    return GatewayServer(config, gateway, on_start, reloading.begin, parent, page)


def _make_metrics(settings: MetricsSettings) -> "Metrics | None":
    """What counts, if anybody wants to know; nobody else pays for its import."""
    if settings.port is None:
        return None
    from app.observability.metrics import Metrics

    return Metrics()


def _open_metrics(gateway: Gateway, metrics: "Metrics", processes: int) -> MetricsServer:
    from app.metrics_page import build_metrics_page

    settings = gateway.settings.metrics
    assert settings.port is not None  # else nothing is counted
    ports = range(settings.port, settings.port + processes)
    return MetricsServer(build_metrics_page(gateway, metrics), settings.host, ports)


@contextmanager
def pid_in(path: str | None) -> Iterator[None]:
    """Keeps the ID of this process in a file meanwhile, if there is to be one. Raises OSError."""
    if path is None:
        yield
        return
    file = Path(path)
    file.write_text(f"{os.getpid()}\n", encoding="ascii")
    try:
        yield
    finally:
        file.unlink(missing_ok=True)


def _nothing_begins() -> None:
    """Where nothing happens in the sandbox from the start."""


def configure(gateway: Gateway, settings: Settings) -> uvicorn.Config:
    """How uvicorn serves the gateway."""
    return uvicorn.Config(
        gateway,
        host=settings.server.host,
        port=settings.server.port,
        loop="uvloop",
        http=protocol_with(_deadlines(settings.server, gateway)),  # type: ignore[arg-type] # a factory works
        ws="websockets-sansio",
        ws_max_size=settings.limits.body,
        ws_per_message_deflate=False,
        ws_ping_interval=min(PING_EVERY, settings.server.reading_timeout),
        ws_ping_timeout=settings.server.reading_timeout,
        access_log=False,
        forwarded_allow_ips=[*settings.server.trusted_proxies],
        timeout_graceful_shutdown=BREAKING_OFF,
        log_level="warning",
        server_header=False,
    )


def _is_no_denial(record: logging.LogRecord) -> bool:
    """uvicorn takes a handshake that is refused with a status for one that was forgotten."""
    return "without completing handshake" not in record.getMessage()


def _deadlines(server: ServerSettings, gateway: Gateway) -> ConnectionDeadlines:
    lasting = gateway.lasting
    return ConnectionDeadlines(
        head=server.head_timeout,
        body=server.body_timeout,
        reading=server.reading_timeout,
        connections=server.connections,
        count_live=lambda: lasting.subscriptions.connections,
        is_draining=lambda: lasting.lifecycle.is_draining,
    )


def announcement(settings: Settings) -> str:
    """Where the gateway is and how to ask it first, for whoever has started it."""
    root = address_of(settings.server)
    address = f"{root}/graphql"
    page = f"The page of all inboxes: {root}\n" if settings.server.page else ""
    key = "    -H 'Authorization: Bearer KEY' \\\n" if settings.clients else ""
    question = orjson.dumps({"query": FIRST_QUERY}).decode()
    return (
        f"Tidings listens at {address}\n{page}\n"
        "Open it in a browser to explore the API, or ask it from another terminal:\n\n"
        f"  curl {address} -H 'Content-Type: application/json' \\\n"
        f"{key}    -d '{question}'\n\n"
        "Ctrl+C ends it."
    )
