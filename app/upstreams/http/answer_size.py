"""How many rows to ask for, where an instance's answers may be too large to be read.

A stranger who writes long posts must not be able to close somebody's inbox.
"""

from collections.abc import Awaitable, Callable
from typing import TypeVar

from app.upstreams.http.reply import Reply
from resolvers.errors import UpstreamError, UpstreamFailureCode

Value = TypeVar("Value")

STEPS = (40, 20, 10, 5, 1)
"""Rows that are asked for, one after the other, until the answer can be read."""
GOOD_ANSWERS = 5
"""After which it is tried whether more rows can be read at once."""


class AnswerTooLarge(UpstreamError):
    """An answer that was not read to its end; `reply` has how it begins."""

    def __init__(self, instance: str, reply: Reply, *, is_outcome_unknown: bool) -> None:
        super().__init__(
            UpstreamFailureCode.BAD_RESPONSE,
            f"{instance} sent an answer that is too large to be read, also with fewer rows: "
            "nothing of it can be shown. Look at it there.",
            is_outcome_unknown=is_outcome_unknown,
        )
        self.reply = reply


class AnswerSize:
    """What one login's list has turned out to hold: after an answer that was too large, fewer rows
    are asked for, and after some that were not, a step more again.
    """

    def __init__(self) -> None:
        self._most: int | None = None
        self._good = 0

    @property
    def is_bound(self) -> bool:
        """Whether fewer rows are asked for than wanted."""
        return self._most is not None

    def try_for(self, limit: int) -> None:
        """Has the next answer asked for so many rows, as fewer would not do."""
        if self._most is not None:
            self._most = max(self._most, limit)

    async def ask(self, limit: int, ask: Callable[[int], Awaitable[Value]]) -> Value:
        """The answer to `ask` for so many rows, or for as many fewer as can be read.

        Raises AnswerTooLarge where a single row is too large.
        """
        while True:
            asked = limit if self._most is None else min(limit, self._most)
            try:
                answer = await ask(asked)
            except AnswerTooLarge:
                fewer = next((step for step in STEPS if step < asked), None)
                if fewer is None:
                    raise
                self._most, self._good = fewer, 0
            else:
                self._note_good()
                return answer

    def _note_good(self) -> None:
        if self._most is None:
            return
        self._good += 1
        if self._good == GOOD_ANSWERS:
            more = [step for step in STEPS if step > self._most]
            self._most, self._good = more[-1] if more else None, 0
