"""The cache against what it promises, in generated stories of reads, writes, failures and waits."""

import asyncio
from collections.abc import Awaitable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

from hypothesis import given, settings
from hypothesis import strategies as st
from support.caching import cached
from support.generated import examples
from support.one_inbox import (
    LAG,
    arrive,
    list_truth,
    make_world,
    now,
    open_login,
    read_keys,
    rows_of,
)
from support.worlds import Instance

from app.cache.copies.cached import CachedUpstream
from resolvers.errors import UpstreamError
from resolvers.seam.chunk import TOP, Chunk, ChunkRequest
from resolvers.seam.upstream import Upstream
from resolvers.seam.writes import PagesBy, UnseenBy, UnseenFrom, WatchedPages

SETTLED = 70
"""Seconds after which an instance that answers is shown as it is: no copy is older by then."""
UNSETTLED = 20
"""Seconds after a write in which a read may not be kept: settling, and a slow read before it."""
WRITES = ["dismiss", "dismiss", "clear", "see", "see"]
TURNS = ["down", "down", "up", "slow", "slow answers", "fast", "hang", "lose writes", "mend"]
ACTIONS = st.sampled_from(["read", "arrive"]) | st.sampled_from(WRITES) | st.sampled_from(TURNS)
STEPS = st.tuples(
    st.just("read") | ACTIONS,
    st.integers(0, 9),
    st.sampled_from([0.0, 0.01, 0.02, 0.1, 1.0, 5.0, 16.0, 61.0]),
)
STORIES = st.tuples(
    st.sampled_from(["home", "wiki"]), st.integers(1, 6), st.lists(STEPS, min_size=3, max_size=25)
)


