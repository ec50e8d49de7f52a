"""An inbox and the instance that it is at."""

import asyncio
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import Enum
from typing import TYPE_CHECKING, Annotated, Any

import strawberry
from strawberry.types import Info

from resolvers.arguments import After, Before, First, Last, WantedFilter
from resolvers.errors import UpstreamError
from resolvers.identity import make_id
from resolvers.types.failure import UpstreamFailure, show_failure
from resolvers.types.node import Node
from resolvers.types.scalars import URL

if TYPE_CHECKING:
    from resolvers.types.connection import NotificationConnection


@strawberry.enum(description="Which API an instance speaks.")
class Platform(Enum):
    """The platforms with an upstream of their own under `app/upstreams`."""

    MASTODON = strawberry.enum_value(
        "MASTODON", description="The Mastodon API: Mastodon itself and every server that speaks it."
    )
    MEDIAWIKI = strawberry.enum_value(
        "MEDIAWIKI", description="The action API of a MediaWiki wiki, such as Wikipedia."
    )


@strawberry.type(
    description="What can be done with an inbox, so that a frontend need not find out by failing. "
    "Null where the gateway does not know the make of server: try it."
)
class InboxCapabilities:
    """By the make of server; at a wiki also by the rights of the login."""

    can_dismiss: bool | None = strawberry.field(
        default=None, description="Whether `dismissNotification` works here."
    )
    can_clear: bool | None = strawberry.field(
        default=None, description="Whether `clearNotifications` works here."
    )
    can_set_timestamp: bool | None = strawberry.field(
        default=None, description="Whether `setNotificationTimestamp` works here: at wikis."
    )
    can_mark_read: bool | None = strawberry.field(
        default=None,
        description="Whether `markNotificationsRead` works here: where there are markers.",
    )
    can_count_unread: bool | None = strawberry.field(
        default=None, description="Whether `unreadCount` has a count."
    )
    can_page_upwards: bool | None = strawberry.field(
        default=None,
        description="Whether `last` works from anywhere. If false, `before` works among the newest "
        "some hundred alone, and is a failure UNSUPPORTED below.",
    )


@dataclass(frozen=True, slots=True)
class Profile:
    """What an instance tells about itself and about who is logged in; None where it did not."""

    handle: str | None = None
    title: str | None = None
    software: str | None = None
    version: str | None = None
    capabilities: InboxCapabilities = field(default_factory=InboxCapabilities)


@dataclass(frozen=True, slots=True)
class UnreadTally:
    """How many notifications are unread; `is_capped` where the instance stops counting there."""

    count: int
    is_capped: bool


@strawberry.type(description="How often a login may still ask, where its instance tells.")
class RateLimit:
    """The limit that is closest: https://docs.joinmastodon.org/api/rate-limits/"""

    limit: int = strawberry.field(description="Requests in the whole period.")
    remaining: int = strawberry.field(description="Requests that are left of it.")
    resets_at: datetime = strawberry.field(description="When there are more again.")


@dataclass(frozen=True, slots=True)
class LoginStatus:
    """How an instance has answered one login lately; instants are UTC."""

    last_success_at: datetime | None = None
    last_failure_at: datetime | None = None
    last_failure: UpstreamError | None = None
    is_failing: bool = False
    suspended_until: datetime | None = None
    rate_limit: RateLimit | None = None

    @property
    def health(self) -> "InboxHealth":
        if self.suspended_until is not None:
            return InboxHealth.SUSPENDED
        if self.is_failing:
            return InboxHealth.DEGRADED
        return InboxHealth.HEALTHY if self.last_success_at else InboxHealth.UNKNOWN


@strawberry.enum(description="How an inbox's instance answers.")
class InboxHealth(Enum):
    """Told in `InboxStatus`."""

    UNKNOWN = strawberry.enum_value("UNKNOWN", description="Not asked yet.")
    HEALTHY = strawberry.enum_value("HEALTHY", description="The last answer was good.")
    DEGRADED = strawberry.enum_value(
        "DEGRADED", description="The last request failed: see `lastFailure`."
    )
    SUSPENDED = strawberry.enum_value(
        "SUSPENDED",
        description="It failed several times in a row, and is not asked before `retryAt`.",
    )


@strawberry.type(
    description="How the instance has answered this gateway lately. It is not asked for this."
)
class InboxStatus:
    """A LoginStatus as data."""

    health: InboxHealth = strawberry.field(description="In one word.")
    last_success_at: datetime | None = strawberry.field(
        description="When it last gave a good answer; null where it never has since the start."
    )
    last_failure_at: datetime | None = strawberry.field(
        description="When a request last failed; null where none has since the start."
    )
    last_failure: UpstreamFailure | None = strawberry.field(
        description="What went wrong then, also where it has answered well since."
    )
    retry_at: datetime | None = strawberry.field(
        description="When it is asked again; null where it may be asked now."
    )
    rate_limit: RateLimit | None = strawberry.field(
        description="The closest limit of its instance, by its last answer and by what this "
        "gateway has asked; null where none is known."
    )


@strawberry.type(description="How many notifications of an inbox are unread.")
class UnreadCount:
    """A failure to count is data: one inbox that cannot does not spoil the others' numbers."""

    count: int | None = strawberry.field(
        description="By what the instance says: at Mastodon notifications beyond the marker, at a "
        "wiki pages with a mark, which can be more than the list shows. Null where `failure` says "
        "why."
    )
    is_capped: bool = strawberry.field(
        description="Whether counting stopped here: there may be more. Show `1000+`."
    )
    failure: UpstreamFailure | None = strawberry.field(
        description="Why there is no count: UNSUPPORTED where the instance cannot."
    )


