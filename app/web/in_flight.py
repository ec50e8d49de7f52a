"""How many operations are executed at once."""

from collections.abc import Iterator
from contextlib import contextmanager

from app.web.refusal import Refusal, Refused

RETRY_AFTER = {"retry-after": "1"}
"""In seconds: pages take less."""


class InFlight:
    """Counts operations, and refuses those beyond a number: an answer late is worse than none."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._count = 0

    @contextmanager
    def slot(self) -> Iterator[None]:
        """A place for one operation; raises Refused where there is none."""
        if self._count >= self._most:
            message = f"{self._most} operations are under way already: try again in a second."
            raise Refused(Refusal.OVERLOADED, message, RETRY_AFTER)
        self._count += 1
        try:
            yield
        finally:
            self._count -= 1
