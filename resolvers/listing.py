"""Lists notifications: the root field's way, and that of one inbox."""

from collections.abc import Mapping, Sequence

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    InlineFragmentNode,
    SelectionSetNode,
)
from strawberry.types import Info

from resolvers.context import Context
from resolvers.cursor import Cut, decode_cursor
from resolvers.errors import BadCursor
from resolvers.filter import Filter
from resolvers.inputs import NotificationFilter, check_filter, check_window, given
from resolvers.merge import merge
from resolvers.reader import Wanted
from resolvers.types.connection import NotificationConnection, show_page
from resolvers.upstream import Upstream


async def list_notifications(
    info: Info[Context, None],
    asked: tuple[int | None, str | None, int | None, str | None],
    wanted_filter: NotificationFilter | None,
    upstreams: Mapping[str, Upstream],
) -> NotificationConnection:
    """A page of the list merged from `upstreams`; `asked` is first, after, last and before.

    Raises BadUserInput and BadCursor.
    """
    context = info.context
    first, after, last, before = asked
    window = check_window(given(first), given(after), given(last), given(before), context)
    checked = check_filter(given(wanted_filter), context.upstreams)
    cut = _read_cursor(window.cursor, checked, context)
    wanted = Wanted(
        direction=window.direction,
        count=window.count,
        is_from_cut=window.cursor is not None,
        filter=checked,
        tells_unread=checked.unread_only or asks_unread(info),
    )
    page = await merge(checked.select(upstreams), cut, wanted, context.page_seconds)
    for reader in page.readers:
        if reader.trouble:
            context.failures[reader.upstream.inbox.name] = reader.trouble.failure_code
    return show_page(page, checked.digest, window, context.snapshot)


def _read_cursor(cursor: str | None, checked: Filter, context: Context) -> Cut:
    """The cut to go on from; BadCursor where an instance cannot have made one of its rows."""
    if cursor is None:
        return {}
    cut = decode_cursor(cursor, checked.digest, context.upstreams)
    for name, place in cut.items():
        recognises = context.upstreams[name].recognises
        rows = (place.above, place.below, place.chunk.row)
        if not all(row is None or recognises(row) for row in rows):
            raise BadCursor
    return cut


def asks_unread(info: Info[Context, None]) -> bool:
    """Whether `isUnread` is selected anywhere in the operation.

    Asked of all of it, so that a notification shows the same wherever it is selected. Every
    fragment is looked at once, however often it is spread.
    """
    raw = info._raw_info  # noqa: SLF001 - Strawberry's own view makes copies
    seen: set[str] = set()
    open_sets: list[SelectionSetNode | None] = [raw.operation.selection_set]
    while open_sets:
        selected = open_sets.pop()
        if selected is not None and _look_at(selected, "isUnread", raw.fragments, seen, open_sets):
            return True
    return False


def _look_at(
    selected: SelectionSetNode,
    name: str,
    fragments: Mapping[str, FragmentDefinitionNode],
    seen: set[str],
    open_sets: list[SelectionSetNode | None],
) -> bool:
    selections: Sequence[object] = selected.selections
    for node in selections:
        if isinstance(node, FieldNode):
            if node.name.value == name:
                return True
            open_sets.append(node.selection_set)
        elif isinstance(node, InlineFragmentNode):
            open_sets.append(node.selection_set)
        elif isinstance(node, FragmentSpreadNode) and node.name.value not in seen:
            seen.add(node.name.value)
            open_sets.append(fragments[node.name.value].selection_set)
    return False
