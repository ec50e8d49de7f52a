"""HTTP/1.1 with deadlines: uvicorn waits for a request's head and body for ever.

uvicorn has no setting for either (only for the pause between two requests); this is the seam that
it has, `http=`. Seconds are the event loop's.
"""

import asyncio
import re
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

import httptools
import orjson
from uvicorn.protocols.http.httptools_impl import (
    STATUS_LINE,
    HttpToolsProtocol,
    RequestResponseCycle,
)

from app.web.health import PREFIX
from app.web.in_flight import RETRY_AFTER
from app.web.joined_writes import JoinedWrites
from app.web.refusal import Refusal

LONGEST_HEAD = 64 * 1024
"""Bytes of a request's line and headers; and of what is around its body, which are the sizes of
chunks and trailers."""

_CONNECTION = b"connection"

_GRACE = 1.0
"""Seconds more than the view waits for a body: it tells the caller what is wrong."""

_MOST_SURPLUS = 20
"""Connections beyond the most, on which only whether the process is well is answered."""

_LINGERING = 1.0
"""Seconds for a caller to read why it is turned away."""


@dataclass(frozen=True, slots=True)
class ConnectionDeadlines:
    """Seconds that a client may take for a request's head, for its body, and to read on.

    `connections` is how many there may be at once, without the live ones that `count_live` counts.
    While `is_draining`, each is closed after the answer to its request.
    """

    head: float
    body: float
    reading: float
    connections: int
    count_live: Callable[[], int] = lambda: 0
    is_draining: Callable[[], bool] = lambda: False


