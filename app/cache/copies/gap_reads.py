"""How often a list was read since its stream is open, which tells nothing of what came before."""

from datetime import datetime

from app.cache.copies.login_stream import LoginStream
from app.cache.copies.streamed_rows import REPLICAS_LAG

_ENOUGH = 2
"""Once at once, and once more when replicas have it all."""


class GapReads:
    """Of one list."""

    def __init__(self, stream: LoginStream) -> None:
        self._stream = stream
        self._count = 0

    @property
    def has_begun(self) -> bool:
        """Whether there is no gap but for what replicas may lack."""
        return self._count > 0

    @property
    def is_done(self) -> bool:
        """Whether nothing that came before the stream can be missing."""
        return self._count >= _ENOUGH

    def begin_again(self) -> None:
        """Another stream is open, or none."""
        self._count = 0

    def count(self, began: datetime) -> None:
        """A read counts if it began once the stream was open, and a while after the one before."""
        open_since = self._stream.began_at
        if open_since is not None and began >= open_since + self._count * REPLICAS_LAG:
            self._count = min(_ENOUGH, self._count + 1)
