"""Two processes with one store against what the cache promises, in generated interleavings.

Real Redis, virtual time: while the store is at work time stands still.
"""

import asyncio
import itertools
from collections.abc import Awaitable
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass, field

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.cable import Cable
from support.caching import MEGABYTE, TIMES
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
from support.real_redis import RealRedis
from support.virtual_time import LoopClock, wait_for_stores
from support.worlds import Instance

from app.cache.copies.cached import CachedUpstream
from app.cache.copies.store import ChunkStore
from app.cache.shared.login_store import LoginStore
from app.cache.shared.redis_store import RedisStore
from app.setting_types.store_url import StoreUrl
from resolvers.errors import UpstreamError
from resolvers.seam.chunk import TOP, ChunkRequest
from resolvers.seam.upstream import Upstream

SETTLED = 150
"""Seconds after which an abandoned write has ended, the login has settled, and no copy is older."""
TOLD = 4
"""Seconds after which a process that can reach the store again has said what it wrote."""
COMMON = ["read", "read", "dismiss", "dismiss", "arrive", "clear"]
RARE = ["cut", "plug", "kill", "flush", "down", "up", "slow", "fast", "away", "away", "lose", "die"]
STEPS = st.tuples(
    st.sampled_from(COMMON) | st.sampled_from(COMMON) | st.sampled_from(RARE),
    st.integers(0, 1),
    st.integers(0, 5),
    st.sampled_from([0.0, 0.0, 0.01, 0.1, 1.0, 5.0, 16.0, 61.0]),
)
STORIES = st.tuples(st.sampled_from(["home", "wiki"]), st.lists(STEPS, min_size=3, max_size=16))


@dataclass(eq=False)
class Process:
    """One process: its cable, its store and its upstream. `apart_at` is when it was last cut."""

    cable: Cable
    store: RedisStore
    upstream: CachedUpstream
    apart_at: float = -1000.0
    together_at: float = -1000.0
    is_cut: bool = False
    tasks: list[asyncio.Task[None]] = field(default_factory=list)

    def cut(self) -> None:
        """From now on it cannot reach the store."""
        self.cable.pull_out()
        self.is_cut, self.apart_at = True, now()

    def plug(self) -> None:
        """It can again."""
        if self.is_cut:
            self.cable.plug_in()
            self.is_cut, self.together_at = False, now()

    def is_told(self, since: float) -> bool:
        """Whether it has been able to say and to hear all since then, or again for long enough."""
        was_together = self.apart_at < since and self.together_at + TOLD < since
        return not self.is_cut and (was_together or now() > self.together_at + TOLD)


@dataclass(frozen=True)
class Gone:
    """What a write took away for certain: by whom, begun and ended when.

    `flushes` is how many the store had seen by then, and `heard_by` who has been told before the
    next one: what the store has lost nobody says again.
    """

    rows: frozenset[str]
    by: Process
    began: float
    ended: float
    flushes: int
    heard_by: set[Process]


