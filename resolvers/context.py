"""What a resolver may reach: the caller's inboxes, and nothing else."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import NamedTuple

from resolvers.errors import BadUserInput, UpstreamFailureCode
from resolvers.limits import Excess, Limits
from resolvers.seam.lists import Lists
from resolvers.seam.live import OpenWatch, Watch
from resolvers.snapshot import Snapshot
from resolvers.types.inbox import Inbox

OpenSpan = Callable[[str], AbstractContextManager[object]]


class Touched(NamedTuple):
    """A list that an answer shows something of: since when that is known, and how good it is."""

    name: str
    fetched_at: datetime
    is_fresh: bool


def _now() -> datetime:
    return datetime.now(UTC)


def _as_it_is(instant: datetime) -> datetime:
    return instant


@dataclass(slots=True)
class Context:
    """One operation's surroundings.

    `upstreams` speak for the lists that the caller may read, by name; `may_write` is whether the
    caller may change them. `tells_unread` is whether `isUnread` is selected anywhere, so that a
    notification shows the same wherever it is: the API sets it.
    `page_seconds` is how long a page waits for an instance. `snapshot` is what the operation was
    told so far. `failures` collects the inboxes that failed, for the answer's `extensions`, and
    `excesses` what exceeded a limit that is not enforced, and `touched` the inboxes that lists were
    made of. `report` is told of an exception of one inbox that nobody foresaw.
    `to_wall` gives the time of day of an instant that the gateway itself has noted, to be shown;
    `to_come` the same of one that is still to come, else None; `wall` is the time of day.
    `not_before` is since when lists have to be known, as in `ChunkRequest`. `watch` watches an
    inbox for a subscription, and `resume_from` is the cursor that its transport brought, which wins
    over its argument; `watches` are those of the inboxes whose event is executed, by name, and
    `has_failed` is whether that had errors. `gone` are inboxes that a subscription has followed and
    that its caller may not read any more. `open_span` opens a span for a root field, by its name,
    where the operation is traced.
    """

    upstreams: Lists
    page_seconds: float
    limits: Limits = field(default_factory=Limits)
    may_write: bool = True
    tells_unread: bool = False
    snapshot: Snapshot = field(default_factory=Snapshot)
    failures: dict[str, UpstreamFailureCode] = field(default_factory=dict)
    excesses: list[Excess] = field(default_factory=list)
    touched: list[Touched] = field(default_factory=list)
    report: Callable[[Exception], object] = repr
    to_wall: Callable[[datetime], datetime] = _as_it_is
    to_come: Callable[[datetime], datetime | None] = _as_it_is
    wall: Callable[[], datetime] = _now
    not_before: datetime | None = None
    watch: OpenWatch | None = None
    resume_from: str | None = None
    watches: dict[str, Watch] = field(default_factory=dict)
    has_failed: bool = False
    gone: list[Inbox] = field(default_factory=list)
    open_span: OpenSpan | None = None

    def renew(self) -> None:
        """For the next event of a subscription, which is an execution of its own."""
        self.snapshot = Snapshot()
        self.has_failed = False
        for each in (self.failures, self.excesses, self.touched):
            each.clear()

    def check_limit(self, limit: str, most: int, found: int, problem: str) -> None:
        """Refuses an argument above a limit: BadUserInput with `problem`, where it is enforced."""
        if found <= most:
            return
        if self.limits.is_enforced:
            raise BadUserInput(problem)
        self.excesses.append(Excess(limit, most, found))
