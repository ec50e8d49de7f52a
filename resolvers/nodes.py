"""Finds an object again by its global ID."""

import asyncio

from resolvers.context import Context
from resolvers.errors import NotFound, UpstreamError, UpstreamFailureCode
from resolvers.identity import GlobalID, parse_id
from resolvers.types.inbox import Inbox, Instance
from resolvers.types.node import Node
from resolvers.types.notification import Notification
from resolvers.upstream import Upstream


async def find_node(node_id: str, context: Context) -> Node:
    """The object with this ID.

    Raises NotFound, also for inboxes that the caller may not read; UpstreamError where the
    instance has to be asked and fails.
    """
    wanted = parse_id(node_id)
    found: Node | None
    if wanted.type_name == Instance.__name__:
        found = _find_instance(node_id, context)
    elif wanted.inbox not in context.upstreams:
        found = None
    elif wanted.type_name == Inbox.__name__:
        found = context.upstreams[wanted.inbox].inbox
    else:
        found = await _find_notification(wanted, context)
    if found is None or found.id != node_id:
        raise NotFound
    return found


def _find_instance(node_id: str, context: Context) -> Instance | None:
    instances = (upstream.inbox.instance for upstream in context.upstreams.values())
    return next((instance for instance in instances if instance.id == node_id), None)


async def _find_notification(wanted: GlobalID, context: Context) -> Notification | None:
    upstream: Upstream = context.upstreams[wanted.inbox]
    try:
        async with asyncio.timeout(context.page_seconds):
            return await upstream.find(wanted.key)
    except TimeoutError:
        raise UpstreamError(
            UpstreamFailureCode.TIMEOUT,
            f"{upstream.inbox.instance.url} took too long to answer: ask again.",
        ) from None
