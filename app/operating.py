"""Speaks with a gateway that runs: `tidings health` and `tidings reload`."""

import os
import signal
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from pathlib import Path
from urllib.parse import urlsplit

from app.config.server import ServerSettings
from app.setting_types.kinds import EVERYWHERE
from app.web.health import READY

_PATIENCE = 3.0
"""Seconds for an answer."""


class NoProcess(Exception):
    """There is none that could be told."""


def address_of(server: ServerSettings) -> str:
    """Where a gateway on this machine listens, as a URL."""
    host = "127.0.0.1" if server.host in EVERYWHERE else server.host
    return f"http://[{host}]:{server.port}" if ":" in host else f"http://{host}:{server.port}"


def ask_health(url: str) -> tuple[bool, str]:
    """Whether a gateway takes requests, and what it says of itself, or why it does not."""
    parts = urlsplit(url)
    kind = HTTPSConnection if parts.scheme == "https" else HTTPConnection
    try:
        connection = kind(parts.hostname or "", parts.port, timeout=_PATIENCE)
        connection.request("GET", READY)
        answer = connection.getresponse()
        said = answer.read(10_000).decode(errors="replace")
    except (OSError, HTTPException, ValueError) as error:
        return False, f"There is no answer from {url}: {error}."
    return answer.status == 200, said


def send_reload(pid: int | None, pid_file: str | None) -> int:
    """Sends SIGHUP to a process, or to that of a file; its ID. Raises NoProcess."""
    if pid is None:
        pid = _read_pid(pid_file)
    try:
        os.kill(pid, signal.SIGHUP)
    except (OSError, OverflowError) as error:
        raise NoProcess(f"Process {pid} cannot be told to reload: {error}.") from None
    return pid


def _read_pid(pid_file: str | None) -> int:
    if pid_file is None:
        raise NoProcess("Which process? Set server.pid_file, or name it with --pid.")
    try:
        found = int(Path(pid_file).read_text(encoding="ascii"))
    except (OSError, ValueError):
        found = 0
    if found < 1:  # others are groups of processes
        raise NoProcess(f"{pid_file} has no process ID: does the gateway run?")
    return found
