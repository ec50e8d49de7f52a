"""One request to an instance for all who ask the same at once."""

import asyncio
from collections.abc import Callable, Coroutine, Hashable
from typing import Any, Generic, TypeVar

from resolvers.tasks import begin, join

Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")
Token = TypeVar("Token")


class SingleFlight(Generic[Key, Token, Value]):
    """Requests under way, each with a token that says under what it began.

    One who goes away does not take the answer from the others.
    """

    def __init__(self) -> None:
        self._flights: dict[Key, tuple[Token, asyncio.Future[Value]]] = {}
        self._all: set[asyncio.Future[Value]] = set()

    def join(
        self,
        key: Key,
        token: Token,
        start: Callable[[], Coroutine[Any, Any, Value]],
        may_join: Callable[[Token], bool],
    ) -> "asyncio.Future[Value]":
        """The answer that is under way for this key, or a new one; to be awaited.

        One that began under a token with which `may_join` is false is left to those who asked
        before.
        """
        flight = self._flights.get(key)
        if flight is None or not may_join(flight[0]):
            flight = token, begin(start())
            self._flights[key] = flight
            self._all.add(flight[1])
            flight[1].add_done_callback(lambda done: self._land(key, done))
        return join(flight[1])

    def forget(self, key: Key) -> None:
        """What is under way for this key is left to those who asked before."""
        self._flights.pop(key, None)

    async def aclose(self) -> None:
        """Ends what is under way."""
        for flight in [*self._all]:
            flight.cancel()
        await asyncio.gather(*self._all, return_exceptions=True)

    def _land(self, key: Key, flight: "asyncio.Future[Value]") -> None:
        self._all.discard(flight)
        if key in self._flights and self._flights[key][1] is flight:
            del self._flights[key]
