"""THE SEAM to the store that several processes share: what is asked of it, and what it says.

Whatever is asked is done as one, at one instant of the store's own clock, or StoreAway is raised:
a store makes requests faster and must never make one fail. Values are sealed before they come here.
"""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import Enum
from typing import NamedTuple, Protocol

STAMP = 8
"""Bytes that a value begins with and that tell it from an older one."""

Position = tuple[int, ...]
"""Of an entry in a login's log; a later one is greater. Empty for none."""


class StoreAway(Exception):
    """The store did not do it, or not in time. It is counted already: go on without it."""


class Saying(NamedTuple):
    """What one process says to all others about a login, and what it wants to know.

    `entries` go to the end of the log under `log`, if `is_conditional` only where nothing follows
    `position`; a log that is empty begins with `opening`, and lives for `lives`. `wanted` are the
    keys of values, each with the stamp of the one that need not be sent. `lease` is the key of a
    lease: unless others hold it, it is as `wish` says from now on, for `lease_lasts`; a wish begins
    with what tells whose it is (8 bytes), and an empty one wants nothing.
    """

    log: str
    position: Position
    entries: Sequence[bytes]
    opening: bytes
    lives: timedelta
    wanted: Sequence[tuple[str, bytes]] = ()
    is_conditional: bool = False
    lease: str = ""
    wish: bytes = b""
    lease_lasts: timedelta = timedelta()


class Heard(NamedTuple):
    """What comes back: whether the entries were taken, and all that the log has after a position.

    `is_broken` says that the position is not in the log any more: then it is the whole log.
    `values` are those wanted, in order; empty for one that is not there, or as it is known.
    `lease` is what the store has of the lease now. `now` is the store's time, UTC.
    """

    is_taken: bool
    is_broken: bool
    entries: Sequence[tuple[Position, bytes]]
    values: Sequence[bytes]
    lease: bytes
    now: datetime


class Tally(NamedTuple):
    """Whether something was counted, the instants of all that were, oldest first, and the time."""

    is_counted: bool
    instants: Sequence[datetime]
    now: datetime


class Put(Enum):
    """What became of a value that was to be kept."""

    DONE = 0
    LEASE_LOST = 1
    REPLACED = 2


class UnderLease(NamedTuple):
    """A value that is to be kept under `key` if `holder` has the `lease`, which begins with it, and
    if the value there has this `stamp`; an empty one is any.

    Where the lease has that stamp at `stamp_at`, it has the new value's afterwards.
    """

    key: str
    value: bytes
    stamp: bytes
    lease: str
    holder: bytes
    stamp_at: int


class SharedStore(Protocol):
    """`counts` is what became of all that was asked, by name. Every method raises StoreAway."""

    counts: Counter[str]

    async def ask_time(self) -> datetime:
        """What its own clock shows, UTC, by which processes agree on how old a thing is."""

    async def exchange(self, saying: Saying) -> Heard:
        """Adds to a log, and gives what is new in it and what is wanted."""

    async def put(
        self, key: str, value: bytes, lives: timedelta, log: str, log_lives: timedelta
    ) -> None:
        """Keeps a value, and the log that it goes by, for so long."""

    async def put_under_lease(
        self, kept: "UnderLease", lives: timedelta, log: str, log_lives: timedelta
    ) -> Put:
        """The same for a value that follows from another one, by whoever has the lease."""

    async def end_lease(self, lease: str, holder: bytes) -> None:
        """Gives a lease back, if it is this holder's."""

    async def find_or_claim(
        self, key: str, lost: bytes, turn: str, turn_lasts: timedelta
    ) -> tuple[bytes, bool]:
        """The value that is kept, if its stamp is not `lost`; else whether the turn is ours now."""

    async def end_turn(self, key: str, value: bytes, lives: timedelta, turn: str) -> None:
        """Ends a turn, with a value that is kept for so long; with none for no time."""

    async def count(
        self, key: str, named: Sequence[tuple[str, datetime]], most: int, window: timedelta
    ) -> Tally:
        """Counts the last of these, unless that were more than `most` within the window.

        Those before it are counted in any case; one that is named again is counted once.
        """

    async def aclose(self) -> None:
        """Ends what is under way and closes the connections."""


class ProcessStore(SharedStore, Protocol):
    """A shared store as whoever opened it has it."""

    @property
    def is_away(self) -> bool:
        """Whether it missed its last answers."""

    async def warn_if_away(self) -> None:
        """Says in the log that the gateway goes on without, if it has to."""

    async def aclose(self) -> None:
        """Ends what is under way and closes the connections."""
