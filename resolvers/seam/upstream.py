"""THE SEAM: what the core needs of an inbox, and everything that it knows of instances.

An `Upstream` speaks for one list of one login, of which a platform may have several: each is a feed
of its inbox. The contract, which `tests/contract` holds every
implementation and every wrapper to:

- A chunk's rows are the instance's, in the instance's order, newest first, without a gap.
- Reading on from a chunk's last row, chunk after chunk, gives every row that was there all the
  time exactly once, whatever arrives or leaves meanwhile.
- A row stays the same bytes for as long as its notification exists, in every process.
- An anchor whose row is gone still works: reading goes on where the row was.
- A write that may have been carried out is never sent a second time.
- What such a server cannot do is an `UpstreamError` with UNSUPPORTED.
- What goes wrong is an `UpstreamError`; nothing of HTTP comes through, and no secret.
- A method may be cancelled at any time and leaves the upstream usable.
"""

from collections.abc import Callable, Sequence
from typing import Protocol

from resolvers.errors import UpstreamError
from resolvers.seam.chunk import Chunk, ChunkRequest, Row
from resolvers.seam.login import Elsewhere, LoginHealth, Profile, UnreadTally
from resolvers.seam.social import Social
from resolvers.seam.streaming import NotificationStream
from resolvers.seam.writes import Dismissal, Inspection, TimestampSet, UnseenFrom, WatchedPages
from resolvers.types.feed import Feed
from resolvers.types.inbox import Inbox
from resolvers.types.notification import Notification

ReadState = Callable[[Notification], Notification]
"""What tells the unread from the read: it gives the same notification with `is_unread` told, as a
new value where it was not."""


class OnlyList:
    """What an upstream has whose inbox has one list, which is always there."""

    inbox: Inbox
    feed = Feed.NOTIFICATIONS
    left_out: UpstreamError | None = None
    social: Social | None = None

    @property
    def name(self) -> str:
        return self.inbox.name

    async def count_elsewhere(self) -> Sequence[Elsewhere]:
        return ()

    def portions(self, keys: Sequence[str]) -> Sequence[Sequence[str]]:
        return [[key] for key in keys]


class Upstream(Protocol):
    """One list of one login at one instance."""

    @property
    def inbox(self) -> Inbox:
        """The inbox as the API shows it; always the same value, for all of its lists."""

    @property
    def feed(self) -> Feed:
        """Which of the inbox's lists this is."""

    @property
    def name(self) -> str:
        """What this list is called, and named by in cursors: see `resolvers.seam.lists`."""

    @property
    def left_out(self) -> UpstreamError | None:
        """Why the instance does not have this list for the login, where nobody has asked for it by
        name; None where it has it, as far as is known.
        """

    @property
    def health(self) -> LoginHealth:
        """How the instance has answered this login lately."""

    @property
    def social(self) -> Social | None:
        """What the login does beside reading its list; None where there is nothing of the kind."""

    def recognises(self, row: Row) -> bool:
        """Whether such an instance can have made this row. Nothing else is ever sent to it."""

    async def read(self, request: ChunkRequest) -> Chunk:
        """The rows from the request's anchor on. Raises UpstreamError."""

    async def find(self, key: str) -> Notification | None:
        """The notification with this key (the last part of its global ID); None if it is gone.

        Raises UpstreamError.
        """

    async def ask_read_state(self) -> ReadState:
        """What knows the unread from the read; asked beside the first chunk, where it is wanted.

        Raises UpstreamError, with UNSUPPORTED or UNAUTHORIZED where the instance cannot say.
        """

    async def count_unread(self) -> UnreadTally:
        """How many notifications are unread, as far as the instance counts. UpstreamError."""

    async def count_elsewhere(self) -> Sequence[Elsewhere]:
        """What other instances of the same farm hold for this login. Raises UpstreamError."""

    async def ask_profile(self) -> Profile:
        """Who is logged in and what runs there; asked once and remembered. UpstreamError."""

    async def open_stream(self) -> NotificationStream:
        """What the instance tells of its own accord from now on. Raises UpstreamError."""

    async def inspect(self) -> Inspection:
        """What this login may do; changes nothing. UpstreamError where it cannot even read."""

    def portions(self, keys: Sequence[str]) -> Sequence[Sequence[str]]:
        """Keys of notifications that are to be dismissed, by what is dismissed at once."""

    async def dismiss(self, *keys: str) -> Dismissal:
        """Takes the notifications of one portion out of the list; what is gone is a success.

        Raises NotFound for a key that no such instance can have given, UpstreamError.
        """

    async def clear(self) -> None:
        """Takes all notifications out of the list. Raises UpstreamError."""

    async def mark_read(self, key: str) -> None:
        """All up to this notification are read, never fewer than before.

        Raises NotFound, UpstreamError.
        """

    async def set_timestamp(self, pages: WatchedPages, unseen_from: UnseenFrom) -> TimestampSet:
        """Sets from where on pages' changes are unseen. Raises InvalidInput, UpstreamError."""
