"""The merge as plain lists and cuts: what it is to do, without chunks, cursors or requests.

A cut says of each inbox which rows are below it. Everything else is above, also what arrives later;
an edge's own row is on neither side. docs/merging.md has the same in words.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

Key = tuple[str, str]
"""An inbox and what names a row in it."""


@dataclass(frozen=True)
class ModelRow:
    """A notification, as far as order and filters go."""

    key: Key
    at: datetime
    kind: str
    is_bot: bool = False
    is_minor: bool = False
    together: tuple[str, str] | None = None

    @property
    def group(self) -> object:
        """What it has in common with those that belong to it, over all lists of an inbox."""
        if self.together is None:
            return self.key
        return self.key[0].partition("/")[0], self.together, self.at.date()


@dataclass(frozen=True)
class ModelPlace:
    """Which rows of an inbox are below, and which one is the edge's own."""

    below: frozenset[Key]
    own: Key | None = None


ModelCut = Mapping[str, ModelPlace]
Matches = Callable[[ModelRow], bool]


@dataclass
class ModelInbox:
    """An inbox's rows in the instance's order, newest first."""

    name: str
    rows: list[ModelRow] = field(default_factory=list)
    is_down: bool = False


@dataclass(frozen=True)
class ModelPage:
    """The rows newest first, a cut for each, the cuts at both ends, and whether there is more."""

    rows: Sequence[ModelRow]
    edges: Sequence[ModelCut]
    start: ModelCut
    end: ModelCut
    has_more: bool


def list_page(
    inboxes: Sequence[ModelInbox],
    cut: ModelCut | None,
    count: int,
    matches: Matches,
    *,
    is_up: bool,
    by_group: bool = False,
) -> ModelPage:
    """A page beyond a cut, or from the end where there is none: of so many rows, or groups."""
    ahead = {
        inbox.name: [] if inbox.is_down else _ahead(inbox, cut, count, matches, is_up=is_up)
        for inbox in inboxes
    }
    wanted = {name: [row for row in rows if matches(row)] for name, rows in ahead.items()}
    near = {inbox.name: _near(inbox, cut, ahead[inbox.name], is_up=is_up) for inbox in inboxes}
    places = dict(near)
    shown: list[ModelRow] = []
    edges: list[ModelCut] = []
    while any(wanted.values()):
        name = _choose(inboxes, wanted, is_up=is_up)
        with_next = [*shown, wanted[name][0]]
        if len({row.group for row in with_next} if by_group else with_next) > count:
            break
        row = wanted[name].pop(0)
        inbox = next(each for each in inboxes if each.name == name)
        places[name] = ModelPlace(_below(inbox, row), row.key)
        shown.append(row)
        edges.append({key: place for key, place in places.items() if place is not None})
        below = _below(inbox, row) | ({row.key} if is_up else set())
        places[name] = ModelPlace(frozenset(below))
    far = {key: place for key, place in places.items() if place is not None}
    near_cut = {key: place for key, place in near.items() if place is not None}
    return ModelPage(
        rows=shown[::-1] if is_up else shown,
        edges=edges[::-1] if is_up else edges,
        start=far if is_up else near_cut,
        end=near_cut if is_up else far,
        has_more=any(wanted.values()),
    )


def _ahead(
    inbox: ModelInbox, cut: ModelCut | None, count: int, matches: Matches, *, is_up: bool
) -> list[ModelRow]:
    """The rows on the side of the cut that is asked for, in the direction of reading."""
    place = cut.get(inbox.name) if cut is not None else None
    if place is None:
        joins_late = is_up and cut is not None
        rows = _fill(inbox.rows, count, matches) if joins_late else inbox.rows
        return list(rows[::-1] if is_up else rows)
    if not is_up:
        return [row for row in inbox.rows if row.key in place.below]
    above = [row for row in inbox.rows if row.key not in place.below and row.key != place.own]
    return above[::-1]


def _fill(rows: Sequence[ModelRow], count: int, matches: Matches) -> Sequence[ModelRow]:
    """The newest of an inbox, before the first wanted one for which a page has no room."""
    wanted = [index for index, row in enumerate(rows) if matches(row)]
    return rows[: wanted[count]] if len(wanted) > count else rows


def _near(
    inbox: ModelInbox, cut: ModelCut | None, ahead: Sequence[ModelRow], *, is_up: bool
) -> ModelPlace | None:
    """The place before all that is looked at."""
    place = cut.get(inbox.name) if cut is not None else None
    if inbox.is_down:
        return place
    if is_up:
        passed = place.below | ({place.own} if place.own else set()) if place else frozenset()
        return ModelPlace(frozenset(passed) | _until(inbox, {row.key for row in ahead}))
    if place is not None:
        return ModelPlace(place.below)
    return ModelPlace(frozenset(row.key for row in inbox.rows))


def _until(inbox: ModelInbox, above: set[Key]) -> frozenset[Key]:
    return frozenset(row.key for row in inbox.rows if row.key not in above)


def _below(inbox: ModelInbox, row: ModelRow) -> frozenset[Key]:
    """The rows of an inbox that come after one, as the instance orders them."""
    index = inbox.rows.index(row)
    return frozenset(each.key for each in inbox.rows[index + 1 :])


def _choose(
    inboxes: Sequence[ModelInbox], wanted: Mapping[str, Sequence[ModelRow]], *, is_up: bool
) -> str:
    """The inbox whose next row is newest (going up, oldest); ties by the configuration."""
    heads = [
        (wanted[inbox.name][0].at, index)
        for index, inbox in enumerate(inboxes)
        if wanted[inbox.name]
    ]
    if is_up:
        _, index = min(heads, key=lambda head: (head[0], -head[1]))
    else:
        _, index = min(heads, key=lambda head: (-head[0].timestamp(), head[1]))
    return inboxes[index].name
