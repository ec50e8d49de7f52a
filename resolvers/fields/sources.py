"""What a page or a subscription is made from: how each inbox is, and each list of it."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from enum import Enum
from itertools import groupby

import strawberry

from resolvers.types.failure import UpstreamFailure
from resolvers.types.feed import Feed
from resolvers.types.inbox import Inbox, ShownInbox


@strawberry.enum(description="How new an inbox's part of a page is.")
class Freshness(Enum):
    """Told for each inbox in `sources`."""

    FRESH = strawberry.enum_value(
        "FRESH", description="Asked now, or within the time that the gateway keeps answers."
    )
    STALE = strawberry.enum_value(
        "STALE", description="Older than that: being renewed, or the instance does not answer."
    )
    MISSING = strawberry.enum_value(
        "MISSING",
        description="Asked, and nothing was had. What is missing comes with a later page.",
    )


@strawberry.type(description="A report on one list of an inbox that a page was made from.")
class FeedSource:
    """How one of an inbox's lists contributed to the page."""

    feed: Feed = strawberry.field(description="The list that is reported on.")
    freshness: Freshness = strawberry.field(description="How new its part of this page is.")
    fetched_at: datetime | None = strawberry.field(
        description="When the instance gave what this page holds of it, or the oldest part of "
        "that; null where it gave nothing."
    )
    failure: UpstreamFailure | None = strawberry.field(
        description="What went wrong; null where nothing did."
    )


@strawberry.type(description="A report on one inbox that a page was made from.")
class NotificationSource:
    """How one inbox contributed to the page."""

    inbox: Inbox = strawberry.field(
        graphql_type=ShownInbox, description="The inbox that is reported on."
    )
    freshness: Freshness = strawberry.field(
        description="How new its part of this page is: of its feeds that gave something, the "
        "oldest."
    )
    fetched_at: datetime | None = strawberry.field(
        description="When the instance gave what this page holds of it, or the oldest part of "
        "that; null where it gave nothing."
    )
    failure: UpstreamFailure | None = strawberry.field(
        description="What went wrong first; null where nothing did."
    )
    feeds: list[FeedSource] = strawberry.field(
        description="The same for each of its lists that was asked."
    )


def report_on(sources: Iterable[tuple[Inbox, FeedSource]]) -> list[NotificationSource]:
    """One report for each inbox; those of one inbox stand next to each other."""
    return [_join([*of_inbox]) for _, of_inbox in groupby(sources, lambda each: each[0].name)]


def _join(of_inbox: Sequence[tuple[Inbox, FeedSource]]) -> NotificationSource:
    feeds = [source for _, source in of_inbox]
    given = [each for each in feeds if each.freshness is not Freshness.MISSING]
    freshness = Freshness.MISSING
    if given:
        is_stale = any(each.freshness is Freshness.STALE for each in given)
        freshness = Freshness.STALE if is_stale else Freshness.FRESH
    fetched = [each.fetched_at for each in feeds if each.fetched_at is not None]
    failure = next((each.failure for each in feeds if each.failure is not None), None)
    return NotificationSource(
        inbox=of_inbox[0][0],
        freshness=freshness,
        fetched_at=min(fetched, default=None),
        failure=failure,
        feeds=feeds,
    )
