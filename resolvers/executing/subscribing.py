"""Executes a subscription: https://spec.graphql.org/draft/#sec-Subscription"""

from collections.abc import AsyncGenerator, Awaitable, Callable, Hashable, Mapping
from contextlib import aclosing, suppress
from inspect import isawaitable

from graphql import ExecutionResult, located_error
from graphql.execution.execute import execute_subscription

from resolvers.context import Context
from resolvers.executing.answer import SentEvent
from resolvers.executing.broadcast import Source, sharing_key
from resolvers.executing.documents import Operation
from resolvers.executing.execution import Api
from resolvers.executing.interruption import Interrupted, Interruption
from resolvers.fields.events import NotificationEvent
from resolvers.live.stream import AtRest
from resolvers.seam.lists import main_list


async def subscribe(
    api: Api,
    operation: Operation,
    variables: Mapping[str, object],
    find_context: Callable[[], Awaitable[Context]],
    resume_from: str | None = None,
    interruption: Interruption | None = None,
) -> AsyncGenerator[SentEvent]:
    """The events of a subscription; it goes on from `resume_from`, if that is given, whatever its
    argument says.

    Once it is interrupted, it goes on where it stands in the context that there is then.
    RequestRefused where it does not come to that. What its arguments refuse is an answer with
    errors, and the end.
    """
    interruption = interruption or Interruption()
    cursor, context = resume_from, await find_context()
    while True:
        key, source = _begin(api, operation, variables, context, cursor)
        async with aclosing(api.broadcasts.share(key, source)) as events:
            with suppress(Interrupted, StopAsyncIteration):
                while True:
                    event = await interruption.wait_for(anext(events))
                    yield event
                    cursor = event.cursor
                    if cursor is None:
                        return
        context = _go_over(context, await find_context())


def _go_over(context: Context, following: Context) -> Context:
    """The following context, which knows what inboxes are still to be told to have gone."""
    watched = [watch.upstream.inbox for watch in context.watches.values()]
    gone = {inbox.name: inbox for inbox in (*context.gone, *watched)}
    following.gone = [
        each for name, each in gone.items() if main_list(name, following.upstreams) is None
    ]
    return following


def _begin(
    api: Api,
    operation: Operation,
    variables: Mapping[str, object],
    context: Context,
    cursor: str | None,
) -> tuple[Hashable, Source]:
    """What it may share with others, and a source of its own."""
    context.resume_from = cursor
    key = sharing_key(operation, variables, context.upstreams)
    return key, _execute(api, operation, variables, context)


async def _execute(
    api: Api, operation: Operation, variables: Mapping[str, object], context: Context
) -> Source:
    """The events as they are executed, each when it is asked for. RequestRefused as above."""
    executor = api.prepare(operation, variables, context)
    cost = api.price(operation, executor, context)
    api.note_excesses(operation, context)
    try:
        source = execute_subscription(executor)
        events = await source if isawaitable(source) else source
        async for event in events:
            if isinstance(event, AtRest):
                yield event
                continue
            assert isinstance(event, NotificationEvent)
            context.renew()
            executing = executor.build_per_event_executor(event).execute_operation()
            result = await executing if isawaitable(executing) else executing
            assert isinstance(result, ExecutionResult)  # there is no @defer and no @stream
            context.has_failed = bool(result.errors)
            answer, cursor = api.show(result, cost, context), event.write_cursor()
            yield SentEvent(answer, cursor, type(event).__name__, event.seen_at)
    except Exception as error:
        located = located_error(error, [*executor.operation.selection_set.selections])
        yield SentEvent(api.show(ExecutionResult(None, [located]), cost, context), None)
