"""The IDs that callers give: whose they are."""

from collections.abc import Mapping

from resolvers.errors import NotFound
from resolvers.identity import parse_id
from resolvers.platforms import PLATFORMS
from resolvers.seam.upstream import Upstream
from resolvers.types.inbox import Inbox


def check_notification(
    notification_id: str, upstreams: Mapping[str, Upstream]
) -> tuple[Upstream, str]:
    """Whose notification an ID is, and its key there; NotFound where it cannot be one."""
    parsed = parse_id(notification_id)
    upstream = upstreams.get(parsed.inbox)
    if upstream is None or _type_name(upstream.inbox) != parsed.type_name:
        raise NotFound
    return upstream, parsed.key


def _type_name(inbox: Inbox) -> str:
    """Of the notifications of an inbox."""
    return PLATFORMS[inbox.instance.platform].notification.__name__


def check_inbox(inbox_id: str, upstreams: Mapping[str, Upstream]) -> Upstream:
    """Whose ID this is; NotFound where it is no inbox's."""
    parsed = parse_id(inbox_id)
    upstream = upstreams.get(parsed.inbox)
    if upstream is None or parsed.type_name != Inbox.__name__ or upstream.inbox.id != inbox_id:
        raise NotFound
    return upstream
