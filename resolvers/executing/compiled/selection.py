"""What an operation selects of an object type, with its fragments written out and merged.

https://spec.graphql.org/draft/#CollectFields()
"""

from collections.abc import Iterable, Iterator, Mapping

from graphql import (
    BooleanValueNode,
    DirectiveNode,
    FieldNode,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLUnionType,
    ListValueNode,
    ObjectValueNode,
    OperationDefinitionNode,
    SelectionNode,
    SelectionSetNode,
    ValueNode,
    VariableNode,
)
from graphql.type import is_abstract_type

from resolvers.executing.selections import Fragments, field_key, parts_below, parts_of

Fields = dict[str, list[FieldNode]]
"""The nodes of each response key, in the order of the answer."""


class Unknown(Exception):
    """What no function is made for: graphql-core executes it."""


class Selector:
    """Collects what is selected, for one set of values of the variables in @skip and @include."""

    def __init__(
        self, schema: GraphQLSchema, fragments: Fragments, variables: Mapping[str, object]
    ) -> None:
        self._schema = schema
        self._fragments = fragments
        self._variables = variables

    def collect(self, kind: GraphQLObjectType, selected: Iterable[SelectionSetNode]) -> Fields:
        """What some selection sets that become one select of an object type. Raises Unknown."""
        fields: Fields = {}
        spread: set[str] = set()
        for each in selected:
            self._collect(kind, each, fields, spread)
        return fields

    def _collect(
        self, kind: GraphQLObjectType, selected: SelectionSetNode, fields: Fields, spread: set[str]
    ) -> None:
        for part in parts_of(selected, self._fragments, self._schema, kind):
            if not self._is_included(part.node) or part.fragment in spread:
                continue
            if isinstance(part.node, FieldNode):
                fields.setdefault(field_key(part.node), []).append(part.node)
                continue
            if part.fragment is not None:
                spread.add(part.fragment)
            if part.below is not None and self._fits(kind, part.kind):
                self._collect(kind, part.below, fields, spread)

    def _fits(self, kind: GraphQLObjectType, wanted: GraphQLNamedType | None) -> bool:
        if wanted is kind:
            return True
        return is_abstract_type(wanted) and self._schema.is_sub_type(wanted, kind)

    def _is_included(self, node: SelectionNode) -> bool:
        for directive in node.directives or ():
            if directive.name.value == "skip" and self._is_true(directive):
                return False
            if directive.name.value == "include" and not self._is_true(directive):
                return False
        return True

    def _is_true(self, directive: DirectiveNode) -> bool:
        (argument,) = directive.arguments or ()
        value = argument.value
        if isinstance(value, VariableNode):
            given = self._variables.get(value.name.value)
            if given is None:
                raise Unknown("a condition that is null")
            return given is True
        assert isinstance(value, BooleanValueNode)
        return value.value


def conditions_of(operation: OperationDefinitionNode, fragments: Fragments) -> tuple[str, ...]:
    """The variables in @skip and @include, of all fragments too: what a compilation depends on."""
    roots = [operation.selection_set, *(each.selection_set for each in fragments.values())]
    return tuple(
        dict.fromkeys(
            name for part in parts_below(roots, fragments) for name in _variables_of(part.node)
        )
    )


def _variables_of(node: SelectionNode) -> Iterator[str]:
    for directive in node.directives or ():
        for argument in directive.arguments or ():
            if isinstance(argument.value, VariableNode):
                yield argument.value.name.value


def possible_types(
    schema: GraphQLSchema, kind: GraphQLObjectType | GraphQLInterfaceType | GraphQLUnionType
) -> list[GraphQLObjectType]:
    """The object types that a value of an output type may have."""
    return [kind] if isinstance(kind, GraphQLObjectType) else [*schema.get_possible_types(kind)]


def has_variable(value: ValueNode) -> bool:
    """Whether what is written as an argument has a variable anywhere in it."""
    if isinstance(value, ListValueNode):
        return any(map(has_variable, value.values))
    if isinstance(value, ObjectValueNode):
        return any(has_variable(member.value) for member in value.fields)
    return isinstance(value, VariableNode)
