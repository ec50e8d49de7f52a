"""1,000 subscribers on one streamed inbox: `python -m bench.live`, or as part of `make bench`.

The instance, the gateway and those who listen are processes of their own. Each event's `createdAt`
is when the instance sent it, by the clock that those who listen have too.
"""

import asyncio
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

import httpx
import orjson
import uvicorn
import uvloop
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from websockets.asyncio.client import ClientConnection, connect
from websockets.typing import Subprotocol

from app.clock import SystemClock
from app.sandbox.mastodon import SandboxMastodon
from app.setting_types.keys import make_key

SUBSCRIBERS, CLIENTS = 1000, 20
"""A client may open ten a second."""
RATE, SECONDS = 10, 30
INSTANCE, GATEWAY = 8771, 8772
TOKEN = "t-1"  # noqa: S105 - of the sandbox
SETTLES = 14
"""Seconds until the gap before the stream was read twice."""
SUBSCRIBE = orjson.dumps(
    {
        "type": "subscribe",
        "id": "1",
        "payload": {
            "query": "subscription { notificationEvents { cursor ... on NotificationArrived "
            "{ isNew edge { node { id summary createdAt inbox { name } } } } } }"
        },
    }
).decode()


class LiveFigures(NamedTuple):
    """What came, of what was to come; latencies in milliseconds, memory in KB for a subscriber."""

    received: int
    expected: int
    median: float
    p99: float
    worst: float
    memory: float
    list_requests: int


