"""What a watched list needs of the upstream whose list it watches."""

from typing import Protocol

from resolvers.seam.chunk import Scope
from resolvers.seam.upstream import Upstream


class WatchedUpstream(Upstream, Protocol):
    """An upstream that keeps copies, and is told of those that a stream extends."""

    def read_anew(self, scope: Scope) -> None:
        """Whoever reads this list from now on begins a request."""

    def note_arrival(self) -> None:
        """What was made of its copies before is not what they show now."""
