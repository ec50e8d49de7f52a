"""Whether an operation reads nothing but lists: what has to be asked anew each time is not kept."""

from graphql import (
    FieldNode,
    FragmentSpreadNode,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLSchema,
    InlineFragmentNode,
    SelectionSetNode,
    get_named_type,
)

from resolvers.executing.documents import Operation

_PASSING = {
    "Query": {"node", "nodes"},
    "Inbox": {"status", "unreadCount", "handle", "capabilities"},
    "Instance": {"title", "software", "version"},
    "Notification": {"isUnread"},
    "MastodonNotification": {"isUnread"},
    "WatchlistNotification": {"isUnread"},
}
"""Fields by type: what an instance is asked each time, what changes by itself, and what may not be
known yet. `isUnread` goes by a marker that is renewed apart from the list."""


def is_lasting(operation: Operation, schema: GraphQLSchema) -> bool:
    """Whether the answer is made of chunks alone; found out once for each operation."""
    known: bool | None = operation.made.get("is lasting")
    if known is None:
        root = schema.get_root_type(operation.definition.operation)
        walk = _Walk(schema, operation)
        known = not operation.is_mutation and walk.lasts(operation.definition.selection_set, root)
        operation.made["is lasting"] = known
    return known


class _Walk:
    def __init__(self, schema: GraphQLSchema, operation: Operation) -> None:
        self._schema = schema
        self._fragments = operation.fragments
        self._looked_at: set[str] = set()

    def lasts(self, selected: SelectionSetNode, parent: GraphQLNamedType | None) -> bool:
        for node in selected.selections:
            if isinstance(node, FieldNode):
                if not self._field_lasts(node, parent):
                    return False
            elif isinstance(node, InlineFragmentNode):
                condition = node.type_condition
                kind = self._schema.get_type(condition.name.value) if condition else parent
                if not self.lasts(node.selection_set, kind):
                    return False
            elif isinstance(node, FragmentSpreadNode) and node.name.value not in self._looked_at:
                self._looked_at.add(node.name.value)
                fragment = self._fragments[node.name.value]
                kind = self._schema.get_type(fragment.type_condition.name.value)
                if not self.lasts(fragment.selection_set, kind):
                    return False
        return True

    def _field_lasts(self, node: FieldNode, parent: GraphQLNamedType | None) -> bool:
        name = node.name.value
        if parent is not None and name in _PASSING.get(parent.name, ()):
            return False
        if node.selection_set is None or not isinstance(
            parent, GraphQLObjectType | GraphQLInterfaceType
        ):
            return True
        field = parent.fields.get(name)
        return self.lasts(node.selection_set, get_named_type(field.type) if field else None)
