"""An instance that answers every list with 40 notifications in 155 KB, after some milliseconds.

Its `Link` names no next page. `python -m bench.stand_in PORT MILLISECONDS`.
"""

import asyncio
import sys
from typing import cast

import orjson
import uvloop

from app.clock import SystemClock
from app.sandbox.demo_social import make_social

ROWS = 40
BYTES = 155_000
LINK = 'Link: <http://127.0.0.1/api/v1/notifications?min_id=1>; rel="prev"'
ABOUT = b'{"title": "Stand-in", "version": "4.5.0", "domain": "127.0.0.1"}'


def make_body() -> bytes:
    """The list as JSON, padded with what nobody reads, as real accounts are with fields."""
    clock = SystemClock()
    made = make_social(clock, "home.sandbox", "token", ROWS, clock.now())
    rows = made.mailboxes["token"].notifications[:ROWS]
    missing = BYTES - len(orjson.dumps(rows))
    padding = "x" * (missing // ROWS)
    return orjson.dumps([{**row, "padding": padding} for row in rows])


def as_response(body: bytes, *headers: str) -> bytes:
    """A whole answer of HTTP."""
    fixed = ("HTTP/1.1 200 OK", "Content-Type: application/json", f"Content-Length: {len(body)}")
    return "\r\n".join([*fixed, *headers, "", ""]).encode() + body


class StandIn(asyncio.Protocol):
    """Answers each request with the same bytes; requests come one after another."""

    def __init__(self, answer: bytes, about: bytes, seconds: float) -> None:
        self._answers = {True: about, False: answer}
        self._is_about = False
        self._seconds = seconds
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)  # uvloop's are of another class

    def data_received(self, data: bytes) -> None:
        if not data.endswith(b"\r\n\r\n"):
            return
        self._is_about = b"/instance" in data[:100]
        if self._seconds:
            asyncio.get_running_loop().call_later(self._seconds, self._send)
        else:
            self._send()

    def _send(self) -> None:
        if self._transport is not None and not self._transport.is_closing():
            self._transport.write(self._answers[self._is_about])


async def main(port: int, seconds: float) -> None:
    """Serves until the process is ended."""
    answer, about = as_response(make_body(), LINK), as_response(ABOUT)
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: StandIn(answer, about, seconds), "127.0.0.1", port)
    await server.serve_forever()


if __name__ == "__main__":
    uvloop.run(main(int(sys.argv[1]), float(sys.argv[2]) / 1000))
