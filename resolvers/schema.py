"""Builds the GraphQL schema: the whole public API in one value."""

from strawberry import Schema
from strawberry.schema.config import StrawberryConfig

from resolvers.mutation import Mutation
from resolvers.query import Query
from resolvers.types.account import MastodonAccount
from resolvers.types.mastodon import MastodonNotification
from resolvers.types.mediawiki import WatchlistNotification, WikiUser
from resolvers.types.scalars import SCALARS


def build_schema() -> Schema:
    """A schema without state: it can be shared by everything that executes operations."""
    return Schema(
        query=Query,
        mutation=Mutation,
        types=[MastodonAccount, MastodonNotification, WatchlistNotification, WikiUser],
        config=StrawberryConfig(scalar_map=SCALARS),
    )