async def _known(info: Info[Any, None], key: str, name: str) -> Profile:
    """What the instance of the inbox `name` says, or a profile of nothing if it does not answer.

    An instance that is down has no title to show, and `sources` says what is wrong with it. The
    same object shows the same in all of an answer.
    """

    async def ask_or_nothing() -> Profile:
        try:
            async with asyncio.timeout(info.context.page_seconds):
                profile: Profile = await info.context.upstreams[name].ask_profile()
                return profile
        except (UpstreamError, TimeoutError):
            return Profile()

    known: Profile = await info.context.snapshot.once(f"profile {key}", ask_or_nothing)
    return known


@strawberry.type(description="A server that inboxes are at.")
class Instance(Node):
    """One Mastodon-API server or one wiki, as the configuration names it."""

    platform: Platform = strawberry.field(description="Which API it speaks.")
    url: URL = strawberry.field(description="Where it is, as the operator configured it.")
    inbox_name: strawberry.Private[str]

    @strawberry.field(description="The name that the instance gives itself, such as `Wikipedia`.")
    async def title(self, info: Info[Any, None]) -> str | None:
        return (await _known(info, self.id, self.inbox_name)).title

    @strawberry.field(
        description="What runs there, in lower case: `mastodon`, `gotosocial`, `mediawiki` …"
    )
    async def software(self, info: Info[Any, None]) -> str | None:
        return (await _known(info, self.id, self.inbox_name)).software

    @strawberry.field(description="The version of that software, as the instance writes it.")
    async def version(self, info: Info[Any, None]) -> str | None:
        return (await _known(info, self.id, self.inbox_name)).version


@strawberry.type(description="One login at one instance, and what it receives there.")
class Inbox(Node):
    """One `[[inboxes]]` entry of the configuration."""

    name: str = strawberry.field(
        description="The name given in the configuration, such as `work`; unique and stable."
    )
    instance: Instance = strawberry.field(description="The server that this login is at.")

    @strawberry.field(
        description="Who is logged in, as people write it: `@me@hachyderm.io`, `User:Alice`. "
        "Null where the instance does not tell."
    )
    async def handle(self, info: Info[Any, None]) -> str | None:
        return (await _known(info, self.id, self.name)).handle

    @strawberry.field(
        description="What can be done here, so that a frontend need not find out by failing. By "
        "the make of server; at a wiki also by what the login may do."
    )
    async def capabilities(self, info: Info[Any, None]) -> InboxCapabilities:
        return (await _known(info, self.id, self.name)).capabilities

    @strawberry.field(description="How the instance answers, without asking it.")
    def status(self, info: Info[Any, None]) -> InboxStatus:
        status, to_wall = info.context.upstreams[self.name].status, info.context.to_wall
        limit, failure = status.rate_limit, status.last_failure
        return InboxStatus(
            health=status.health,
            last_success_at=status.last_success_at and to_wall(status.last_success_at),
            last_failure_at=status.last_failure_at and to_wall(status.last_failure_at),
            last_failure=show_failure(failure, to_wall) if failure else None,
            retry_at=status.suspended_until and to_wall(status.suspended_until),
            rate_limit=limit and replace(limit, resets_at=to_wall(limit.resets_at)),
        )

    @strawberry.field(
        description="How many notifications are unread, asked of the instance each time."
    )
    async def unread_count(self, info: Info[Any, None]) -> UnreadCount:
        from resolvers.deadline import within  # which knows upstreams, and they inboxes

        upstream, seconds = info.context.upstreams[self.name], info.context.page_seconds
        try:
            tally = await info.context.snapshot.once(
                f"unread {self.id}", lambda: within(seconds, upstream, upstream.count_unread())
            )
        except UpstreamError as error:
            info.context.failures[self.name] = error.failure_code
            return UnreadCount(
                count=None, is_capped=False, failure=show_failure(error, info.context.to_wall)
            )
        return UnreadCount(count=tally.count, is_capped=tally.is_capped, failure=None)

    @strawberry.field(
        description="The notifications of this inbox alone: the same list as the root field's, "
        "with cursors of its own."
    )
    async def notifications(
        self,
        info: Info[Any, None],  # a Context, which holds upstreams and they inboxes
        first: First = strawberry.UNSET,
        after: After = strawberry.UNSET,
        last: Last = strawberry.UNSET,
        before: Before = strawberry.UNSET,
        filter: WantedFilter = strawberry.UNSET,  # noqa: A002 - the API's name for it
    ) -> Annotated["NotificationConnection", strawberry.lazy("resolvers.types.connection")] | None:
        from resolvers.listing import list_notifications  # which lists inboxes' values

        upstreams = {self.name: info.context.upstreams[self.name]}
        return await list_notifications(info, (first, after, last, before), filter, upstreams)


def make_inbox(name: str, platform: Platform, url: str) -> Inbox:
    """An inbox at the instance with this URL; it holds nothing of any login."""
    instance_id = make_id(Instance.__name__, "", url)
    instance = Instance(id=instance_id, platform=platform, url=URL(url), inbox_name=name)
    return Inbox(id=make_id(Inbox.__name__, name), name=name, instance=instance)
