"""How long to wait before an instance is asked again whether anything came."""

from datetime import timedelta

from resolvers.types.inbox_status import RateLimit

SHORTEST, LONGEST = timedelta(seconds=10), timedelta(minutes=5)
"""Between two looks: doubled while nothing comes."""
_LEFT_OF_LIMIT = 4
"""Who has less than one in so many requests left is asked as rarely as can be."""


class Pace:
    """Of one list; `has_arrivals` is to be set where something came since the last look."""

    def __init__(self) -> None:
        self.has_arrivals = False
        self._pause = SHORTEST / 2  # which is doubled

    def begin_again(self) -> None:
        """From the shortest."""
        self._pause = SHORTEST / 2

    def choose_pause(self) -> timedelta:
        """Until the next look."""
        self._pause = SHORTEST if self.has_arrivals else min(LONGEST, self._pause * 2)
        return self._pause


def is_scarce(limit: RateLimit | None) -> bool:
    """Whether so few requests are left that others need them more."""
    return limit is not None and limit.remaining * _LEFT_OF_LIMIT < limit.limit
