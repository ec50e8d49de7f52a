"""An upstream around another one: what wrappers are made from."""

from collections.abc import Sequence
from typing import TypeVar

from app.upstreams.wrappers.calls import Ask, Call
from app.upstreams.wrappers.social import PassedOn
from resolvers.errors import UpstreamError
from resolvers.seam.chunk import Chunk, ChunkRequest, Row
from resolvers.seam.login import Elsewhere, LoginHealth, Profile, UnreadTally
from resolvers.seam.social import Social
from resolvers.seam.streaming import NotificationStream
from resolvers.seam.upstream import ReadState, Upstream
from resolvers.seam.writes import Dismissal, Inspection, TimestampSet, UnseenFrom, WatchedPages
from resolvers.types.feed import Feed
from resolvers.types.inbox import Inbox
from resolvers.types.notification import Notification

Value = TypeVar("Value")


class UpstreamWrapper:
    """Passes everything on. A subclass adds to all of it in `pass_on`, or overrides a method."""

    def __init__(self, inner: Upstream) -> None:
        self._inner = inner
        self._inbox = inner.inbox  # always the same value

    async def aclose(self) -> None:
        """Ends what this wrapper and those inside have begun."""
        if isinstance(self._inner, UpstreamWrapper):
            await self._inner.aclose()

    async def pass_on(self, call: Call, ask: Ask[Value]) -> Value:
        """The one way to what is wrapped; `ask` may be called again. Raises what it raises."""
        return await ask()

    @property
    def inbox(self) -> Inbox:
        return self._inbox

    @property
    def feed(self) -> Feed:
        return self._inner.feed

    @property
    def name(self) -> str:
        return self._inner.name

    @property
    def left_out(self) -> UpstreamError | None:
        return self._inner.left_out

    @property
    def health(self) -> LoginHealth:
        return self._inner.health

    def recognises(self, row: Row) -> bool:
        return self._inner.recognises(row)

    async def read(self, request: ChunkRequest) -> Chunk:
        return await self.pass_on(Call.LIST, lambda: self._inner.read(request))

    async def find(self, key: str) -> Notification | None:
        return await self.pass_on(Call.READ, lambda: self._inner.find(key))

    async def ask_read_state(self) -> ReadState:
        return await self.pass_on(Call.READ, self._inner.ask_read_state)

    async def count_unread(self) -> UnreadTally:
        return await self.pass_on(Call.READ, self._inner.count_unread)

    async def count_elsewhere(self) -> Sequence[Elsewhere]:
        return await self.pass_on(Call.READ, self._inner.count_elsewhere)

    async def ask_profile(self) -> Profile:
        return await self.pass_on(Call.ABOUT, self._inner.ask_profile)

    async def open_stream(self) -> NotificationStream:
        return await self.pass_on(Call.ABOUT, self._inner.open_stream)

    async def inspect(self) -> Inspection:
        return await self.pass_on(Call.ABOUT, self._inner.inspect)

    def portions(self, keys: Sequence[str]) -> Sequence[Sequence[str]]:
        return self._inner.portions(keys)

    async def dismiss(self, *keys: str) -> Dismissal:
        return await self.pass_on(Call.WRITE, lambda: self._inner.dismiss(*keys))

    @property
    def social(self) -> Social | None:
        inner = self._inner.social
        return PassedOn(inner, self.pass_on) if inner is not None else None

    async def clear(self) -> None:
        await self.pass_on(Call.WRITE, self._inner.clear)

    async def mark_read(self, key: str) -> None:
        await self.pass_on(Call.WRITE, lambda: self._inner.mark_read(key))

    async def set_timestamp(self, pages: WatchedPages, unseen_from: UnseenFrom) -> TimestampSet:
        return await self.pass_on(Call.WRITE, lambda: self._inner.set_timestamp(pages, unseen_from))
