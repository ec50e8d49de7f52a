"""The fields of an inbox and of its instance, which ask: its list, its counts, who is logged in."""

import asyncio
from collections.abc import Collection
from dataclasses import replace

import strawberry
from strawberry.types import Info

from resolvers.context import Context
from resolvers.errors import BadUserInput, UpstreamError
from resolvers.fields.connection import NotificationConnection
from resolvers.fields.feeds import (
    ElsewhereCount,
    InboxFeed,
    agree,
    count_inbox,
    find_elsewhere,
    find_feeds,
)
from resolvers.fields.filtered import (
    AfterRequest,
    FirstRequests,
    NotificationRequestConnection,
    find_policy,
    list_requests,
)
from resolvers.fields.groups import NotificationGroupConnection
from resolvers.fields.listing import list_groups, list_notifications
from resolvers.identity import make_id
from resolvers.inputs.arguments import After, Before, First, Last, WantedFilter
from resolvers.platforms import Platform, feeds_of
from resolvers.seam.lists import Lists, lists_of, main_list
from resolvers.seam.login import Profile
from resolvers.seam.upstream import Upstream
from resolvers.types.cacheable import CACHEABLE
from resolvers.types.failure import show_failure
from resolvers.types.feed import Feed
from resolvers.types.filtered import NotificationPolicy
from resolvers.types.inbox import Inbox, InboxCapabilities, Instance, UnreadCount
from resolvers.types.inbox_status import InboxStatus
from resolvers.types.scalars import URL


async def _known(info: Info[Context, None], key: str, name: str) -> Profile:
    """What the instance of the inbox `name` says, or a profile of nothing if it does not answer.

    An instance that is down has no title to show, and `sources` says what is wrong with it. The
    same object shows the same in all of an answer.
    """

    async def ask_or_nothing() -> Profile:
        try:
            async with asyncio.timeout(info.context.page_seconds):
                profile: Profile = await _speaker(info.context, name).ask_profile()
                return profile
        except (UpstreamError, TimeoutError):
            return Profile()

    return await info.context.snapshot.once(f"profile {key}", ask_or_nothing)


def _speaker(context: Context, name: str) -> Upstream:
    """What speaks for an inbox that the caller may read."""
    upstream = main_list(name, context.upstreams)
    assert upstream is not None  # or the inbox would not be shown
    return upstream


@strawberry.type(name="Instance", description="A server that inboxes are at.")
class InstanceFields(Instance):
    """An instance as the API shows it."""

    @strawberry.field(description="The name that the instance gives itself, such as `Wikipedia`.")
    async def title(self, info: Info[Context, None]) -> str | None:
        return (await _known(info, self.id, self.inbox_name)).title

    @strawberry.field(
        description="What runs there, in lower case: `mastodon`, `gotosocial`, `mediawiki` …"
    )
    async def software(self, info: Info[Context, None]) -> str | None:
        return (await _known(info, self.id, self.inbox_name)).software

    @strawberry.field(description="The version of that software, as the instance writes it.")
    async def version(self, info: Info[Context, None]) -> str | None:
        return (await _known(info, self.id, self.inbox_name)).version


