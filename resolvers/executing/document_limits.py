"""Measures a document before it is validated.

Every fragment is measured once, however often it is spread, and what it holds counts as often as it
is spread: the work is linear in the document, and nothing can be hidden in fragments.
docs/limits.md has the rules.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from graphql import (
    DocumentNode,
    FieldNode,
    OperationDefinitionNode,
    SelectionSetNode,
)

from resolvers.executing.selections import (
    Fragments,
    Part,
    field_key,
    fields_at_once,
    fragments_of,
    operations_of,
    parts_of,
)
from resolvers.limits import Excess, Limits

INTROSPECTION_DEPTH = 20
"""Of fields below `__schema` and `__type`; the query that tools send is 15 deep."""

_INTROSPECTION = {"__schema", "__type"}


@dataclass(slots=True)
class _Extent:
    """How far a part of a document reaches."""

    depth: int = 0
    introspection_depth: int = 0
    aliases: int = 0
    directives: int = 0
    keys: set[str] = field(default_factory=set)

    def include(self, part: "_Extent") -> None:
        """Adds a part that stands in the same selection set, except for its keys."""
        self.depth = max(self.depth, part.depth)
        self.introspection_depth = max(self.introspection_depth, part.introspection_depth)
        self.aliases += part.aliases
        self.directives += part.directives


def find_excesses(document: DocumentNode, limits: Limits) -> list[Excess]:
    """Every limit that an operation of the document exceeds, at most once each.

    The document need not be valid: unknown fragments and circles of them count for nothing here.
    """
    meter = _Meter(fragments_of(document), limits.root_fields)
    extents = [meter.measure_operation(operation) for operation in operations_of(document)]
    overlaps = count_overlaps(document, limits.overlaps)
    found = [
        ("depth", limits.depth, [extent.depth for extent in extents]),
        ("depth", INTROSPECTION_DEPTH, [extent.introspection_depth for extent in extents]),
        ("aliases", limits.aliases, [extent.aliases for extent in extents]),
        ("directives", limits.directives, [extent.directives for extent in extents]),
        ("root_fields", limits.root_fields, [len(extent.keys) for extent in extents]),
        ("overlaps", limits.overlaps, [overlaps]),
    ]
    largest = [(name, most, max(counts, default=0)) for name, most, counts in found]
    return [Excess(name, most, count) for name, most, count in largest if count > most]


class _Meter:
    def __init__(self, fragments: Fragments, most_keys: int) -> None:
        self._fragments = fragments
        self._most_keys = most_keys
        self._measured: dict[str, _Extent] = {}

    def measure_operation(self, operation: OperationDefinitionNode) -> _Extent:
        extent = self._measure(operation.selection_set)
        extent.directives += len(operation.directives or ())
        for variable in operation.variable_definitions or ():
            extent.directives += len(variable.directives or ())
        return extent

    def _measure(self, selected: SelectionSetNode) -> _Extent:
        extent = _Extent()
        spread: set[str] = set()
        for part in parts_of(selected, self._fragments):
            name = part.fragment
            extent.directives += len(part.node.directives or ())
            if name is None:
                self._include(extent, self._measure_part(part))
            elif name not in spread:
                spread.add(name)
                self._include(extent, self._measure_fragment(name))
        return extent

    def _include(self, extent: _Extent, part: _Extent) -> None:
        """Keys are counted to one above the limit: as many as there are would be too much work."""
        extent.include(part)
        if len(extent.keys) <= self._most_keys:
            extent.keys |= part.keys

    def _measure_part(self, part: Part) -> _Extent:
        extent = self._measure(part.below) if part.below else _Extent()
        if isinstance(part.node, FieldNode):
            extent.aliases += part.node.alias is not None
            if part.node.name.value in _INTROSPECTION:
                extent.introspection_depth, extent.depth = extent.depth, 0
            extent.depth += 1
            extent.keys = {field_key(part.node)}
        return extent

    def _measure_fragment(self, name: str) -> _Extent:
        measured = self._measured.get(name)
        fragment = self._fragments.get(name)
        if measured is None and fragment is not None:
            self._measured[name] = _Extent()  # what a circle of fragments finds
            measured = self._measure(fragment.selection_set)
            measured.directives += len(fragment.directives or ())
            self._measured[name] = measured
        return measured or _Extent()


def count_overlaps(document: DocumentNode, most: int) -> int:
    """How many pairs of fields share a response key, and so have to be compared in validation.

    graphql-core compares each pair (https://spec.graphql.org/draft/#sec-Field-Selection-Merging).
    A field that is looked at again, by way of another fragment, counts as one too, so that no more
    than `most` is done beyond one look at everything. Counting ends above `most`.
    """
    fragments = fragments_of(document)
    reached: set[str] = set()
    counting = _Overlaps(fragments, reached, most)
    for operation in operations_of(document):
        counting.look_into(operation.selection_set)
    for name, fragment in fragments.items():
        if name not in reached:
            counting.look_into(fragment.selection_set)
    return counting.overlaps


class _Overlaps:
    def __init__(self, fragments: Fragments, reached: set[str], most: int) -> None:
        self.overlaps = 0
        self._fragments = fragments
        self._reached = reached
        self._most = most
        self._known: set[int] = set()
        self._looked_at: set[tuple[int, ...]] = set()

    def look_into(self, selected: SelectionSetNode) -> None:
        open_sets: list[tuple[SelectionSetNode, ...]] = [(selected,)]
        while open_sets and self.overlaps <= self._most:
            for inner in self._compare(open_sets.pop()):
                names = tuple(id(each) for each in inner)
                if names not in self._looked_at:
                    self._looked_at.add(names)
                    open_sets.append(inner)

    def _compare(
        self, merged: Sequence[SelectionSetNode]
    ) -> Iterator[tuple[SelectionSetNode, ...]]:
        """Counts in some selection sets that become one; then the sets below it, merged."""
        by_key: dict[str, list[FieldNode]] = {}
        for node in fields_at_once(merged, self._fragments, self._reached):
            same = by_key.setdefault(field_key(node), [])
            self.overlaps += len(same) + (id(node) in self._known)
            self._known.add(id(node))
            same.append(node)
            if self.overlaps > self._most:
                return
        for same in by_key.values():
            inner = tuple(node.selection_set for node in same if node.selection_set)
            if inner:
                yield inner
