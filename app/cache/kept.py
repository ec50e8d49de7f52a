"""What the cache keeps of what an instance said, each with the token that it was read under."""

from dataclasses import dataclass
from datetime import datetime

from app.cache.write_log import Token
from resolvers.seam.chunk import Chunk
from resolvers.seam.upstream import ReadState


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
class KeptReadState:
    """What tells the unread from the read, since when, and under which token. `stamp` names it."""

    state: ReadState
    at: datetime
    token: Token
    stamp: bytes = b""
