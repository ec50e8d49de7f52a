"""The API without HTTP in front of it."""

from collections.abc import Mapping
from typing import Any

from graphql import GraphQLError

from resolvers.context import Context
from resolvers.executing.answer import Answer
from resolvers.executing.execution import Api
from resolvers.limits import Excess, Limits

TRACE_ID = "0123456789abcdef" * 2


class Told:
    """What an API told the operator of: errors that it masked, limits that were exceeded."""

    def __init__(self) -> None:
        self.masked: list[GraphQLError] = []
        self.excesses: list[tuple[Excess, str | None]] = []


def make_api(
    limits: Limits | None = None,
    told: Told | None = None,
    *,
    allows_introspection: bool = True,
    compiles: bool = True,
) -> Api:
    """An API that gives every masked error the same trace ID."""
    told = told or Told()
    return Api(
        limits or Limits(),
        lambda error, _: told.masked.append(error),
        lambda excess, name: told.excesses.append((excess, name)),
        lambda: TRACE_ID,
        allows_introspection=allows_introspection,
        compiles=compiles,
    )


async def ask_api(
    api: Api, document: str, context: Context, variables: Mapping[str, Any] | None = None
) -> Answer:
    """The answer to a document's only operation. Raises RequestRefused."""
    operation = api.documents.read(document).choose(None)
    return await api.answer(operation, variables or {}, context)
