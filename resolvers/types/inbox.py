"""An inbox and the instance that it is at."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Annotated, Any

import strawberry
from strawberry.types import Info

from resolvers.arguments import After, Before, First, Last, WantedFilter
from resolvers.errors import UpstreamError
from resolvers.identity import make_id
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


@dataclass(frozen=True, slots=True)
class Profile:
    """What an instance tells about itself and about who is logged in; None where it did not."""

    handle: str | None = None
    title: str | None = None
    software: str | None = None
    version: str | None = None


AskProfile = Callable[[], Awaitable[Profile]]
"""Asks the instance, or remembers what it said; raises UpstreamError."""


async def _known(ask: AskProfile) -> Profile:
    """What the instance says, or a profile of nothing where it does not answer.

    An instance that is down has no title to show, and `sources` says what is wrong with it.
    """
    try:
        return await ask()
    except UpstreamError:
        return Profile()


@strawberry.type(description="A server that inboxes are at.")
class Instance(Node):
    """One Mastodon-API server or one wiki, as the configuration names it."""

    platform: Platform = strawberry.field(description="Which API it speaks.")
    url: URL = strawberry.field(description="Where it is, as the operator configured it.")
    ask_profile: strawberry.Private[AskProfile]

    @strawberry.field(description="The name that the instance gives itself, such as `Wikipedia`.")
    async def title(self) -> str | None:
        return (await _known(self.ask_profile)).title

    @strawberry.field(
        description="What runs there, in lower case: `mastodon`, `gotosocial`, `mediawiki` …"
    )
    async def software(self) -> str | None:
        return (await _known(self.ask_profile)).software

    @strawberry.field(description="The version of that software, as the instance writes it.")
    async def version(self) -> str | None:
        return (await _known(self.ask_profile)).version


@strawberry.type(description="One login at one instance, and what it receives there.")
class Inbox(Node):
    """One `[[inboxes]]` entry of the configuration."""

    name: str = strawberry.field(
        description="The name given in the configuration, such as `work`; unique and stable."
    )
    instance: Instance = strawberry.field(description="The server that this login is at.")
    ask_profile: strawberry.Private[AskProfile]

    @strawberry.field(
        description="Who is logged in, as people write it: `@me@hachyderm.io`, `User:Alice`. "
        "Null where the instance does not tell."
    )
    async def handle(self) -> str | None:
        return (await _known(self.ask_profile)).handle

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


def make_inbox(name: str, platform: Platform, url: str, ask_profile: AskProfile) -> Inbox:
    """The inbox of one login, at the instance with this URL."""
    instance = Instance(
        id=make_id(Instance.__name__, "", url),
        platform=platform,
        url=URL(url),
        ask_profile=ask_profile,
    )
    inbox_id = make_id(Inbox.__name__, name)
    return Inbox(id=inbox_id, name=name, instance=instance, ask_profile=ask_profile)
