"""The gateway's HTTP without a network: connections whose bytes a test sends and reads itself."""

import asyncio
import json
import random
import re
from collections.abc import Iterator
from typing import Any

import uvicorn
from starlette.types import ASGIApp
from uvicorn.server import ServerState

from app.web.protocol import ConnectionDeadlines, DeadlineProtocol, protocol_with
from support.worlds import World

DEADLINES = ConnectionDeadlines(head=10, body=10, reading=30, connections=3)


class Line(asyncio.Transport):
    """The gateway's end of a connection: what was written to it, and whether it is still open."""

    def __init__(self) -> None:
        super().__init__({"peername": ("127.0.0.1", 1), "sockname": ("127.0.0.1", 8000)})
        self.written = bytearray()
        self.writes = 0
        self.is_open = True
        self.has_ended = False
        self.protocol: DeadlineProtocol | None = None

    def write(self, data: Any) -> None:
        self.written += data
        self.writes += 1

    def write_eof(self) -> None:
        self.has_ended = True

    def abort(self) -> None:
        self.close()

    def close(self) -> None:
        if self.is_open and self.protocol is not None:
            asyncio.get_running_loop().call_soon(self.protocol.connection_lost, None)
        self.is_open = False

    def is_closing(self) -> bool:
        return not self.is_open

    def pause_reading(self) -> None:
        pass

    def resume_reading(self) -> None:
        pass

    @property
    def status(self) -> int:
        """Of the first answer."""
        return int(self.written.split(b" ")[1])

    def statuses(self) -> list[int]:
        """Of all answers, in their order."""
        return [int(each) for each in re.findall(rb"HTTP/1\.1 (\d{3}) ", self.written)]

    @property
    def code(self) -> str:
        """Of the first answer's error."""
        answer = json.loads(self.written.split(b"\r\n\r\n")[1])
        code: str = answer["errors"][0]["extensions"]["code"]
        return code


class Server:
    """Opens connections to one gateway."""

    def __init__(self, app: ASGIApp | None = None) -> None:
        self._config = uvicorn.Config(app or World().gateway(), log_config=None)
        self._config.load()
        self._state = ServerState()

    def connect(self) -> tuple[DeadlineProtocol, Line]:
        """A new connection, as both ends see it."""
        open_protocol = protocol_with(DEADLINES)
        protocol = open_protocol(config=self._config, server_state=self._state, app_state={})
        line = Line()
        line.protocol = protocol
        protocol.connection_made(line)
        return protocol, line


def split(text: bytes, chance: random.Random) -> Iterator[bytes]:
    """A text in one part or a few, as networks deliver it."""
    cuts = sorted(chance.randrange(len(text) + 1) for _ in range(chance.choice([0, 0, 1, 3])))
    for start, end in zip([0, *cuts], [*cuts, len(text)], strict=True):
        yield text[start:end]
