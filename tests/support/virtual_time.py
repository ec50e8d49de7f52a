"""An event loop whose time runs ahead of the real one: nothing sleeps, and all waits are exact."""

import asyncio
import selectors
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar, Protocol

from app.cache.shared.redis_store import RedisStore

START = datetime(2026, 11, 24, 12, tzinfo=UTC)
"""What the clock of a test shows when its loop begins."""


_LOOK = 0.05
"""Real seconds after which it is looked again whether something is still under way."""


class Store(Protocol):
    """Something that is spoken to over a socket."""

    @property
    def in_flight(self) -> int:
        """How much is under way."""


class VirtualTimeLoop(asyncio.SelectorEventLoop):
    """Jumps to the next timer where a real loop would wait for it.

    A wait for a socket would be cut short. While something is under way at one of the `stores`,
    time stands still until it is there.
    """

    def __init__(self) -> None:
        self._passed = 0.0
        self.stores: list[Store] = []
        super().__init__(_JumpingSelector(self))

    def time(self) -> float:
        return self._passed

    def jump(self, seconds: float) -> None:
        """So much time has passed."""
        self._passed += seconds


class _JumpingSelector(selectors.DefaultSelector):
    def __init__(self, loop: VirtualTimeLoop) -> None:
        super().__init__()
        self._loop = loop

    def select(self, timeout: float | None = None) -> list[Any]:
        if timeout is None or timeout <= 0:
            return super().select(timeout)
        if any(store.in_flight for store in self._loop.stores):
            return super().select(_LOOK)
        ready = super().select(0)
        if not ready:
            self._loop.jump(timeout)
        return ready


class LoopClock:
    """The running loop's time; `shift` is how far somebody has set the time of day."""

    shift: ClassVar[timedelta] = timedelta()

    def now(self) -> datetime:
        return START + timedelta(seconds=asyncio.get_running_loop().time())

    def wall(self) -> datetime:
        return self.now() + self.shift


def wait_for_stores(*stores: Store) -> None:
    """Where time is virtual, it stands still from now on while these are at work."""
    loop = asyncio.get_running_loop()
    if isinstance(loop, VirtualTimeLoop):
        loop.stores += stores
        for store in stores:
            if isinstance(store, RedisStore):  # whose clock is not the loop's
                store.read_time = lambda _: LoopClock().now()
