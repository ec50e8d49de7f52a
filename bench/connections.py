"""What fetching costs and leaves behind: each client alone, against the stand-in.

`python -m bench.connections PORT WHAT CONNECTIONS REQUESTS` prints one number: with a client as
WHAT microseconds of CPU for a fetch of 155 KB, with `growth` megabytes after many small ones, with
`idle` bytes for a connection that is kept.
"""

import asyncio
import os
import resource
import subprocess
import sys
import time
from collections.abc import Iterator

import uvloop

from app.upstreams.http.connections.opening import Client, open_transport
from app.upstreams.http.transport import Request, Transport
from bench.memory import resident
from bench.throughput import free_port, running, wait_for

LIST = "/api/v1/notifications?limit=40"
ABOUT = "/api/v2/instance"
HEADERS = {"user-agent": "bench", "accept": "application/json", "accept-encoding": "gzip"}
CLIENTS: dict[str, Client] = {"pool": "pool", "httpx": "httpx"}
REQUESTS = 200_000
IDLE = 1_000


async def fetch(transport: Transport, port: int, path: str, count: int) -> None:
    """So many requests one after another."""
    for _ in range(count):
        await transport.send(Request("GET", f"http://127.0.0.1:{port}{path}", HEADERS))


async def time_fetches(port: int, client: Client, connections: int, requests: int) -> float:
    """Seconds of this process for each fetch of 155 KB, the first tenth not counted."""
    async with open_transport(connections, client=client) as transport:
        each = requests // connections
        for count in (each // 10, each):
            began = time.process_time()
            await asyncio.gather(*(fetch(transport, port, LIST, count) for _ in range(connections)))
        return (time.process_time() - began) / (each * connections)


async def measure_growth(port: int, requests: int) -> float:
    """Megabytes more after many small fetches."""
    async with open_transport(16) as transport:
        await fetch(transport, port, ABOUT, 100)
        before = resident()
        await asyncio.gather(*(fetch(transport, port, ABOUT, requests // 16) for _ in range(16)))
        return resident() - before


async def measure_idle(port: int, connections: int) -> float:
    """Bytes for each connection that is kept open."""
    resource.setrlimit(
        resource.RLIMIT_NOFILE, (4096, resource.getrlimit(resource.RLIMIT_NOFILE)[1])
    )
    async with open_transport(connections) as transport:
        await fetch(transport, port, ABOUT, 1)
        before = resident()
        await asyncio.gather(*(fetch(transport, port, ABOUT, 1) for _ in range(connections)))
        return (resident() - before) * 1e6 / connections


def run_connections(requests: int = REQUESTS) -> Iterator[str]:
    """Each figure as a sentence; each is measured by a process of its own."""
    port = free_port()
    with running("bench.stand_in", str(port), "0"):
        wait_for(port)
        for client in CLIENTS:
            took = [run(port, client, connections, requests // 40) for connections in (1, 16, 64)]
            yield (
                f"A fetch of 155 KB takes `{client}` {took[0]:.0f} µs of CPU at one connection, "
                f"{took[1]:.0f} at 16 and {took[2]:.0f} at 64."
            )
        early, late = (run(port, "growth", 16, count) for count in (requests // 10, requests))
        idle = run(port, "idle", IDLE, 0) / 1000
        yield (
            f"Memory grows by {early:.1f} MB in {requests // 10:,} small requests, and by "
            f"{late:.1f} MB in {requests:,}; each of {IDLE:,} idle connections takes {idle:.1f} KB."
        )


def run(port: int, what: str, connections: int, requests: int) -> float:
    """One measurement by another process, on the first core."""
    arguments = (str(port), what, str(connections), str(requests))
    ran = subprocess.run(
        [sys.executable, "-m", "bench.connections", *arguments],
        check=True,
        capture_output=True,
        text=True,
        timeout=300,
    )
    return float(ran.stdout)


def main(port: int, what: str, connections: int, requests: int) -> None:
    """Prints one number."""
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    if what == "idle":
        print(uvloop.run(measure_idle(port, connections)))
    elif what == "growth":
        print(uvloop.run(measure_growth(port, requests)))
    else:
        print(uvloop.run(time_fetches(port, CLIENTS[what], connections, requests)) * 1e6)


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2], int(sys.argv[3]), int(sys.argv[4]))
