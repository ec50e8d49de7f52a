"""The root fields of an operation: what they are asked with, and how their values are completed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from graphql import (
    FieldNode,
    GraphQLField,
    GraphQLObjectType,
)
from graphql.execution.values import VariableValues, get_argument_values

from resolvers.executing.compiled.selection import has_variable
from resolvers.executing.compiled.writing import Complete


@dataclass(slots=True)
class Root:
    """One root field of an operation that is selected once or more by `nodes`, which agree."""

    key: str
    parent: GraphQLObjectType
    definition: GraphQLField
    nodes: Sequence[FieldNode]
    complete: Complete
    _arguments: Mapping[str, Any] | None = field(init=False, default=None)

    def arguments(self, variables: VariableValues, *, hides_suggestions: bool) -> Mapping[str, Any]:
        """What the resolver is given; remembered where no variable is in it. GraphQLError."""
        if self._arguments is not None:
            return self._arguments
        node = self.nodes[0]
        values = get_argument_values(self.definition, node, variables, None, hides_suggestions)
        if not any(has_variable(each.value) for each in node.arguments or ()):
            self._arguments = values
        return values