class Stage:
    """An instance, its rows, and the processes."""

    def __init__(self, platform: str, redis: RealRedis, stack: AsyncExitStack) -> None:
        self.platform = platform
        self.redis = redis
        self.stack = stack
        self.world = make_world(platform)
        self.numbers = itertools.count(1)
        self.names = itertools.count()
        self.processes: list[Process] = []
        self.gone: list[Gone] = []
        self.lost: set[Process] = set()
        self.flushes = 0
        for _ in range(6):
            self.arrive()
        self.instance: Instance = self.world.instances[platform]
        self.initial = frozenset(self.truth())
        self.keys: dict[str, str] = {}

    async def set_up(self) -> None:
        """Two processes, and the keys of the first rows by an upstream of its own."""
        self.keys = await read_keys(self.open())
        self.processes = [await self.start(), await self.start()]

    async def start(self) -> Process:
        """A new process."""
        cable = await self.stack.enter_async_context(Cable(self.redis.port).laid())
        store = RedisStore(StoreUrl(port=cable.port))
        wait_for_stores(store)
        upstream = CachedUpstream(
            self.open(),
            ChunkStore(32 * MEGABYTE),
            "login",
            TIMES,
            LoopClock(),
            lambda: next(self.numbers).to_bytes(8, "big"),
            LoginStore(store, "login", b"credential"),
        )
        self.stack.push_async_callback(store.aclose)
        self.stack.push_async_callback(upstream.aclose)
        return Process(cable, store, upstream)

    def open(self) -> Upstream:
        """An upstream of the login, without a cache."""
        return open_login(self.world, self.platform)

    def arrive(self) -> None:
        """A new row."""
        arrive(self.world, self.platform, next(self.names))

    def truth(self) -> list[str]:
        """What the instance lists now, newest first, by the time that each was made."""
        return list_truth(self.world, self.platform)

    async def read(self, process: Process) -> None:
        """A read of the top, whose result has to keep every promise."""
        began, flushes = now(), self.flushes
        try:
            chunk = await process.upstream.read(ChunkRequest(TOP, 40))
        except UpstreamError:
            return
        shown = frozenset(rows_of(chunk))
        for gone in self.gone:
            if gone.ended < began and self.is_known_to(process, gone):
                if gone.flushes == flushes:
                    gone.heard_by.add(process)
                elif chunk.is_stale and process not in gone.heard_by:
                    continue  # the store lost it before: an old copy shows it, where it has to do
                assert not shown & gone.rows, "came back"
        assert not (self.initial & frozenset(self.truth())) - shown, "missing"

    def is_known_to(self, process: Process, gone: Gone) -> bool:
        """Whether a process must know of a write; nobody can of what died with its process."""
        if process is gone.by:
            return True
        return (
            gone.by not in self.lost and process.is_told(gone.began) and gone.by.is_told(gone.began)
        )

    async def write(
        self, process: Process, rows: frozenset[str], doing: Awaitable[object], lag: float = 0
    ) -> None:
        """A write, applied `lag` after its answer; one that fails has taken nothing for certain."""
        began, flushes = now(), self.flushes
        with suppress(UpstreamError):
            await doing
            self.gone.append(Gone(rows, process, began, now() + lag, flushes, {process}))

    async def kill(self, index: int) -> None:
        """A process is gone in the middle of whatever it does, and another one comes."""
        process = self.processes[index]
        process.cable.pull_out()
        self.lost.add(process)
        for task in process.tasks:
            task.cancel()
        await asyncio.gather(*process.tasks, return_exceptions=True)
        await process.upstream.aclose()
        self.processes[index] = await self.start()

    async def happen(self, what: str, index: int, number: int) -> None:
        """What a step does at once."""
        process = self.processes[index]
        row = sorted(self.initial)[number]
        match what:
            case "read":
                self.begin(process, self.read(process))
            case "dismiss":
                dismissing = process.upstream.dismiss(self.keys[row])
                self.begin(process, self.write(process, frozenset({row}), dismissing))
            case "clear" if number < 2:
                clearing = process.upstream.clear()
                lag = LAG if self.platform == "wiki" else 0
                self.begin(process, self.write(process, frozenset(self.truth()), clearing, lag))
            case "arrive":
                self.arrive()
            case "cut" | "plug":
                process.cut() if what == "cut" else process.plug()
            case "kill":
                await self.kill(index)
            case "flush":
                self.redis.ask(b"FLUSHALL")
                self.flushes += 1
            case "away" | "lose" | "die":
                await self.play(what, index, number)
            case _:
                self.turn(what, number)

    async def play(self, what: str, index: int, number: int) -> None:
        """Some steps in a row that chance would seldom bring together."""
        scene = {
            "away": [("plug", 1 - index), ("cut", index), ("dismiss", index), ("plug", index)],
            "lose": [("plug", 1 - index), ("plug", index), ("dismiss", index), ("flush", index)],
            "die": [("slow", index), ("dismiss", index), ("kill", index), ("fast", index)],
        }[what]
        for each, who in [("read", 1 - index), *scene]:
            await self.happen(each, who, number)
            await asyncio.sleep(0.1)
        await asyncio.sleep(TOLD + 1 if what == "away" else 0)
        await self.happen("read", 1 - index, number)

    def turn(self, what: str, number: int) -> None:
        """How the instance answers from now on."""
        match what:
            case "down" | "up":
                self.instance.is_down = what == "down"
            case "slow" | "fast":
                self.instance.seconds = number / 4 if what == "slow" else 0.0

    def begin(self, process: Process, doing: Awaitable[None]) -> None:
        """Does something while the story goes on."""
        process.tasks.append(asyncio.ensure_future(doing))


@settings(
    max_examples=examples(1000, share=8),
    deadline=None,
    report_multiple_bugs=False,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(STORIES)
async def test_two_processes_are_what_the_model_says(
    real_redis: RealRedis, story: tuple[str, list[tuple[str, int, int, float]]]
) -> None:
    """What one has dismissed neither shows again, nothing else is missing, and both end in truth.

    Whatever is cut, killed in the middle of a write, or lost by the store meanwhile.
    """
    platform, steps = story
    real_redis.ask(b"FLUSHALL")
    async with AsyncExitStack() as stack:
        stage = Stage(platform, real_redis, stack)
        await stage.set_up()
        for what, index, number, seconds in steps:
            await stage.happen(what, index, number)
            await asyncio.sleep(seconds)
        for what, index in itertools.product(("up", "fast", "plug"), (0, 1)):
            await stage.happen(what, index, 0)
        await asyncio.gather(*(task for each in stage.processes for task in each.tasks))
        for wait in (SETTLED, SETTLED, 20):
            await asyncio.sleep(wait)
            for process in stage.processes:
                shown = rows_of(await process.upstream.read(ChunkRequest(TOP, 40)))
        for process in stage.processes:
            shown = rows_of(await process.upstream.read(ChunkRequest(TOP, 40)))
            assert shown == stage.truth(), "another end"
