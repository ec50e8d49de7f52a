"""What a cursor names as sent and no look of this process has had yet.

The process that it was sent by may have known more: what comes here later is not sent again.
"""

from collections.abc import Iterable, Set
from datetime import datetime

from resolvers.live.cut import name_row
from resolvers.seam.live import LAG
from resolvers.types.notification import Notification


class UnseenNames:
    """The names of a cursor, each until its row was seen; rows that are named are young."""

    def __init__(self, names: Set[bytes], since: datetime) -> None:
        self._names = set(names)
        self._until = since + LAG

    def left(self, seen: Iterable[Notification], now: datetime) -> Set[bytes]:
        """Those that were not seen, with all that is known now, down to the cut."""
        if self._names and now < self._until:
            self._names -= {name_row(row.row) for row in seen}
        else:
            self._names = set()
        return self._names
