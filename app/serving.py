"""Runs the gateway as a server."""

import asyncio
import gc
import socket
from collections.abc import Mapping, Sequence

import orjson
import typer
import uvicorn
from starlette.routing import BaseRoute

from app.clock import SystemClock
from app.config.server import ServerSettings
from app.config.settings import Settings
from app.demo.fault_route import fault_route
from app.demo.instances import Demo
from app.main import build_app, open_connections, open_store
from app.setting_types.kinds import EVERYWHERE
from app.web.clients import Clients, FailedKeys
from app.web.protocol import ConnectionDeadlines, protocol_with

_GRACE = 10
"""Seconds for requests under way when the process is told to stop."""

FIRST_QUERY = "{ notifications(first: 3) { nodes { summary createdAt inbox { name } } } }"


def serve_forever(settings: Settings, *, demo: bool, faults: Mapping[str, str]) -> None:
    """Serves until the process is told to stop; SystemExit where it cannot listen.

    `faults` are the sandbox's, by inbox. Raises UnknownFault.
    """
    clock = SystemClock()
    transport = open_connections(settings.upstream)
    routes: list[BaseRoute] = []
    if demo:
        sandbox = Demo(clock, transport)
        sandbox.set_faults(faults)
        clients = Clients(settings.clients, FailedKeys(clock, asyncio.sleep))
        routes = [fault_route(sandbox, clients, settings.server)]
        transport = sandbox.transport
    config = uvicorn.Config(
        build_app(settings, clock, transport, open_store(settings), routes),
        host=settings.server.host,
        port=settings.server.port,
        loop="uvloop",
        http=protocol_with(_deadlines(settings.server)),  # type: ignore[arg-type] # a factory works
        ws="none",
        access_log=False,
        forwarded_allow_ips=[*settings.server.trusted_proxies],
        timeout_graceful_shutdown=_GRACE,
        log_level="warning",
        server_header=False,
    )
    _AnnouncingServer(config, settings).run()


def _deadlines(server: ServerSettings) -> ConnectionDeadlines:
    return ConnectionDeadlines(
        head=server.head_timeout,
        body=server.body_timeout,
        reading=server.reading_timeout,
        connections=server.connections,
    )


class SettledServer(uvicorn.Server):
    """What is there when it starts stays: it is not looked through for garbage again (30 ms)."""

    async def startup(self, sockets: Sequence[socket.socket] | None = None) -> None:
        await super().startup(list(sockets) if sockets else None)
        gc.collect()
        gc.freeze()


class _AnnouncingServer(SettledServer):
    """Says where it is as soon as it listens, and not before."""

    def __init__(self, config: uvicorn.Config, settings: Settings) -> None:
        super().__init__(config)
        self._settings = settings

    async def startup(self, sockets: Sequence[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            typer.echo(announcement(self._settings))


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
