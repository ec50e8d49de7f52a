"""THE SEAM to a stream: what an instance tells of one login, of its own accord."""

from enum import Enum
from typing import Protocol

from resolvers.seam.chunk import Row
from resolvers.types.notification import Notification


class StreamSign(Enum):
    """What comes beside notifications."""

    ALIVE = "a sign of life alone"
    LIST_CHANGED = "the list may be another one now: it is to be read anew"


Told = Notification | StreamSign


class NotificationStream(Protocol):
    """One open stream. Without a sign of life for `alive_seconds` nobody is there.

    What it tells may come twice, in another order than the list's, and before the list has it. What
    came while it was not open it never tells.
    """

    alive_seconds: float

    async def receive(self) -> Told:
        """What comes next. Raises UpstreamError where the stream has ended."""

    def lies_above(self, row: Row, other: Row) -> bool:
        """Whether the instance lists the first of two rows above the second."""

    async def aclose(self) -> None:
        """Ends it."""
