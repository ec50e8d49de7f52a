"""Values in the shared store: what a login wrote, bent in every place, and what others have put."""

import asyncio
import random
from collections import Counter
from typing import Any

import msgspec
import redis as sync_redis
from support.caching import TIMES
from support.generated import rounds
from support.real_redis import RealRedis
from support.virtual_time import START, LoopClock, VirtualTimeLoop, wait_for_stores
from support.worlds import mixed_world

from app.cache.kept import Copy, KeptReadState
from app.cache.shared.codec import FINGERPRINT, encode
from app.cache.shared.login import Lookup, SharedLogin
from app.cache.shared.login_store import FORMAT, LoginStore
from app.cache.shared.paging import SharedPaging
from app.cache.shared.redis_store import RedisStore
from app.cache.shared.sealing import Seal
from app.cache.shared.session import SharedSession
from app.cache.write_log import LogEntry, WriteLog, WriteOutcome
from app.setting_types.store_url import parse_store_url
from app.upstreams.http.rate_budget import Paged
from app.upstreams.mediawiki.read_state import AsItIs
from app.upstreams.session_share import KeptSession
from resolvers.errors import UpstreamError, UpstreamFailureCode
from resolvers.seam.chunk import TOP, ChunkRequest
from resolvers.seam.writes import Dismissal

PREFIX = f"tidings:{FORMAT}:{{login}}:"
ODD: list[Any] = [
    None,
    -1,
    2**40,
    "",
    "x",
    b"",
    b"\xff",
    [],
    [0],
    [-3, 99],
    [99, 1],
    1.5,
    START,
    True,
]


def bend(value: Any, chance: random.Random) -> Any:
    """A flat value with something odd in one of its places."""
    if isinstance(value, list) and value and chance.random() < 0.85:
        at = chance.randrange(len(value))
        return [*value[:at], bend(value[at], chance), *value[at + 1 :]]
    return chance.choice(ODD)


class Writer:
    """Puts values under a login's names, as another process or somebody else might."""

    def __init__(self, redis: RealRedis, chance: random.Random, copy: Copy) -> None:
        url = parse_store_url(redis.url)
        self._redis = sync_redis.Redis(host=url.host, port=url.port)
        self._chance = chance
        self.sealed = 0
        self._seal = Seal(b"credential")
        token = chance.randbytes(8)
        self._values: dict[str, list[object]] = {
            "log": [
                LogEntry(token, START, WriteOutcome.BEGUN, token),
                LogEntry(chance.randbytes(8), START, Dismissal(["a"]), token),
                LogEntry(chance.randbytes(8), START, WriteOutcome.CHANGED, token),
            ],
            "chunk": [copy],
            "read state": [KeptReadState(AsItIs(), START, token)],
            "session": [
                KeptSession(cookies=[("a", "b", "c", "/")]),
                KeptSession(failure=UpstreamError(UpstreamFailureCode.RATE_LIMITED, "y", START)),
            ],
        }

    def put(self) -> None:
        """One value or entry, or what is none at all."""
        chance, name = self._chance, self._chance.choice([*self._values, "log", "paged"])
        key = PREFIX + name
        if chance.random() < 0.03:
            self._redis.delete(key)
            put: Any = chance.choice([self._redis.set, self._redis.rpush])
            put(key, chance.randbytes(9))
            return
        if name == "paged":
            score = chance.choice([0.0, 1e12, float("inf"), -1e300])
            self._into(key, lambda: self._redis.zadd(key, {chance.randbytes(4): score}))
            return
        value = self._make(name)
        if name == "log":
            field = {b"e": value} if chance.random() < 0.95 else {b"e": value, b"f": b"x"}
            self._into(key, lambda: self._redis.xadd(key, field, maxlen=20))  # type: ignore[arg-type] # bytes are fine
        else:
            self._redis.delete(key)
            self._redis.set(key, chance.randbytes(8) + value)

    def _into(self, key: str, add: Any) -> None:
        try:
            add()
        except sync_redis.ResponseError:  # something else stands there
            self._redis.delete(key)
            add()

    def _make(self, name: str) -> bytes:
        chance = self._chance
        plain = encode(chance.choice(self._values[name]))
        if chance.random() < 0.5:
            flat = msgspec.msgpack.decode(plain[len(FINGERPRINT) :])
            plain = FINGERPRINT + msgspec.msgpack.encode(bend(flat, chance))
        sealed = self._seal.close(plain, PREFIX + name)
        if chance.random() < 0.1:
            at = chance.randrange(len(sealed))
            return sealed[:at] + chance.randbytes(1) + sealed[at + 1 :]
        self.sealed += 1
        return sealed


async def read_all(redis: RealRedis, count: int, seed: int) -> Counter[str]:
    """What became of so many values, each followed by whatever a process may ask."""
    redis.ask(b"FLUSHALL")
    chance = random.Random(seed)  # noqa: S311 - a seed
    upstream = mixed_world().upstreams()["home"]
    chunk = await upstream.read(ChunkRequest(TOP, 2))
    writer = Writer(redis, chance, Copy(chunk, b"12345678"))
    store = RedisStore(parse_store_url(redis.url))
    wait_for_stores(store)
    own, told = LoginStore(store, "login", b"credential"), Counter[str]()
    for number in range(count):
        if number % 200 == 0:
            log = WriteLog(TIMES.of_log, lambda: chance.randbytes(8))
            login = SharedLogin(log, upstream.inbox, LoopClock(), TIMES.keep, own)
            budget = SharedPaging(own, LoopClock())
            session = SharedSession(own, lambda: chance.randbytes(8))
        writer.put()
        found = await login.pull(Lookup("chunk"), Lookup("read state"))
        for value in found:
            assert value is None or value.at <= LoopClock().now()
        if number % 10 == 0:
            entry = log.begin(LoopClock().now())
            if await login.begin(entry):
                await login.say(log.end(entry.token, WriteOutcome.CHANGED, LoopClock().now()))
            await budget.count((), Paged(LoopClock().now(), str(number)), 300, TIMES.of_log.keep)
            await session.find_or_claim(b"")
        log.is_settling(LoopClock().now())
        log.since(b"12345678")
        await asyncio.sleep(0.01)
    told["opened"], told["not ours"] = writer.sealed, count - writer.sealed
    await login.aclose()
    await store.aclose()
    return told


def test_values_in_the_store(real_redis: RealRedis) -> None:
    """Whatever stands there, what is found is a value that keeps its promises, or nothing."""
    with asyncio.Runner(loop_factory=VirtualTimeLoop) as runner:
        told = runner.run(read_all(real_redis, rounds(100_000), 19))
    assert told["opened"] > told.total() / 2, told
