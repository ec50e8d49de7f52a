"""The merged list folded into groups, as a Relay connection.

A page of groups is a page of the list: nothing is read for a group, and none is ever counted
beyond its page.
"""

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from hashlib import blake2b
from typing import Annotated

import strawberry

from resolvers.context import Context
from resolvers.fields.connection import (
    NotificationEdge,
    PageInfo,
    show_edges,
    show_page_info,
    show_sources,
)
from resolvers.fields.group_summary import summarise
from resolvers.fields.sources import NotificationSource
from resolvers.inputs.windows import SHOWN, Window
from resolvers.merging.cursor import CursorWriter
from resolvers.merging.merge import MergedPage
from resolvers.merging.reader import Reader
from resolvers.platforms import PLATFORMS
from resolvers.types.cacheable import NOT_CACHEABLE
from resolvers.types.group_kind import GroupKind
from resolvers.types.mediawiki import WikiTitle
from resolvers.types.notification import Actor, Notification
from resolvers.types.notification_type import NotificationType
from resolvers.types.post import MastodonStatus

_DAY = timedelta(days=1)

NotificationTarget = Annotated[
    MastodonStatus | WikiTitle,
    strawberry.union(
        "NotificationTarget", description="What notifications are about: a post, or a wiki's page."
    ),
]
Shown = Annotated[
    int,
    strawberry.argument(description="At most so many of the newest; a negative number is none."),
]


@strawberry.type(
    description="Notifications of one page that belong together by their `groupId`. If more of "
    "them stand on another page, that has a further group with the same `groupId`, another `id` "
    "and other notifications: join them, and add up the counts."
)
class NotificationGroup:
    """A part of a group: what one page has of it, newest first."""

    latest: Notification = strawberry.field(
        description="The newest; where it stands in the list the group stands."
    )
    is_count_capped: bool = strawberry.field(
        description="Whether there may be more than this page shows. False only where the page "
        "itself proves it: nothing is ever read to find out."
    )
    rows: strawberry.Private[Sequence[Notification]]
    people: strawberry.Private[Sequence[Actor]]

    @strawberry.field(
        description="Names this part of the group, for the keys of a view: it changes when the "
        "part does. Not one that `node` takes."
    )
    def id(self) -> strawberry.ID:
        ends = f"{self.latest.group} {self.rows[0].id} {self.rows[-1].id}"
        return strawberry.ID(blake2b(ends.encode(), digest_size=12).hexdigest())

    @strawberry.field(description="That of each of its notifications.")
    def group_id(self) -> strawberry.ID:
        return self.latest.group

    @strawberry.field(description="The type of `latest`.")
    def type(self) -> NotificationType:
        return self.latest.type

    @strawberry.field(
        description="One plain line for all of them: `Zed and 4 others liked your post`. Of a "
        "page's changes each revision counts once."
    )
    def summary(self) -> str:
        return summarise(self.rows, self.people)

    @strawberry.field(
        description="Whether one of them is unread; null where no one is and of some it is not "
        "known.",
        metadata=NOT_CACHEABLE,
    )
    def is_unread(self) -> bool | None:
        told = {each.is_unread for each in self.rows}
        if True in told:
            return True
        return None if None in told else False

    @strawberry.field(description="How many there are on this page.")
    def count(self) -> int:
        return len(self.rows)

    @strawberry.field(description="How many people did it, on this page.")
    def actor_count(self) -> int:
        return len(self.people)

    @strawberry.field(description="Who did it, the last first, each once.")
    def actors(self, first: Shown = SHOWN) -> list[Actor]:
        return list(self.people[: max(first, 0)])

    @strawberry.field(
        description="The post or the page that they are about; null where there is none."
    )
    def target(self) -> NotificationTarget | None:
        about = self.latest.about
        return about if isinstance(about, MastodonStatus | WikiTitle) else None

    @strawberry.field(description="Its notifications on this page, newest first.")
    def notifications(self, first: Shown = SHOWN) -> list[Notification]:
        return list(self.rows[: max(first, 0)])

    @strawberry.field(
        description="The IDs of all of its notifications on this page: what to give to "
        "`dismissNotifications`."
    )
    def notification_ids(self) -> list[strawberry.ID]:
        return [each.id for each in self.rows]


