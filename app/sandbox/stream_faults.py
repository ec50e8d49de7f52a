"""What can go wrong with the streams of an instance, on the way to it."""

import asyncio
from collections import deque
from collections.abc import Callable

import httpx
from starlette.types import ASGIApp

from app.sandbox.faults import Fault, FaultyTransport
from app.upstreams.http.reply import Reply
from app.upstreams.http.sockets.in_process import open_in_process
from app.upstreams.http.transport import Closed, Messages, Request

CUT_SECONDS = 3.0
"""For which a stream lives that is cut again and again."""
DELAY_SECONDS = 2.0
SWAP_SECONDS = 0.05
"""For which a message waits for the one that is to come before it."""


class FaultySockets:
    """Opens WebSockets to one instance in memory; the fault is that of the `way` to it."""

    def __init__(self, app: ASGIApp, way: FaultyTransport) -> None:
        self._app = app
        self._way = way

    async def open(self, request: Request, subprotocol: str | None) -> Messages | Reply:
        """As `Transport.open_socket`."""
        fault = self._way.fault
        if fault is Fault.HANG:
            await asyncio.Event().wait()
        if fault is not None and not fault.is_of_streams:
            raise httpx.ConnectError("connection refused")
        opened = await open_in_process(self._app, request, subprotocol, self._answers_pings)
        return opened if isinstance(opened, Reply) else _FaultyMessages(opened, self._find_fault)

    def _answers_pings(self) -> bool:
        return self._way.fault is not Fault.STREAM_HALF_OPEN

    def _find_fault(self) -> Fault | None:
        return self._way.fault


class _FaultyMessages(Messages):
    def __init__(self, inner: Messages, find_fault: Callable[[], Fault | None]) -> None:
        self.alive_seconds = inner.alive_seconds
        self._inner = inner
        self._find_fault = find_fault
        self._next: deque[str] = deque()
        self._ends_at: float | None = None

    async def receive(self) -> str | None:
        if self._next:
            return self._next.popleft()
        text = await self._receive_in_time()
        fault = self._find_fault()
        if fault is not None and not fault.is_of_streams:
            raise Closed("the connection broke")
        if text is None or fault is None:
            return text
        return await self._spoil(text, fault)

    async def aclose(self) -> None:
        await self._inner.aclose()

    async def _spoil(self, text: str, fault: Fault) -> str | None:
        match fault:
            case Fault.STREAM_HALF_OPEN:
                return await self.receive()
            case Fault.STREAM_LATE:
                self._next.append(text)  # so that it is not lost with who waits
                await asyncio.sleep(DELAY_SECONDS)
                return self._next.popleft()
            case Fault.STREAM_TWICE:
                self._next.append(text)
            case Fault.STREAM_SWAPPED:
                return await self._swap(text)
        return text

    async def _swap(self, text: str) -> str | None:
        self._next.append(text)
        try:
            async with asyncio.timeout(SWAP_SECONDS):
                return await self._inner.receive()
        except TimeoutError:
            return self._next.popleft()

    async def _receive_in_time(self) -> str | None:
        if self._find_fault() is not Fault.STREAM_CUT:
            self._ends_at = None
            return await self._inner.receive()
        now = asyncio.get_running_loop().time()
        self._ends_at = self._ends_at or now + CUT_SECONDS
        try:
            async with asyncio.timeout(self._ends_at - now):
                return await self._inner.receive()
        except TimeoutError:
            raise Closed("the connection broke") from None
