"""What carries requests to instances: the seam between what a login asks and a client library."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from types import TracebackType
from typing import Self

from app.upstreams.reply import Reply

MOST_RECEIVED = 8 * 1024 * 1024
"""Bytes of one answer as they come over the wire."""
MOST_DECODED = 32 * 1024 * 1024
"""Bytes of one answer once decompressed."""


class TooLarge(Exception):
    """An answer is larger than MOST_RECEIVED or MOST_DECODED; it was not read to its end."""


class Transport(ABC):
    """Sends requests, each once. Redirects, cookies and time limits are its caller's business."""

    @abstractmethod
    async def send(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes | None
    ) -> Reply:
        """The answer, of any status, which is read whole and within the bounds on its size.

        Raises TooLarge, and httpx's errors; of these only `ConnectError` and its kin say that
        nothing was sent. `url` is absolute and its query escaped.
        """

    async def aclose(self) -> None:  # noqa: B027 - most have nothing to end
        """Ends all connections."""

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.aclose()
