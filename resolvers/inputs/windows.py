"""Which part of a list callers want: `first` and `after`, or `last` and `before`."""

from dataclasses import dataclass

from resolvers.context import Context
from resolvers.errors import BadUserInput
from resolvers.seam.chunk import Direction

PAGE_SIZE = 20
"""Notifications where the caller does not say how many."""

SHOWN = 10
"""The same of a group's notifications and of its actors."""


@dataclass(frozen=True, slots=True)
class Window:
    """Which part of a list: `count` rows in a direction, from a cursor or from that end."""

    direction: Direction
    count: int
    cursor: str | None


def check_window(
    first: int | None, after: str | None, last: int | None, before: str | None, context: Context
) -> Window:
    """What the four arguments of a connection mean together. Raises BadUserInput."""
    if (last is not None and (first is not None or after is not None)) or (
        before is not None and last is None
    ):
        raise BadUserInput("Only first with after and last with before go together.")
    if last is not None:
        return Window(Direction.UP, _check_count("last", last, context), before)
    count = min(PAGE_SIZE, context.limits.page_size) if first is None else first
    return Window(Direction.DOWN, _check_count("first", count, context), after)


def _check_count(name: str, count: int, context: Context) -> int:
    most = context.limits.page_size
    problem = f"{name}: expected 1 to {most}, not {count}."
    if count < 1:
        raise BadUserInput(problem)
    context.check_limit("page_size", most, count, problem)
    return count
