"""What carries requests to instances: the seam between a login and a client of HTTP.

What every implementation promises, and one suite proves of each (`tests/app/test_transport.py`):

- A request is sent as it is given. There are no cookies, no redirects and no retries, save one: a
  read that went out on a connection that had been used before, and that ended before the first byte
  of an answer, goes out once more, on a new connection. `repeats` counts these.
- A write is never sent twice. `Request.stage` says how far a request came: where it is not SENT the
  instance has certainly not seen it, also if the task was cancelled or ran out of time.
- Every way to fail has an error of its own, below: refused, unknown name, certificate, TLS, closed,
  not HTTP, a head or an answer that is too large, a coding that cannot be read. Time limits are the
  caller's business, who cancels.
- Everything is bounded while it is received, not afterwards: the head by MOST_HEAD and MOST_FIELDS,
  the body by MOST_RECEIVED on the wire and MOST_DECODED once decompressed.
- An answer is read as servers write it: after any number of interim ones (1xx), by HTTP/1.0 or 1.1,
  by a length, in chunks or up to the end of the connection. What comes after it is dropped together
  with the connection. gzip of several members, deflate and a byte order mark are understood.
- All logins share the connections; there are never more of them than were allowed in all and to one
  host. Who has to wait gets a turn by host: one host's crowd does not keep others waiting.
- A stream is none of these connections: whoever opens one bounds how many there are.
- A task that is cancelled, at whatever moment, ends its request. No connection is used again of
  which an answer was not read to its end. `aclose` ends everything at once, also what is under way.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from types import TracebackType
from typing import Self

import httpx

from app.upstreams.http.reply import Reply

MOST_HEAD = 256 * 1024
"""Bytes of one answer's status line and headers."""
MOST_FIELDS = 500
"""Headers of one answer."""
MOST_RECEIVED = 8 * 1024 * 1024
"""Bytes of one answer's body as they come over the wire."""
MOST_DECODED = 4 * 1024 * 1024
"""Bytes of one answer's body once decompressed, 25 times what 40 notifications take: what reading
it costs is not to block the loop for 50 ms."""


class Stage(Enum):
    """How far a request has come."""

    WAITING = "for its turn: too many others are under way"
    CONNECTING = "to the instance, or to a proxy"
    SENT = "some of it at least: the instance may have acted"


@dataclass(slots=True)
class Request:
    """What is to be sent. `url` is absolute, in ASCII, and its query escaped.

    Header names are in lower case; the transport adds `host` and `content-length`.
    """

    method: str
    url: str
    headers: Mapping[str, str] = field(repr=False)
    body: bytes | None = field(default=None, repr=False)
    stage: Stage = Stage.WAITING

    @property
    def is_write(self) -> bool:
        """Whether the instance may do something else if it gets this twice."""
        return self.method != "GET"


class ConnectionRefused(httpx.ConnectError):
    """The host is there, and nothing listens at the port."""


class UnknownName(httpx.ConnectError):
    """No address is known for the host's name, or the name cannot be one."""


class BadCertificate(httpx.ConnectError):
    """The host's certificate is not trusted, is over, or is another host's."""


class NoTLS(httpx.ConnectError):
    """No encrypted connection comes about with the host."""


class Closed(httpx.RemoteProtocolError):
    """The connection ended before the answer did."""


class NotHttp(httpx.RemoteProtocolError):
    """What came is no HTTP."""


class HeadTooLarge(httpx.RemoteProtocolError):
    """The headers are more than MOST_HEAD or MOST_FIELDS."""


class TooLarge(httpx.TransportError):
    """The body is more than MOST_RECEIVED or MOST_DECODED.

    `reply` has the status, the headers, and the first part of the body.
    """

    def __init__(self, reply: Reply) -> None:
        super().__init__("too large")
        self.reply = reply


class Messages(ABC):
    """A stream that an instance has opened, of texts that come one after another.

    It shows signs of life while nothing comes; without one for `alive_seconds` nobody is there.
    """

    alive_seconds: float

    @abstractmethod
    async def receive(self) -> str | None:
        """The next text, or None for a sign of life alone.

        Raises httpx.HTTPError where the stream has ended, or shows no sign of life any more.
        """

    @abstractmethod
    async def aclose(self) -> None:
        """Ends it."""


class Transport(ABC):
    """Sends requests. The module's docstring has the contract."""

    @property
    def repeats(self) -> int:
        """Reads that were sent once more."""
        return 0

    @abstractmethod
    async def send(self, request: Request) -> Reply:
        """The answer, of any status. Raises httpx.HTTPError, of the kinds above where one fits."""

    async def open_socket(
        self, request: Request, subprotocol: str | None = None
    ) -> Messages | Reply:
        """A WebSocket, or what a server answers that opens none: https://www.rfc-editor.org/rfc/rfc6455

        The address is one of http or https. It takes nobody's turn, and no redirect is followed.
        Raises httpx.HTTPError.
        """
        raise httpx.UnsupportedProtocol("no WebSockets")

    async def open_events(self, request: Request) -> Messages | Reply:
        """Server-sent events, each as JSON with `event` and `payload`, or any other answer.

        The rest is as at a WebSocket.
        """
        raise httpx.UnsupportedProtocol("no server-sent events")

    async def aclose(self) -> None:  # noqa: B027 - most have nothing to end
        """Ends all connections."""

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.aclose()
