"""An event loop whose time runs ahead of the real one: nothing sleeps, and all waits are exact."""

import asyncio
import selectors
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

START = datetime(2026, 11, 24, 12, tzinfo=UTC)
"""What the clock of a test shows when its loop begins."""


class VirtualTimeLoop(asyncio.SelectorEventLoop):
    """Jumps to the next timer where a real loop would wait for it.

    Only for tests without sockets: a wait for one would be cut short.
    """

    def __init__(self) -> None:
        self._passed = 0.0
        super().__init__(_JumpingSelector(self._pass))

    def time(self) -> float:
        return self._passed

    def _pass(self, seconds: float) -> None:
        self._passed += seconds


class _JumpingSelector(selectors.DefaultSelector):
    def __init__(self, jump: Callable[[float], None]) -> None:
        super().__init__()
        self._jump = jump

    def select(self, timeout: float | None = None) -> list[Any]:
        if timeout is None or timeout <= 0:
            return super().select(timeout)
        self._jump(timeout)
        return super().select(0)


class LoopClock:
    """The time of day by the running loop's time."""

    def now(self) -> datetime:
        return START + timedelta(seconds=asyncio.get_running_loop().time())
