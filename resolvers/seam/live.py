"""What the core needs of a login that is watched: its newest rows, and what became of them.

A login is watched for the sake of subscribers. Each has a `Watch`, which wakes it: there is no
queue of rows behind one, a subscriber reads on from where it stands whenever it likes.
"""

from collections.abc import Callable, Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple, Protocol

from resolvers.errors import UpstreamError
from resolvers.seam.chunk import Chunk, ChunkRequest, Row, Scope
from resolvers.seam.login import UnreadTally
from resolvers.seam.upstream import ReadState, Upstream
from resolvers.seam.writes import Dismissal, ReadUpTo
from resolvers.types.live import ChangeReason
from resolvers.types.notification import Notification

LAG = timedelta(seconds=60)
"""For so long after a row was first seen another may still turn up below it."""


@dataclass(frozen=True, slots=True)
class Wiped:
    """A clearing: nothing of what was there is left."""

    at: datetime


Happening = Dismissal | ReadUpTo | ChangeReason | Wiped
"""What a write log says of a list."""


class Happened(NamedTuple):
    """What came after a token of the write log, and the token to go on from."""

    happenings: Sequence[Happening]
    token: bytes


@dataclass(frozen=True, slots=True)
class NewestRows:
    """The newest rows of a list, newest first.

    `held` are all that were read, `shown` those of them that have not left since. `is_whole`:
    nothing lies below. `first_seen` is since when each is known, by the clock of `Watch`.
    """

    held: Sequence[Notification]
    shown: Mapping[Row, Notification]
    is_whole: bool
    first_seen: Mapping[Row, datetime]
    fetched_at: datetime

    @property
    def left(self) -> Set[Row]:
        """Those that have left since they were read."""
        return {row.row for row in self.held} - self.shown.keys()


class Watch(Protocol):
    """One subscriber's eye on one login's list."""

    @property
    def upstream(self) -> Upstream:
        """What speaks for the login."""

    @property
    def scope(self) -> Scope:
        """What of the list is watched."""

    @property
    def now(self) -> datetime:
        """The gateway's clock."""

    @property
    def failure(self) -> UpstreamError | None:
        """Why the last look gave nothing, if it did not."""

    @property
    def next_look_at(self) -> datetime | None:
        """When the instance is asked next, by the gateway's clock; None while it is being asked."""

    @property
    def is_live(self) -> bool:
        """Whether the instance tells of its own accord what arrives, so that nobody asks."""

    @property
    def stream_failure(self) -> UpstreamError | None:
        """Why it does not; None also where that is not known yet."""

    @property
    def is_held_back(self) -> bool:
        """Whether a write is under way, or so young that the list may still be the one before."""

    def newest(self) -> NewestRows | None:
        """The newest rows as they are known now; None where nothing that holds is known."""

    @property
    def has_looked(self) -> bool:
        """Whether the instance was asked, since somebody watches, and has answered or failed."""

    async def look(self) -> None:
        """Waits for the look at the instance that is under way, if nothing is known yet."""

    @property
    def token(self) -> bytes:
        """Of the last entry of the write log."""

    def until(self, token: bytes) -> Sequence[Happening]:
        """What the write log has up to a token, that included."""

    def since(self, token: bytes) -> Happened:
        """What it has after a token; where it does not reach so far, that it was lost."""

    async def read(self, request: ChunkRequest) -> Chunk:
        """As `Upstream.read`. Raises UpstreamError."""

    async def ask_read_state(self) -> ReadState:
        """As `Upstream.ask_read_state`. Raises UpstreamError."""

    async def count_unread(self) -> UnreadTally:
        """As `Upstream.count_unread`, asked for all who watch, some seconds ago at most."""

    def close(self) -> None:
        """Ends it."""


OpenWatch = Callable[[str, Scope, Callable[[], None]], Watch]
"""Watches the list of the inbox of a name; the function is called whenever there may be news."""
