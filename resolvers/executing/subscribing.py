"""Executes a subscription: https://spec.graphql.org/draft/#sec-Subscription"""

from collections.abc import AsyncGenerator, Mapping
from inspect import isawaitable
from typing import NamedTuple

from graphql import ExecutionResult, located_error
from graphql.execution.execute import execute_subscription

from resolvers.context import Context
from resolvers.executing.documents import Operation
from resolvers.executing.execution import Answer, Api
from resolvers.fields.events import NotificationEvent


class SentEvent(NamedTuple):
    """One event as it is sent, and the cursor to resume from after it; None where it is the end."""

    answer: Answer
    cursor: str | None


async def subscribe(
    api: Api, operation: Operation, variables: Mapping[str, object], context: Context
) -> AsyncGenerator[SentEvent]:
    """The events of a subscription, each executed when it is asked for.

    RequestRefused where it does not come to that. What its arguments refuse is an answer with
    errors, and the end.
    """
    executor = api.prepare(operation, variables, context)
    cost = api.price(operation, executor, context)
    api.note_excesses(operation, context)
    try:
        source = execute_subscription(executor)
        events = await source if isawaitable(source) else source
        async for event in events:
            assert isinstance(event, NotificationEvent)
            context.renew()
            executing = executor.build_per_event_executor(event).execute_operation()
            result = await executing if isawaitable(executing) else executing
            assert isinstance(result, ExecutionResult)  # there is no @defer and no @stream
            context.has_failed = bool(result.errors)
            yield SentEvent(api.show(result, cost, context), event.write_cursor())
    except Exception as error:
        located = located_error(error, [*executor.operation.selection_set.selections])
        yield SentEvent(api.show(ExecutionResult(None, [located]), cost, context), None)
