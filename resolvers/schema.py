"""Builds the GraphQL schema: the whole public API in one value."""

from graphql import GraphQLError
from strawberry import Schema
from strawberry.extensions import SchemaExtension
from strawberry.schema.config import StrawberryConfig
from strawberry.types import ExecutionContext

from resolvers.context import Context
from resolvers.masking import MaskUnforeseen, Report
from resolvers.mutation import Mutation
from resolvers.query import Query
from resolvers.types.account import MastodonAccount
from resolvers.types.mastodon import MastodonNotification
from resolvers.types.mediawiki import WatchlistNotification, WikiUser
from resolvers.types.scalars import SCALARS


class FailedInboxes(SchemaExtension):
    """Names the inboxes that failed in the answer's `extensions`, for logs and generic clients."""

    def get_results(self) -> dict[str, object]:
        context = self.execution_context.context
        if not isinstance(context, Context) or not context.failures:
            return {}
        return {"failedInboxes": {name: code.name for name, code in context.failures.items()}}


class _QuietSchema(Schema):
    """Strawberry logs callers' mistakes as errors of ours; MaskUnforeseen tells them apart."""

    def process_errors(
        self, errors: list[GraphQLError], execution_context: ExecutionContext | None = None
    ) -> None:
        pass


def build_schema(report: Report) -> Schema:
    """A schema without state: it can be shared by everything that executes operations.

    `report` is told of every error that is masked.
    """
    return _QuietSchema(
        query=Query,
        mutation=Mutation,
        types=[MastodonAccount, MastodonNotification, WatchlistNotification, WikiUser],
        config=StrawberryConfig(scalar_map=SCALARS),
        extensions=[FailedInboxes, lambda: MaskUnforeseen(report)],
    )
