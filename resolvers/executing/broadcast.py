"""Subscriptions that stand at one cut of one document: executed once, for all who listen.

Each subscriber begins with a source of its own, which brings it up to date. Once that has nothing
more to say, its subscriber goes over to the broadcast that stands at the same cut, or becomes the
first of one. The last events are kept for all alike; who falls further behind reads on by itself.
"""

import asyncio
import json
from collections import deque
from collections.abc import AsyncGenerator, Hashable, Mapping

from graphql import ArgumentNode, DocumentNode, VariableNode, Visitor, visit

from resolvers.executing.answer import SentEvent
from resolvers.executing.documents import Operation
from resolvers.live.stream import AtRest, EventStream
from resolvers.seam.upstream import Upstream

MOST_KEPT = 100
"""Events of one broadcast that are kept for who is slow."""
MOST_AHEAD = 50
"""Events that nobody has heard yet."""

Source = AsyncGenerator[SentEvent | AtRest]
"""Executed events, and where the stream of them has nothing more to say."""


class Broadcasts:
    """Those that are under way, by what is listened to."""

    def __init__(self) -> None:
        self._running: dict[Hashable, _Broadcast] = {}

    async def share(self, key: Hashable, source: Source) -> AsyncGenerator[SentEvent]:
        """The events of a source, and then those of a broadcast that stands where it stands.

        It ends where a subscriber has fallen behind that; the source is closed.
        """
        listener: _Listener | None = None
        each: SentEvent | AtRest | None
        try:
            async for each in source:
                if isinstance(each, SentEvent):
                    yield each
                elif (listener := self._join(key, source, each.stream)) is not None:
                    break
            each = None  # which holds the whole stream
            if listener is None:
                return
            if listener.broadcast.source is not source:
                await source.aclose()
            async for event in listener.events():
                yield event
        finally:
            if listener is None or listener.broadcast.source is not source:
                await source.aclose()
            if listener is not None:
                await self._leave(key, listener.broadcast)

    def _join(self, key: Hashable, source: Source, stream: EventStream) -> "_Listener | None":
        broadcast = self._running.get(key)
        if broadcast is None or broadcast.has_ended:
            broadcast = self._running[key] = _Broadcast(source, stream)
        elif broadcast.stream.standing != stream.standing:
            return None
        broadcast.listeners += 1
        return _Listener(broadcast)

    async def _leave(self, key: Hashable, broadcast: "_Broadcast") -> None:
        broadcast.listeners -= 1
        if broadcast.listeners:
            return
        if self._running.get(key) is broadcast:
            del self._running[key]
        await broadcast.aclose()


class _Broadcast:
    """One source, executed for all who listen; its last events are kept."""

    def __init__(self, source: Source, stream: EventStream) -> None:
        self.source = source
        self.stream = stream
        self.listeners = 0
        self.count = 0
        self.kept: deque[SentEvent] = deque(maxlen=MOST_KEPT)
        self.farthest = 0
        self.news = asyncio.Event()
        self.taken = asyncio.Event()
        self._running = asyncio.create_task(self._run())

    @property
    def has_ended(self) -> bool:
        """Whether nothing comes any more."""
        return self._running.done()

    async def aclose(self) -> None:
        """Ends it, and its source."""
        self._running.cancel()
        await asyncio.gather(self._running, return_exceptions=True)

    async def _run(self) -> None:
        try:
            async for each in self.source:
                if isinstance(each, SentEvent):
                    self.kept.append(each)
                    self.count += 1
                    self._tell()
                    await self._wait()
        finally:
            await self.source.aclose()
            self._tell()

    async def _wait(self) -> None:
        """Goes by the fastest of those who listen."""
        while self.count - self.farthest >= MOST_AHEAD:
            self.taken.clear()
            await self.taken.wait()

    def _tell(self) -> None:
        """Wakes all who wait now."""
        self.news.set()
        self.news.clear()


class _Listener:
    """Hears of all that a broadcast has from now on."""

    def __init__(self, broadcast: _Broadcast) -> None:
        self.broadcast = broadcast
        self._heard = broadcast.count

    async def events(self) -> AsyncGenerator[SentEvent]:
        """One after the other; it ends where those that come next are not kept any more."""
        broadcast = self.broadcast
        while True:
            behind = broadcast.count - self._heard
            if behind > len(broadcast.kept):
                return
            if behind:
                self._heard += 1
                if self._heard > broadcast.farthest:
                    broadcast.farthest = self._heard
                    broadcast.taken.set()
                yield broadcast.kept[-behind]
            elif broadcast.has_ended:
                return
            else:
                await broadcast.news.wait()


def sharing_key(
    operation: Operation, variables: Mapping[str, object], upstreams: Mapping[str, Upstream]
) -> Hashable:
    """What subscriptions have to have in common; the cursor that they began with is no part of it.

    One that cannot be compared has nothing in common with any other.
    """
    cursors: set[str] | None = operation.made.get("cursor variables")
    if cursors is None:
        cursors = operation.made["cursor variables"] = _find_cursor_variables(operation.document)
    others = {name: value for name, value in variables.items() if name not in cursors}
    try:
        written = json.dumps(others, sort_keys=True)
    except RecursionError:
        return object()
    return operation.fingerprint, written, tuple(upstreams.values())


def _find_cursor_variables(document: DocumentNode) -> set[str]:
    """Those that say where to begin, and nothing else."""
    found = _Uses()
    visit(document, found)
    return found.as_cursor - found.otherwise


class _Uses(Visitor):
    """Goes through a document and notes what its variables are used for."""

    def __init__(self) -> None:
        super().__init__()
        self.as_cursor: set[str] = set()
        self.otherwise: set[str] = set()

    def enter_variable_definition(self, *_: object) -> object:
        return self.SKIP

    def enter_argument(self, node: ArgumentNode, *_: object) -> object:
        if node.name.value != "cursor" or not isinstance(node.value, VariableNode):
            return None
        self.as_cursor.add(node.value.name.value)
        return self.SKIP

    def enter_variable(self, node: VariableNode, *_: object) -> None:
        self.otherwise.add(node.name.value)
