"""What is known of an operation so far, for whoever is told how it ended."""

import re
from collections.abc import Sequence
from hashlib import sha256
from random import getrandbits
from time import perf_counter

from app.observability.telemetry import OperationDone, Outcome
from app.web.refusal import Refusal
from resolvers.executing.documents import Operation

REQUEST_ID = b"x-request-id"
_UNKNOWN = ("unknown", "", "")
"""Of an operation: its kind, its name, and the SHA-256 of its document."""
_ID = re.compile(r"[A-Za-z0-9._+/=-]{1,128}")

_OUTCOMES = {
    Refusal.OVERLOADED: Outcome.OVERLOADED,
    Refusal.SHUTTING_DOWN: Outcome.BROKEN_OFF,
    Refusal.INTERNAL: Outcome.INTERNAL,
}


class NotedOperation:
    """One operation, from its request's head on."""

    __slots__ = (
        *("_began", "_is_trusted", "_known"),
        *("client", "outcome", "request_id"),
    )

    def __init__(self, request_id: str) -> None:
        self.request_id = request_id
        self.client = ""
        self.outcome: Outcome | None = None
        self._began = perf_counter()
        self._known = _UNKNOWN
        self._is_trusted = False

    def found(self, operation: Operation, text: str, *, is_trusted: bool) -> None:
        """Notes which one it is."""
        known = operation.made.get("noted")
        if known is None:
            kind, digest = operation.definition.operation.value, sha256(text.encode()).hexdigest()
            known = operation.made["noted"] = (kind, operation.name or "", digest)
        self._known, self._is_trusted = known, is_trusted

    def end(self, outcome: Outcome, trace_id: str) -> OperationDone:
        """All that is to be told of it."""
        return OperationDone(
            *self._known,
            self._is_trusted,
            outcome,
            perf_counter() - self._began,
            self.client,
            self.request_id,
            trace_id,
        )


def outcome_of(refusal: Refusal) -> Outcome:
    """How an operation ended that was refused so."""
    return _OUTCOMES.get(refusal, Outcome.REFUSED)


def read_request_id(headers: Sequence[tuple[bytes, bytes]]) -> str:
    """The ID that a request brought, if it is harmless, or a new one."""
    for name, value in headers:
        if name == REQUEST_ID and _ID.fullmatch(value.decode("latin-1")):
            return value.decode("latin-1")
    return f"{getrandbits(64):016x}"  # it tells requests apart, and nothing else
