"""How the server stops: over a socket, in real time."""

import asyncio
import signal
import socket
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest
from conftest import REAL_TIME
from support.commands import TIDINGS, run
from support.debian import free_port
from support.live_server import LiveServer, begin, closed_with, receive, send, serve
from support.worlds import World

LIST = {"query": "{ notifications(first: 3) { nodes { summary } } }"}
SHORT = {"page_timeout": 0.8, "drain": 0.5, "grace": 4}


@pytest.fixture
def anyio_backend() -> object:
    """Sockets are real, and so is the time."""
    return REAL_TIME


@asynccontextmanager
async def serving(**server: float) -> AsyncIterator[tuple[World, LiveServer]]:
    """A gateway over one inbox whose times are short."""
    world = World(sections={"server": {**SHORT, **server}, "upstream": {"timeout": 0.6}})
    world.sections["upstream"]["contact"] = "me@example.test"
    world.add_mastodon("home")
    world.post("home", 1)
    async with serve(world) as live:
        yield world, live


def health_of(live: LiveServer) -> str:
    """Where it tells whether it is ready."""
    return live.address.replace("/graphql", "/health/ready")


async def test_draining() -> None:
    """Load balancers hear that it stops while new connections are still served, each for once."""
    async with serving() as (_, live), httpx.AsyncClient() as client:
        assert (await client.get(health_of(live))).json() == {
            "status": "ready",
            "store": None,
            "inboxes": {"working": 1, "failing": 0},
        }
        live.server.stop(0.5)
        draining = await client.get(health_of(live))
        assert (draining.status_code, draining.json()["status"]) == (503, "draining")
        served = await client.post(live.address, json=LIST)
        assert len(served.json()["data"]["notifications"]["nodes"]) == 1
        assert served.headers["connection"] == "close"
        await live.serving
        with pytest.raises(httpx.ConnectError):
            await client.get(health_of(live))


async def test_requests_and_sockets_at_the_end() -> None:
    """A request that is under way is answered, and a socket told to come again."""
    async with serving() as (world, live), live.connect() as socket:
        await begin(socket)
        await send(socket, {"id": "1", "type": "subscribe", "payload": SUBSCRIPTION})
        assert (await receive(socket))["type"] == "next"
        world.instances["home"].seconds = 60
        async with httpx.AsyncClient() as client:
            under_way = asyncio.ensure_future(client.post(live.address, json=OTHER))
            await asyncio.sleep(0.1)
            live.server.stop(0)
            assert await closed_with(socket) == 1001
            answer = (await under_way).json()
        assert answer["extensions"]["failedInboxes"] == {"home": "TIMEOUT"}


async def test_a_write_whose_caller_has_gone() -> None:
    """The process waits until it has ended: the instance is not left in the middle of it."""
    async with serving() as (world, live), httpx.AsyncClient() as client:
        page = (await client.post(live.address, json=IDS)).json()["data"]["notifications"]
        variables = {"id": page["nodes"][0]["id"]}
        world.instances["home"].seconds = 0.4
        with pytest.raises(httpx.ReadTimeout):
            await client.post(
                live.address, json={"query": DISMISS, "variables": variables}, timeout=0.1
            )
        assert world.mastodons["home"].writes == []
        live.server.stop(0)
        await live.serving
        assert len(world.mastodons["home"].writes) == 1


async def test_breaking_off() -> None:
    """What is left at a second signal gets 503 and a sentence, and nothing is logged."""
    async with serving(page_timeout=30, grace=40) as (world, live), httpx.AsyncClient() as client:
        world.instances["home"].seconds = 60
        under_way = asyncio.ensure_future(client.post(live.address, json=OTHER))
        await asyncio.sleep(0.1)
        live.server.stop(20)
        live.server.stop(20)
        broken = await under_way
        assert broken.status_code == 503 and broken.headers["retry-after"] == "1"
        assert broken.json()["errors"][0]["extensions"] == {"code": "SHUTTING_DOWN"}
        async with asyncio.timeout(3):
            await live.serving


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_signals(tmp_path: Path, number: signal.Signals) -> None:
    """The process ends with 0, says nothing of it, and leaves no file with its ID."""
    (tmp_path / "tidings.toml").write_text(f'[server]\npid_file = "{tmp_path}/pid"\ndrain = 0.2\n')
    port = free_port()
    command = [TIDINGS, "serve", "--demo", "--config", "tidings.toml", "--port", str(port)]
    with subprocess.Popen(
        command, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdout is not None and process.stderr is not None
        process.stdout.readline()
        assert int((tmp_path / "pid").read_text()) == process.pid
        asked = [TIDINGS, "health", "--url", f"http://127.0.0.1:{port}"]
        said = subprocess.run(asked, capture_output=True, check=True)
        assert b'"status":"ready"' in said.stdout
        process.send_signal(number)
        assert process.wait(10) == 0
        assert process.stderr.read() == b""
    assert not (tmp_path / "pid").exists()
    assert subprocess.run(asked, capture_output=True, check=False).returncode == 1


def test_a_port_for_metrics_that_is_taken(tmp_path: Path) -> None:
    """The process does not start, and says which."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        (tmp_path / "tidings.toml").write_text(f"[metrics]\nport = {port}\n")
        arguments = ["--demo", "--config", "tidings.toml", "--port", str(free_port())]
        ran = run("serve", *arguments, folder=tmp_path)
    assert ran.returncode == 1
    assert ran.stderr == (
        f"Metrics cannot be told at 127.0.0.1, port {port}: it is taken, or no address of this "
        "machine. Choose another metrics.host or metrics.port.\n"
    )


IDS = {"query": "{ notifications(first: 3) { nodes { id } } }"}
DISMISS = """mutation ($id: ID!) {
  dismissNotification(input: {notificationId: $id}) { dismissedNotificationIds } }"""
SUBSCRIPTION = {"query": "subscription { notificationEvents { cursor } }"}
OTHER = {"query": "{ notifications(first: 7) { nodes { summary } } }"}
