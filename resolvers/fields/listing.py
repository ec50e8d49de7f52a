"""Lists notifications, or groups of them: the root fields' way, and that of one inbox."""

from strawberry.types import Info

from resolvers.context import Context, Touched
from resolvers.errors import BadCursor
from resolvers.fields.connection import NotificationConnection, show_page
from resolvers.fields.groups import NotificationGroupConnection, show_groups
from resolvers.inputs.filters import NotificationFilter, check_filter, given
from resolvers.inputs.windows import Window, check_window
from resolvers.merging.cursor import Cut, decode_cursor, longest_cursor
from resolvers.merging.filter import Filter
from resolvers.merging.merge import MergedPage, merge
from resolvers.merging.page_request import PageRequest
from resolvers.seam.chunk import Place
from resolvers.seam.lists import Lists, most_lists
from resolvers.seam.upstream import Upstream

Asked = tuple[int | None, str | None, int | None, str | None]
"""The arguments `first`, `after`, `last` and `before`."""


async def list_notifications(
    info: Info[Context, None],
    asked: Asked,
    wanted_filter: NotificationFilter | None,
    lists: Lists,
) -> NotificationConnection:
    """A page of the list merged from `lists`. Raises BadUserInput and BadCursor."""
    window, checked = _check(info.context, asked, wanted_filter)
    page = await _read_page(info.context, window, checked, lists)
    return show_page(page, checked.digest, window, info.context)


async def list_groups(
    info: Info[Context, None],
    asked: Asked,
    wanted_filter: NotificationFilter | None,
    lists: Lists,
) -> NotificationGroupConnection:
    """The same, as groups. Raises BadUserInput and BadCursor."""
    window, checked = _check(info.context, asked, wanted_filter)
    page = await _read_page(info.context, window, checked, lists, by_group=True)
    return show_groups(page, checked.digest, window, info.context)


def _check(
    context: Context, asked: Asked, wanted_filter: NotificationFilter | None
) -> tuple[Window, Filter]:
    first, after, last, before = asked
    window = check_window(given(first), given(after), given(last), given(before), context)
    return window, check_filter(given(wanted_filter), context.upstreams)


async def _read_page(
    context: Context, window: Window, checked: Filter, lists: Lists, *, by_group: bool = False
) -> MergedPage:
    """A page, of which the context is told what it is made of. Raises BadCursor."""
    cut = _read_cursor(window.cursor, checked, context)
    wanted = PageRequest(
        direction=window.direction,
        count=window.count,
        is_from_cut=window.cursor is not None,
        filter=checked,
        by_group=by_group,
        tells_unread=checked.unread_only or context.tells_unread,
        not_before=context.not_before,
    )
    page = await merge(checked.select(lists), cut, wanted, context.page_seconds)
    for reader in page.readers:
        upstream = reader.upstream
        if reader.surprise is not None:
            context.report(reader.surprise)
        if reader.trouble and upstream.left_out is None:
            context.failures.setdefault(upstream.inbox.name, reader.trouble.failure_code)
        if reader.fetched_at is not None:
            is_fresh = not (reader.is_stale or reader.trouble or wanted.tells_unread)
            context.touched.append(Touched(upstream.name, reader.fetched_at, is_fresh))
    return page


def _read_cursor(cursor: str | None, checked: Filter, context: Context) -> Cut:
    """The cut to go on from; BadCursor where an instance cannot have made one of its rows."""
    if cursor is None:
        return {}
    longest = longest_cursor(most_lists(context.limits.inboxes))
    cut = decode_cursor(cursor, checked.digest, context.upstreams, longest)
    for name, place in cut.items():
        check_place(place, context.upstreams[name])
    return cut


def check_place(place: Place, upstream: Upstream) -> None:
    """BadCursor where an instance cannot have made one of the rows: nothing of it is sent there."""
    rows = (place.above, place.below, place.chunk.row)
    if not all(row is None or upstream.recognises(row) for row in rows):
        raise BadCursor
