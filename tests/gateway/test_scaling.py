"""What docs/scaling.md reckons with, as it is counted here."""

import gc
import re
import tracemalloc
from pathlib import Path

from pydantic import SecretStr
from support.processes import processes
from support.real_redis import RealRedis
from support.worlds import World

TEXT = (Path(__file__).parents[2] / "docs" / "scaling.md").read_text(encoding="utf-8")
PAGE = "{ notifications(first: 40) { nodes { id } } }"


def documented(what: str) -> float:
    """A number of the table of what things cost."""
    found = re.search(rf"^\| {re.escape(what)} \| ([\d.]+) ", TEXT, re.MULTILINE)
    assert found is not None, what
    return float(found[1])


def sent_to(redis: RealRedis) -> tuple[int, int]:
    """Commands that a Redis has executed by itself, and the bytes that went in and out."""
    commands = re.search(rb"total_commands_processed:(\d+)", redis.ask(b"INFO stats"))
    told = redis.ask(b"INFO stats")
    into = re.search(rb"total_net_input_bytes:(\d+)", told)
    out = re.search(rb"total_net_output_bytes:(\d+)", told)
    assert commands is not None and into is not None and out is not None
    return int(commands[1]), int(into[1]) + int(out[1])


async def test_what_an_exchange_with_the_store_costs(real_redis: RealRedis) -> None:
    """One round trip for each inbox of a page that this process holds, of about 3 KB."""
    world = World()
    world.add_mastodon("home")
    for second in range(50):
        world.post("home", second)
    async with processes(world, real_redis, 1) as [(one, _)]:
        await one.ask(PAGE)
        assert one.app is not None and one.app.lasting.store is not None
        counts = one.app.lasting.store.counts
        before, (_, bytes_before) = counts["answered"], sent_to(real_redis)
        for number in range(20):
            await one.ask(PAGE.replace("40", str(20 + number)))
        asked = (counts["answered"] - before) / 20
        went = (sent_to(real_redis)[1] - bytes_before) / 20
    assert asked == documented("Redis, a warm query")
    assert went <= documented("Redis, the bytes of that") * 1000
    assert went >= documented("Redis, the bytes of that") * 500


async def test_what_a_login_takes() -> None:
    """Of a user's own token: its page of 40 posts, and all that belongs to it."""
    world = World(sections={"cache": {"logins": 10_000, "memory": 1024**3}})
    world.add_mastodon("home").allowed_requests = 10**9
    world.bring_credentials("home", *(f"t-{number}" for number in range(80)))
    for number in range(80):
        for second in range(40):
            world.post("home", second, "a post of some words " * 10, token=f"t-{number}")
    logins = world.logins()
    from resolvers.seam.chunk import TOP, ChunkRequest

    async def use(number: int) -> None:
        credentials = {"home": SecretStr(f"t-{number}")}
        found = await logins.of_caller(None, credentials)
        await found["home"].read(ChunkRequest(TOP, 40))

    for number in range(20):
        await use(number)
    gc.collect()
    tracemalloc.start()
    for number in range(20, 80):
        await use(number)
    gc.collect()
    taken = tracemalloc.get_traced_memory()[0] / 60 / 1000
    tracemalloc.stop()
    assert documented("memory, a login with a page of 40") * 0.5 <= taken
    assert taken <= documented("memory, a login with a page of 40")
