"""The root fields. All are nullable: a failure of one never blanks its neighbours."""

import asyncio
from typing import Annotated

import strawberry
from graphql import GraphQLError
from strawberry.types import Info

from resolvers.context import Context
from resolvers.errors import TidingsError
from resolvers.fields.connection import NotificationConnection
from resolvers.fields.groups import NotificationGroupConnection
from resolvers.fields.inbox import InboxFields
from resolvers.fields.listing import list_groups, list_notifications
from resolvers.fields.nodes import find_node
from resolvers.inputs.arguments import After, Before, First, Last, WantedFilter
from resolvers.seam.lists import main_list, main_lists
from resolvers.types.cacheable import CACHEABLE
from resolvers.types.inbox import Inbox
from resolvers.types.node import Node

Request = Info[Context, None]

InboxName = Annotated[
    str, strawberry.argument(description="As the configuration has it, such as `work`.")
]
NodeID = Annotated[
    strawberry.ID, strawberry.argument(description="Any `id` of a type that is a Node.")
]
NodeIDs = Annotated[
    list[strawberry.ID],
    strawberry.argument(
        description="At most 100 of them, unless the operator has set another limit."
    ),
]


@strawberry.type(description="What can be asked.")
class Query:
    """Resolvers decide; the upstreams in the context do."""

    @strawberry.field(
        description="Every notification of every inbox, newest first, in one list. An inbox that "
        "fails is reported in `sources`, and the page is made of the others.",
        metadata=CACHEABLE,
    )
    async def notifications(
        self,
        info: Request,
        first: First = strawberry.UNSET,
        after: After = strawberry.UNSET,
        last: Last = strawberry.UNSET,
        before: Before = strawberry.UNSET,
        filter: WantedFilter = strawberry.UNSET,  # noqa: A002 - the API's name for it
    ) -> NotificationConnection | None:
        asked = (first, after, last, before)
        return await list_notifications(info, asked, filter, info.context.upstreams)

    @strawberry.field(
        description="The same list, folded: likes of one post, new followers, changes of one page "
        "… of one day are one group. For every network alike, and nothing is asked of an instance "
        "for it.",
        metadata=CACHEABLE,
    )
    async def notification_groups(
        self,
        info: Request,
        first: First = strawberry.UNSET,
        after: After = strawberry.UNSET,
        last: Last = strawberry.UNSET,
        before: Before = strawberry.UNSET,
        filter: WantedFilter = strawberry.UNSET,  # noqa: A002
    ) -> NotificationGroupConnection | None:
        asked = (first, after, last, before)
        return await list_groups(info, asked, filter, info.context.upstreams)

    @strawberry.field(
        graphql_type=list[InboxFields] | None,
        description="The inboxes that the caller may read, in the order of the configuration.",
        metadata=CACHEABLE,
    )
    def inboxes(self, info: Request) -> list[Inbox] | None:
        return [upstream.inbox for upstream in main_lists(info.context.upstreams)]

    @strawberry.field(
        graphql_type=InboxFields | None,
        description="One inbox by its configured name; null where there is none.",
        metadata=CACHEABLE,
    )
    def inbox(self, info: Request, name: InboxName) -> Inbox | None:
        upstream = main_list(name, info.context.upstreams)
        return upstream.inbox if upstream else None

    @strawberry.field(
        description="One object by its ID: a notification that is still there, an inbox or an "
        "instance; else null, with an error that says why."
    )
    async def node(self, info: Request, id: NodeID) -> Node | None:  # noqa: A002 - Relay's name
        return await find_node(id, info.context, tells_unread=info.context.tells_unread)

    @strawberry.field(
        description="Objects by ID, in the order asked; null, with an error for that place, where "
        "one does not exist."
    )
    async def nodes(self, info: Request, ids: NodeIDs) -> list[Node | None] | None:
        most = info.context.limits.node_ids
        problem = f"ids: expected at most {most}, not {len(ids)}."
        info.context.check_limit("node_ids", most, len(ids), problem)
        tells_unread = info.context.tells_unread
        found = [_find_or_error(each, info.context, tells_unread) for each in ids]
        return await asyncio.gather(*found)  # type: ignore[return-value] # see _find_or_error


async def _find_or_error(node_id: str, context: Context, tells_unread: bool) -> Node | GraphQLError:
    """graphql-core turns an error that stands in a list into null with an error at its path."""
    try:
        return await find_node(node_id, context, tells_unread=tells_unread)
    except TidingsError as error:
        return GraphQLError(str(error), original_error=error)
