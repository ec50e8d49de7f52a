"""Whether an operation reads nothing but lists: what has to be asked anew each time is not kept."""

from graphql import (
    FieldNode,
    FragmentSpreadNode,
    GraphQLField,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLSchema,
    InlineFragmentNode,
    SelectionSetNode,
    get_named_type,
)
from strawberry.schema.schema_converter import GraphQLCoreConverter
from strawberry.types.field import StrawberryField

from resolvers.executing.documents import Operation


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
        if not isinstance(parent, GraphQLObjectType | GraphQLInterfaceType):
            return True  # within introspection
        field = parent.fields.get(node.name.value)
        if field is None:
            return True  # __typename, __schema
        if not lasts(field):
            return False
        return node.selection_set is None or self.lasts(
            node.selection_set, get_named_type(field.type)
        )


def lasts(field: GraphQLField) -> bool:
    """Whether the value of a field is as good as the list that it came with."""
    definition: StrawberryField = field.extensions[GraphQLCoreConverter.DEFINITION_BACKREF]
    said: bool | None = definition.metadata.get("lasts")
    if said is not None:
        return said
    resolver = definition.base_resolver
    return resolver is None or resolver.info_parameter is None
