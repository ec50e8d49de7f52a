"""What an operation costs: its fields, each as often as it may be in the answer.

A field costs 1. What stands below a page's `edges` or `nodes` counts once for each row that the
page may have, what stands below a list of inboxes once for each inbox, and what stands below
`nodes(ids:)` once for each ID. The work is linear in the document: a fragment is priced once.
"""

from collections.abc import Mapping
from typing import NamedTuple

from graphql import (
    FieldNode,
    FragmentSpreadNode,
    GraphQLField,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLSchema,
    InlineFragmentNode,
    IntValueNode,
    ListValueNode,
    OperationDefinitionNode,
    SelectionNode,
    SelectionSetNode,
    VariableNode,
    get_named_type,
)

from resolvers.executing.selections import Fragments
from resolvers.inputs.lists import PAGE_SIZE
from resolvers.limits import Limits

TYPES_IN_INTROSPECTION = 50
"""As how many each field below `__schema` counts: it goes through all types and their fields."""

LISTS_OF_INBOXES = {"inboxes", "sources", "clearedInboxes"}
_INTROSPECTION = {"__schema", "__type"}
ROWS = {"edges", "nodes"}


class _Price(NamedTuple):
    """What a selection set costs, and what it costs more for each row of the page around it."""

    fixed: int = 0
    for_each_row: int = 0

    def __add__(self, other: object) -> "_Price":
        assert isinstance(other, _Price)
        return _Price(self.fixed + other.fixed, self.for_each_row + other.for_each_row)


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
        prices = [self._price_selection(node, parent) for node in selected.selections]
        return sum(prices, _Price())

    def _price_selection(self, node: SelectionNode, parent: GraphQLNamedType | None) -> _Price:
        if isinstance(node, FragmentSpreadNode):
            return self._price_fragment(node.name.value)
        if isinstance(node, InlineFragmentNode):
            condition = node.type_condition
            return self._price(
                node.selection_set,
                self._schema.get_type(condition.name.value) if condition else parent,
            )
        assert isinstance(node, FieldNode)
        return self._price_field(node, parent)

    def _price_fragment(self, name: str) -> _Price:
        price = self._priced.get(name)
        if price is None:
            fragment = self._fragments[name]
            parent = self._schema.get_type(fragment.type_condition.name.value)
            price = self._priced[name] = self._price(fragment.selection_set, parent)
        return price

    def _price_field(self, node: FieldNode, parent: GraphQLNamedType | None) -> _Price:
        name = node.name.value
        if node.selection_set is None:
            return _Price(1)
        if name in _INTROSPECTION:
            below = self._price(node.selection_set, None)
            return _Price(1 + TYPES_IN_INTROSPECTION * below.fixed)
        field = _field_of(parent, name)
        if field is None:  # within introspection
            return _Price(1 + self._price(node.selection_set, None).fixed)
        below = self._price(node.selection_set, get_named_type(field.type))
        if "first" in field.args:
            return _Price(1 + below.fixed + self._page_size(node) * below.for_each_row)
        if name in ROWS and parent is not None and parent.name.endswith("Connection"):
            return _Price(0, 1 + below.fixed)
        times = self._inboxes if name in LISTS_OF_INBOXES else self._ids(node)
        return _Price(1 + times * below.fixed, below.for_each_row)

    def _page_size(self, node: FieldNode) -> int:
        """How many rows the page may have; one above the limit is refused where it is resolved."""
        given = [self._count(node, name) for name in ("first", "last")]
        size = max((count for count in given if count is not None), default=PAGE_SIZE)
        return min(max(size, 1), self._limits.page_size)

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


def _field_of(parent: GraphQLNamedType | None, name: str) -> GraphQLField | None:
    if isinstance(parent, GraphQLObjectType | GraphQLInterfaceType):
        field: GraphQLField | None = parent.fields.get(name)
        return field
    return None
