"""How long an operation waits for an instance."""

import asyncio
from collections.abc import Awaitable
from typing import TypeVar

from resolvers.errors import UpstreamError, UpstreamFailureCode
from resolvers.seam.upstream import Upstream

Value = TypeVar("Value")


async def within(
    seconds: float, upstream: Upstream, asking: Awaitable[Value], *, is_write: bool = False
) -> Value:
    """The answer, or UpstreamError with TIMEOUT; after a write nobody knows whether it was done."""
    try:
        async with asyncio.timeout(seconds):
            return await asking
    except TimeoutError:
        raise UpstreamError(
            UpstreamFailureCode.TIMEOUT,
            f"{upstream.inbox.instance.url} took too long to answer: ask again.",
            is_outcome_unknown=is_write,
        ) from None
