"""Runs the gateway as a server."""

import asyncio
import gc
import logging
import socket
import time
from collections.abc import Callable, Mapping, Sequence

import orjson
import typer
import uvicorn
from starlette.routing import BaseRoute
from starlette.types import ASGIApp

from app.clock import SystemClock
from app.config.server import ServerSettings
from app.config.settings import Settings
from app.demo.instances import Demo
from app.demo.sandbox_routes import sandbox_routes
from app.main import build_app, open_connections, open_store
from app.setting_types.kinds import EVERYWHERE
from app.web.clients import Clients, FailedKeys
from app.web.protocol import ConnectionDeadlines, protocol_with
from app.web.subscriptions import Subscriptions

_GRACE = 10
"""Seconds for requests under way when the process is told to stop."""

PING_EVERY = 20.0
"""Seconds between signs of life on a WebSocket; who does not answer one is gone."""

FIRST_QUERY = "{ notifications(first: 3) { nodes { summary createdAt inbox { name } } } }"


def serve_forever(
    settings: Settings, *, demo: bool, faults: Mapping[str, str], arrivals: bool = False
) -> None:
    """Serves until the process is told to stop; SystemExit where it cannot listen.

    `faults` are the sandbox's, by inbox; with `arrivals` something happens there from the start,
    else from the first subscription on. Raises UnknownFault.
    """
    clock = SystemClock()
    transport = open_connections(settings.upstream)
    routes: list[BaseRoute] = []
    subscriptions = Subscriptions(time.monotonic, settings.server.sockets)
    if demo:
        sandbox = Demo(clock, transport)
        sandbox.set_faults(faults)
        clients = Clients(settings.clients, FailedKeys(clock, asyncio.sleep))
        routes = sandbox_routes(sandbox, clients, settings.server)
        sockets = settings.server.sockets
        subscriptions = Subscriptions(time.monotonic, sockets, sandbox.arrivals.begin)
        transport = sandbox.transport
    begin = sandbox.arrivals.begin if arrivals and demo else _nothing_begins
    app = build_app(
        settings, clock, transport, open_store(settings), routes, subscriptions=subscriptions
    )
    logging.getLogger("uvicorn.error").addFilter(_is_no_denial)
    config = configure(app, settings, subscriptions)
    _AnnouncingServer(config, settings, subscriptions, begin).run()


def _nothing_begins() -> None:
    """Where nothing happens in the sandbox from the start."""


def configure(app: ASGIApp, settings: Settings, subscriptions: Subscriptions) -> uvicorn.Config:
    """How uvicorn serves the gateway."""
    return uvicorn.Config(
        app,
        host=settings.server.host,
        port=settings.server.port,
        loop="uvloop",
        http=protocol_with(_deadlines(settings.server, subscriptions)),  # type: ignore[arg-type] # a factory works
        ws="websockets-sansio",
        ws_max_size=settings.limits.body,
        ws_per_message_deflate=False,
        ws_ping_interval=min(PING_EVERY, settings.server.reading_timeout),
        ws_ping_timeout=settings.server.reading_timeout,
        access_log=False,
        forwarded_allow_ips=[*settings.server.trusted_proxies],
        timeout_graceful_shutdown=_GRACE,
        log_level="warning",
        server_header=False,
    )


def _is_no_denial(record: logging.LogRecord) -> bool:
    """uvicorn takes a handshake that is refused with a status for one that was forgotten."""
    return "without completing handshake" not in record.getMessage()


def _deadlines(server: ServerSettings, subscriptions: Subscriptions) -> ConnectionDeadlines:
    return ConnectionDeadlines(
        head=server.head_timeout,
        body=server.body_timeout,
        reading=server.reading_timeout,
        connections=server.connections,
        count_live=lambda: subscriptions.connections,
    )


class SettledServer(uvicorn.Server):
    """What is there when it starts stays: it is not looked through for garbage again (30 ms)."""

    async def startup(self, sockets: Sequence[socket.socket] | None = None) -> None:
        await super().startup(list(sockets) if sockets else None)
        gc.collect()
        gc.freeze()


class GatewayServer(SettledServer):
    """Ends subscriptions before it breaks anything off, so that their clients come again."""

    def __init__(self, config: uvicorn.Config, subscriptions: Subscriptions) -> None:
        super().__init__(config)
        self._subscriptions = subscriptions

    async def shutdown(self, sockets: Sequence[socket.socket] | None = None) -> None:
        await self._subscriptions.aclose()
        await super().shutdown(list(sockets) if sockets else None)


class _AnnouncingServer(GatewayServer):
    """Says where it is as soon as it listens, and not before."""

    def __init__(
        self,
        config: uvicorn.Config,
        settings: Settings,
        subscriptions: Subscriptions,
        begin: Callable[[], None],
    ) -> None:
        super().__init__(config, subscriptions)
        self._settings = settings
        self._begin = begin

    async def startup(self, sockets: Sequence[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            typer.echo(announcement(self._settings))
            self._begin()


def announcement(settings: Settings) -> str:
    """Where the gateway is and how to ask it first, for whoever has started it."""
    server = settings.server
    host = "127.0.0.1" if server.host in EVERYWHERE else server.host  # a name that is answered
    host = f"[{host}]" if ":" in host else host
    address = f"http://{host}:{server.port}/graphql"
    key = "    -H 'Authorization: Bearer KEY' \\\n" if settings.clients else ""
    question = orjson.dumps({"query": FIRST_QUERY}).decode()
    return (
        f"Tidings listens at {address}\n\n"
        "Open it in a browser to explore the API, or ask it from another terminal:\n\n"
        f"  curl {address} -H 'Content-Type: application/json' \\\n"
        f"{key}    -d '{question}'\n\n"
        "Ctrl+C ends it."
    )
