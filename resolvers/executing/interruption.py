"""Ends a wait from outside, without ending whoever waits."""

import asyncio
from collections.abc import Awaitable
from typing import TypeVar

Value = TypeVar("Value")


class Interrupted(Exception):
    """What was waited for is not worth it any more."""


class Interruption:
    """For one that waits; `fire` ends its wait at once, or its next one before that begins."""

    def __init__(self) -> None:
        self._is_due = False
        self._waiting: asyncio.Timeout | None = None

    def fire(self) -> None:
        """Cancels what is waited for now."""
        self._is_due = True
        if self._waiting is not None:
            self._waiting.reschedule(asyncio.get_running_loop().time())

    async def wait_for(self, coming: Awaitable[Value]) -> Value:
        """What comes. Raises Interrupted, once for however often it was fired."""
        try:
            async with asyncio.timeout(0 if self._is_due else None) as self._waiting:
                return await coming
        except TimeoutError:
            if not self._is_due:
                raise
            self._is_due = False
            raise Interrupted from None
        finally:
            self._waiting = None