class DeadlineProtocol(HttpToolsProtocol):
    """Closes a connection whose request does not arrive in time, or whose answer is not read."""

    def __init__(self, *args: Any, deadlines: ConnectionDeadlines, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._deadlines = deadlines
        self._arriving: asyncio.TimerHandle | None = None
        self._leaving: asyncio.TimerHandle | None = None
        self._patience: float | None = None
        self._is_patience_new = False
        self._counted = 0
        self._cycles: list[RequestResponseCycle] = []
        self._is_turned_away = False
        self._has_become_socket = False
        self._is_surplus = False

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        deadlines = self._deadlines
        surplus = len(self.connections) - deadlines.count_live() - deadlines.connections
        self._is_surplus = surplus > 0
        if surplus > _MOST_SURPLUS:
            self._turn_surplus_away()
        else:
            self._expect_within(_LINGERING if self._is_surplus else deadlines.head)
            self._wait()

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop(self._arriving)
        self._stop(self._leaving)
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if self._is_turned_away:
            return
        self._unset_keepalive_if_required()
        self._counted += len(data)
        try:
            while data and not self._is_turned_away:
                data = self._feed(data)
        except httptools.HttpParserError:
            message = "This is no request of HTTP/1.1."
            self._turn_away(HTTPStatus.BAD_REQUEST, Refusal.BAD_REQUEST, message)
        if self._has_become_socket or self._is_turned_away:
            return
        if self._counted > LONGEST_HEAD:
            self._turn_away(
                HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE,
                Refusal.BAD_REQUEST,
                f"The request's line and headers, or what is around its body's chunks, are larger "
                f"than {LONGEST_HEAD} bytes.",
            )
            return
        if self._patience is None and not self._is_under_way():  # for the rest of what has begun
            self._expect_within(self._deadlines.head)
        self._wait()

    def _feed(self, data: bytes) -> bytes:
        """What is to be read next: a request once more, where it has offered another protocol."""
        try:
            self.parser.feed_data(data)
        except httptools.HttpParserUpgrade as upgrade:
            rest = data[upgrade.args[0] :]
            if not self._should_upgrade():
                return self._without_upgrade(rest)
            self._expect_within(None)
            self._wait()
            self._has_become_socket = True
            self.handle_websocket_upgrade()
            if rest:
                self.transport.get_protocol().data_received(rest)  # type: ignore[attr-defined]
        return b""

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._expect_within(self._deadlines.head)

    def on_headers_complete(self) -> None:
        self._counted = 0
        self._expect_within(self._deadlines.body + _GRACE)
        if self._is_turned_away or self._is_other_upgrade():
            return
        for name, value in self.headers:
            if name == b"transfer-encoding" and value.strip().lower() != b"chunked":
                self._turn_away(
                    HTTPStatus.NOT_IMPLEMENTED,
                    Refusal.BAD_REQUEST,
                    "Send the body without a transfer coding, or in chunks.",
                )
                return
        if self._is_surplus and not self.url.startswith(PREFIX.encode()):
            self._turn_surplus_away()
            return
        if not self.url.startswith(b"/"):
            self._name_by_target()
        super().on_headers_complete()
        if self.parser.should_upgrade():
            return
        self.headers = []  # trailers go there: nobody may bring a header past a proxy that way
        self.cycle.transport = JoinedWrites(self.transport, self.loop)  # type: ignore[assignment] # what it needs
        if self._is_surplus or self._deadlines.is_draining():
            self.cycle.keep_alive = False
        if self._cycles and self._cycles[0].response_complete:
            self._cycles = [each for each in self._cycles if not each.response_complete]
        self._cycles.append(self.cycle)

    def on_body(self, body: bytes) -> None:
        self._counted -= min(self._counted, len(body))
        if not self._is_turned_away:
            super().on_body(body)

    def on_message_complete(self) -> None:
        if self._is_turned_away or self._is_other_upgrade():
            return
        self._expect_within(None)
        self._counted = 0
        super().on_message_complete()

    def pause_writing(self) -> None:
        super().pause_writing()
        self._leaving = self.loop.call_later(self._deadlines.reading, self.transport.abort)

    def resume_writing(self) -> None:
        self._stop(self._leaving)
        super().resume_writing()

    def _should_upgrade(self) -> bool:
        """https://www.rfc-editor.org/rfc/rfc6455#section-4.1"""
        return self.parser.get_method() == b"GET" and super()._should_upgrade()

    def _is_other_upgrade(self) -> bool:
        """Whether the request offers a protocol that is not spoken here, such as h2c."""
        return self.parser.should_upgrade() and not self._should_upgrade()

    def _without_upgrade(self, rest: bytes) -> bytes:
        """The same request as if it had not offered another protocol, and what comes after it.

        The parser leaves its body out otherwise: https://www.rfc-editor.org/rfc/rfc9110#section-7.8
        """
        method = self.parser.get_method()
        if method == b"CONNECT":
            message = "This is no proxy: there is nothing to connect to."
            self._turn_away(HTTPStatus.NOT_IMPLEMENTED, Refusal.BAD_REQUEST, message)
            return b""
        closes = any(
            b"close" in value.lower() for name, value in self.headers if name == _CONNECTION
        )
        kept = [each for each in self.headers if each[0] not in (b"upgrade", b"connection")]
        kept += [(_CONNECTION, b"close")] if closes else []
        first = b"%s %s HTTP/%s" % (method, self.url, self.parser.get_http_version().encode())
        self.parser = httptools.HttpRequestParser(self)
        self.parser.set_dangerous_leniencies(lenient_data_after_close=True)  # as uvicorn does
        return b"\r\n".join([first, *(b"%s: %s" % each for each in kept), b"", rest])

    def _name_by_target(self) -> None:
        """Where a target has a host of its own, Host says that one.

        https://www.rfc-editor.org/rfc/rfc9112#section-3.2.2
        """
        scheme, found, rest = self.url.partition(b"://")
        if not found or scheme.lower() not in (b"http", b"https"):
            return
        authority = re.split(rb"[/?#]", rest, maxsplit=1)[0].rpartition(b"@")[2]
        self.headers[:] = [each for each in self.headers if each[0] != b"host"]
        self.headers.append((b"host", authority))

    def _is_under_way(self) -> bool:
        """Whether a request is being answered."""
        cycle: RequestResponseCycle | None = self.cycle
        return cycle is not None and not cycle.response_complete

    def _expect_within(self, seconds: float | None) -> None:
        """What comes next has so long, once the bytes at hand are read; None if nothing has to."""
        self._patience, self._is_patience_new = seconds, True

    def _wait(self) -> None:
        """Most requests are there at once, and cost no timer."""
        if not self._is_patience_new:
            return
        self._is_patience_new = False
        self._stop(self._arriving)
        self._arriving = None
        if self._patience is not None:
            self._arriving = self.loop.call_later(self._patience, self._end_waiting)

    def _end_waiting(self) -> None:
        """Nobody is late whose bytes are not read meanwhile, or who still waits for an answer."""
        if self._is_under_way() and (self.flow.read_paused or not self.cycle.more_body):
            self._is_patience_new = True
            self._wait()
        else:
            self.transport.abort()

    def _turn_surplus_away(self) -> None:
        self._turn_away(
            HTTPStatus.SERVICE_UNAVAILABLE,
            Refusal.OVERLOADED,
            "There are too many connections already: try again in a second.",
        )

    def _turn_away(self, status: HTTPStatus, refusal: Refusal, message: str) -> None:
        """Says why, and closes as soon as the caller has had time to read it.

        What comes after good requests does not take the place of their answers: then the last of
        these ends the connection.
        """
        self._is_turned_away = True
        waiting = [each for each in self._cycles if not each.response_complete]
        if waiting and waiting[-1].more_body:  # it is this one that is broken
            broken = waiting.pop()
            broken.disconnected = True
            broken.message_event.set()
            self.pipeline = deque(each for each in self.pipeline if each[0] is not broken)
        self._stop(self._arriving)
        if waiting:
            waiting[-1].keep_alive = False
            return
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
        self._arriving = self.loop.call_later(_LINGERING, self.transport.abort)

    @staticmethod
    def _stop(timer: asyncio.TimerHandle | None) -> None:
        if timer is not None:
            timer.cancel()


def protocol_with(deadlines: ConnectionDeadlines) -> Callable[..., DeadlineProtocol]:
    """What uvicorn takes as `http=`."""

    def open_protocol(*args: Any, **kwargs: Any) -> DeadlineProtocol:
        return DeadlineProtocol(*args, deadlines=deadlines, **kwargs)

    return open_protocol