@dataclass
class Stage:
    """An inbox in the cache, its instance, and what is known of every row."""

    platform: str
    count: int
    confirmed: dict[str, float] = field(default_factory=dict)
    seen: dict[str, float] = field(default_factory=dict)
    leaving: list[str] = field(default_factory=list)
    reading: list[float] = field(default_factory=list)
    cleared: frozenset[str] = frozenset()
    cleared_at: float | None = None
    writing: int = 0
    written_at: float = -1000.0
    keys: dict[str, str] = field(default_factory=dict)
    arrived: int = 0
    has_shown: frozenset[str] = frozenset()
    initial: frozenset[str] = frozenset()
    tasks: list[asyncio.Task[None]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.world = make_world(self.platform)
        for _ in range(self.count):
            self.arrive()
        self.instance: Instance = self.world.instances[self.platform]
        self.upstream: CachedUpstream = cached(self.open())
        self.initial = frozenset(self.truth())

    def open(self) -> Upstream:
        """Another upstream of the same login, without a cache."""
        return open_login(self.world, self.platform)

    def arrive(self) -> None:
        """A new row."""
        arrive(self.world, self.platform, self.arrived)
        self.arrived += 1

    def truth(self) -> list[str]:
        """What the instance lists now, newest first, by the time that each was made."""
        return list_truth(self.world, self.platform)

    def start(self, doing: Awaitable[None]) -> None:
        """Does something while the story goes on."""
        self.tasks.append(asyncio.ensure_future(doing))

    async def read(self) -> None:
        """A read of the top, whose result has to keep every promise."""
        began, before = now(), self.circumstances()
        self.reading.append(began)
        asked = min(self.reading)  # it may get the answer to one that is under way
        try:
            chunk = await self.upstream.read(ChunkRequest(TOP, 40))
        except UpstreamError:
            self.check_blank()
            return
        finally:
            self.reading.remove(began)
        self.check(chunk, began, asked)
        if before == self.circumstances() and before.is_plain and began > self.written_at + LAG:
            assert frozenset(rows_of(chunk)) <= before.truth, "an old copy"

    def circumstances(self) -> "Circumstances":
        """What a read may go by."""
        instance = self.instance
        is_fast = not (instance.seconds or instance.delays_answers or instance.is_down)
        return Circumstances(frozenset(self.truth()), is_fast, self.writing, self.written_at)

    def check_blank(self) -> None:
        """A failure is shown only where there is nothing to show in its place.

        A row that is just being taken away may be gone before the write has told so.
        """
        left = self.has_shown - self.confirmed.keys() - self.seen.keys() - {*self.leaving}
        assert not left or self.cleared_at is not None, "blank"

    def check(self, chunk: Chunk, began: float, asked: float) -> None:
        """What was dismissed does not come back; what is still there is not missing.

        What was marked as seen may be in a copy that is shown as STALE while the instance fails.
        """
        shown = frozenset(rows_of(chunk))
        gone = {row for row, at in self.confirmed.items() if at < now()}
        assert not shown & gone, "came back"
        seen = {row for row, at in self.seen.items() if at < began}
        assert chunk.is_stale or not shown & seen, "what was seen came back"
        if self.cleared_at is not None and asked > self.cleared_at + LAG:
            assert not shown & self.cleared, "cleared ones came back"
        missing = (self.initial & frozenset(self.truth())) - shown
        assert not missing, "missing"
        if self.is_quiet(began):
            self.has_shown = shown

    def is_quiet(self, began: float) -> bool:
        """Whether a read that began then is certainly kept: nothing was written shortly before."""
        return not self.writing and self.written_at < began - UNSETTLED

    async def write(self, doing: Awaitable[None]) -> None:
        """A write whose failure is no concern of the story."""
        self.writing += 1
        with suppress(UpstreamError):
            await doing
        self.writing -= 1
        self.written_at = now()

    async def dismiss(self, index: int) -> None:
        """Dismisses one of the rows that were there at the beginning."""
        row = sorted(self.initial)[index % len(self.initial)]
        with self.leave(row):
            await self.upstream.dismiss(self.keys[row])
            self.confirmed[row] = now()

    async def see(self, index: int) -> None:
        """Marks the page of one of the first rows as seen, without the gateway knowing the row."""
        row = sorted(self.initial)[index % len(self.initial)]
        pages = WatchedPages(PagesBy.TITLES, [f"Page {sorted(self.initial).index(row)}"])
        with self.leave(row):
            done = await self.upstream.set_timestamp(pages, UnseenFrom(UnseenBy.NOTHING))
            if done.failure is None:
                self.seen[row] = now()

    async def clear(self) -> None:
        """Clears the inbox."""
        before = frozenset(self.truth())
        with self.leave(*before, *self.has_shown):
            await self.upstream.clear()
            self.cleared = self.cleared | before
            self.cleared_at = now()

    @contextmanager
    def leave(self, *rows: str) -> Iterator[None]:
        """While a write that takes these rows away is under way."""
        self.leaving += rows
        try:
            yield
        finally:
            for row in rows:
                self.leaving.remove(row)


@dataclass(frozen=True)
class Circumstances:
    """What the instance has and how it answers, and whether a write is under way."""

    truth: frozenset[str]
    is_fast: bool
    writing: int
    written_at: float

    @property
    def is_plain(self) -> bool:
        return self.is_fast and not self.writing


def happen(stage: Stage, what: str, number: int) -> None:
    """What a step does at once."""
    match what:
        case "read":
            stage.start(stage.read())
        case "dismiss":
            stage.start(stage.write(stage.dismiss(number)))
        case "clear":
            stage.start(stage.write(stage.clear()))
        case "see" if stage.platform == "wiki":
            stage.start(stage.write(stage.see(number)))
        case "arrive":
            stage.arrive()
        case _:
            turn(stage.instance, what, number)


def turn(instance: Instance, what: str, number: int) -> None:
    """How the instance answers from now on."""
    match what:
        case "down" | "up":
            instance.is_down = what == "down"
        case "slow":
            instance.seconds = number / 4
        case "slow answers":
            instance.delays_answers = number / 4
        case "fast" | "mend":
            instance.seconds = instance.delays_answers = 0.0
            instance.hangs_after_writing = instance.loses_writes = False
        case "hang":
            instance.hangs_after_writing = True
        case "lose writes":
            instance.loses_writes = True


@settings(max_examples=examples(2000), deadline=None, report_multiple_bugs=False)
@given(STORIES)
async def test_the_cache_is_what_the_model_says(
    story: tuple[str, int, list[tuple[str, int, float]]],
) -> None:
    """A dismissed notification never comes back, nothing else is missing, and no read is blank.

    And once the instance answers again and has settled, what is shown is what it has.
    """
    platform, count, steps = story
    stage = Stage(platform, count)
    stage.keys = await read_keys(stage.open())
    assert len(stage.keys) == stage.count
    for what, number, seconds in steps:
        happen(stage, what, number)
        await asyncio.sleep(seconds)
    happen(stage, "mend", 0)
    happen(stage, "up", 0)
    await asyncio.gather(*stage.tasks)
    await asyncio.sleep(SETTLED)
    assert rows_of(await stage.upstream.read(ChunkRequest(TOP, 40))) == stage.truth()
    await stage.upstream.aclose()
