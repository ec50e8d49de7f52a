"""Asks a server as fast as some connections can.

`python -m bench.load PORT CONNECTIONS SECONDS KIND`

Prints requests a second, and the median of a request in microseconds. KIND is `same`, where each
request is the same, or `credentials`, where each brings a token of its own.
"""

import asyncio
import itertools
import statistics
import sys
import time
from typing import cast

import orjson
import uvloop

from bench.query import QUERY

WARM_UP = 0.3
"""Of the time: what is asked first is not counted."""


def make_request(port: int, token: str | None) -> bytes:
    """A POST of the query."""
    body = orjson.dumps({"query": QUERY})
    lines = [
        "POST /graphql HTTP/1.1",
        f"Host: 127.0.0.1:{port}",
        "Content-Type: application/json",
        "Accept: application/json",
        f"Content-Length: {len(body)}",
    ]
    if token:
        lines += [f"Inbox-Authorization: home=Bearer {token}", f"Authorization: Bearer {token}"]
    return "\r\n".join([*lines, "", ""]).encode() + body


class Caller(asyncio.Protocol):
    """One connection: sends the next request when the answer to the last is there."""

    def __init__(self, load: "Load") -> None:
        self._load = load
        self._transport: asyncio.Transport | None = None
        self._received = 0
        self._began = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)  # uvloop's are of another class
        self._ask()

    def data_received(self, data: bytes) -> None:
        self._received += len(data)
        if self._received >= self._load.length:
            self._load.note(time.perf_counter() - self._began)
            self._ask()

    def _ask(self) -> None:
        assert self._transport is not None
        self._received, self._began = 0, time.perf_counter()
        self._transport.write(self._load.next_request())


class Load:
    """What all connections together have asked, and how long each answer took."""

    def __init__(self, port: int, kind: str, length: int) -> None:
        self.length = length
        self._port = port
        self._numbers = itertools.count(int(time.time()) * 1_000_000)
        self._same = make_request(port, None) if kind == "same" else None
        self._times: list[float] = []

    def next_request(self) -> bytes:
        """The request to send."""
        return self._same or make_request(self._port, f"token-{next(self._numbers)}")

    def note(self, seconds: float) -> None:
        """One answer is there."""
        self._times.append(seconds)

    def take(self) -> list[float]:
        """The times so far, which are forgotten."""
        taken, self._times = self._times, []
        return taken


async def learn_length(port: int, kind: str) -> int:
    """How many bytes an answer has with its head: all have as many."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(make_request(port, None if kind == "same" else "token-0"))
    head = await reader.readuntil(b"\r\n\r\n")
    assert b" 200 OK" in head.splitlines()[0], head
    (length,) = [line for line in head.splitlines() if line.lower().startswith(b"content-length")]
    body = await reader.readexactly(int(length.split(b":")[1]))
    assert b'"errors"' not in body, body[:500]
    assert body.count(b'"cursor"') in (40, 0), body[:500]
    writer.close()
    return len(head) + len(body)


def stay_awake(loop: asyncio.AbstractEventLoop) -> None:
    """Never waits for answers, but looks whether there are any.

    Who sleeps has to be woken by the server, which takes 15 us of an answer's time here. A server
    that is faster than its load is spared that, and would seem faster than it is. Not where the
    instance needs this core too.
    """
    loop.call_soon(stay_awake, loop)


async def main(port: int, connections: int, seconds: float, kind: str) -> None:
    """Loads the server for some seconds and prints what was reached."""
    load = Load(port, kind, await learn_length(port, kind))
    loop = asyncio.get_running_loop()
    opened = [
        await loop.create_connection(lambda: Caller(load), "127.0.0.1", port)
        for _ in range(connections)
    ]
    if kind == "same":
        stay_awake(loop)
    await asyncio.sleep(seconds * WARM_UP)
    load.take()
    began = time.perf_counter()
    await asyncio.sleep(seconds)
    times, passed = load.take(), time.perf_counter() - began
    for transport, _ in opened:
        transport.abort()
    print(len(times) / passed, statistics.median(times) * 1e6)


if __name__ == "__main__":
    port, connections, seconds, kind = sys.argv[1:]
    uvloop.run(main(int(port), int(connections), float(seconds), kind))
