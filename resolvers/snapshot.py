"""What one operation was told: each thing is asked once, and no object shows two values."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from typing import Any, TypeVar

from resolvers.tasks import begin, join
from resolvers.types.notification import Notification

Value = TypeVar("Value")


class Snapshot:
    """Fields that ask for the same get the same answer, however they are resolved meanwhile."""

    def __init__(self) -> None:
        self._notifications: dict[str, Notification] = {}
        self._asked: dict[str, asyncio.Future[Any]] = {}
        self.has_written = False

    def settle(self, notifications: Iterable[Notification]) -> list[Notification]:
        """The notifications as this operation has shown them already, or as they are."""
        keep = self._notifications.setdefault
        return [keep(notification.id, notification) for notification in notifications]

    async def once(self, key: str, ask: Callable[[], Awaitable[Value]]) -> Value:
        """What `ask` gave, or raised, the first time that this key was asked for."""
        asking = self._asked.get(key)
        if asking is None:
            asking = self._asked[key] = begin(ask())
        answer: Value = await join(asking)
        return answer

    def forget(self) -> None:
        """After a write things are asked anew: a mutation's payload shows what it has changed."""
        self.has_written = True
        self._notifications.clear()
        self._asked.clear()
