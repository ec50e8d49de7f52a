"""Whether the process takes requests, and which of them are under way."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
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

    @contextmanager
    def request(self) -> Iterator[None]:
        """Counts a request until its answer is made; it runs in a task of its own."""
        task = asyncio.current_task()
        assert task is not None
        self._under_way.add(task)
        try:
            yield
        finally:
            self._under_way.discard(task)

    async def finish_requests(self, seconds: float) -> None:
        """Waits for the requests that are under way now, so long at most."""
        if self._under_way:
            await asyncio.wait([*self._under_way], timeout=seconds)

    def break_off(self) -> None:
        """Cancels what is under way; whoever answers it says why."""
        self.is_draining = self.is_broken_off = True
        for task in self._under_way:
            task.cancel()
