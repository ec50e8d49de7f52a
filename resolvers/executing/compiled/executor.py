"""graphql-core's executor, which completes root fields by compiled functions where it can."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from inspect import isawaitable
from typing import Any, NamedTuple

from graphql import (
    ExecutionResult,
    GraphQLObjectType,
    GraphQLOutputType,
    GraphQLResolveInfo,
    GraphQLSchema,
    MiddlewareManager,
)
from graphql.pyutils import AwaitableOrValue, Path
from strawberry.schema.schema import StrawberryGraphQLCoreExecutionContext

from resolvers.context import OpenSpan
from resolvers.executing.compiled.roots import Root
from resolvers.executing.compiled.selection import Selector, Unknown, conditions_of
from resolvers.executing.compiled.writing import Writer
from resolvers.executing.documents import Operation


@dataclass(frozen=True, slots=True)
class Plan:
    """How to complete the root fields of an operation, by response key; those that can be.

    `is_whole` is whether these are all, and none has to wait for another.
    """

    roots: Mapping[str, Root]
    is_whole: bool


NO_PLAN = Plan({}, is_whole=False)


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
                return NO_PLAN
            plan = plans.by_values[values] = self._compile(operation, variables)
        return plan

    def _compile(self, operation: Operation, variables: Mapping[str, object]) -> Plan:
        kind = self._schema.get_root_type(operation.definition.operation)
        assert isinstance(kind, GraphQLObjectType)
        selector = Selector(self._schema, operation.fragments, variables)
        roots = {}
        try:
            collected = selector.collect(kind, [operation.definition.selection_set])
        except Unknown as unknown:
            self.uncompiled[str(unknown)] += 1
            return NO_PLAN
        for key, nodes in collected.items():
            field = kind.fields.get(nodes[0].name.value)
            if field is None or not nodes[0].selection_set:
                continue  # introspection, and what is a single value
            try:
                complete = Writer(self._schema, selector).write(field.type, nodes)
            except Unknown as unknown:
                self.uncompiled[str(unknown)] += 1
            else:
                roots[key] = Root(key, kind, field, nodes, complete)
        is_whole = not operation.is_mutation and len(roots) == len(collected)
        return Plan(roots, is_whole)


class CompiledExecutor(StrawberryGraphQLCoreExecutionContext):
    """Completes a root field by its function, and as ever where there is none or it fails.

    Where all root fields have one, nothing of graphql-core stands around their resolvers. What
    surprises then is told by graphql-core, from what they have given: none is called twice.
    """

    _plan = NO_PLAN

    def follow(self, plan: Plan) -> None:
        """Completes by this plan from now on."""
        self._plan = plan

    def execute_operation(self, serially: bool | None = None) -> Any:
        if self._plan.is_whole:
            return self._execute_roots([*self._plan.roots.values()])
        if self.context_value.open_span is not None:
            self.middleware_manager = MiddlewareManager(_Traced(self.context_value.open_span))
        return super().execute_operation(serially)

    async def _execute_roots(self, roots: Sequence[Root]) -> ExecutionResult:
        outcomes = await self._resolve(roots)
        pairs = [*zip(roots, outcomes, strict=True)]
        try:
            return ExecutionResult({root.key: root.complete(outcome) for root, outcome in pairs})
        except Exception:  # noqa: S110 - graphql-core says what is wrong, and where
            pass
        given = {root.key: outcome for root, outcome in pairs}
        self.middleware_manager = MiddlewareManager(_Given(given))
        executing = super().execute_operation()
        result = await executing if self.is_awaitable(executing) else executing
        assert isinstance(result, ExecutionResult)  # there is no @defer and no @stream
        return result

    async def _resolve(self, roots: Sequence[Root]) -> Sequence[object]:
        """What each resolver gives, or a _Failure; all wait at once."""
        started = [_outcome_of(self._start(root)) for root in roots]
        open_span = self.context_value.open_span
        if open_span is not None:
            spans = [open_span(root.nodes[0].name.value) for root in roots]
            started = [_within(*each) for each in zip(spans, started, strict=True)]
        if len(started) == 1:
            return [await started[0]]
        return await asyncio.gather(*started)

    def _start(self, root: Root) -> object:
        path = Path(None, root.key, root.parent.name)
        info = self.build_resolve_info(root.definition, [*root.nodes], root.parent, path)
        assert root.definition.resolve is not None  # Strawberry gives every field one
        try:
            arguments = root.arguments(
                self.variable_values, hides_suggestions=self.hide_suggestions
            )
            return root.definition.resolve(self.root_value, info, **arguments)
        except Exception as error:
            return _Failure(error)

    def complete_value(
        self,
        return_type: GraphQLOutputType,
        field_details_list: Any,
        info: GraphQLResolveInfo[Any],
        path: Path,
        result: Any,
        position_context: Any,
    ) -> AwaitableOrValue[Any]:
        root = self._plan.roots.get(path.key) if path.prev is None else None  # type: ignore[arg-type]
        if root is not None:
            try:
                return root.complete(result)
            except Exception:  # noqa: S110 - graphql-core says what is wrong, and where
                pass
        return super().complete_value(
            return_type, field_details_list, info, path, result, position_context
        )


@dataclass(frozen=True, slots=True)
class _Failure:
    """What a resolver raised; no function completes it."""

    error: Exception


async def _outcome_of(started: object) -> object:
    if not isawaitable(started):
        return started
    try:
        return await started
    except Exception as error:
        return _Failure(error)


async def _within(span: AbstractContextManager[object], coming: Awaitable[object]) -> object:
    with span:
        return await coming


class _Traced:
    """Stands before the resolvers of root fields, and opens a span for each."""

    def __init__(self, open_span: OpenSpan) -> None:
        self._open_span = open_span

    def resolve(
        self,
        resolve: Callable[..., object],
        source: object,
        info: GraphQLResolveInfo[Any],
        **arguments: object,
    ) -> object:
        if info.path.prev is not None:
            return resolve(source, info, **arguments)
        resolved = resolve(source, info, **arguments)
        if isawaitable(resolved):
            return _within(self._open_span(info.field_name), resolved)
        with self._open_span(info.field_name):
            return resolved


class _Given:
    """Stands before the resolvers of root fields, which have been called, with their outcomes."""

    def __init__(self, outcomes: Mapping[str, object]) -> None:
        self._outcomes = outcomes

    def resolve(
        self,
        resolve: Callable[..., object],
        source: object,
        info: GraphQLResolveInfo[Any],
        **arguments: object,
    ) -> object:
        if info.path.prev is not None:
            return resolve(source, info, **arguments)
        outcome = self._outcomes[info.path.key]  # type: ignore[index] # a root's key is a name
        if isinstance(outcome, _Failure):
            raise outcome.error
        return outcome
