"""How many subscriptions there are, whose they are, and when all of them have to end."""

import asyncio
from collections import Counter, OrderedDict, deque
from collections.abc import AsyncGenerator, Callable, Iterator
from contextlib import contextmanager, suppress
from typing import TypeVar

from app.web.in_flight import RETRY_AFTER
from app.web.refusal import Refusal, Refused

Event = TypeVar("Event")

MOST_OF_A_CLIENT = 1000
MOST = 5000
"""Of all clients together, in one process."""
MOST_OPENED = 10
"""By one client in one second."""
_LONGEST_END = 2.0
"""Seconds that they may take to end."""
_MOST_CLIENTS = 1000
"""Of whom it is remembered when they have opened some."""


class Subscriptions:
    """Counts them; `closing` is set when the process is to stop, and each of them ends then.

    `now` tells seconds that only ever go on; `note_beginning` is told of each that begins.
    `most_connections` are there of live connections, over which subscriptions go.
    """

    def __init__(
        self,
        now: Callable[[], float],
        most_connections: int,
        note_beginning: Callable[[], None] = lambda: None,
    ) -> None:
        self._now = now
        self._most_connections = most_connections
        self._note_beginning = note_beginning
        self._of_clients: Counter[str] = Counter()
        self._opened: OrderedDict[str, deque[float]] = OrderedDict()
        self.connections = 0
        self.closing = asyncio.Event()
        self._gone = asyncio.Event()
        self._gone.set()

    def __len__(self) -> int:
        return self._of_clients.total()

    async def aclose(self) -> None:
        """Ends all of them, as one after which clients come again, and waits until they have."""
        self.closing.set()
        with suppress(TimeoutError):
            async with asyncio.timeout(_LONGEST_END):
                await self._gone.wait()

    @contextmanager
    def connected(self) -> Iterator[None]:
        """Counts a live connection, which has to end before the process does."""
        self.connections += 1
        self._gone.clear()
        try:
            yield
        finally:
            self.connections -= 1
            if not self.connections:
                self._gone.set()

    def check_connection(self) -> None:
        """Refuses one more live connection where there are too many. Raises Refused."""
        if self.connections >= self._most_connections:
            message = "There are too many live connections already: try again later."
            raise Refused(Refusal.OVERLOADED, message, RETRY_AFTER)

    def check(self, client: str) -> None:
        """Refuses one more of a client where there are too many. Raises Refused."""
        if len(self) >= MOST or self._of_clients[client] >= MOST_OF_A_CLIENT:
            message = "There are too many subscriptions already: try again later."
            raise Refused(Refusal.OVERLOADED, message, RETRY_AFTER)
        self._note_opening(client)

    async def counted(self, client: str, events: AsyncGenerator[Event]) -> AsyncGenerator[Event]:
        """The same events; it counts as long as they are asked for."""
        self._of_clients[client] += 1
        self._note_beginning()
        try:
            async for event in events:
                yield event
        finally:
            await events.aclose()
            self._of_clients[client] -= 1
            if not self._of_clients[client]:
                del self._of_clients[client]

    def _note_opening(self, client: str) -> None:
        now = self._now()
        opened = self._opened.pop(client, None) or deque[float](maxlen=MOST_OPENED)
        self._opened[client] = opened
        while len(self._opened) > _MOST_CLIENTS:
            self._opened.popitem(last=False)
        if len(opened) == MOST_OPENED and now - opened[0] < 1:
            message = f"More than {MOST_OPENED} subscriptions were opened in a second."
            raise Refused(Refusal.OVERLOADED, message, RETRY_AFTER)
        opened.append(now)
