"""What an instance sends by a stream that is open, to one login."""

from collections.abc import Callable

import httpx

from app.upstreams.http.transport import Messages
from resolvers.errors import UpstreamError


class InstanceMessages:
    """`explain` makes an UpstreamError of the transport's."""

    def __init__(self, inner: Messages, explain: Callable[[Exception], UpstreamError]) -> None:
        self.alive_seconds = inner.alive_seconds
        self._inner = inner
        self._explain = explain

    async def receive(self) -> str | None:
        """The next text, or None for a sign of life. Raises UpstreamError where it has ended."""
        try:
            return await self._inner.receive()
        except httpx.HTTPError as error:
            raise self._explain(error) from None

    async def aclose(self) -> None:
        """Ends it."""
        await self._inner.aclose()
