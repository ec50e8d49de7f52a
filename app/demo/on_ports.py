"""The sandbox's instances on ports of loopback, for frontends and for other gateways.

The first port tells how they are configured, and takes `POST /sandbox/arrive`.
"""

import asyncio
import socket
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager

import typer
import uvicorn
from pydantic import SecretStr
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from app.clock import Clock, SystemClock
from app.config.server import ServerSettings
from app.demo.arrivals import Arrivals
from app.demo.instances import DEMO, INBOXES
from app.demo.sandbox_routes import arrival_route
from app.web.clients import Clients, FailedKeys
from app.web.hosts import HostCheck

_HOST = "127.0.0.1"
_NAMES = ("127.0.0.1", "localhost")


def serve_sandbox(port: int, *, arrivals: bool, rows: int | None = None) -> None:
    """Serves until the process is told to stop; the instances follow `port`. Raises OSError.

    In all of them together about so many `rows` are listed. With `arrivals` something happens
    every few seconds from the start.
    """
    sockets = [socket.create_server((_HOST, port + at)) for at in range(len(INBOXES) + 1)]
    app = build_sandbox(SystemClock(), port, arrivals=arrivals, rows=rows)
    config = uvicorn.Config(app, log_level="warning", access_log=False)
    typer.echo(_announce(port))
    uvicorn.Server(config).run(sockets=sockets)


def build_sandbox(clock: Clock, port: int, *, arrivals: bool, rows: int | None = None) -> ASGIApp:
    """An application that answers as each instance at its port."""
    now = clock.now()
    usual = sum(each.rows for each in INBOXES)
    made = {
        each.name: each.make_instance(clock, now, origin, each.rows * (rows or usual) // usual)
        for each, origin in zip(INBOXES, _origins(port), strict=True)
    }
    happening = Arrivals({name: instance.arrive for name, instance in made.items()})
    first = _build_first(clock, port, happening, arrivals=arrivals)
    apps = dict(enumerate((first, *(each.app for each in made.values())), port))
    return HostCheck(_ByPort(apps, first), _NAMES)


def _build_first(clock: Clock, port: int, happening: Arrivals, *, arrivals: bool) -> ASGIApp:
    """What answers at the first port."""

    async def configure(_: Request) -> Response:
        return PlainTextResponse(write_configuration(port))

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        if arrivals:
            happening.begin()
        yield

    clients = Clients((), FailedKeys(clock, asyncio.sleep))
    arrive = arrival_route(happening, clients, ServerSettings(port=port))
    return Starlette(routes=[Route("/", configure), arrive], lifespan=lifespan)


class _ByPort:
    """Each request goes to the application of the port that it came to; what starts, to `first`."""

    def __init__(self, apps: Mapping[int, ASGIApp], first: ASGIApp) -> None:
        self._apps = apps
        self._first = first

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        _, port = scope.get("server") or (None, 0)
        await self._apps.get(port, self._first)(scope, receive, send)


def _origins(port: int) -> Sequence[str]:
    return [f"http://{_HOST}:{port + 1 + at}" for at in range(len(INBOXES))]


def write_configuration(port: int) -> str:
    """The text of a configuration file for the instances that follow a port."""
    lines = ["[upstream]", f'contact = "{DEMO["upstream"]["contact"]}"']
    for inbox, origin in zip(INBOXES, _origins(port), strict=True):
        lines += ["", "[[inboxes]]"]
        for key, value in inbox.table_at(origin).items():
            text = value.get_secret_value() if isinstance(value, SecretStr) else value
            lines.append(f'{key} = "{text}"')
    return "\n".join(lines) + "\n"


def _announce(port: int) -> str:
    first = f"http://{_HOST}:{port}"
    names = [
        f"  {inbox.name:<8} {origin}" for inbox, origin in zip(INBOXES, _origins(port), strict=True)
    ]
    return "\n".join(
        [
            "The sandbox's instances listen at",
            *names,
            f"\nTheir configuration, and one more thing that happens there:\n\n  curl {first}",
            f"  curl {first}/sandbox/arrive -H 'Content-Type: application/json' \\",
            f'    -d \'{{"inbox": "{INBOXES[0].name}"}}\'',
            "\nCtrl+C ends it.",
        ]
    )
