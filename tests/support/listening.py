"""A gateway that is listened to, without a transport between."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from app.cache.copies.cached import CachedUpstream
from app.cache.shared.redis_store import RedisStore
from resolvers.context import Context
from resolvers.executing.answer import SentEvent
from resolvers.executing.execution import Api
from resolvers.executing.subscribing import subscribe
from resolvers.seam.chunk import Scope
from resolvers.seam.live import Watch
from support.asking import make_api
from support.virtual_time import LoopClock
from support.worlds import Json, World

LIVE = """
subscription Live($filter: NotificationFilter, $cursor: String) {
  notificationEvents(filter: $filter, cursor: $cursor) {
    __typename
    cursor
    ... on LiveStarted { sources { inbox { name } freshness failure { code } } }
    ... on NotificationArrived {
      isNew
      edge { cursor node { id summary createdAt isUnread inbox { name } } }
    }
    ... on NotificationsRemoved { inbox { name } notificationIds isWholeInbox }
    ... on NotificationsRead { inbox { name } upToNotificationId notificationIds }
    ... on NotificationsChanged { inbox { name } reason }
    ... on InboxChanged { source { inbox { name } freshness failure { code } } mode nextLookAt
      streamFailure { code message } }
  }
}
"""


@dataclass
class Listener:
    """What one subscriber was sent so far."""

    sent: list[SentEvent] = field(default_factory=list)

    @property
    def events(self) -> list[Json]:
        """The events, in order; none of them may have errors."""
        assert not any("errors" in each.answer for each in self.sent), self.sent
        return [each.answer["data"]["notificationEvents"] for each in self.sent]

    def of(self, kind: str) -> list[Json]:
        """The events of one type."""
        return [each for each in self.events if each["__typename"] == kind]

    @property
    def arrived(self) -> list[Json]:
        """The notifications that arrived, in order."""
        return [each["edge"]["node"] for each in self.of("NotificationArrived")]

    @property
    def removed(self) -> list[str]:
        """The IDs of those that left."""
        removed = self.of("NotificationsRemoved")
        return [gone for each in removed for gone in each["notificationIds"]]

    @property
    def reasons(self) -> list[str]:
        """Why an inbox was to be read anew."""
        return [each["reason"] for each in self.of("NotificationsChanged")]

    @property
    def cursor(self) -> str:
        """Of the last event."""
        cursor = self.sent[-1].cursor
        assert cursor is not None
        return cursor


class LiveGateway:
    """One gateway over a world: whoever asks and listens here shares its logins."""

    def __init__(
        self, world: World, api: Api | None = None, store: RedisStore | None = None
    ) -> None:
        self.world = world
        self.api = api or make_api()
        self.logins = world.logins(store)
        self.upstreams = self.logins.configured

    def context(self) -> Context:
        """For one operation."""
        watch = partial(_watch, self.upstreams)
        return Context(self.upstreams, 5, watch=watch, wall=LoopClock().wall)

    async def find_context(self) -> Context:
        """For a subscription, whenever it goes on."""
        return self.context()

    async def ask(self, document: str, **variables: Any) -> Json:
        """The answer to a query or a mutation."""
        operation = self.api.documents.read(document).choose(None)
        return await self.api.answer(operation, variables, self.context())

    @asynccontextmanager
    async def listen(
        self,
        document: str = LIVE,
        wait: float = 1,
        keep: int = 1000,
        takes: float = 0,
        **variables: Any,
    ) -> AsyncIterator[Listener]:
        """Somebody who takes `takes` seconds for every event; for the first ones it waits `wait`.

        The last events are kept, so many.
        """
        listener = Listener()
        operation = self.api.documents.read(document).choose(None)

        async def take() -> None:
            async for each in subscribe(self.api, operation, variables, self.find_context):
                listener.sent.append(each)
                del listener.sent[:-keep]
                if takes:
                    await asyncio.sleep(takes)

        taking = asyncio.ensure_future(take())
        await asyncio.sleep(wait)
        try:
            yield listener
        finally:
            taking.cancel()
            with suppress(asyncio.CancelledError):
                await taking


def _watch(
    upstreams: Mapping[str, Any], name: str, scope: Scope, wake: Callable[[], None]
) -> Watch:
    upstream = upstreams[name]
    assert isinstance(upstream, CachedUpstream)
    return upstream.watch(scope, wake)
