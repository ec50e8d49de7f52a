"""The merged list as a Relay connection: https://relay.dev/graphql/connections.htm"""

from collections.abc import Callable, Iterator, Sequence
from functools import partial

import strawberry

from resolvers.context import Context
from resolvers.fields.sources import FeedSource, Freshness, NotificationSource, report_on
from resolvers.inputs.windows import Window
from resolvers.merging.cursor import CursorWriter, RunCursors
from resolvers.merging.merge import MergedPage, Places
from resolvers.merging.reader import Reader
from resolvers.seam.chunk import Direction
from resolvers.types.failure import show_failure
from resolvers.types.inbox import Inbox
from resolvers.types.notification import Notification


@strawberry.type(description="Where a page stands in the list.")
class PageInfo:
    """https://relay.dev/graphql/connections.htm#sec-undefined.PageInfo"""

    has_next_page: bool = strawberry.field(
        description="Whether older notifications follow. Exact, but for inboxes that failed: "
        "they count as having more. Going back: whether `before` was given."
    )
    has_previous_page: bool = strawberry.field(
        description="Whether newer notifications come before. Going forward: whether `after` was "
        "given."
    )
    write_start: strawberry.Private[Callable[[], str | None]]
    write_end: strawberry.Private[Callable[[], str | None]]

    @strawberry.field(
        description="For `before`: stands above all that this page has looked at. Set, also for an "
        "empty page, as soon as one inbox was read: `last: n, before: startCursor` polls."
    )
    def start_cursor(self) -> str | None:
        return self.write_start()

    @strawberry.field(
        description="For `after`: stands for how far this page has looked, which with an inbox "
        "that failed or a filter that matches little is not the same as its last edge."
    )
    def end_cursor(self) -> str | None:
        return self.write_end()


@strawberry.type(description="A notification in its place in the merged list.")
class NotificationEdge:
    """https://relay.dev/graphql/connections.htm#sec-Edge-Types"""

    node: Notification = strawberry.field(description="The notification itself.")
    cursors: strawberry.Private[RunCursors]

    @strawberry.field(
        description="For `after` and `before`: goes on below or above this edge in every inbox. "
        "Valid for the same `filter` only, for as long as you like."
    )
    def cursor(self) -> str:
        node, shared = self.node, self.cursors.shared
        known = node.last_cursor
        if known is not None and known[0] == shared:
            return known[1]
        cursor = shared.write(node.row)
        node.last_cursor = shared, cursor
        return cursor


@strawberry.type(description="One page of the merged list, newest first.")
class NotificationConnection:
    """https://relay.dev/graphql/connections.htm#sec-Connection-Types"""

    edges: list[NotificationEdge] = strawberry.field(
        description="The notifications with a cursor for each."
    )
    nodes: list[Notification] = strawberry.field(
        description="The nodes of this page's edges, for callers who need no cursors."
    )
    page_info: PageInfo = strawberry.field(
        description="Whether there is more, and the cursors to ask for it with."
    )
    is_incomplete: bool = strawberry.field(
        description="The search stopped before the page was full and before the end: go on with "
        "`endCursor`."
    )
    sources: list[NotificationSource] = strawberry.field(
        description="A report for each inbox that this page was made from, in the order of the "
        "configuration: how fresh its part is, and what went wrong."
    )


def show_page(
    page: MergedPage, filter_digest: bytes, window: Window, context: Context
) -> NotificationConnection:
    """A merged page as the API shows it; what the operation has shown already stays as it was."""
    writer = CursorWriter(filter_digest, page.lists)
    edges = show_edges(page, writer, context)
    return NotificationConnection(
        edges=edges,
        nodes=[edge.node for edge in edges],
        page_info=show_page_info(page, window, writer),
        is_incomplete=page.is_incomplete,
        sources=show_sources(page, context),
    )


def show_edges(page: MergedPage, writer: CursorWriter, context: Context) -> list[NotificationEdge]:
    """The notifications of a page, newest first."""
    edges = []
    for run in page.runs:
        cursors = writer.of_run(run.places, run.inbox_index, run.chunk)
        nodes = context.snapshot.settle(run.notifications)
        edges += [NotificationEdge(node=node, cursors=cursors) for node in nodes]
    return edges


def show_page_info(page: MergedPage, window: Window, writer: CursorWriter) -> PageInfo:
    """Where a page stands."""
    is_up, given = window.direction is Direction.UP, window.cursor

    def write(places: Places, known: str | None) -> str | None:
        return writer.write(places) if any(places) else known

    return PageInfo(
        has_next_page=given is not None if is_up else page.has_more,
        has_previous_page=page.has_more if is_up else given is not None,
        write_start=partial(write, page.start, given if is_up else None),
        write_end=partial(write, page.end, None if is_up else given),
    )


def show_sources(page: MergedPage, context: Context) -> list[NotificationSource]:
    """How each inbox had a part in a page."""
    return report_on(_sources(page.readers, context))


def _sources(readers: Sequence[Reader], context: Context) -> Iterator[tuple[Inbox, FeedSource]]:
    """Of each list that was asked, but for those that turned out not to be there."""
    for reader in readers:
        upstream, trouble = reader.upstream, reader.trouble
        if trouble is not None and upstream.left_out is not None:
            continue
        freshness = Freshness.STALE if reader.is_stale else Freshness.FRESH
        if reader.fetched_at is None and reader.failure is not None:
            freshness = Freshness.MISSING
        yield (
            upstream.inbox,
            FeedSource(
                feed=upstream.feed,
                freshness=freshness,
                fetched_at=context.to_wall(reader.fetched_at) if reader.fetched_at else None,
                failure=show_failure(trouble, context.to_come) if trouble else None,
            ),
        )
