"""The one walk over what a document selects: from a selection set to what stands in it."""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLField,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLSchema,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionNode,
    SelectionSetNode,
    get_named_type,
)

Fragments = Mapping[str, FragmentDefinitionNode]


class Part(NamedTuple):
    """One member of a selection set, and what it selects itself, of which type.

    `fragment` is the name of the fragment that is spread, and `below` what that selects; None where
    there is no such fragment, and for a field without a selection. `kind` and `field` are None
    without a schema, and within introspection.
    """

    node: SelectionNode
    below: SelectionSetNode | None
    kind: GraphQLNamedType | None = None
    field: GraphQLField | None = None
    fragment: str | None = None


def parts_of(
    selected: SelectionSetNode,
    fragments: Fragments,
    schema: GraphQLSchema | None = None,
    parent: GraphQLNamedType | None = None,
) -> Iterator[Part]:
    """The members of a selection set of `parent`, in the document's order."""
    fields: Mapping[str, GraphQLField] = {}
    if isinstance(parent, GraphQLObjectType | GraphQLInterfaceType):
        fields = parent.fields
    for node in selected.selections:
        if isinstance(node, FieldNode):
            field, below = fields.get(node.name.value), node.selection_set
            kind = get_named_type(field.type) if field and below else None
            yield Part(node, below, kind, field)
        elif isinstance(node, InlineFragmentNode):
            condition = node.type_condition
            kind = schema.get_type(condition.name.value) if schema and condition else parent
            yield Part(node, node.selection_set, kind)
        elif isinstance(node, FragmentSpreadNode):
            name = node.name.value
            fragment = fragments.get(name)
            if fragment is None:
                yield Part(node, None, fragment=name)
            else:
                kind = schema.get_type(fragment.type_condition.name.value) if schema else None
                yield Part(node, fragment.selection_set, kind, fragment=name)


def fields_at_once(
    merged: Sequence[SelectionSetNode], fragments: Fragments, reached: set[str]
) -> Iterator[FieldNode]:
    """The fields of some selection sets that become one, each fragment's once.

    The names of the fragments that are in them are added to `reached`.
    """
    spread: set[str] = set()
    open_sets = list(merged)
    while open_sets:
        for part in parts_of(open_sets.pop(), fragments):
            if isinstance(part.node, FieldNode):
                yield part.node
            elif part.fragment not in spread:
                if part.fragment is not None:
                    spread.add(part.fragment)
                    reached.add(part.fragment)
                if part.below is not None:
                    open_sets.append(part.below)


def fields_below(roots: Sequence[SelectionSetNode], fragments: Fragments) -> Iterator[FieldNode]:
    """Every field in some selection sets and below them, each once."""
    for part in parts_below(roots, fragments):
        if isinstance(part.node, FieldNode):
            yield part.node


def parts_below(roots: Sequence[SelectionSetNode], fragments: Fragments) -> Iterator[Part]:
    """Every member of some selection sets and of those below them, each set once."""
    open_sets, looked_at = list(roots), set[int]()
    while open_sets:
        selected = open_sets.pop()
        if id(selected) in looked_at:
            continue
        looked_at.add(id(selected))
        for part in parts_of(selected, fragments):
            yield part
            if part.below is not None:
                open_sets.append(part.below)


def field_key(node: FieldNode) -> str:
    """The name that a field has in the answer."""
    return (node.alias or node.name).value


def operations_of(document: DocumentNode) -> list[OperationDefinitionNode]:
    """The operations, in the document's order."""
    return [each for each in document.definitions if isinstance(each, OperationDefinitionNode)]


def fragments_of(document: DocumentNode) -> dict[str, FragmentDefinitionNode]:
    """The fragments by name."""
    return {
        each.name.value: each
        for each in document.definitions
        if isinstance(each, FragmentDefinitionNode)
    }
