"""Replaces the configuration of a gateway that runs, and says in the log what came of it."""

import asyncio
from collections.abc import Callable
from typing import Any

import structlog

from app.config.changes import take_over
from app.config.load import BadConfiguration, Configuration
from app.gateway import Gateway
from app.observability.events import log_crash

log = structlog.get_logger()


class Reloading:
    """One reload at a time; one that is asked for meanwhile comes after it.

    `read` reads the configuration anew. Raises nothing: a bad one changes nothing.
    """

    def __init__(
        self, gateway: Gateway, read: Callable[[], Configuration], *, is_open: bool
    ) -> None:
        self._gateway = gateway
        self._read = read
        self._is_open = is_open
        self._is_wanted = False
        self._running: asyncio.Task[Any] | None = None

    def begin(self) -> None:
        """Asks for a reload."""
        self._is_wanted = True
        if self._running is None or self._running.done():
            self._running = asyncio.create_task(self._run())

    async def finish(self) -> None:
        """Waits for what was asked for."""
        if self._running is not None:
            await self._running

    async def _run(self) -> None:
        while self._is_wanted:
            self._is_wanted = False
            await self.reload()

    async def reload(self) -> None:
        """Reads the configuration and goes over to it."""
        running = self._gateway.settings
        try:
            loaded = await asyncio.to_thread(self._read)
            settings, waiting = take_over(running, loaded.settings, is_open=self._is_open)
        except BadConfiguration as error:
            self._gateway.lasting.telemetry.note_reload(is_good=False)
            log.error("configuration not reloaded", reason=str(error))  # noqa: TRY400 - it is whole
            return
        for warning in loaded.warnings:
            log.warning("configuration", warning=warning)
        if waiting:
            log.warning("settings wait for a restart", settings=waiting)
        if settings == running:
            log.info("configuration is the same")
            return
        try:
            await self._gateway.reload(settings)
        except Exception as error:
            self._gateway.lasting.telemetry.note_reload(is_good=False)
            log_crash(error)
            return
        self._gateway.lasting.telemetry.note_reload(is_good=True)
        log.info("configuration reloaded", inboxes=len(settings.inboxes))
