"""The shared store itself: a real Redis, and what becomes of requests when it is not well."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from support.cable import Cable
from support.debian import free_port
from support.real_redis import RealRedis
from support.servers import run_server
from support.virtual_time import wait_for_stores

from app.cache.shared.lease import LiveCopies, decode_lease, encode_lease, stamp_offset
from app.cache.shared.redis_store import PAUSE, RedisStore
from app.cache.shared.store import Put, Saying, StoreAway, UnderLease
from app.setting_types.store_url import StoreUrl, parse_store_url
from resolvers.seam.chunk import Scope

ECHO = "return ARGV[1]"


@asynccontextmanager
async def opened(
    url: StoreUrl, ca_file: Path | None = None, *, is_waited_for: bool = True
) -> AsyncIterator[RedisStore]:
    """A store, for as long as a test needs it; time stands still until it has answered."""
    store = RedisStore(url, ca_file)
    if is_waited_for:
        wait_for_stores(store)
    try:
        yield store
    finally:
        store.in_flight += 1  # time stands still for its closing too
        await store.aclose()


async def test_a_script_is_answered(real_redis: RealRedis) -> None:
    """By host and port, and by the file of a socket."""
    for url in (real_redis.url, f"unix://{real_redis.socket}?db=1"):
        async with opened(parse_store_url(url)) as store:
            assert await store.run(ECHO, [], [b"\x00\xff"]) == b"\x00\xff"
            assert store.counts["answered"] == 1


async def test_over_tls(real_redis: RealRedis) -> None:
    """`rediss://` with the authority of `upstream.ca_file`; without it the store is not trusted."""
    url = parse_store_url(f"rediss://127.0.0.1:{real_redis.tls_port}")
    async with opened(url, real_redis.ca_file) as store:
        await store.warn_if_away()
        assert await store.run(ECHO, [], ["x"]) == b"x"
    async with opened(url) as store:
        with pytest.raises(StoreAway):
            await store.run(ECHO, [], ["x"])


async def test_2000_at_once_are_answered(real_redis: RealRedis) -> None:
    """The time counts from the send: who waits for a connection is not late."""
    async with opened(parse_store_url(real_redis.url)) as store:
        answers = await asyncio.gather(*(store.run(ECHO, [], [n]) for n in range(2000)))
    assert [int(answer) for answer in answers] == [*range(2000)]


async def test_one_that_hangs_is_waited_for_twice() -> None:
    """50 ms each, then nobody waits."""

    async def hang(_: bytes, __: object) -> None:
        await asyncio.sleep(3600)

    async with (
        run_server(hang) as url,
        opened(parse_store_url(f"redis{url[4:]}"), is_waited_for=False) as store,
    ):
        for _ in range(50):
            with pytest.raises(StoreAway):
                await store.run(ECHO, [], ["x"])
        assert store.counts == {"slow": 2, "skipped": 48}


async def test_one_that_is_down_and_comes_back(real_redis: RealRedis) -> None:
    """It is used again a second after it was found to be away, when it is there again."""
    cable = Cable(real_redis.port)
    async with cable.laid(), opened(StoreUrl(port=cable.port)) as store:
        await store.run(ECHO, [], ["x"])
        cable.pull_out()
        for _ in range(10):
            with pytest.raises(StoreAway):
                await store.run(ECHO, [], ["x"])
        assert (store.counts["failed"], store.counts["skipped"]) == (2, 8)
        cable.plug_in()
        await asyncio.sleep(PAUSE)
        assert await store.run(ECHO, [], ["x"]) == b"x"


async def test_one_that_is_full(real_redis: RealRedis) -> None:
    """What it does not take is counted, and reading goes on."""
    async with opened(parse_store_url(real_redis.url)) as store:
        real_redis.ask(b"CONFIG SET maxmemory 1")
        try:
            for _ in range(5):
                with pytest.raises(StoreAway):
                    await store.run("return redis.call('SET', KEYS[1], 'x')", ["full"], [])
            assert store.counts["failed"] == 5 and not store.counts["skipped"]
            assert await store.run("return redis.call('GET', KEYS[1])", ["full"], []) is None
        finally:
            real_redis.ask(b"CONFIG SET maxmemory 0")


async def test_one_that_cannot_be_reached_at_the_start(capsys: pytest.CaptureFixture[str]) -> None:
    """A warning that names it without its password."""
    url = parse_store_url(f"redis://me:hunter2@127.0.0.1:{free_port()}/3")
    async with opened(url) as store:
        await store.warn_if_away()
    said = capsys.readouterr()
    assert "cannot be used" in said.out + said.err and "hunter2" not in said.out + said.err


async def test_a_copy_is_put_by_whoever_has_the_lease(real_redis: RealRedis) -> None:
    """And only over the copy that it follows from; what is live is then the new one."""
    real_redis.ask(b"FLUSHALL")
    ours, theirs = b"OURTOKEN", b"THEIRS__"
    live = {Scope(): b"STAMP--1"}
    wish = encode_lease(ours, LiveCopies(datetime.now(UTC), live))
    hour = timedelta(hours=1)
    async with opened(parse_store_url(real_redis.url)) as store:

        async def say(wanted: bytes) -> bytes:
            saying = Saying("log", (), [], b"opening", hour, lease="lease", wish=wanted)
            return (await store.exchange(saying._replace(lease_lasts=hour))).lease

        async def put(value: bytes, stamp: bytes, holder: bytes) -> Put:
            kept = UnderLease("copy", value, stamp, "lease", holder, stamp_offset(Scope()))
            return await store.put_under_lease(kept, hour, "log", hour)

        assert await put(b"STAMP--1 and a copy", b"", ours) is Put.LEASE_LOST
        assert await say(wish) == wish
        assert await say(encode_lease(theirs, LiveCopies())) == wish
        assert await put(b"STAMP--1 and a copy", b"", ours) is Put.DONE
        assert await put(b"STAMP--2 and another", b"STAMP--1", theirs) is Put.LEASE_LOST
        assert await put(b"STAMP--2 and another", b"STAMP--0", ours) is Put.REPLACED
        assert real_redis.ask(b"GET copy").splitlines()[1].startswith(b"STAMP--1")
        assert await put(b"STAMP--2 and another", b"STAMP--1", ours) is Put.DONE
        assert decode_lease(await say(b""))[1].stamps == {Scope(): b"STAMP--2"}
        await store.end_lease("lease", theirs)
        assert await say(b"") != b""
        await store.end_lease("lease", ours)
        assert await say(b"") == b""
