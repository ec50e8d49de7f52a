"""A real Redis on a free port of loopback, that can be stopped and started again."""

import os
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import trustme

from support.debian import free_port, locked, unpack_packages

PACKAGES = ("redis-server", "redis-tools", "libjemalloc2", "liblzf1", "libatomic1")
_SECONDS_TO_START = 10


@dataclass
class RealRedis:
    """A Redis that keeps nothing on a disk: once stopped, it is empty."""

    root: Path
    folder: Path
    port: int
    tls_port: int
    server: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    @property
    def ca_file(self) -> Path:
        """The authority that vouches for `tls_port`."""
        return self.folder / "ca.pem"

    def make_certificates(self) -> None:
        """An authority of its own, and a certificate for loopback."""
        authority = trustme.CA()
        authority.cert_pem.write_to_path(self.ca_file)
        issued = authority.issue_cert("127.0.0.1")
        issued.private_key_pem.write_to_path(self.folder / "key.pem")
        issued.cert_chain_pems[0].write_to_path(self.folder / "cert.pem")

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
                    *("--tls-port", str(self.tls_port), "--tls-auth-clients", "no"),
                    *("--tls-cert-file", str(self.folder / "cert.pem")),
                    *("--tls-key-file", str(self.folder / "key.pem")),
                    *("--tls-ca-cert-file", str(self.ca_file)),
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
                answer = connection.recv(1_000_000)
                while answer.startswith(b"$") and len(answer) < _length(answer):
                    answer += connection.recv(1_000_000)
                return answer
        except OSError:
            return b""

    def dump(self) -> bytes:
        """All keys and what they hold, as far as that is text or bytes."""
        script = (
            "local all = {} for _, key in ipairs(redis.call('KEYS', '*')) do "
            "all[#all + 1] = key all[#all + 1] = redis.call('DUMP', key) end "
            "return table.concat(all)"
        )
        return self._run(script)

    def spoil(self) -> None:
        """Somebody else has written over all that is there."""
        self._run(
            "for _, key in ipairs(redis.call('KEYS', '*')) do "
            "local kind = redis.call('TYPE', key).ok "
            "if kind == 'string' then redis.call('SET', key, 'somebody else was here, at length') "
            "elseif kind == 'stream' then redis.call('XADD', key, '*', 'e', 'of somebody else') "
            "end end return 'done'"
        )

    def put_beside(self, command: str, name: str, *arguments: str) -> None:
        """Somebody else does something to what each login keeps under a name, or to none yet."""
        is_new = "false" if command == "XADD" else "true"
        quoted = ", ".join(f"'{each}'" for each in arguments)
        self._run(
            "for _, log in ipairs(redis.call('KEYS', '*:log')) do "
            f"local key = string.sub(log, 1, -4) .. '{name}' "
            f"if {is_new} then redis.call('DEL', key) end "
            f"redis.call('{command}', key, {quoted}) end return 'done'"
        )

    def _run(self, script: str) -> bytes:
        quoted = '"' + script.replace('"', '\\"') + '"'
        return self.ask(f"EVAL {quoted} 0".encode())


@contextmanager
def run_redis(folder: Path, cache: Path) -> Iterator[RealRedis]:
    """A running Redis, whose files are in `folder`. Raises CannotInstall."""
    with locked(cache):
        if not (cache / "dist" / ".done").exists():
            unpack_packages(PACKAGES, cache, cache / "dist")
            (cache / "dist" / ".done").touch()
    redis = RealRedis(cache / "dist", folder, free_port(), free_port())
    redis.make_certificates()
    redis.start()
    try:
        yield redis
    finally:
        redis.stop()


def _length(answer: bytes) -> int:
    """How long a bulk string is as it is sent: `$`, its length, and two line ends."""
    head, _, _ = answer.partition(b"\r\n")
    return len(head) + 2 + max(0, int(head[1:])) + 2