def measure_live() -> LiveFigures:
    """Starts all three, and ends them."""
    keys = [make_key() for _ in range(CLIENTS)]
    with tempfile.TemporaryDirectory() as folder:
        config = Path(folder) / "tidings.toml"
        config.write_text(write_config(keys))
        tidings = Path(sys.executable).with_name("tidings")
        with (
            running([sys.executable, "-m", "bench.live", "instance"], INSTANCE),
            running([str(tidings), "serve", "--config", str(config)], GATEWAY) as gateway,
        ):
            before = resident(gateway)
            command = [sys.executable, "-m", "bench.live", "listen", *keys]
            listening = subprocess.Popen(command, stdout=subprocess.PIPE)
            assert listening.stdout is not None
            listening.stdout.readline()  # all are subscribed
            held = resident(gateway)
            told = orjson.loads(listening.stdout.read())
            listening.wait(30)
    latencies = sorted(told["latencies"])
    return LiveFigures(
        len(latencies),
        SUBSCRIBERS * RATE * SECONDS,
        statistics.median(latencies),
        latencies[len(latencies) * 99 // 100],
        latencies[-1],
        (held - before) / SUBSCRIBERS,
        told["list_requests"],
    )


def describe_live(figures: LiveFigures) -> str:
    """In words, for docs/performance.md."""
    return (
        f"{SUBSCRIBERS:,} subscribers on one streamed inbox, {RATE} events a second for "
        f"{SECONDS} s: {figures.received:,} of {figures.expected:,} came.\n"
        f"From the instance's send to the client's receive it takes {figures.median:.0f} ms, p99 "
        f"{figures.p99:.0f} ms, at most {figures.worst:.0f} ms;\n{figures.memory:.0f} KB for a "
        f"subscriber; {figures.list_requests} list requests. The instance, the gateway and those "
        "who listen are\nprocesses of their own, on two cores."
    )


def write_config(keys: list[str]) -> str:
    """One inbox at the instance, and as many clients as there are keys."""
    lines = [
        *("[server]", f"port = {GATEWAY}", "[upstream]", 'contact = "bench@tidings.invalid"'),
        *("[[inboxes]]", 'name = "home"', 'platform = "mastodon"', f'token = "{TOKEN}"'),
        f'url = "http://127.0.0.1:{INSTANCE}"',
    ]
    for number, key in enumerate(keys):
        lines += ["[[clients]]", f'name = "client-{number}"', f'key = "{key}"']
    return "\n".join(lines)


@contextmanager
def running(command: list[str], port: int) -> Iterator[int]:
    """A process that listens at a port; its ID."""
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        for _ in range(200):
            try:
                httpx.get(f"http://127.0.0.1:{port}/", timeout=1)
                break
            except httpx.HTTPError:
                time.sleep(0.05)
        yield process.pid
    finally:
        process.terminate()
        process.wait(30)


def resident(pid: int) -> float:
    """KB of memory that a process has."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return float(next(line.split()[1] for line in lines if line.startswith("VmRSS")))


def serve_instance() -> None:
    """A Mastodon that sends `RATE` events in a second once `/begin` is asked for."""
    sandbox = SandboxMastodon("home.test", SystemClock(), origin=f"http://127.0.0.1:{INSTANCE}")
    sandbox.open_mailbox(TOKEN, "me")
    zed = sandbox.make_account("zed@elsewhere.test", "Zed")
    sending: set[asyncio.Task[None]] = set()

    async def send_all() -> None:
        began = time.monotonic()
        for number in range(RATE * SECONDS):
            await asyncio.sleep(max(0.0, began + number / RATE - time.monotonic()))
            sandbox.notify(TOKEN, "follow", zed, SystemClock().now())

    async def begin(_: Request) -> Response:
        sending.add(asyncio.create_task(send_all()))
        return JSONResponse({})

    async def count(_: Request) -> Response:
        return JSONResponse(len(sandbox.requests))

    sandbox.app.router.routes[:0] = [Route("/begin", begin), Route("/count", count)]
    config = uvicorn.Config(
        sandbox.app, port=INSTANCE, log_level="warning", access_log=False, ws="websockets-sansio"
    )
    uvicorn.Server(config).run()


async def listen_all(keys: list[str]) -> None:
    """Subscribes as often as was said, lets the instance begin, and prints what came when."""
    latencies: list[float] = []
    sockets = await asyncio.gather(*(open_all(key, SUBSCRIBERS // len(keys)) for key in keys))
    listening = [
        asyncio.ensure_future(listen(socket, latencies)) for each in sockets for socket in each
    ]
    await asyncio.sleep(SETTLES)
    print("subscribed", flush=True)
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{INSTANCE}") as instance:
        before = (await instance.get("/count")).json()
        await instance.get("/begin")
        await asyncio.sleep(SECONDS + 3)
        after = (await instance.get("/count")).json()
    for each in listening:
        each.cancel()
    told = {"latencies": latencies, "list_requests": after - before}
    print(orjson.dumps(told).decode(), flush=True)
    os._exit(0)  # a thousand goodbyes are of no interest


async def open_all(key: str, count: int) -> list[ClientConnection]:
    """So many subscriptions of one client, each over a socket of its own."""
    opened = []
    for number in range(count):
        socket = await connect(
            f"ws://127.0.0.1:{GATEWAY}/graphql",
            subprotocols=[Subprotocol("graphql-transport-ws")],
            compression=None,
            ping_interval=None,
        )
        init = {"type": "connection_init", "payload": {"Authorization": f"Bearer {key}"}}
        await socket.send(orjson.dumps(init).decode())
        await socket.recv()
        await socket.send(SUBSCRIBE)
        opened.append(socket)
        if number % 10 == 9:
            await asyncio.sleep(1.1)
    return opened


async def listen(socket: ClientConnection, latencies: list[float]) -> None:
    """Notes how late each arrival is, in milliseconds."""
    async for message in socket:
        now = time.time()
        event = orjson.loads(message)["payload"]["data"]["notificationEvents"]
        if event.get("isNew"):
            sent = datetime.fromisoformat(event["edge"]["node"]["createdAt"]).timestamp()
            latencies.append((now - sent) * 1000)


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["instance"]:
            serve_instance()
        case ["listen", *keys]:
            uvloop.run(listen_all(keys))
        case _:
            print(describe_live(measure_live()))
