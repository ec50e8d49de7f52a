"""HTTP/1.1 with deadlines: uvicorn waits for a request's head and body for ever.

uvicorn has no setting for either (only for the pause between two requests); this is the seam that
it has, `http=`. Seconds are the event loop's.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

import orjson
from uvicorn.protocols.http.httptools_impl import (
    STATUS_LINE,
    HttpToolsProtocol,
    RequestResponseCycle,
)

from app.web.in_flight import RETRY_AFTER
from app.web.refusal import Refusal

LONGEST_HEAD = 64 * 1024
"""Bytes of a request's line and headers."""

_GRACE = 1.0
"""Seconds more than the view waits for a body: it tells the caller what is wrong."""

_LINGERING = 1.0
"""Seconds for a caller to read why it is turned away."""


@dataclass(frozen=True, slots=True)
class Deadlines:
    """Seconds that a client may take for a request's head, for its body, and to read on.

    `connections` is how many there may be at once.
    """

    head: float
    body: float
    reading: float
    connections: int


class DeadlineProtocol(HttpToolsProtocol):
    """Closes a connection whose request does not arrive in time, or whose answer is not read."""

    def __init__(self, *args: Any, deadlines: Deadlines, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._deadlines = deadlines
        self._arriving: asyncio.TimerHandle | None = None
        self._leaving: asyncio.TimerHandle | None = None
        self._head_bytes = 0
        self._is_in_head = True
        self._is_turned_away = False

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        if len(self.connections) > self._deadlines.connections:
            self._turn_away(
                HTTPStatus.SERVICE_UNAVAILABLE,
                Refusal.OVERLOADED,
                "There are too many connections already: try again in a second.",
            )
        else:
            self._wait_for_request(self._deadlines.head)

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop(self._arriving)
        self._stop(self._leaving)
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if self._is_turned_away:
            return
        self._head_bytes += len(data)
        super().data_received(data)
        if self._is_in_head and self._head_bytes > LONGEST_HEAD and not self._is_turned_away:
            self._turn_away(
                HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE,
                Refusal.BAD_REQUEST,
                f"The request's line and headers are larger than {LONGEST_HEAD} bytes.",
            )
        elif self._arriving is None and not self._is_under_way():
            self._wait_for_request(self._deadlines.head)  # for the rest of what has begun

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._is_in_head = True
        self._wait_for_request(self._deadlines.head)

    def on_headers_complete(self) -> None:
        self._is_in_head, self._head_bytes = False, 0
        self._wait_for_request(self._deadlines.body + _GRACE)
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        self._stop(self._arriving)
        self._arriving = None
        self._is_in_head, self._head_bytes = True, 0
        super().on_message_complete()

    def pause_writing(self) -> None:
        super().pause_writing()
        self._leaving = self.loop.call_later(self._deadlines.reading, self.transport.abort)

    def resume_writing(self) -> None:
        self._stop(self._leaving)
        super().resume_writing()

    def send_400_response(self, msg: str) -> None:
        self._turn_away(HTTPStatus.BAD_REQUEST, Refusal.BAD_REQUEST, msg)

    def _unsupported_upgrade_warning(self) -> None:
        """A caller's wish for a WebSocket is no news for the operator; it gets an HTTP answer."""

    def _is_under_way(self) -> bool:
        """Whether a request is being answered."""
        cycle: RequestResponseCycle | None = self.cycle
        return cycle is not None and not cycle.response_complete

    def _wait_for_request(self, seconds: float) -> None:
        self._stop(self._arriving)
        self._arriving = self.loop.call_later(seconds, self.transport.abort)

    def _turn_away(self, status: HTTPStatus, refusal: Refusal, message: str) -> None:
        """Says why, and closes as soon as the caller has had time to read it."""
        self._is_turned_away = True
        error = {"message": message, "extensions": {"code": refusal.name}}
        body = orjson.dumps({"errors": [error]})
        headers = {
            "content-type": "application/json; charset=utf-8",
            "content-length": str(len(body)),
            "connection": "close",
            **(RETRY_AFTER if refusal is Refusal.OVERLOADED else {}),
        }
        lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        self.transport.write(STATUS_LINE[status] + lines.encode() + b"\r\n" + body)
        self.transport.write_eof()
        self._wait_for_request(_LINGERING)

    @staticmethod
    def _stop(timer: asyncio.TimerHandle | None) -> None:
        if timer is not None:
            timer.cancel()


def protocol_with(deadlines: Deadlines) -> Callable[..., DeadlineProtocol]:
    """What uvicorn takes as `http=`."""

    def open_protocol(*args: Any, **kwargs: Any) -> DeadlineProtocol:
        return DeadlineProtocol(*args, deadlines=deadlines, **kwargs)

    return open_protocol
