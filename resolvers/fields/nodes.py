"""Finds an object again by its global ID."""

from resolvers.context import Context
from resolvers.errors import NotFound, UpstreamError
from resolvers.fields.deadline import within
from resolvers.identity import parse_id
from resolvers.inputs.ids import check_notification
from resolvers.seam.lists import main_list
from resolvers.seam.upstream import Upstream
from resolvers.types.inbox import Inbox, Instance
from resolvers.types.node import Node
from resolvers.types.notification import Notification


async def find_node(node_id: str, context: Context, *, tells_unread: bool) -> Node:
    """The object with this ID; `tells_unread` is whether `isUnread` is asked of it.

    Raises NotFound, also for inboxes that the caller may not read; UpstreamError where the
    instance has to be asked and fails.
    """
    wanted = parse_id(node_id)
    found: Node | None
    if wanted.type_name == Instance.__name__:
        found = _find_instance(node_id, context)
    elif wanted.type_name == Inbox.__name__:
        upstream = main_list(wanted.inbox, context.upstreams)
        found = upstream.inbox if upstream else None
    else:
        upstream, key = check_notification(node_id, context.upstreams)

        async def ask() -> Notification | None:
            finding = _find_notification(upstream, key, tells_unread)
            return await within(context.page_seconds, upstream, finding)

        notification = await context.snapshot.once(f"node {node_id}", ask)
        found = context.snapshot.settle([notification])[0] if notification else None
    if found is None or found.id != node_id:
        raise NotFound
    return found


def _find_instance(node_id: str, context: Context) -> Instance | None:
    instances = (upstream.inbox.instance for upstream in context.upstreams.values())
    return next((instance for instance in instances if instance.id == node_id), None)


async def _find_notification(
    upstream: Upstream, key: str, tells_unread: bool
) -> Notification | None:
    found = await upstream.find(key)
    return await _tell_unread(upstream, found) if found and tells_unread else found


async def _tell_unread(upstream: Upstream, found: Notification) -> Notification:
    """As a list tells it; null where the instance cannot say."""
    try:
        return (await upstream.ask_read_state())(found)
    except UpstreamError:
        return found
