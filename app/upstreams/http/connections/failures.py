"""What it means that no connection came about."""

import errno
import socket
import ssl
from collections.abc import Iterator

import httpx

from app.upstreams.http.transport import BadCertificate, ConnectionRefused, NoTLS, UnknownName

_REFUSED = f"[Errno {errno.ECONNREFUSED}]"
"""Where a host has several addresses, their errors come as one, which only quotes them."""


def explain_connecting(error: BaseException) -> httpx.ConnectError:
    """The transport's error for one of the system, or one that has it as its cause."""
    causes = [*causes_of(error)]
    kinds: tuple[tuple[type[BaseException], type[httpx.ConnectError]], ...] = (
        (ssl.SSLCertVerificationError, BadCertificate),
        (ssl.SSLError, NoTLS),
        (socket.gaierror, UnknownName),
        (UnicodeError, UnknownName),
        (ConnectionRefusedError, ConnectionRefused),
        (ConnectionError, NoTLS),  # TCP's own ends otherwise
    )
    for kind, explained in kinds:
        if any(isinstance(cause, kind) for cause in causes):
            return explained(kind.__name__)
    if any(_REFUSED in str(cause) for cause in causes):
        return ConnectionRefused("by one of several addresses")
    return httpx.ConnectError(type(causes[-1]).__name__)


def causes_of(error: BaseException | None) -> Iterator[BaseException]:
    """An error and all that it came from."""
    while error is not None:
        yield error
        if isinstance(error, BaseExceptionGroup):
            for each in error.exceptions:
                yield from causes_of(each)
        error = error.__cause__ or error.__context__
