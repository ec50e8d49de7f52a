"""The lists of an inbox: what can be done with each, and how much is unread in each."""

import asyncio
from collections.abc import Sequence
from dataclasses import fields
from datetime import datetime

import strawberry
from strawberry.types import Info

from resolvers.context import Context
from resolvers.errors import UpstreamError, UpstreamFailureCode
from resolvers.fields.deadline import within
from resolvers.seam.lists import list_of_feed, lists_of, main_lists
from resolvers.seam.login import UnreadTally
from resolvers.seam.upstream import Upstream
from resolvers.types.failure import UpstreamFailure, show_failure
from resolvers.types.feed import Feed
from resolvers.types.inbox import InboxCapabilities, UnreadCount
from resolvers.types.scalars import URL


@strawberry.type(description="One of the lists of an inbox.")
class InboxFeed:
    """What it is, and what has to be asked of it."""

    feed: Feed = strawberry.field(description="Which list.")
    capabilities: InboxCapabilities = strawberry.field(
        description="What can be done with this list."
    )
    failure: UpstreamFailure | None = strawberry.field(
        description="Why the instance does not let the login have it, if so. Such a list is left "
        "out of `notifications`, unless the configuration names it."
    )
    inbox_name: strawberry.Private[str]

    @strawberry.field(
        description="How many notifications of this list are unread, asked of the instance each "
        "time; below an event at most once in 15 s, and after a write."
    )
    async def unread_count(self, info: Info[Context, None]) -> UnreadCount:
        context = info.context
        upstream = list_of_feed(self.inbox_name, self.feed, context.upstreams)
        assert upstream is not None  # it was found among them
        tally = await _count(context, upstream)
        if isinstance(tally, UpstreamError):
            return _not_counted(context, self.inbox_name, tally)
        return UnreadCount(count=tally.count, is_capped=tally.is_capped, failure=None)


@strawberry.type(description="How many notifications wait for a login at another wiki.")
class ElsewhereCount:
    """https://www.mediawiki.org/wiki/Help:Notifications#Cross-wiki_notifications"""

    wiki: str = strawberry.field(description="What the farm calls that wiki: `dewiki`.")
    title: str = strawberry.field(description="What it calls itself, or else its `wiki`.")
    url: URL | None = strawberry.field(description="Its notifications, for a person to read.")
    count: int | None = strawberry.field(
        description="How many are unread there; null where the wiki tells one sum for several."
    )
    newest_at: datetime | None = strawberry.field(description="When the newest of them happened.")


def agree(capabilities: Sequence[InboxCapabilities]) -> InboxCapabilities:
    """What all say alike; None for the rest."""
    said = {
        each.name: {getattr(one, each.name) for one in capabilities}
        for each in fields(InboxCapabilities)
    }
    return InboxCapabilities(
        **{name: next(iter(values)) if len(values) == 1 else None for name, values in said.items()}
    )


async def find_feeds(context: Context, name: str) -> list[InboxFeed]:
    """The lists of an inbox, but for those that its instance does not have."""
    lists = lists_of(name, context.upstreams)
    found = await asyncio.gather(*(_find_feed(context, each) for each in lists))
    return [each for each in found if each is not None]


async def _find_feed(context: Context, upstream: Upstream) -> InboxFeed | None:
    """A list that cannot be asked is there: nobody knows better."""
    capabilities = InboxCapabilities()
    try:
        profile = await context.snapshot.once(
            f"profile {upstream.name}",
            lambda: within(context.page_seconds, upstream, upstream.ask_profile()),
        )
        capabilities = profile.capabilities
    except UpstreamError:
        pass
    refused = upstream.left_out
    if refused is not None and refused.failure_code is UpstreamFailureCode.UNSUPPORTED:
        return None
    failure = show_failure(refused, context.to_come) if refused is not None else None
    return InboxFeed(
        feed=upstream.feed,
        capabilities=capabilities if context.may_write else capabilities.of_reader(),
        failure=failure,
        inbox_name=upstream.inbox.name,
    )


async def count_inbox(context: Context, name: str) -> UnreadCount:
    """The sum of its lists, as far as they can be counted."""
    lists = [each for each in lists_of(name, context.upstreams) if each.left_out is None]
    found = await asyncio.gather(*(_count(context, each) for each in lists))
    counted = [
        each
        for each, upstream in zip(found, lists, strict=True)
        if not (isinstance(each, UpstreamError) and upstream.left_out is not None)
    ]
    tallies = [each for each in counted if not isinstance(each, UpstreamError)]
    failure = next((each for each in counted if isinstance(each, UpstreamError)), None)
    if failure is not None and not tallies:
        return _not_counted(context, name, failure)
    is_capped = failure is not None or any(each.is_capped for each in tallies)
    count = sum(each.count for each in tallies)
    return UnreadCount(count=count, is_capped=is_capped, failure=None)


def _not_counted(context: Context, name: str, error: UpstreamError) -> UnreadCount:
    context.failures[name] = error.failure_code
    return UnreadCount(count=None, is_capped=False, failure=show_failure(error, context.to_come))


async def _count(context: Context, upstream: Upstream) -> UnreadTally | UpstreamError:
    asked = context.watches.get(upstream.name, upstream)
    try:
        return await context.snapshot.once(
            f"unread {upstream.name}",
            lambda: within(context.page_seconds, upstream, asked.count_unread()),
        )
    except UpstreamError as error:
        return error


async def find_elsewhere(context: Context, name: str) -> list[ElsewhereCount]:
    """What other instances hold for the login of an inbox, but for those that are inboxes too."""
    configured = {str(each.inbox.instance.url) for each in main_lists(context.upstreams)}
    found: list[ElsewhereCount] = []
    for upstream in lists_of(name, context.upstreams):
        if upstream.left_out is not None:
            continue
        try:
            told = await context.snapshot.once(
                f"elsewhere {upstream.name}",
                lambda upstream=upstream: within(  # type: ignore[misc]
                    context.page_seconds, upstream, upstream.count_elsewhere()
                ),
            )
        except UpstreamError:
            continue
        found += [
            ElsewhereCount(
                wiki=each.name,
                title=each.title,
                url=each.url,
                count=each.count,
                newest_at=each.newest_at,
            )
            for each in told
            if not each.is_at(configured)
        ]
    return found
