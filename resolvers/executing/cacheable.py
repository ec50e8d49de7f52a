"""Whether an operation reads nothing but lists: what has to be asked anew each time is not kept."""

from graphql import GraphQLField, GraphQLNamedType, GraphQLSchema, SelectionSetNode
from strawberry.schema.schema_converter import GraphQLCoreConverter
from strawberry.types.field import StrawberryField

from resolvers.executing.documents import Operation
from resolvers.executing.selections import Part, parts_of


def is_cacheable(operation: Operation, schema: GraphQLSchema) -> bool:
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
        self._looked_at: set[str | None] = set()

    def lasts(self, selected: SelectionSetNode, parent: GraphQLNamedType | None) -> bool:
        return all(
            self._part_lasts(part)
            for part in parts_of(selected, self._fragments, self._schema, parent)
        )

    def _part_lasts(self, part: Part) -> bool:
        if part.field is not None and not lasts(part.field):
            return False
        if part.below is None or part.fragment in self._looked_at:
            return True
        if part.fragment is not None:
            self._looked_at.add(part.fragment)
        return self.lasts(part.below, part.kind)


def lasts(field: GraphQLField) -> bool:
    """Whether the value of a field is as good as the list that it came with."""
    definition: StrawberryField | None
    definition = field.extensions.get(GraphQLCoreConverter.DEFINITION_BACKREF)
    if definition is None:
        return True  # of introspection
    said: bool | None = definition.metadata.get("lasts")
    if said is not None:
        return said
    resolver = definition.base_resolver
    return resolver is None or resolver.info_parameter is None
