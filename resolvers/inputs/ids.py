"""The IDs that callers give: whose they are."""

from resolvers.errors import NotFound
from resolvers.identity import parse_id
from resolvers.platforms import name_type
from resolvers.seam.lists import Lists, lists_of, main_list
from resolvers.seam.upstream import Upstream
from resolvers.types.inbox import Inbox


def check_notification(notification_id: str, lists: Lists) -> tuple[Upstream, str]:
    """Of which list a notification's ID is, and its key there; NotFound where it cannot be one."""
    parsed = parse_id(notification_id)
    for upstream in lists_of(parsed.inbox, lists):
        if name_type(upstream.inbox.instance.platform, upstream.feed) == parsed.type_name:
            return upstream, parsed.key
    raise NotFound


def check_inbox(inbox_id: str, lists: Lists) -> Inbox:
    """Whose ID this is; NotFound where it is no inbox's."""
    parsed = parse_id(inbox_id)
    upstream = main_list(parsed.inbox, lists)
    if upstream is None or parsed.type_name != Inbox.__name__ or upstream.inbox.id != inbox_id:
        raise NotFound
    return upstream.inbox
