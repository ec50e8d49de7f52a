"""What a subscription selects at its root: one field, whatever the variables are.

https://spec.graphql.org/draft/#sec-Single-root-field
"""

from collections.abc import Iterator

from graphql import (
    ASTValidationRule,
    FieldNode,
    GraphQLError,
    OperationDefinitionNode,
    OperationType,
    SelectionNode,
    SelectionSetNode,
    ValidationContext,
)

from resolvers.executing.selections import Fragments, fragments_of, parts_of


class SubscriptionRootRule(ASTValidationRule):
    """A subscription has one root field, under one name, and no condition leads to it."""

    def __init__(self, context: ValidationContext) -> None:
        super().__init__(context)
        self._fragments: Fragments = fragments_of(context.document)

    def enter_operation_definition(self, node: OperationDefinitionNode, *_: object) -> None:
        if node.operation is not OperationType.SUBSCRIPTION:
            return
        found = [*_selected(node.selection_set, self._fragments, set())]
        if any(each.directives for each in found):
            self._refuse("has a directive on what it selects at its root", node)
        fields = [each for each in found if isinstance(each, FieldNode)]
        if any(each.name.value.startswith("__") for each in fields):
            self._refuse("selects introspection at its root", node)
        elif len({each.alias.value if each.alias else each.name.value for each in fields}) > 1:
            self._refuse("selects more than one field at its root", node)

    def _refuse(self, what: str, node: OperationDefinitionNode) -> None:
        self.context.report_error(
            GraphQLError(
                f"A subscription {what}: select one field there, and nothing else.", [node]
            )
        )


def _selected(
    selected: SelectionSetNode, fragments: Fragments, seen: set[str]
) -> Iterator[SelectionNode]:
    """All that stands at the root, through fragments."""
    for part in parts_of(selected, fragments):
        yield part.node
        if isinstance(part.node, FieldNode) or part.below is None or part.fragment in seen:
            continue
        seen |= {part.fragment} if part.fragment else set()
        yield from _selected(part.below, fragments, seen)
