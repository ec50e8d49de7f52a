"""How processes that are the same login come to have one session at a wiki."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from resolvers.errors import UpstreamError

Cookie = Sequence[str]
"""Name, value, domain and path."""


@dataclass(frozen=True, slots=True)
class KeptSession:
    """A session's cookies; or, where the wiki refused the login, the failure that says so.

    `stamp` tells one from another.
    """

    cookies: Sequence[Cookie] = ()
    failure: UpstreamError | None = None
    stamp: bytes = b""

    def __repr__(self) -> str:
        return f"KeptSession({len(self.cookies)} cookies)"


class SessionShare(Protocol):
    """Where a login's session is kept for all its processes."""

    async def find_or_claim(self, lost: bytes) -> tuple[KeptSession | None, bool]:
        """The session that is kept, unless it is the one with this stamp; or the turn to log in.

        Neither, while another process logs in. Where nothing is known of others it is our turn.
        """

    async def keep(self, session: KeptSession, seconds: float) -> bytes:
        """Ends the turn, with a session or a refusal or, for 0 seconds, without; its stamp."""
