"""Several processes at one port: uvicorn's supervisor, with reloads in place of restarts.

It starts a process anew that has died, or that does not answer for a while.
"""

import os
import signal
import time
from dataclasses import dataclass
from socket import socket

import structlog
import typer
from uvicorn import Config
from uvicorn.config import STARTUP_FAILURE
from uvicorn.supervisors.multiprocess import Multiprocess, Process

from app.config.changes import take_over
from app.config.load import BadConfiguration
from app.config.settings import Settings
from app.configuration_source import ConfigurationSource
from app.metrics_server import PortsTaken
from app.serving import announcement, open_server, pid_in, watched

log = structlog.get_logger()

STARTING = 60.0
"""Seconds that a process may take to start."""
PAUSE = 1.0
"""Seconds between two starts of processes in place of others."""
_TICK = 0.1
"""Seconds between looks whether the processes have ended."""


class CannotStart(Exception):
    """A process did not start."""


@dataclass
class Work:
    """What each process serves; the settings are the newest that were found good."""

    source: ConfigurationSource
    settings: Settings


class Worker(Process):
    """One process. It is told by the supervisor alone, and is out of the terminal's reach."""

    def __init__(self, config: Config, sockets: list[socket], work: Work) -> None:
        self._work = work
        super().__init__(config, sockets)

    def target(self, sockets: list[socket] | None = None) -> None:
        """What runs in the process."""
        os.setsid()
        work, count, parent = self._work, self.config.workers, os.getppid()
        with watched(work.settings) as watching:
            try:
                self._server = open_server(
                    work.source, work.settings, watching, parent=parent, processes=count
                )
            except PortsTaken as error:
                log.error(str(error))  # noqa: TRY400 - it says it all
                raise SystemExit(STARTUP_FAILURE) from None
            super().target(sockets)


class Workers(Multiprocess):
    """So many processes with one configuration, until it is told to stop."""

    def __init__(self, config: Config, sockets: list[socket], work: Work) -> None:
        super().__init__(config, sockets)
        self._work = work
        self._ended_by = signal.SIGTERM
        self._started_at = 0.0

    def run(self) -> None:
        """Raises CannotStart where one of them does not come up."""
        self.init_processes()
        try:
            self._wait_until_ready()
            typer.echo(announcement(self._work.settings))
            while not self.should_exit.wait(_TICK):
                self.handle_signals()
                self.keep_subprocess_alive()
        finally:
            self._send(self._ended_by)
            self._join()

    def init_processes(self) -> None:
        self.processes = [self._start() for _ in range(self.processes_num)]

    def keep_subprocess_alive(self) -> None:
        patience = self.config.timeout_worker_healthcheck
        for index, process in enumerate(self.processes):
            if self.should_exit.is_set() or process.is_alive(patience):
                continue
            if time.monotonic() - self._started_at < PAUSE:
                continue
            process.kill()
            process.join()
            log.error("a process has ended, and is started anew", process=process.pid)
            self.processes[index] = self._start()

    def handle_int(self) -> None:
        self._stop(signal.SIGINT)

    def handle_term(self) -> None:
        self._stop(signal.SIGTERM)

    def handle_hup(self) -> None:
        """Lets each process reload, if the configuration can be used."""
        work = self._work
        try:
            wanted = work.source.read().settings
            work.settings, _ = take_over(work.settings, wanted, is_open=work.source.is_open)
        except BadConfiguration as error:
            log.error("configuration not reloaded", reason=str(error))  # noqa: TRY400 - it is whole
            return
        self._send(signal.SIGHUP)

    def handle_ttin(self) -> None:
        """There are as many as were asked for."""

    def handle_ttou(self) -> None:
        """There are as many as were asked for."""

    def _start(self) -> Worker:
        """A signal that comes before the process can take it waits until it can."""
        process = Worker(self.config, self.sockets, self._work)
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGHUP})
        process.start()
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGHUP})
        self._started_at = time.monotonic()
        return process

    def _wait_until_ready(self) -> None:
        for process in self.processes:
            if not process.wait_until_ready(STARTING):
                raise CannotStart("A process did not start: the log above says why.")

    def _stop(self, number: signal.Signals) -> None:
        if self.should_exit.is_set():  # for the second time
            self._send(number)
        self._ended_by = number
        self.should_exit.set()

    def _send(self, number: signal.Signals) -> None:
        for process in self.processes:
            if process.pid is not None and process.exitcode is None:
                os.kill(process.pid, number)

    def _join(self) -> None:
        while any(process.exitcode is None for process in self.processes):
            self.handle_signals()
            time.sleep(_TICK)


def serve_by_workers(source: ConfigurationSource, settings: Settings, count: int) -> None:
    """Serves by so many processes until this one is told to stop. Raises CannotStart."""
    server = settings.server
    config = Config("", host=server.host, port=server.port, workers=count, log_level="warning")
    listening = config.bind_socket()
    with pid_in(server.pid_file):
        Workers(config, [listening], Work(source, settings)).run()