@strawberry.type(description="A group in its place in the list.")
class NotificationGroupEdge:
    """https://relay.dev/graphql/connections.htm#sec-Edge-Types"""

    node: NotificationGroup = strawberry.field(description="The group itself.")
    latest: strawberry.Private[NotificationEdge]

    @strawberry.field(
        description="That of its `latest` in `notifications`, which takes it too. The page after "
        "it begins below that one, so that the rest of the group comes again: to read on use "
        "`endCursor`."
    )
    def cursor(self) -> str:
        cursor: str = self.latest.cursor()
        return cursor


@strawberry.type(description="One page of the merged list, folded into groups, newest first.")
class NotificationGroupConnection:
    """https://relay.dev/graphql/connections.htm#sec-Connection-Types"""

    edges: list[NotificationGroupEdge] = strawberry.field(
        description="The groups with a cursor for each."
    )
    nodes: list[NotificationGroup] = strawberry.field(
        description="The nodes of this page's edges, for callers who need no cursors."
    )
    page_info: PageInfo = strawberry.field(
        description="Whether there is more, and the cursors to ask for it with; `notifications` "
        "takes these too."
    )
    is_incomplete: bool = strawberry.field(
        description="The page has fewer groups than were asked for though there are more: it ends "
        "at 500 notifications, and where a search is cut short. Go on with `endCursor`."
    )
    sources: list[NotificationSource] = strawberry.field(
        description="A report for each inbox that this page was made from, in the order of the "
        "configuration: how fresh its part is, and what went wrong."
    )


def show_groups(
    page: MergedPage, filter_digest: bytes, window: Window, context: Context
) -> NotificationGroupConnection:
    """A merged page as the API shows it, folded."""
    writer = CursorWriter(filter_digest, page.lists)
    together: dict[str, list[NotificationEdge]] = {}
    for edge in show_edges(page, writer, context):
        together.setdefault(edge.node.group, []).append(edge)
    seen = _Seen(page.readers)
    edges = [_show_group(each, seen) for each in together.values()]
    return NotificationGroupConnection(
        edges=edges,
        nodes=[each.node for each in edges],
        page_info=show_page_info(page, window, writer),
        is_incomplete=page.is_incomplete,
        sources=show_sources(page, context),
    )


def _show_group(edges: Sequence[NotificationEdge], seen: "_Seen") -> NotificationGroupEdge:
    rows = [each.node for each in edges]
    latest, people = rows[0], _distinct_actors(rows)
    is_capped = not seen.all_of(latest)
    group = NotificationGroup(latest=latest, is_count_capped=is_capped, rows=rows, people=people)
    return NotificationGroupEdge(node=group, latest=edges[0])


def _distinct_actors(rows: Sequence[Notification]) -> Sequence[Actor]:
    """Who did it, the last first, each once."""
    found: dict[str, Actor] = {}
    for each in rows:
        if each.actor is not None:
            found.setdefault(each.actor.id, each.actor)
    return [*found.values()]


class _Seen:
    """What one page has seen of groups, each day and kind of an inbox looked at once."""

    def __init__(self, readers: Sequence[Reader]) -> None:
        self._readers = readers
        self._known: dict[tuple[str, GroupKind, date], bool] = {}

    def all_of(self, row: Notification) -> bool:
        """Whether no other notification of a row's group can be there than those of the page."""
        together = row.grouped_by
        if together is None:
            return True
        key = row.inbox.name, together[0], row.created_at.date()
        known = self._known.get(key)
        if known is None:
            day = datetime.combine(key[2], time(), UTC)
            readers = self._readers_of(row, together[0])
            known = all(each.has_seen_around(day, day + _DAY) for each in readers)
            self._known[key] = known
        return known

    def _readers_of(self, row: Notification, kind: GroupKind) -> Iterator[Reader]:
        """Those of the lists that can hold others of a row's group, and that are there."""
        feeds = PLATFORMS[row.inbox.instance.platform].feeds
        for reader in self._readers:
            upstream = reader.upstream
            is_of_inbox = upstream.inbox.name == row.inbox.name and upstream.left_out is None
            if is_of_inbox and kind in feeds[upstream.feed].notification.group_kinds:
                yield reader
