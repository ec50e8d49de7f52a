"""A place far from the top of Echo's list, which can be read downwards alone."""

import random
from collections.abc import Callable, Sequence
from datetime import timedelta

import orjson
import pytest
from support.worlds import instant

from app.sandbox.wiki_echo import RIGHT, SandboxEcho
from app.sandbox.wiki_pages import User
from app.upstreams.mediawiki import wire
from app.upstreams.mediawiki.echo.places import EchoPlace
from app.upstreams.mediawiki.echo.reading import MOST_REQUESTS, EchoList, EchoRows
from app.upstreams.mediawiki.echo.wire import Notifications
from app.upstreams.mediawiki.session import Params
from app.upstreams.reading.values import read_json
from resolvers.errors import UpstreamError, UpstreamFailureCode
from resolvers.seam.chunk import BOTTOM, Anchor, ChunkRequest, Direction

ALICE = User("Alice")
Gap = Callable[[random.Random], float]
SHAPES: dict[str, Gap] = {
    "evenly": lambda _: 3600,
    "by chance": lambda chance: chance.expovariate(1 / 3600),
    "in bursts": lambda chance: 0 if chance.random() < 0.97 else chance.uniform(1, 1e6),
    "ever more": lambda chance: chance.paretovariate(0.6),
    "in one second": lambda chance: 0 if chance.random() < 0.9995 else 1e6,
}
"""Seconds between one row and the next."""


class Counted:
    """A list of so many rows, and how often it was asked."""

    def __init__(self, rows: int, gap: Gap, seed: str) -> None:
        chance = random.Random(seed)  # noqa: S311 - a seed, no secret
        self.echo, at = SandboxEcho("https://wiki.test"), instant(-(10**9))
        for _ in range(rows):
            at += timedelta(seconds=gap(chance))
            self.echo.notify("Alice", "mention", at, "Talk:Moon")
        self.asked = 0
        self.list = EchoList("https://wiki.test", self._ask, lambda: 50)
        self.places = [EchoPlace(*each.order) for each in self.echo.of("Alice")]

    async def _ask(self, params: Params) -> Notifications:
        self.asked += 1
        told = {"query": {"notifications": self.echo.query(params, ALICE, frozenset({RIGHT}))}}
        found = read_json(orjson.dumps(told), wire.Answer).query.notifications
        assert found is not None
        return found

    async def read_above(self, place: EchoPlace | None) -> EchoRows:
        """What is just above a place, or at the bottom."""
        self.asked = 0
        anchor = Anchor(Direction.UP, place.row) if place is not None else BOTTOM
        return await self.list.read(ChunkRequest(anchor, 40))


def is_just_above(found: EchoRows, places: Sequence[EchoPlace], at: int) -> bool:
    """Whether rows are those right above the one at an index, without a gap."""
    rows = [each.place for each in found.rows]
    return rows == places[at - len(rows) : at] and found.is_last == (len(rows) == at)


@pytest.mark.parametrize("shape", SHAPES)
async def test_what_is_above_a_place(shape: str) -> None:
    """Is found from anywhere, without a gap, within the requests that one chunk may cost."""
    counted, asked = Counted(3000, SHAPES[shape], shape), list[int]()
    places = counted.places
    for at in range(7, len(places), 89):
        found = await counted.read_above(places[at])
        assert found.rows and is_just_above(found, places, at)
        asked.append(counted.asked)
    assert max(asked) <= MOST_REQUESTS
    deep = sorted(each for each in asked if each > 10)
    assert deep[len(deep) // 2] <= 14


CROWDED = ["in bursts", "in one second"]


@pytest.mark.parametrize("shape", [each for each in SHAPES if each not in CROWDED])
async def test_what_is_at_the_bottom(shape: str) -> None:
    """Is found by the same search, though nothing tells where the bottom is."""
    counted = Counted(3000, SHAPES[shape], shape)
    found = await counted.read_above(None)
    assert [each.place for each in found.rows] == counted.places[-len(found.rows) :] and found.rows
    assert counted.asked <= MOST_REQUESTS


@pytest.mark.parametrize("shape", CROWDED)
async def test_a_bottom_that_is_not_found(shape: str) -> None:
    """As hundreds share a second: that is said, as of a server that cannot do it."""
    with pytest.raises(UpstreamError) as raised:
        await Counted(3000, SHAPES[shape], shape).read_above(None)
    assert raised.value.failure_code is UpstreamFailureCode.UNSUPPORTED


async def test_near_the_top() -> None:
    """A poll costs one request, and a place among the newest 500 as many as reach it."""
    counted = Counted(600, SHAPES["evenly"], "near")
    for at, requests in ((0, 1), (49, 1), (51, 2), (499, 10)):
        found = await counted.read_above(counted.places[at])
        assert [each.place for each in found.rows] == counted.places[:at] and found.is_last
        assert counted.asked == requests


async def test_a_row_that_is_gone() -> None:
    """Is a place like any other."""
    counted = Counted(2000, SHAPES["by chance"], "gone")
    places, at = counted.places, 1500
    gone = next(each for each in counted.echo.events["Alice"] if each.order == places[at])
    counted.echo.events["Alice"].remove(gone)
    assert is_just_above(await counted.read_above(places[at]), places, at)


async def test_what_would_never_end() -> None:
    """500 that cannot be rendered are an answer that makes no sense, and no page waits for more."""
    counted = Counted(0, SHAPES["evenly"], "none")
    for number in range(700):
        counted.echo.notify("Alice", "mention", instant(number), is_renderable=False)
    with pytest.raises(UpstreamError) as raised:
        await counted.list.read(ChunkRequest(Anchor(Direction.DOWN), 40))
    assert raised.value.failure_code is UpstreamFailureCode.BAD_RESPONSE
    assert counted.asked == 10
