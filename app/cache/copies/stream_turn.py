"""Whose turn it is to stream a login: one process at a time, by a lease of the store's.

Where the store is away, each process streams for itself.
"""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from datetime import datetime
from typing import Any, TypeVar

from app.cache.shared.lease import LEASE_LASTS
from app.cache.shared.login import SharedLogin
from app.clock import Clock

Value = TypeVar("Value")

RENEWS, ASKS = 3.0, 1.0
"""Seconds between looks at the lease of who has it, and of who wants it."""


class StreamTurn:
    """One login's, in this process. `look` looks at the store, for whoever watches here."""

    def __init__(
        self, shared: SharedLogin, clock: Clock, look: Callable[[], Awaitable[None]]
    ) -> None:
        self._shared = shared
        self._clock = clock
        self._look = look
        self._began_at: datetime | None = None

    async def take(self) -> None:
        """Waits until it is this process's turn."""
        lease = self._shared.lease
        if not self._shared.is_shared:
            return
        lease.wish = lease.wish or self._shared.log.make_token()
        self._began_at = self._began_at or self._clock.now()
        while not await self._is_ours():  # noqa: ASYNC110 - no event comes from other processes
            await asyncio.sleep(ASKS)

    async def keep(self, work: Coroutine[Any, Any, Value]) -> Value | None:
        """What comes of something that is done as long as it is this process's turn; else None."""
        if not self._shared.is_shared:
            return await work
        task = asyncio.ensure_future(work)
        try:
            while not task.done():
                await asyncio.wait({task}, timeout=RENEWS)
                if not task.done() and not await self._is_ours():
                    return None
            return task.result()
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    async def give_back(self) -> None:
        """Another process may have it at once."""
        self._began_at = None
        await self._shared.end_lease()

    async def _is_ours(self) -> bool:
        """One look at the store, which renews the lease or asks for it."""
        await self._look()
        now, lease = self._clock.now(), self._shared.lease
        if lease.holds(now):
            return True
        known = [each for each in (lease.heard_at, self._began_at) if each is not None]
        return now - max(known) >= LEASE_LASTS
