"""Builds the GraphQL schema: the whole public API in one value."""

from functools import cache

from strawberry import Schema
from strawberry.schema.config import StrawberryConfig
from strawberry.schema.name_converter import NameConverter

from resolvers.fields.events import EVENTS
from resolvers.mutation import Mutation
from resolvers.platforms import all_types
from resolvers.query import Query
from resolvers.subscription import Subscription
from resolvers.types.scalars import SCALARS


class RememberedNames(NameConverter):
    """Strawberry asks for the name of each argument at each call of a resolver."""

    def __init__(self) -> None:
        super().__init__()
        self.apply_naming_config = cache(super().apply_naming_config)  # type: ignore[method-assign]


def build_schema() -> Schema:
    """A schema without state: it can be shared by everything that executes operations."""
    return Schema(
        query=Query,
        mutation=Mutation,
        subscription=Subscription,
        types=[
            *all_types(),
            *EVENTS,
        ],
        config=StrawberryConfig(scalar_map=SCALARS, name_converter=RememberedNames()),
    )