@strawberry.type(name="Inbox", description="One login at one instance, and what it receives there.")
class InboxFields(Inbox):
    """An inbox as the API shows it."""

    instance: InstanceFields = strawberry.field(description="The server that this login is at.")

    @strawberry.field(
        description="Who is logged in, as people write it: `@me@hachyderm.io`, `User:Alice`. "
        "Null where the instance does not tell."
    )
    async def handle(self, info: Info[Context, None]) -> str | None:
        return (await _known(info, self.id, self.name)).handle

    @strawberry.field(
        description="What can be done here, so that a frontend need not find out by failing. By "
        "the server's software; at a wiki also by what the login may do. With a key that may only "
        "read, nothing can be changed."
    )
    async def capabilities(self, info: Info[Context, None]) -> InboxCapabilities:
        found = await find_feeds(info.context, self.name)
        return agree([each.capabilities for each in found])

    @strawberry.field(
        description="Its lists, each with what can be done there. One that the instance refuses is "
        "here, and `failure` says why; one that it does not have is not."
    )
    async def feeds(self, info: Info[Context, None]) -> list[InboxFeed]:
        return await find_feeds(info.context, self.name)

    @strawberry.field(
        description="How many notifications wait for this login at other wikis of the same farm, "
        "as this wiki says: those that are no inboxes of yours. Asked of the wiki each time; empty "
        "where there are none, and where a wiki does not tell."
    )
    async def elsewhere(self, info: Info[Context, None]) -> list[ElsewhereCount]:
        return await find_elsewhere(info.context, self.name)

    @strawberry.field(description="How the instance answers, without asking it.")
    def status(self, info: Info[Context, None]) -> InboxStatus:
        context = info.context
        health, to_wall = _speaker(context, self.name).health, context.to_wall
        limit, failure = health.rate_limit, health.last_failure
        return InboxStatus(
            health=health.in_one_word,
            last_success_at=health.last_success_at and to_wall(health.last_success_at),
            last_failure_at=health.last_failure_at and to_wall(health.last_failure_at),
            last_failure=show_failure(failure, context.to_come) if failure else None,
            retry_at=health.suspended_until and context.to_come(health.suspended_until),
            rate_limit=limit and replace(limit, resets_at=to_wall(limit.resets_at)),
        )

    @strawberry.field(
        description="How many notifications are unread, asked of the instance each time; below an "
        "event at most once in 15 s, and after a write."
    )
    async def unread_count(self, info: Info[Context, None]) -> UnreadCount:
        return await count_inbox(info.context, self.name)

    @strawberry.field(
        description="From whom this inbox takes notifications at once, and how much waits for you "
        "to decide. Asked of the instance each time."
    )
    async def notification_policy(self, info: Info[Context, None]) -> NotificationPolicy:
        return await find_policy(info.context, self.name)

    @strawberry.field(
        description="What the policy keeps out of sight, by account: accept or dismiss it. Asked "
        "of the instance each time."
    )
    async def notification_requests(
        self,
        info: Info[Context, None],
        first: FirstRequests = strawberry.UNSET,
        after: AfterRequest = strawberry.UNSET,
    ) -> NotificationRequestConnection | None:
        if info.context.watches:
            raise BadUserInput("An event holds no lists: ask for those of an inbox by a query.")
        return await list_requests(info.context, self.name, first, after)

    @strawberry.field(
        description="The notifications of this inbox alone: the same list as the root field's, "
        "with cursors of its own.",
        metadata=CACHEABLE,
    )
    async def notifications(
        self,
        info: Info[Context, None],
        first: First = strawberry.UNSET,
        after: After = strawberry.UNSET,
        last: Last = strawberry.UNSET,
        before: Before = strawberry.UNSET,
        filter: WantedFilter = strawberry.UNSET,  # noqa: A002 - the API's name for it
    ) -> NotificationConnection | None:
        asked = (first, after, last, before)
        return await list_notifications(info, asked, filter, _lists(info.context, self.name))

    @strawberry.field(
        description="The same, folded into groups as the root field `notificationGroups` does.",
        metadata=CACHEABLE,
    )
    async def notification_groups(
        self,
        info: Info[Context, None],
        first: First = strawberry.UNSET,
        after: After = strawberry.UNSET,
        last: Last = strawberry.UNSET,
        before: Before = strawberry.UNSET,
        filter: WantedFilter = strawberry.UNSET,  # noqa: A002
    ) -> NotificationGroupConnection | None:
        asked = (first, after, last, before)
        return await list_groups(info, asked, filter, _lists(info.context, self.name))


def _lists(context: Context, name: str) -> Lists:
    """Those of an inbox, where lists may be asked for. Raises BadUserInput."""
    if context.watches:
        raise BadUserInput("An event holds no lists: ask for those of an inbox by a query.")
    return {each.name: each for each in lists_of(name, context.upstreams)}


def make_inbox(
    name: str, platform: Platform, url: str, feeds: Collection[Feed] | None = None
) -> InboxFields:
    """An inbox at the instance with this URL; it holds nothing of any login.

    `feeds` are those of its lists that are to be read, or all that its platform has.
    """
    instance_id = make_id(Instance.__name__, "", url)
    instance = InstanceFields(id=instance_id, platform=platform, url=URL(url), inbox_name=name)
    read = feeds_of(platform) if feeds is None else frozenset(feeds)
    inbox_id = make_id(Inbox.__name__, name)
    return InboxFields(id=inbox_id, name=name, instance=instance, configured_feeds=read)
