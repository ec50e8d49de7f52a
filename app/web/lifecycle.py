"""Whether the process takes requests, and which of them are under way."""

import asyncio
from typing import Any


class Lifecycle:
    """From its start to its end, a process serves, then drains, then breaks off what is left.

    While it drains it answers as ever, but tells load balancers to send nothing new.
    """

    def __init__(self) -> None:
        self.is_draining = False
        self.is_broken_off = False
        self._under_way: set[asyncio.Task[Any]] = set()

    @property
    def under_way(self) -> int:
        """How many requests are."""
        return len(self._under_way)

    def request(self) -> "_Request":
        """Counts a request until its answer is made; it runs in a task of its own."""
        return _Request(self._under_way)

    async def finish_requests(self, seconds: float) -> None:
        """Waits for the requests that are under way now, so long at most."""
        if self._under_way:
            await asyncio.wait([*self._under_way], timeout=seconds)

    def break_off(self) -> None:
        """Cancels what is under way; whoever answers it says why."""
        self.is_draining = self.is_broken_off = True
        for task in self._under_way:
            task.cancel()


class _Request:
    """One that is under way. A class, as a generator takes three times as long for each request."""

    __slots__ = ("_all", "_task")

    def __init__(self, all_: set[asyncio.Task[Any]]) -> None:
        self._all = all_

    def __enter__(self) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._task = task
        self._all.add(task)

    def __exit__(self, *_: object) -> None:
        self._all.discard(self._task)
