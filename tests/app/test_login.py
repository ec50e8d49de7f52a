"""One login in two processes: what becomes of a turn to write."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from secrets import token_bytes

from support.caching import TIMES
from support.real_redis import RealRedis
from support.virtual_time import START, wait_for_stores
from support.worlds import mixed_world

from app.cache.kept import KeptReadState
from app.cache.shared.login import WRITE_LASTS, Lookup, SharedLogin
from app.cache.shared.login_store import LoginStore
from app.cache.shared.paging import SharedPaging
from app.cache.shared.redis_store import RedisStore
from app.cache.write_log import WriteLog, WriteOutcome
from app.setting_types.store_url import parse_store_url
from app.upstreams.http.rate_budget import Paged
from app.upstreams.mediawiki.read_state import AsItIs
from resolvers.seam.writes import Dismissal


class SetClock:
    """Shows what it is set to."""

    def __init__(self) -> None:
        self.time = START

    def now(self) -> datetime:
        return self.time

    def wall(self) -> datetime:
        return self.time


@asynccontextmanager
async def two_logins(redis: RealRedis, clock: SetClock) -> AsyncIterator[list[SharedLogin]]:
    """The same login in two processes."""
    redis.ask(b"FLUSHALL")
    inbox = mixed_world().upstreams()["home"].inbox
    stores = [RedisStore(parse_store_url(redis.url)) for _ in range(2)]
    wait_for_stores(*stores)
    for store in stores:
        store.read_time = lambda _: clock.now()
    yield [
        SharedLogin(
            WriteLog(TIMES.of_log, lambda: token_bytes(8)),
            inbox,
            clock,
            TIMES.keep,
            LoginStore(store, "login", b"credential"),
        )
        for store in stores
    ]
    for store in stores:
        await store.aclose()


async def begin(login: SharedLogin, clock: SetClock) -> bool:
    """Whether a write may begin, asked as often as it takes to know of all others."""
    entry = login.log.begin(clock.now())
    return await login.begin(entry) or await login.begin(entry)


async def test_a_write_whose_process_is_gone(real_redis: RealRedis) -> None:
    """It holds the others up for no longer than its lease, and ends as unknown."""
    clock = SetClock()
    async with two_logins(real_redis, clock) as (one, other):
        assert await begin(one, clock)
        assert not await begin(other, clock)
        clock.time += WRITE_LASTS + timedelta(seconds=1)
        await other.pull()
        assert other.log.is_settling(clock.now())
        assert await begin(other, clock)


async def test_of_writes_at_once_one_begins(real_redis: RealRedis) -> None:
    """However close they are: the log takes an entry only from who knows all that is in it."""
    clock = SetClock()
    for _ in range(20):
        async with two_logins(real_redis, clock) as logins:
            begun = await asyncio.gather(*(begin(login, clock) for login in logins))
            assert sum(begun) == 1


async def test_one_round_trip_for_each_operation(real_redis: RealRedis) -> None:
    """To begin, to say, and to look for values and news; once the time of the store is known."""
    real_redis.ask(b"FLUSHALL")
    store = RedisStore(parse_store_url(real_redis.url))
    wait_for_stores(store)
    inbox = mixed_world().upstreams()["home"].inbox
    log = WriteLog(TIMES.of_log, lambda: token_bytes(8))
    login = SharedLogin(
        log, inbox, SetClock(), TIMES.keep, LoginStore(store, "login", b"credential")
    )
    await login.pull()
    for number, doing in enumerate(
        (
            login.pull(Lookup("one"), Lookup("two"), Lookup("three")),
            login.begin(log.begin(START)),
            login.say(log.note(WriteOutcome.CHANGED, START)),
            login.push("read state", KeptReadState(AsItIs(), START, log.last, b"12345678")),
        ),
        3,
    ):
        await doing
        assert store.counts == {"answered": number}
    await store.aclose()


def test_a_copy_from_between_two_writes() -> None:
    """Where two are under way, as may be without the store, the end of one says not all."""
    log = WriteLog(TIMES.of_log, lambda: token_bytes(8))
    first, second = log.begin(START), log.begin(START)
    log.learn(first)
    under = log.last
    log.learn(second)
    log.learn(log.end(second.write, Dismissal(["a"]), START))
    assert not log.since(under).holds
    log.learn(log.end(first.write, Dismissal(["b"]), START))
    assert log.since(under).holds


async def test_pages_counted_ahead_of_the_store_s_clock(real_redis: RealRedis) -> None:
    """They hold nobody up: the store's clock was set back, or somebody else has put them there."""
    real_redis.ask(b"FLUSHALL")
    store = RedisStore(parse_store_url(real_redis.url))
    wait_for_stores(store)
    clock = SetClock()
    store.read_time = lambda _: clock.now()
    budget = SharedPaging(LoginStore(store, "login", b"credential"), clock)

    async def is_counted(name: str) -> bool:
        counted = await budget.count((), Paged(clock.now(), name), 1, timedelta(minutes=15))
        return counted is not None and counted.is_counted

    clock.time += timedelta(days=1)
    assert await is_counted("tomorrow")
    clock.time -= timedelta(days=1)
    assert await is_counted("today")
    assert not await is_counted("again")
    await store.aclose()
