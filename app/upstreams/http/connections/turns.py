"""Whose request is sent next."""

import asyncio
from collections import Counter, OrderedDict, deque
from urllib.parse import urlsplit

from app.upstreams.http.reply import Reply
from app.upstreams.http.transport import Request, Transport


class Turns:
    """So many at once in all and for one host; the hosts that wait have their turns in a circle."""

    def __init__(self, most: int, most_for_a_host: int) -> None:
        self._most = most
        self._most_for_a_host = most_for_a_host
        self._taken: Counter[str] = Counter()
        self._all_taken = 0
        self._waiting: OrderedDict[str, deque[asyncio.Future[None]]] = OrderedDict()

    async def take(self, host: str) -> None:
        """Waits for a turn, which has to be given back."""
        if host not in self._waiting and self._is_free(host):
            self._hand_out(host)
            return
        turn = asyncio.get_running_loop().create_future()
        self._waiting.setdefault(host, deque()).append(turn)
        try:
            await turn
        except asyncio.CancelledError:
            if not turn.cancelled():  # it came at the same moment
                self.give_back(host)
            raise

    def give_back(self, host: str) -> None:
        """Somebody else may go."""
        self._all_taken -= 1
        self._taken[host] -= 1
        if not self._taken[host]:
            del self._taken[host]
        for other in [*self._waiting]:
            if self._all_taken == self._most:
                return
            if self._is_free(other):
                self._call_next(other)

    def _is_free(self, host: str) -> bool:
        return self._all_taken < self._most and self._taken[host] < self._most_for_a_host

    def _hand_out(self, host: str) -> None:
        self._all_taken += 1
        self._taken[host] += 1

    def _call_next(self, host: str) -> None:
        queue = self._waiting.pop(host)
        while queue and queue[0].cancelled():
            queue.popleft()
        if queue:
            self._hand_out(host)
            queue.popleft().set_result(None)
        if queue:
            self._waiting[host] = queue  # behind all others


class TurnTaking(Transport):
    """Any transport, with no more requests under way than are allowed."""

    def __init__(self, inner: Transport, most: int, most_for_a_host: int) -> None:
        self._inner = inner
        self._turns = Turns(most, most_for_a_host)

    @property
    def repeats(self) -> int:
        return self._inner.repeats

    async def send(self, request: Request) -> Reply:
        host = urlsplit(request.url).netloc
        await self._turns.take(host)
        try:
            return await self._inner.send(request)
        finally:
            self._turns.give_back(host)

    async def aclose(self) -> None:
        await self._inner.aclose()
