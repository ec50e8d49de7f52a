"""What happens in the gateway, for whoever counts it or writes it down.

Nothing here has a cursor, an ID, a variable, a token or content.
"""

from enum import StrEnum
from typing import NamedTuple, Protocol


class Outcome(StrEnum):
    """How an operation ended."""

    OK = "ok"
    PARTIAL = "partial"  # with data, and an error or an inbox that failed
    REFUSED = "refused"  # the caller's mistake
    OVERLOADED = "overloaded"
    BROKEN_OFF = "broken_off"  # the gateway stopped
    GONE = "gone"  # the caller went away
    INTERNAL = "internal"


class RequestOutcome(StrEnum):
    """How a request to an instance ended."""

    OK = "ok"
    RATE_LIMITED = "rate_limited"
    CLIENT_ERROR = "client_error"
    SERVER_ERROR = "server_error"
    TIMEOUT = "timeout"  # or nobody waits any more
    UNREACHABLE = "unreachable"
    BAD_RESPONSE = "bad_response"


class EndReason(StrEnum):
    """Why a subscription ended."""

    GONE = "gone"
    REFUSED = "refused"
    KEY_GONE = "key_gone"
    SHUTDOWN = "shutdown"
    INTERNAL = "internal"


class OperationDone(NamedTuple):
    """An operation that has ended, in seconds; what is not known of it is empty.

    `name` is its document's own, and `sha256` its document's hash. Only trusted documents have
    names that an operator knows.
    """

    kind: str
    name: str
    sha256: str
    is_trusted: bool
    outcome: Outcome
    seconds: float
    client: str
    request_id: str
    trace_id: str = ""


class Telemetry(Protocol):
    """Is told of what happens; it raises nothing."""

    def note_operation(self, done: OperationDone) -> None:
        """A query or a mutation, or what was refused before it was one."""

    def note_request(self, inbox: str, outcome: RequestOutcome, seconds: float) -> None:
        """A request that an instance was sent."""

    def note_event(self, kind: str, lag: float | None) -> None:
        """An event that a subscriber is sent, so many seconds after the gateway knew of it."""

    def note_end(self, reason: EndReason, seconds: float, client: str) -> None:
        """A subscription that has ended."""

    def note_reload(self, *, is_good: bool) -> None:
        """A configuration that was read again, and whether it is served now."""


class Telemetries:
    """Tells several."""

    def __init__(self, *told: Telemetry) -> None:
        self._told = told

    def note_operation(self, done: OperationDone) -> None:
        for each in self._told:
            each.note_operation(done)

    def note_request(self, inbox: str, outcome: RequestOutcome, seconds: float) -> None:
        for each in self._told:
            each.note_request(inbox, outcome, seconds)

    def note_event(self, kind: str, lag: float | None) -> None:
        for each in self._told:
            each.note_event(kind, lag)

    def note_end(self, reason: EndReason, seconds: float, client: str) -> None:
        for each in self._told:
            each.note_end(reason, seconds, client)

    def note_reload(self, *, is_good: bool) -> None:
        for each in self._told:
            each.note_reload(is_good=is_good)


NOBODY = Telemetries()
"""Tells nobody."""
