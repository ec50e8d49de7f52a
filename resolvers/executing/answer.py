"""What is sent: the answer to an operation, or to one event of a subscription."""

from collections.abc import Callable
from typing import Any

Answer = dict[str, Any]
"""`data`, `errors` where there are any, and `extensions`, as they are sent."""


class SentEvent:
    """One event as it is sent, and the cursor to resume from after it; None where it is the end."""

    __slots__ = ("_written", "answer", "cursor")

    def __init__(self, answer: Answer, cursor: str | None) -> None:
        self.answer = answer
        self.cursor = cursor
        self._written: bytes | None = None

    def write(self, dump: Callable[[Answer], bytes]) -> bytes:
        """The answer as bytes, made once for all who are sent it."""
        if self._written is None:
            self._written = dump(self.answer)
        return self._written
