"""The processes of a soak: one gateway, or two behind nginx that share a Redis."""

import asyncio
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
from soak.instances import Instances
from support.commands import TIDINGS
from support.debian import default_cache, free_port
from support.debian_tools import find_program
from support.real_redis import run_redis

KEPT = 1024 * 1024
"""Bytes of copies, and of answers: they are full before memory is looked at."""
WELL = ("home", "work", "wiki")


@dataclass
class Process:
    """One gateway: its configuration, and what it wrote on standard error."""

    folder: Path
    instances: Instances
    port: int
    metrics: int
    store: str = ""
    running: asyncio.subprocess.Process | None = None

    @property
    def address(self) -> str:
        """Where it is asked."""
        return f"http://127.0.0.1:{self.port}/graphql"

    @property
    def log(self) -> Path:
        """What it wrote."""
        return self.folder / "log"

    def configure(self, *more: str, public_url: str = "") -> None:
        """Writes its configuration, with other inboxes beside those that are always there."""
        store = f'url = "{self.store}"\n' if self.store else ""
        public = f'public_url = "{public_url}"\n' if public_url else ""
        tables = [
            f'[[inboxes]]\nname = "{name}"\n{self.instances.tables[name]}'
            for name in (*WELL, *more)
        ]
        self.folder.mkdir(exist_ok=True)
        (self.folder / "tidings.toml").write_text(
            f"[server]\nport = {self.port}\ndrain = 2\n{public}[metrics]\nport = {self.metrics}\n"
            f'[upstream]\ncontact = "soak@tidings.test"\n[cache]\nmemory = {KEPT}\n'
            f"responses = {KEPT}\n{store}{''.join(tables)}"
        )

    async def start(self) -> None:
        """Starts it, and waits until it is ready."""
        log = self.log.open("ab")
        self.running = await asyncio.create_subprocess_exec(
            *(TIDINGS, "serve"), cwd=self.folder, stdout=log, stderr=log
        )
        log.close()
        async with asyncio.timeout(30), httpx.AsyncClient() as client:
            while True:
                try:
                    await client.get(self.address.replace("graphql", "health/ready"))
                    return
                except httpx.TransportError:
                    await asyncio.sleep(0.05)

    def send(self, number: signal.Signals) -> None:
        """A signal."""
        assert self.running is not None
        self.running.send_signal(number)

    async def end(self) -> int:
        """Stops it as an operator does; its exit status."""
        if self.running is None:
            return 0
        if self.running.returncode is None:
            self.running.terminate()
        return await self.running.wait()

    def resident(self) -> float:
        """Its memory in MB."""
        assert self.running is not None
        text = Path(f"/proc/{self.running.pid}/status").read_text(encoding="ascii")
        (line,) = [each for each in text.splitlines() if each.startswith("VmRSS")]
        return int(line.split()[1]) / 1000

    async def metric(self, name: str) -> float:
        """A sum of its metrics."""
        async with httpx.AsyncClient() as client:
            text = (await client.get(f"http://127.0.0.1:{self.metrics}/metrics")).text
        lines = [line for line in text.splitlines() if line.startswith((f"{name} ", f"{name}{{"))]
        return sum(float(line.rsplit(" ", 1)[1]) for line in lines)


def make_process(folder: Path, instances: Instances, store: str = "") -> Process:
    """One that is not started yet."""
    process = Process(folder, instances, free_port(), free_port(), store)
    process.configure()
    return process


@asynccontextmanager
async def redis_store(folder: Path) -> AsyncIterator[str]:
    """A real Redis; its address."""
    folder.mkdir(exist_ok=True)
    with run_redis(folder, default_cache("tidings-real-redis")) as redis:
        yield redis.url


DOCUMENTED = (Path(__file__).parents[2] / "docs" / "scaling.md").read_text(encoding="utf-8")

NGINX = """daemon off; pid {folder}/nginx.pid; error_log {folder}/error.log; worker_processes 1;
events {{ worker_connections 1024; }}
http {{
  access_log off; client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/f; uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;
  {documented}
}}
"""
"""With what docs/scaling.md has, of which the addresses are others here."""


def write_nginx(folder: Path, port: int, processes: list[Process]) -> str:
    """The configuration of an nginx before some processes."""
    documented = DOCUMENTED.split("```nginx\n")[1].split("```")[0]
    for number, process in enumerate(processes, 1):
        documented = documented.replace(f"10.0.0.{number}:8000", f"127.0.0.1:{process.port}")
    documented = documented.replace("server {\n", f"server {{\n  listen 127.0.0.1:{port};\n", 1)
    return NGINX.format(folder=folder, documented=documented)


@asynccontextmanager
async def nginx(folder: Path, processes: list[Process]) -> AsyncIterator[str]:
    """A real nginx before some processes; the address."""
    program, port = find_program("nginx", "usr/sbin/nginx"), free_port()
    folder.mkdir(exist_ok=True)
    (folder / "nginx.conf").write_text(write_nginx(folder, port, processes))
    command = [str(program), "-c", str(folder / "nginx.conf"), "-p", str(folder)]
    running = await asyncio.create_subprocess_exec(*command)
    try:
        await asyncio.sleep(0.5)
        yield f"http://127.0.0.1:{port}/graphql"
    finally:
        running.terminate()
        await running.wait()
