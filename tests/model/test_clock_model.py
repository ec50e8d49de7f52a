"""Somebody sets the machine's clock: nothing changes but the instants that are shown."""

import asyncio
import json
import random
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from support.caching import TIMES
from support.generated import examples
from support.real_redis import RealRedis
from support.virtual_time import LoopClock, VirtualTimeLoop, wait_for_stores
from support.worlds import World, mixed_world

from app.cache.kept import KeptReadState
from app.cache.shared.login import Lookup, SharedLogin
from app.cache.shared.login_store import LoginStore
from app.cache.shared.redis_store import RedisStore
from app.cache.write_log import WriteLog, WriteOutcome
from app.clock import SystemClock, shift_of, to_wall
from app.setting_types.store_url import parse_store_url
from app.upstreams.mediawiki.read_state import AsItIs

QUERY = """{
  notifications(first: 5) {
    nodes { id summary createdAt isUnread } isIncomplete
    sources { inbox { name } freshness fetchedAt failure { code message retryAt } }
  }
  inboxes { name status { health lastSuccessAt lastFailureAt retryAt } }
}"""
SHOWN = re.compile(r'"(?:fetchedAt|retryAt|lastSuccessAt|lastFailureAt)": (?:"[^"]*"|null)')
STORIES = examples(200, share=8)


@pytest.fixture(autouse=True)
def no_shift() -> Iterator[None]:
    """Each test begins and ends with a clock that is right."""
    LoopClock.shift = timedelta()
    yield
    LoopClock.shift = timedelta()


async def tell(seed: int, *, jumps: bool) -> list[str]:
    """What a gateway answered in a story of reads, writes, failures and pauses."""
    chance, jump = random.Random(seed), random.Random(-seed)  # noqa: S311 - seeds
    world = World()
    world.add_mastodon("home")
    world.add_wiki("wiki")
    answers = []
    for step in range(25):
        match chance.randrange(7):
            case 0:
                world.post("home", step)
            case 1:
                world.edit("wiki", step, page=f"Page {step % 4}")
            case 2:
                world.instances[chance.choice(["home", "wiki"])].is_down = chance.random() < 0.5
            case 3:
                await asyncio.sleep(chance.choice([1, 10, 70, 4000, 90_000]))
            case _:
                answers.append(json.dumps(await world.ask(QUERY)))
                first = re.search(r'"nodes": \[\{"id": "([^"]+)"', answers[-1])
                if first and chance.random() < 0.4:
                    document = (
                        f'mutation {{ dismissNotification(input: {{notificationId: "{first[1]}"}}) '
                        "{ dismissedNotificationIds userErrors { code } } }"
                    )
                    answers.append(json.dumps(await world.ask(document)))
        if jumps and jump.random() < 0.3:
            LoopClock.shift = timedelta(seconds=jump.uniform(-90_000, 90_000))
    return answers


def test_the_clock_is_set_anywhere() -> None:
    """Stories, told twice: every answer is the same but for the instants in it."""
    for seed in range(STORIES):
        told = []
        for jumps in (False, True):
            LoopClock.shift = timedelta()
            with asyncio.Runner(loop_factory=VirtualTimeLoop) as runner:
                told.append(runner.run(tell(seed, jumps=jumps)))
        plain, jumped = ([SHOWN.sub("", answer) for answer in each] for each in told)
        assert plain == jumped, seed


async def test_instants_are_shown_by_the_clock_on_the_wall() -> None:
    """What was fetched just now was fetched now, whatever the clock showed when it began."""
    world = World()
    world.add_mastodon("home")
    LoopClock.shift = timedelta(hours=-1)
    (source,) = (await world.page(first=1))["sources"]
    assert source["fetchedAt"] == LoopClock().wall().strftime("%Y-%m-%dT%H:%M:%SZ")


def test_the_machines_clock() -> None:
    """`now` goes on by what was passed in; a small shift is none."""
    steady, wall = [100.0], [datetime(2026, 11, 24, tzinfo=UTC)]
    clock = SystemClock(lambda: steady[0], lambda: wall[0])
    began = clock.now()
    steady[0] += 60
    wall[0] += timedelta(seconds=60.4)
    assert clock.now() - began == timedelta(seconds=60)
    assert shift_of(clock) == timedelta() and to_wall(clock, began) == began
    wall[0] -= timedelta(hours=1)
    assert shift_of(clock) == timedelta(seconds=0.4, hours=-1)


class Ahead(LoopClock):
    """The clock of a process whose machine is some hours ahead."""

    def __init__(self, hours: float) -> None:
        self._hours = timedelta(hours=hours)

    def now(self) -> datetime:
        return super().now() + self._hours


async def test_two_processes_an_hour_apart(real_redis: RealRedis) -> None:
    """Agree on how old a copy is, on when a write has settled, and on what was abandoned."""
    real_redis.ask(b"FLUSHALL")
    inbox = mixed_world().upstreams()["home"].inbox
    logins = []
    for hours in (0, 1, -1):
        store = RedisStore(parse_store_url(real_redis.url))
        wait_for_stores(store)
        log = WriteLog(TIMES.of_log, lambda: random.randbytes(8))  # noqa: S311 - names
        link = LoginStore(store, "login", b"credential")
        logins.append(
            (SharedLogin(log, inbox, Ahead(hours), TIMES.keep, link), Ahead(hours), store)
        )
    (one, clock, _), *others = logins
    await one.pull()
    await asyncio.sleep(100)
    await one.push("read state", KeptReadState(AsItIs(), clock.now(), one.log.last, b"12345678"))
    begun = one.log.begin(clock.now())
    assert await one.begin(begun)
    await one.say(one.log.end(begun.token, WriteOutcome.CHANGED, clock.now()))
    await asyncio.sleep(1)
    for other, their_clock, _ in others:
        (found,) = await other.pull(Lookup("read state"))
        assert isinstance(found, KeptReadState)
        assert abs(their_clock.now() - found.at - timedelta(seconds=1)) < timedelta(seconds=0.1)
        assert other.log.is_settling(their_clock.now())
        assert not other.log.is_settling(their_clock.now() + timedelta(seconds=TIMES.settling))
    for login, _, store in logins:
        await login.aclose()
        await store.aclose()
