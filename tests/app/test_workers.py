"""`tidings serve --workers 2`: real processes over a real Redis and an instance on loopback."""

import asyncio
import os
import signal
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from conftest import REAL_TIME
from support.commands import run, started
from support.debian import free_port
from support.metrics import read
from support.real_redis import RealRedis
from support.served_app import serve_app
from support.worlds import World

NAMES = {"query": "{ inboxes { name } notifications(first: 1) { nodes { id } } }"}


@pytest.fixture
def anyio_backend() -> object:
    """Processes need real time."""
    return REAL_TIME


@dataclass
class Running:
    """A supervisor, and how its processes are asked."""

    process: asyncio.subprocess.Process
    address: str
    metrics: tuple[int, int]
    file: Path

    @property
    def children(self) -> set[int]:
        """The IDs of its processes."""
        pid = self.process.pid
        found = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()
        return {int(each) for each in found if "app" in _command_of(each)}

    async def has_both_metrics(self) -> bool:
        """Whether each process tells its own."""
        try:
            return len(await self.count_operations()) == 2
        except httpx.ConnectError:
            return False

    async def count_operations(self) -> list[float]:
        """How many each process has answered, by its own metrics."""
        async with httpx.AsyncClient() as client:
            pages = [await client.get(f"http://127.0.0.1:{each}/metrics") for each in self.metrics]
        return [read(page.text).sum("tidings_operations_total") for page in pages]

    async def ask(self) -> list[str]:
        """The names of the inboxes, by a connection of its own."""
        async with httpx.AsyncClient() as client:
            answer = await client.post(self.address, json=NAMES)
        return [each["name"] for each in answer.json()["data"]["inboxes"]]


def two_free_ports() -> int:
    """The first of two in a row."""
    while True:
        first = free_port()
        try:
            socket.create_server(("127.0.0.1", first + 1)).close()
        except OSError:
            continue
        return first


def _command_of(pid: str) -> str:
    """Not that of multiprocessing's own process."""
    try:
        command = Path(f"/proc/{pid}/cmdline").read_text(encoding="utf-8")
    except OSError:
        return ""
    return "" if "resource_tracker" in command else "app"


@asynccontextmanager
async def running(real_redis: RealRedis, folder: Path) -> AsyncIterator[Running]:
    """Two processes over one inbox."""
    world, port, metrics = World(), free_port(), two_free_ports()
    world.add_mastodon("home")
    world.post("home", 1)
    file = folder / "tidings.toml"
    async with serve_app(world.mastodons["home"].app) as instance:
        inbox = f'[[inboxes]]\nname = "home"\nplatform = "mastodon"\nurl = "{instance}"\n'
        file.write_text(
            f"[metrics]\nport = {metrics}\n[server]\nport = {port}\ndrain = 0.2\n"
            '[upstream]\ncontact = "me@example.test"\n'
            f'[cache]\nurl = "redis://127.0.0.1:{real_redis.port}"\n'
            f'{inbox}token = "token-of-home"\n'
        )
        async with started("serve", "--workers", "2", folder=folder) as process:
            yield Running(process, f"http://127.0.0.1:{port}/graphql", (metrics, metrics + 1), file)


async def test_two_processes(real_redis: RealRedis, tmp_path: Path) -> None:
    """One that is killed is replaced, a reload restarts none, and all end together with 0."""
    async with running(real_redis, tmp_path) as gateway:
        assert await gateway.ask() == ["home"]
        first = gateway.children
        assert len(first) == 2
        assert sum(await gateway.count_operations()) == 1
        os.kill(min(first), signal.SIGKILL)
        async with asyncio.timeout(20):
            while len(gateway.children - first) < 1 or len(gateway.children) < 2:  # noqa: ASYNC110
                await asyncio.sleep(0.05)
        second = gateway.children
        assert len(second & first) == 1
        async with asyncio.timeout(20):
            while not await gateway.has_both_metrics():  # noqa: ASYNC110
                await asyncio.sleep(0.05)
        known = await gateway.count_operations()
        for _ in range(20):
            await gateway.ask()
        assert sum(await gateway.count_operations()) - sum(known) == 20
        text = gateway.file.read_text()
        table = text[text.index("[[inboxes]]") :].replace('"home"', '"work"', 1)
        gateway.file.write_text(text + table)
        gateway.process.send_signal(signal.SIGHUP)
        async with asyncio.timeout(20):
            while [await gateway.ask() for _ in range(8)] != [["home", "work"]] * 8:  # noqa: ASYNC110
                await asyncio.sleep(0.1)
        assert gateway.children == second
        gateway.process.send_signal(signal.SIGTERM)
        assert await gateway.process.wait() == 0
    for child in second:
        with pytest.raises(ProcessLookupError):
            os.kill(child, 0)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--demo"], "--workers is not for the sandbox"),
        (["--config", "tidings.toml"], "cache.url: missing; expected a Redis or a Valkey"),
    ],
)
def test_what_cannot_be_served_by_several(tmp_path: Path, arguments: list[str], words: str) -> None:
    """They have to share what they know."""
    (tmp_path / "tidings.toml").write_text(
        '[upstream]\ncontact = "me@example.test"\n[[inboxes]]\nname = "home"\n'
        'platform = "mastodon"\nurl = "https://home.test"\ntoken = "env:HOME"\n'
    )
    ran = run("serve", "--workers", "2", *arguments, folder=tmp_path)
    assert ran.returncode == 2 and words in ran.stderr
