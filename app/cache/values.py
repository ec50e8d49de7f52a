"""What the cache keeps of what an instance said, each with the token that it was read under."""

from dataclasses import dataclass
from datetime import datetime

from app.cache.write_log import Token
from resolvers.seam.chunk import Chunk
from resolvers.seam.upstream import TellUnread


@dataclass(frozen=True, slots=True)
class Copy:
    """A chunk, and the token of the write log that it was read under. `stamp` names the copy."""

    chunk: Chunk
    token: Token
    stamp: bytes = b""

    @property
    def at(self) -> datetime:
        """When the instance said it."""
        return self.chunk.fetched_at


@dataclass(frozen=True, slots=True)
class Teller:
    """What told the unread from the read, when, and under which token. `stamp` names it."""

    tell: TellUnread
    at: datetime
    token: Token
    stamp: bytes = b""
