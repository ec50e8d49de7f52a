"""Executes an operation and makes its answer: https://spec.graphql.org/draft/#sec-Execution"""

from collections import Counter
from collections.abc import Callable, Mapping
from inspect import isawaitable

from graphql import ExecutionResult, default_field_resolver, default_type_resolver
from graphql.execution import get_variable_values
from graphql.execution.collect_fields import FragmentDetails
from strawberry.execution import optimized_is_awaitable

from resolvers.context import Context
from resolvers.errors import RefusalCode, RequestRefused
from resolvers.executing.answer import Answer
from resolvers.executing.broadcast import Broadcasts
from resolvers.executing.compiled.executor import CompiledExecutor, Compiler
from resolvers.executing.cost import Pricing
from resolvers.executing.documents import MOST_ERRORS, Documents, Operation, refuse_excesses
from resolvers.executing.masking import Report, show_errors
from resolvers.limits import Excess, Limits
from resolvers.schema import build_schema
from resolvers.seam.lists import count_inboxes

NoteExcess = Callable[[Excess, str | None], None]
"""Is told of a limit that is exceeded and not enforced, and of the operation's name."""


class Api:
    """The whole API as something that answers.

    It has no state but the documents that it keeps and the subscriptions that share an execution.

    `report` is told of every error that callers do not get to see, under an ID that `new_trace_id`
    gives and that they do get. `compiles` is whether values are completed by compiled functions
    where that can be done, and `uncompiled` counts why it could not.
    """

    def __init__(
        self,
        limits: Limits,
        report: Report,
        note_excess: NoteExcess,
        new_trace_id: Callable[[], str],
        *,
        allows_introspection: bool = True,
        compiles: bool = True,
    ) -> None:
        self.limits = limits
        self.schema = build_schema()._schema  # noqa: SLF001 - graphql-core's, which executes
        self.documents = Documents(self.schema, limits, allows_introspection=allows_introspection)
        self.broadcasts = Broadcasts()
        self._report = report
        self._note_excess = note_excess
        self._new_trace_id = new_trace_id
        self.compiler = Compiler(self.schema) if compiles else None
        self.uncompiled = self.compiler.uncompiled if self.compiler else Counter[str]()
        self._hides_suggestions = not allows_introspection

    def is_as(self, limits: Limits, allows_introspection: bool) -> bool:
        """Whether it would be made the same of these."""
        return limits == self.limits and allows_introspection == (not self._hides_suggestions)

    async def answer(
        self, operation: Operation, variables: Mapping[str, object], context: Context
    ) -> Answer:
        """Executes an operation; RequestRefused where it does not come to that."""
        executor = self.prepare(operation, variables, context)
        cost = self.price(operation, executor, context)
        executing = executor.execute_operation()
        result = await executing if isawaitable(executing) else executing
        assert isinstance(result, ExecutionResult)  # there is no @defer and no @stream
        self.note_excesses(operation, context)
        return self.show(result, cost, context)

    def note_excesses(self, operation: Operation, context: Context) -> None:
        """Tells of the limits that are exceeded and not enforced."""
        for excess in (*context.excesses, *operation.excesses):
            self._note_excess(excess, operation.name)

    def show(self, result: ExecutionResult, cost: Mapping[str, int], context: Context) -> Answer:
        """What came of an execution, as it is sent."""
        answer: Answer = {"data": result.data}
        if result.errors:
            answer["errors"] = show_errors(result.errors, self._report, self._new_trace_id)
        answer["extensions"] = {"cost": cost}
        if context.failures:
            failed = {name: code.name for name, code in context.failures.items()}
            answer["extensions"]["failedInboxes"] = failed
        return answer

    def prepare(
        self, operation: Operation, variables: Mapping[str, object], context: Context
    ) -> CompiledExecutor:
        """What executes, with the variables' values. RequestRefused where these are wrong."""
        context.tells_unread = operation.selects("isUnread")
        definition, fragments = operation.definition, operation.fragments
        coerced = get_variable_values(
            self.schema,
            definition.variable_definitions or (),
            dict(variables),
            max_errors=MOST_ERRORS,
            hide_suggestions=self._hides_suggestions,
        )
        if isinstance(coerced, list):
            raise RequestRefused(coerced, RefusalCode.BAD_USER_INPUT)
        return CompiledExecutor(
            self.schema,
            dict(fragments),
            {name: FragmentDetails(fragment) for name, fragment in fragments.items()},
            None,
            context,
            definition,
            coerced,
            default_field_resolver,
            default_type_resolver,
            default_field_resolver,
            is_awaitable=optimized_is_awaitable,  # as Strawberry does
            hide_suggestions=self._hides_suggestions,
        )

    def price(
        self, operation: Operation, executor: CompiledExecutor, context: Context
    ) -> Mapping[str, int]:
        """What it costs at most, and may; then it is compiled. RequestRefused where it is more."""
        variables = executor.variable_values.coerced
        limits = context.limits
        cost = self._cost(operation, variables, count_inboxes(context.upstreams), limits)
        if cost > limits.cost:
            excess = Excess("cost", limits.cost, cost)
            if limits.is_enforced:
                raise refuse_excesses([excess])
            context.excesses.append(excess)
        if self.compiler is not None:
            executor.follow(self.compiler.plan(operation, variables))
        return {"value": cost, "limit": limits.cost}

    def _cost(
        self,
        operation: Operation,
        variables: Mapping[str, object],
        inboxes: int,
        limits: Limits,
    ) -> int:
        """Remembered where no variable can change it, which is where most is asked again."""
        key = f"cost for {inboxes}, {limits.page_size}, {limits.node_ids}"
        known: int | None = operation.made.get(key)
        if known is None:
            pricing = Pricing(self.schema, operation.fragments, variables, inboxes, limits)
            known = pricing.price(operation.definition)
            if not operation.definition.variable_definitions:
                operation.made[key] = known
        return known
