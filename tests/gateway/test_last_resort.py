"""What nobody foresaw of one inbox is that inbox's failure, logged, and never another's."""

from collections.abc import Mapping
from typing import Any

import pytest
from support.asking import ask_api, make_api
from support.worlds import mixed_world

from app.clock import SystemClock
from app.upstreams.wrappers.observed import ObservedUpstream
from app.upstreams.wrappers.wrapper import UpstreamWrapper
from resolvers.context import Context
from resolvers.errors import UpstreamError, UpstreamFailureCode
from resolvers.seam.chunk import Chunk, ChunkRequest
from resolvers.seam.login import Profile, UnreadTally
from resolvers.seam.streaming import NotificationStream
from resolvers.seam.upstream import Upstream

LIST = "{ notifications { nodes { id } sources { inbox { name } failure { code message } } } }"


class Surprising(UpstreamWrapper):
    """An upstream with a mistake in it."""

    async def read(self, request: ChunkRequest) -> Chunk:
        raise OverflowError("a token of somebody")

    async def count_unread(self) -> UnreadTally:
        raise OverflowError("a token of somebody")

    async def ask_profile(self) -> Profile:
        raise OverflowError("a token of somebody")

    async def open_stream(self) -> NotificationStream:
        raise OverflowError("a token of somebody")


def spoil(wrap: Any) -> Mapping[str, Upstream]:
    """The mixed world, with a mistake in its first inbox."""
    upstreams = dict(mixed_world().upstreams())
    return {**upstreams, "home": wrap(Surprising(upstreams["home"]))}


async def test_in_the_reader() -> None:
    """Others are shown, the log has it once, and nothing of it reaches the caller."""
    told: list[Exception] = []
    context = Context(spoil(lambda bare: bare), 5, report=told.append)
    answer = await ask_api(make_api(), LIST, context, {})
    page = answer["data"]["notifications"]
    failures = {each["inbox"]["name"]: each["failure"] for each in page["sources"]}
    assert failures["home"]["code"] == "BAD_RESPONSE" and failures["wiki"] is None
    assert page["nodes"] and "errors" not in answer and "token" not in str(answer)
    assert [type(each) for each in told] == [OverflowError]


@pytest.mark.parametrize("method", ["read", "count_unread", "ask_profile", "open_stream"])
async def test_below_the_cache(method: str) -> None:
    """Every way to ask ends in a failure that names the instance and what the log has."""
    bare = Surprising(mixed_world().upstreams()["home"])
    upstream = ObservedUpstream(bare, SystemClock(), lambda _: "trace-7")
    ask = getattr(upstream, method)
    with pytest.raises(UpstreamError) as caught:
        await (ask(None) if method == "read" else ask())
    assert caught.value.failure_code is UpstreamFailureCode.BAD_RESPONSE
    assert "trace-7" in str(caught.value) and "token" not in str(caught.value)
