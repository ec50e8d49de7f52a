"""A real Redis on a free port of loopback, that can be stopped and started again."""

import os
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from support.debian import free_port, locked, unpack_packages

PACKAGES = ("redis-server", "redis-tools", "libjemalloc2", "liblzf1", "libatomic1")
_SECONDS_TO_START = 10


@dataclass
class RealRedis:
    """A Redis that keeps nothing on a disk: once stopped, it is empty."""

    root: Path
    folder: Path
    port: int
    server: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    @property
    def socket(self) -> Path:
        """The same server as a file."""
        return self.folder / "redis.sock"

    def start(self) -> None:
        """Returns once it answers."""
        libraries = self.root / "usr/lib/x86_64-linux-gnu"
        listening = ["--port", str(self.port), "--bind", "127.0.0.1"]
        keeping = ["--save", "", "--appendonly", "no", "--dir", str(self.folder)]
        with (self.folder / "server.log").open("ab") as log:
            self.server = subprocess.Popen(
                [
                    *(str(self.root / "usr/bin/redis-server"), *listening, *keeping),
                    *("--unixsocket", str(self.socket)),
                ],
                env=os.environ | {"LD_LIBRARY_PATH": str(libraries)},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        deadline = time.monotonic() + _SECONDS_TO_START
        while self.ask(b"PING") != b"+PONG\r\n":
            if time.monotonic() > deadline or self.server.poll() is not None:
                raise RuntimeError((self.folder / "server.log").read_text()[-2000:])
            time.sleep(0.01)

    def stop(self) -> None:
        """All that it held is gone."""
        if self.server is not None:
            self.server.kill()
            self.server.wait(timeout=10)
            self.server = None

    def ask(self, command: bytes) -> bytes:
        """The answer to a command of words without blanks, as it comes; nothing where it is down.

        https://redis.io/docs/latest/develop/reference/protocol-spec/#inline-commands
        """
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=5) as connection:
                connection.sendall(command + b"\r\n")
                return connection.recv(1_000_000)
        except OSError:
            return b""


@contextmanager
def run_redis(folder: Path, cache: Path) -> Iterator[RealRedis]:
    """A running Redis, whose files are in `folder`. Raises CannotInstall."""
    with locked(cache):
        if not (cache / "dist" / ".done").exists():
            unpack_packages(PACKAGES, cache, cache / "dist")
            (cache / "dist" / ".done").touch()
    redis = RealRedis(cache / "dist", folder, free_port())
    redis.start()
    try:
        yield redis
    finally:
        redis.stop()
