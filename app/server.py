"""The server's start and end: it drains, lets requests finish, and breaks off what is left."""

import asyncio
import gc
import os
import signal
import socket
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

import uvicorn

from app.gateway import Gateway
from app.metrics_server import MetricsServer

BREAKING_OFF = 1
"""Seconds at the end of the grace time for answers that say so, and for closing."""
_LAST = 0.3
"""Of these, for what was not read by then."""


class SettledServer(uvicorn.Server):
    """What is there when it starts stays: it is not looked through for garbage again (30 ms)."""

    async def startup(self, sockets: Sequence[socket.socket] | None = None) -> None:
        await super().startup(list(sockets) if sockets else None)
        gc.collect()
        gc.freeze()


class GatewayServer(SettledServer):
    """Stops without anybody noticing, if it is told by SIGTERM; Ctrl+C does not wait to drain.

    The order is: `/health/ready` says no while connections are still taken, then the port closes,
    live connections are told to come again, requests and writes finish. A second signal, or the end
    of the grace time, breaks off what is left. `on_start` is called once it listens, `on_reload` at
    SIGHUP. With a `parent`, the ID of a process, it also stops when that has ended.
    """

    def __init__(
        self,
        config: uvicorn.Config,
        gateway: Gateway,
        on_start: Callable[[], None] = lambda: None,
        on_reload: Callable[[], None] = lambda: None,
        parent: int | None = None,
        metrics: MetricsServer | None = None,
    ) -> None:
        super().__init__(config)
        self._gateway = gateway
        self._on_start = on_start
        self._on_reload = on_reload
        self._parent = parent
        self._metrics = metrics
        self._lifecycle = gateway.lasting.lifecycle
        self._ends_at = 0.0

    async def startup(self, sockets: Sequence[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self._metrics is not None:
            await self._metrics.start()
        if self.started:
            self._on_start()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Takes signals while it runs; uvicorn would end the process by the one that it got."""
        loop = asyncio.get_running_loop()
        drain = self._gateway.settings.server.drain
        loop.add_signal_handler(signal.SIGTERM, self.stop, drain)
        loop.add_signal_handler(signal.SIGINT, self.stop, 0.0)
        loop.add_signal_handler(signal.SIGHUP, self._on_reload)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGHUP})  # as a supervisor blocks it
        try:
            yield
        finally:
            for number in (signal.SIGTERM, signal.SIGINT):
                loop.remove_signal_handler(number)

    def stop(self, drain: float) -> None:
        """Begins to stop after so many seconds of draining; at once, if it was told before."""
        loop = asyncio.get_running_loop()
        if self._lifecycle.is_draining:
            self.should_exit = True
            self._lifecycle.break_off()
            self._ends_at = loop.time() + BREAKING_OFF
            return
        self._lifecycle.is_draining = True
        self._ends_at = loop.time() + self._gateway.settings.server.grace
        loop.call_later(drain, self._exit)

    async def on_tick(self, counter: int) -> bool:
        if self._parent is not None and os.getppid() != self._parent:
            self._parent = None
            self.stop(0)
        return await super().on_tick(counter)

    async def shutdown(self, sockets: Sequence[socket.socket] | None = None) -> None:
        loop = asyncio.get_running_loop()
        self._lifecycle.is_draining = True
        self._ends_at = self._ends_at or loop.time() + self._gateway.settings.server.grace
        for server in self.servers:
            server.close()
        await self._gateway.lasting.subscriptions.aclose()
        await self._finish_requests()
        await self._gateway.lasting.logins.finish_writes(self._ends_at - loop.time() - _LAST)
        if self._metrics is not None:
            await self._metrics.stop()
        await super().shutdown(list(sockets) if sockets else None)

    def _exit(self) -> None:
        self.should_exit = True

    async def _finish_requests(self) -> None:
        """Waits for connections to close, which they do when their request is answered."""
        loop, connections = asyncio.get_running_loop(), self.server_state.connections
        for connection in [*connections]:
            connection.shutdown()
        while connections and loop.time() < self._ends_at - BREAKING_OFF:  # noqa: ASYNC110 - none
            await asyncio.sleep(_TICK)
        if connections:
            self._lifecycle.break_off()
        while connections and loop.time() < self._ends_at - _LAST:  # noqa: ASYNC110 - there is none
            await asyncio.sleep(_TICK)
        for connection in [*connections]:
            connection.transport.abort()


_TICK = 0.05
"""Seconds between looks, as uvicorn has no event for a connection's end."""
