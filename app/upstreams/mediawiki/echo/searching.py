"""Where to begin to read down, so that one answer reaches a place that is far from the top."""

from app.upstreams.mediawiki.echo.places import LARGEST_NUMBER, EchoPlace


class Search:
    """Between a place and what was seen above it, one try after the other.

    A beginning is too high if its answer ends above the place, and too low if it has nothing above
    it. Rows lie about as close to each other as in the last answer, so that the next try is half an
    answer above the place; where they do not, the distance is doubled, and at last halved.

    The lowest row that was seen above the place is never too low. It is where to begin once an
    answer may reach from there down to the place, and after some tries that were too low.
    """

    def __init__(self, place: EchoPlace, seen_to: EchoPlace, seen_from: EchoPlace) -> None:
        """`seen_to` is the lowest row that is known, below the last answer, which `seen_from` is
        the highest of.
        """
        self._low, self._high = _as_number(place), _as_number(seen_to)
        self._reach = max(1, _as_number(seen_from) - self._high)
        self._step = self._reach // 2 if place.second else 0  # nothing tells where the bottom is
        self._patience = _PATIENCE if place.second else _PATIENCE_AT_THE_BOTTOM
        self._too_low_in_a_row = 0

    def next_try(self) -> EchoPlace:
        """A beginning between the two."""
        may_reach = self._high - self._low <= self._reach
        if may_reach or self._too_low_in_a_row >= self._patience:
            return _as_place(self._high)
        guess = self._low + self._step
        if self._step and guess < self._high:
            return _as_place(guess)
        return _as_place(max((self._low + self._high) // 2, self._low + 1))

    def note_too_low(self, start: EchoPlace) -> None:
        """Nothing lies between the place and this."""
        self._low = max(self._low, _as_number(start))
        self._step *= 2
        self._too_low_in_a_row += 1

    def note_too_high(self, start: EchoPlace, ends: EchoPlace) -> None:
        """More lies between the place and this than one answer, which has `ends` as its next."""
        self._too_low_in_a_row = 0
        tried, self._high = _as_number(start), min(self._high, _as_number(ends))
        self._reach = tried - self._high
        span = max(1, self._reach // 2)
        is_better = not self._step or span < self._step
        self._step = span if is_better else self._step // 2


_PATIENCE, _PATIENCE_AT_THE_BOTTOM = 4, 16
"""Tries in a row that may be too low: where the bottom is, nothing tells."""
_WIDTH = LARGEST_NUMBER.bit_length()


def _as_number(place: EchoPlace) -> int:
    return place.second << _WIDTH | place.number


def _as_place(number: int) -> EchoPlace:
    """Any number in between stands for one; neither half is ever 0, which is another question."""
    second, rest = number >> _WIDTH, number & (1 << _WIDTH) - 1
    return EchoPlace(max(1, second), min(max(1, rest), LARGEST_NUMBER))
