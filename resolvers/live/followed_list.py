"""One list of a subscription: what follows it, what was told of it, and of its whole inbox."""

import asyncio
from dataclasses import dataclass, field
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
    """All lists of one inbox; `told` is how it was when that was told last."""

    inbox: Inbox
    lists: "list[FollowedList]" = field(default_factory=list)
    told: object = None
    changed_at: datetime | None = None


@dataclass(slots=True)
class FollowedList:
    """`owed` is why its inbox is to be read anew, where that was not told yet."""

    follower: Follower
    index: int
    of: FollowedInbox
    is_woken: bool = True
    preparing: "asyncio.Future[bool] | None" = None
    owed: ChangeReason | None = None

    @property
    def name(self) -> str:
        """As cursors name it."""
        return self.follower.watch.upstream.name

    @property
    def inbox(self) -> Inbox:
        """As the API shows it."""
        return self.of.inbox

    @property
    def is_left_out(self) -> bool:
        """Whether the instance does not have it, and nobody has asked for it by name."""
        return self.follower.watch.upstream.left_out is not None

    @property
    def is_all_of_it(self) -> bool:
        """Whether there is no other list of the inbox."""
        return all(each is self or each.is_left_out for each in self.of.lists)

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
        """Whether its inbox may be told to be read anew.

        Not while a page may still be one of before a write, nor before the cursor stands in the new
        list, nor again so soon.
        """
        follower, changed_at = self.follower, self.of.changed_at
        if follower.watch.is_held_back or follower.is_behind or self.preparing is not None:
            return False
        return changed_at is None or follower.watch.now - changed_at >= CHANGED_EVERY

    @property
    def owed_until(self) -> datetime | None:
        """When what is owed may be told at the soonest, if something was told lately."""
        if self.owed is None or self.of.changed_at is None:
            return None
        return self.of.changed_at + CHANGED_EVERY
