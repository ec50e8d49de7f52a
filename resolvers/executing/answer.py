"""What is sent: the answer to an operation, or to one event of a subscription."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

Answer = dict[str, Any]
"""`data`, `errors` where there are any, and `extensions`, as they are sent."""


class SentEvent:
    """One event as it is sent, and the cursor to resume from after it; None where it is the end.

    `kind` is its type in the API, `seen_at` when the gateway first knew of what it tells, by its
    clock; None where that says nothing.
    """

    __slots__ = ("_written", "answer", "cursor", "kind", "seen_at")

    def __init__(
        self, answer: Answer, cursor: str | None, kind: str = "", seen_at: datetime | None = None
    ) -> None:
        self.answer = answer
        self.cursor = cursor
        self.kind = kind
        self.seen_at = seen_at
        self._written: bytes | None = None

    def write(self, dump: Callable[[Answer], bytes]) -> bytes:
        """The answer as bytes, made once for all who are sent it."""
        if self._written is None:
            self._written = dump(self.answer)
        return self._written
