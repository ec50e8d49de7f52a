"""An inbox and the instance that it is at."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import Enum

import strawberry

from resolvers.errors import UpstreamError
from resolvers.identity import make_id
from resolvers.types.node import Node
from resolvers.types.scalars import URL


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
