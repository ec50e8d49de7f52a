"""graphql-core's executor, which completes root fields by compiled functions where it can."""

from collections import Counter
from collections.abc import Mapping
from typing import Any, NamedTuple

from graphql import GraphQLObjectType, GraphQLOutputType, GraphQLResolveInfo, GraphQLSchema
from graphql.pyutils import AwaitableOrValue, Path
from strawberry.schema.schema import StrawberryGraphQLCoreExecutionContext

from resolvers.compiled.selection import Selector, conditions_of
from resolvers.compiled.writing import Complete, Unknown, Writer
from resolvers.documents import Operation

Plan = Mapping[str, Complete]
"""How to complete the root fields of an operation, by response key; those that can be."""


class Plans(NamedTuple):
    """Of one operation: for each set of values of the variables in @skip and @include."""

    conditions: tuple[str, ...]
    by_values: dict[tuple[object, ...], Plan]


MOST_PLANS = 16
"""Of one operation, for different values of the variables in @skip and @include."""


class Compiler:
    """Makes plans for one schema. `uncompiled` counts why a root field was left to graphql-core."""

    def __init__(self, schema: GraphQLSchema) -> None:
        self._schema = schema
        self.uncompiled: Counter[str] = Counter()

    def plan(self, operation: Operation, variables: Mapping[str, object]) -> Plan:
        """The plan for an operation with these values; made once, and kept with its document."""
        plans: Plans | None = operation.made.get("plans")
        if plans is None:
            conditions = conditions_of(operation.definition, operation.fragments)
            plans = operation.made["plans"] = Plans(conditions, {})
        values = tuple(variables.get(name) for name in plans.conditions)
        plan = plans.by_values.get(values)
        if plan is None:
            if len(plans.by_values) >= MOST_PLANS:
                return {}
            plan = plans.by_values[values] = self._compile(operation, variables)
        return plan

    def _compile(self, operation: Operation, variables: Mapping[str, object]) -> Plan:
        root = self._schema.get_root_type(operation.definition.operation)
        assert isinstance(root, GraphQLObjectType)
        selector = Selector(self._schema, operation.fragments, variables)
        plan = {}
        for key, nodes in selector.collect(root, [operation.definition.selection_set]).items():
            field = root.fields.get(nodes[0].name.value)
            if field is None or not nodes[0].selection_set:
                continue  # introspection, and what is a single value
            try:
                plan[key] = Writer(self._schema, selector).write(field.type, nodes)
            except Unknown as unknown:
                self.uncompiled[str(unknown)] += 1
        return plan


class CompiledExecutor(StrawberryGraphQLCoreExecutionContext):
    """Completes a root field by its function, and as ever where there is none or it fails."""

    _plan: Plan = {}

    def follow(self, plan: Plan) -> None:
        """Completes by this plan from now on."""
        self._plan = plan

    def complete_value(
        self,
        return_type: GraphQLOutputType,
        field_details_list: Any,
        info: GraphQLResolveInfo[Any],
        path: Path,
        result: Any,
        position_context: Any,
    ) -> AwaitableOrValue[Any]:
        complete = self._plan.get(path.key) if path.prev is None else None  # type: ignore[arg-type]
        if complete is not None:
            try:
                return complete(result)
            except Exception:  # noqa: S110 - graphql-core says what is wrong, and where
                pass
        return super().complete_value(
            return_type, field_details_list, info, path, result, position_context
        )
