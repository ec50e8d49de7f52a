"""Serves the metrics of one process at a port of their own.

Each process has one: what it tells is its own and whole, also of memory and CPU, and ends with it.
Prometheus sums them up, which no process could do for another that has died.
"""

import socket
from collections.abc import Sequence
from contextlib import suppress

import uvicorn
from starlette.types import ASGIApp

from app.web.protocol import ConnectionDeadlines, protocol_with

_DEADLINES = ConnectionDeadlines(head=10, body=10, reading=30, connections=20)


class PortsTaken(Exception):
    """Something else listens where the metrics were to be told."""


class MetricsServer(uvicorn.Server):
    """Takes the first of the ports that is free, as there are as many as processes.

    Raises PortsTaken where none is.
    """

    def __init__(self, app: ASGIApp, host: str, ports: Sequence[int]) -> None:
        super().__init__(
            uvicorn.Config(
                app,
                http=protocol_with(_DEADLINES),  # type: ignore[arg-type] # a factory works
                lifespan="off",
                ws="none",
                access_log=False,
                log_level="warning",
                server_header=False,
                timeout_graceful_shutdown=1,
            )
        )
        self._listening = _listen(host, ports)

    async def start(self) -> None:
        """Answers from now on."""
        self.config.load()
        self.lifespan = self.config.lifespan_class(self.config)
        await self.startup([self._listening])

    async def stop(self) -> None:
        """Ends it."""
        await self.shutdown()


def _listen(host: str, ports: Sequence[int]) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    for port in ports:
        with suppress(OSError):
            return socket.create_server((host, port), family=family)
    last = f" to {ports[-1]}" if len(ports) > 1 else ""
    raise PortsTaken(
        f"Metrics cannot be told at {host}, port {ports[0]}{last}: it is taken, or no address of "
        "this machine. Choose another metrics.host or metrics.port."
    )
