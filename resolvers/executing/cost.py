"""What an operation costs: its fields, each as often as it may be in the answer.

A field costs 1. What stands below a page's `edges` or `nodes` counts once for each row that the
page may have, what stands below a list of inboxes once for each inbox, and what stands below
`nodes(ids:)` once for each ID, and what stands below a list of a group once for each that is
asked for. The work is linear in the document: a fragment is priced once.
"""

from collections.abc import Mapping
from typing import NamedTuple

from graphql import (
    FieldNode,
    GraphQLList,
    GraphQLNamedType,
    GraphQLSchema,
    IntValueNode,
    ListValueNode,
    OperationDefinitionNode,
    SelectionSetNode,
    VariableNode,
    get_nullable_type,
)

from resolvers.executing.selections import Fragments, Part, parts_of
from resolvers.inputs.windows import PAGE_SIZE, SHOWN
from resolvers.limits import Limits
from resolvers.merging.room import MOST_ROWS
from resolvers.types.feed import Feed

TYPES_IN_INTROSPECTION = 50
"""As how many each field below `__schema` counts: it goes through all types and their fields."""

LISTS_OF_INBOXES = {"inboxes", "sources", "clearedInboxes"}
LISTS_OF_FEEDS = {"feeds"}
_INTROSPECTION = {"__schema", "__type"}
ROWS = {"edges", "nodes"}


class _Price(NamedTuple):
    """What a selection set costs, and what it costs more for each row of the page around it."""

    fixed: int = 0
    for_each_row: int = 0


_OF_A_LEAF = _Price(1)


class Pricing:
    """Prices one operation of a valid document, with its variables, for a caller's inboxes."""

    def __init__(
        self,
        schema: GraphQLSchema,
        fragments: Fragments,
        variables: Mapping[str, object],
        inboxes: int,
        limits: Limits,
    ) -> None:
        self._schema = schema
        self._fragments = fragments
        self._variables = variables
        self._inboxes = inboxes
        self._limits = limits
        self._priced: dict[str, _Price] = {}

    def price(self, operation: OperationDefinitionNode) -> int:
        """The cost of the whole operation."""
        root = self._schema.get_root_type(operation.operation)
        return self._price(operation.selection_set, root).fixed

    def _price(self, selected: SelectionSetNode, parent: GraphQLNamedType | None) -> _Price:
        fixed, for_each_row = 0, 0
        for part in parts_of(selected, self._fragments, self._schema, parent):
            price = self._price_part(part, parent)
            fixed += price.fixed
            for_each_row += price.for_each_row
        return _Price(fixed, for_each_row)

    def _price_part(self, part: Part, parent: GraphQLNamedType | None) -> _Price:
        if part.fragment is not None:
            price = self._priced.get(part.fragment)
            if price is None:
                price = self._priced[part.fragment] = self._below(part)
            return price
        if isinstance(part.node, FieldNode):
            return self._price_field(part, part.node, parent)
        return self._below(part)

    def _below(self, part: Part) -> _Price:
        return _Price() if part.below is None else self._price(part.below, part.kind)

    def _price_field(self, part: Part, node: FieldNode, parent: GraphQLNamedType | None) -> _Price:
        if part.below is None:
            return _OF_A_LEAF
        name, below = node.name.value, self._below(part)
        if name in _INTROSPECTION:
            return _Price(1 + TYPES_IN_INTROSPECTION * below.fixed)
        if part.field is None:  # within introspection
            return _Price(1 + below.fixed)
        if "first" in part.field.args:
            if isinstance(get_nullable_type(part.field.type), GraphQLList):
                return _Price(1 + self._size(node, SHOWN, MOST_ROWS) * below.fixed)
            size = self._size(node, PAGE_SIZE, self._limits.page_size)
            return _Price(1 + below.fixed + size * below.for_each_row)
        if name in ROWS and parent is not None and parent.name.endswith("Connection"):
            return _Price(0, 1 + below.fixed)
        times = self._inboxes if name in LISTS_OF_INBOXES else self._ids(node)
        times = len(Feed) if name in LISTS_OF_FEEDS else times
        return _Price(1 + times * below.fixed, below.for_each_row)

    def _size(self, node: FieldNode, default: int, most: int) -> int:
        """How many rows a page or a list may have; a page above its limit is refused later."""
        given = [self._count(node, name) for name in ("first", "last")]
        size = max((count for count in given if count is not None), default=default)
        return min(max(size, 1), most)

    def _count(self, node: FieldNode, name: str) -> int | None:
        for argument in node.arguments or ():
            if argument.name.value == name:
                value = argument.value
                if isinstance(value, IntValueNode):
                    return int(value.value)
                if isinstance(value, VariableNode):
                    count = self._variables.get(value.name.value)
                    return count if isinstance(count, int) else None
        return None

    def _ids(self, node: FieldNode) -> int:
        """How many objects are asked for by `ids`; 1 for every other field."""
        for argument in node.arguments or ():
            if argument.name.value == "ids":
                value: object = argument.value
                if isinstance(value, VariableNode):
                    value = self._variables.get(value.name.value)
                count = len(value.values) if isinstance(value, ListValueNode) else 1
                count = len(value) if isinstance(value, list) else count
                return min(max(count, 1), self._limits.node_ids)
        return 1
