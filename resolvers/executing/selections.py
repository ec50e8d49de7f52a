"""Walks over what a document selects."""

from collections.abc import Iterator, Mapping, Sequence

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionSetNode,
)

Fragments = Mapping[str, FragmentDefinitionNode]


def fields_at_once(
    merged: Sequence[SelectionSetNode], fragments: Fragments, reached: set[str]
) -> Iterator[FieldNode]:
    """The fields of some selection sets that become one, each fragment's once.

    The names of the fragments that are in them are added to `reached`.
    """
    spread: set[str] = set()
    open_sets = list(merged)
    while open_sets:
        for node in open_sets.pop().selections:
            if isinstance(node, FieldNode):
                yield node
            elif isinstance(node, InlineFragmentNode):
                open_sets.append(node.selection_set)
            elif isinstance(node, FragmentSpreadNode) and node.name.value not in spread:
                spread.add(node.name.value)
                reached.add(node.name.value)
                if fragment := fragments.get(node.name.value):
                    open_sets.append(fragment.selection_set)


def fields_below(roots: Sequence[SelectionSetNode], fragments: Fragments) -> Iterator[FieldNode]:
    """Every field in some selection sets and below them, each once."""
    open_sets, looked_at = list(roots), set[int]()
    while open_sets:
        selected = open_sets.pop()
        if id(selected) in looked_at:
            continue
        looked_at.add(id(selected))
        for node in fields_at_once([selected], fragments, set()):
            yield node
            if node.selection_set:
                open_sets.append(node.selection_set)


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
