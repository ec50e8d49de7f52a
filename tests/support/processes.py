"""Several processes of one gateway, which share a store and nothing else."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace

from app.cache.shared.redis_store import RedisStore
from app.setting_types.store_url import StoreUrl
from resolvers.executing.execution import Api
from support.cable import Cable
from support.listening import LiveGateway
from support.real_redis import RealRedis
from support.virtual_time import wait_for_stores
from support.worlds import World


@asynccontextmanager
async def processes(
    world: World, redis: RealRedis, count: int = 2
) -> AsyncIterator[list[tuple[World, Cable]]]:
    """As many gateways over a world's instances, each with a cable to the store, which is empty."""
    redis.ask(b"FLUSHALL")
    async with AsyncExitStack() as stack:
        started = []
        for _ in range(count):
            cable = await stack.enter_async_context(Cable(redis.port).laid())
            cache = {**world.sections.get("cache", {}), "url": f"redis://127.0.0.1:{cable.port}"}
            process = replace(world, sections={**world.sections, "cache": cache})
            process.restart()
            await stack.enter_async_context(process.running())
            started.append((process, cable))
        yield started


@asynccontextmanager
async def live_processes(
    world: World, redis: RealRedis, api: Api | None = None, count: int = 2
) -> AsyncIterator[list[tuple[LiveGateway, Cable]]]:
    """The same for those who listen, without a transport between."""
    redis.ask(b"FLUSHALL")
    async with AsyncExitStack() as stack:
        started = []
        for _ in range(count):
            cable = await stack.enter_async_context(Cable(redis.port).laid())
            store = RedisStore(StoreUrl("127.0.0.1", cable.port))
            stack.push_async_callback(store.aclose)
            wait_for_stores(store)
            gateway = LiveGateway(world, api, store)
            stack.push_async_callback(gateway.logins.aclose)
            started.append((gateway, cable))
        yield started


def let_leases_end(redis: RealRedis) -> None:
    """The store has a clock of its own, for which hardly any time has passed."""
    for line in redis.ask(b"KEYS *:lease").splitlines():
        if line.startswith(b"tidings"):
            redis.ask(b"DEL " + line)


async def kill(gateway: LiveGateway) -> None:
    """Nothing of its stream goes on, and it says goodbye to nobody."""
    stream = gateway.upstreams["home"]._stream  # noqa: SLF001 - a process has no other end here
    gateway.upstreams["home"]._shared.lease.wish = b""  # noqa: SLF001
    await stream.aclose()
