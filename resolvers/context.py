"""What a resolver may reach: the caller's inboxes, and nothing else."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from resolvers.errors import UpstreamFailureCode
from resolvers.snapshot import Snapshot
from resolvers.upstream import Upstream


@dataclass(frozen=True, slots=True)
class Context:
    """One operation's surroundings.

    `upstreams` are the inboxes that the caller may read, by name, in the configuration's order.
    `page_seconds` is how long a page waits for an instance. `failures` collects the inboxes that
    failed, for the answer's `extensions`. `snapshot` is what the operation was told so far.
    """

    upstreams: Mapping[str, Upstream]
    page_seconds: float
    snapshot: Snapshot = field(default_factory=Snapshot)
    failures: dict[str, UpstreamFailureCode] = field(default_factory=dict)
