"""One inbox of a subscription: what follows it, and what was told of it."""

import asyncio
from dataclasses import dataclass
from datetime import datetime, timedelta

from resolvers.live.cut import LiveCut
from resolvers.live.follower import Follower
from resolvers.types.inbox import Inbox
from resolvers.types.live import ChangeReason

CHANGED_EVERY = timedelta(seconds=10)
"""An inbox is told no more often to be read anew."""
_OWED = b"owed"
"""In place of a write log's token, which none is."""


@dataclass(slots=True)
class FollowedInbox:
    """`owed` is why it is to be read anew, where that was not told yet; `told` how it last was."""

    follower: Follower
    index: int
    is_woken: bool = True
    preparing: "asyncio.Future[bool] | None" = None
    told: object = None
    changed_at: datetime | None = None
    owed: ChangeReason | None = None

    @property
    def inbox(self) -> Inbox:
        """As the API shows it."""
        return self.follower.watch.upstream.inbox

    @property
    def cut(self) -> LiveCut | None:
        """Where it stands; who resumes is told what is still owed, as that the log was lost."""
        cut = self.follower.cut
        return cut._replace(token=_OWED) if cut is not None and self.owed is not None else cut

    @property
    def has_more(self) -> bool:
        """Whether there is something to say that was not said yet."""
        return self.is_woken or self.preparing is not None or self.owed is not None

    @property
    def may_change(self) -> bool:
        """Whether it may be told to be read anew.

        Not while a page may still be one of before a write, nor before the cursor stands in the new
        list, nor again so soon.
        """
        follower = self.follower
        if follower.watch.is_held_back or follower.is_behind or self.preparing is not None:
            return False
        return self.changed_at is None or follower.watch.now - self.changed_at >= CHANGED_EVERY

    @property
    def owed_until(self) -> datetime | None:
        """When what is owed may be told at the soonest, if it was told something lately."""
        if self.owed is None or self.changed_at is None:
            return None
        return self.changed_at + CHANGED_EVERY
