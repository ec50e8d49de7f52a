"""What is known of an operation so far, for whoever is told how it ended."""

import re
import secrets
from collections.abc import Sequence
from hashlib import sha256
from time import perf_counter

from app.observability.telemetry import OperationDone, Outcome
from app.web.refusal import Refusal
from resolvers.executing.documents import Operation

REQUEST_ID = b"x-request-id"
_ID = re.compile(r"[A-Za-z0-9._+/=-]{1,128}")

_OUTCOMES = {
    Refusal.OVERLOADED: Outcome.OVERLOADED,
    Refusal.SHUTTING_DOWN: Outcome.BROKEN_OFF,
    Refusal.INTERNAL: Outcome.INTERNAL,
}


class NotedOperation:
    """One operation, from its request's head on."""

    __slots__ = (
        *("_began", "_is_trusted", "_kind", "_name", "_sha256"),
        *("client", "outcome", "request_id", "trace_id"),
    )

    def __init__(self, request_id: str) -> None:
        self.request_id = request_id
        self.client = ""
        self.outcome: Outcome | None = None
        self.trace_id = ""
        self._began = perf_counter()
        self._kind, self._name, self._sha256, self._is_trusted = "unknown", "", "", False

    def found(self, operation: Operation, text: str, *, is_trusted: bool) -> None:
        """Notes which one it is."""
        made = operation.made
        if "sha256" not in made:
            made["sha256"] = sha256(text.encode()).hexdigest()
        self._kind, self._sha256 = operation.definition.operation.value, made["sha256"]
        self._name, self._is_trusted = operation.name or "", is_trusted

    def end(self, outcome: Outcome) -> OperationDone:
        """All that is to be told of it."""
        return OperationDone(
            self._kind,
            self._name,
            self._sha256,
            self._is_trusted,
            outcome,
            perf_counter() - self._began,
            self.client,
            self.request_id,
            self.trace_id,
        )


def outcome_of(refusal: Refusal) -> Outcome:
    """How an operation ended that was refused so."""
    return _OUTCOMES.get(refusal, Outcome.REFUSED)


def read_request_id(headers: Sequence[tuple[bytes, bytes]]) -> str:
    """The ID that a request brought, if it is harmless, or a new one."""
    for name, value in headers:
        if name == REQUEST_ID and _ID.fullmatch(value.decode("latin-1")):
            return value.decode("latin-1")
    return secrets.token_hex(8)
