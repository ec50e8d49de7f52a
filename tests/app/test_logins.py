"""Logins whose credential came with a request: so many, and nothing of those that are forgotten."""

import asyncio
import gc
import weakref
from contextlib import suppress

import pytest
from pydantic import SecretStr
from support.worlds import World

from app.cache.copies.cached import CachedUpstream
from app.logins import Logins
from resolvers.errors import Overloaded, UpstreamError
from resolvers.seam.chunk import PENDING, TOP, ChunkRequest


def open_world(logins: int, **cache: object) -> World:
    """An inbox of whoever brings a credential."""
    world = World()
    world.add_mastodon("home").allowed_requests = 100_000
    world.bring_credentials("home", *(f"token-{number}" for number in range(200)))
    world.sections = {"cache": {"logins": logins, **cache}}
    return world


async def use(logins: Logins, number: int) -> weakref.ref[object]:
    """Reads as one of many; what speaks for the login, as long as anybody holds it."""
    upstreams = await logins.of_caller(None, {"home": SecretStr(f"token-{number}")})
    await upstreams["home"].read(ChunkRequest(TOP, 40))
    return weakref.ref(upstreams["home"])


async def test_the_least_used_are_forgotten() -> None:
    """200 credentials in a row leave 10 logins and the newest, and the copies of these alone."""
    world = open_world(10)
    logins = world.logins()
    used = [await use(logins, number) for number in range(200)]
    gc.collect()
    assert [each() is not None for each in used] == [False] * 189 + [True] * 11
    asked = world.list_requests()
    for number in range(200):
        await use(logins, number % 189)
    assert world.list_requests() == asked + 200


async def test_one_that_is_used_is_kept() -> None:
    """Each use counts, and the same credential finds the same login: it is asked once."""
    world = open_world(2)
    logins = world.logins()
    for number in range(1, 6):
        await use(logins, 0)
        await use(logins, number)
    assert world.list_requests() == 6


async def test_one_under_way_is_found_again() -> None:
    """Two objects for one login would not know of each other's writes."""
    logins = open_world(1).logins()
    held = await logins.of_caller(None, {"home": SecretStr("token-0")})
    await use(logins, 1)
    again = await logins.of_caller(None, {"home": SecretStr("token-0")})
    assert held["home"] is again["home"]


async def test_nothing_is_kept_longer_than_copies_are() -> None:
    """A login that was not used for so long is forgotten when the next one comes."""
    logins = open_world(100, fresh=1, stale=2, keep=60).logins()
    first = await use(logins, 0)
    await asyncio.sleep(61)
    await use(logins, 1)
    gc.collect()
    assert first() is None


@pytest.mark.parametrize("visible", [None, frozenset({"home"})])
async def test_without_a_credential_there_is_no_inbox(visible: frozenset[str] | None) -> None:
    """It belongs to whoever brings one."""
    logins = open_world(1).logins()
    assert await logins.of_caller(visible, {}) == {}


async def test_one_that_is_forgotten_while_it_reads() -> None:
    """What its read brings is not shown as new to the same login, opened again."""
    world = open_world(1)
    for second in range(2):
        world.post("home", second, token="token-0")
    logins, instance = world.logins(), world.instances["home"]
    held = await logins.of_caller(None, {"home": SecretStr("token-0")})
    instance.delays_answers = 3
    reading = asyncio.create_task(held["home"].read(ChunkRequest(TOP, 40)))
    await asyncio.sleep(1)
    instance.delays_answers = 0
    gone = world.mastodons["home"].mailboxes["token-0"].notifications[0]["id"]
    await held["home"].dismiss(gone)
    await use(logins, 1)
    del held
    await reading
    del reading
    gc.collect()
    again = await logins.of_caller(None, {"home": SecretStr("token-0")})
    assert len((await again["home"].read(ChunkRequest(TOP, 40))).rows) == 1


async def test_tokens_at_random_push_out_nobody_elses() -> None:
    """One who brings thousands loses its own, and first those that no instance ever accepted."""
    world = open_world(20)
    logins = world.logins()

    async def bring(client: str, token: str) -> None:
        upstreams = await logins.of_caller(None, {"home": SecretStr(token)}, client)
        with suppress(UpstreamError):
            await upstreams["home"].read(ChunkRequest(TOP, 40))

    for number in range(5):
        await bring("other", f"token-{number}")
    for number in range(5, 8):
        await bring("flood", f"token-{number}")
    for number in range(300):
        await bring("flood", f"nonsense-{number}")
    asked = world.list_requests()
    for number in range(8):
        await bring("other" if number < 5 else "flood", f"token-{number}")
    assert world.list_requests() == asked


async def test_of_clients_with_as_many_the_one_used_last_keeps_its_own() -> None:
    """Who came first is not who loses."""
    world = open_world(3)
    logins = world.logins()

    async def bring(client: str, number: int) -> None:
        token = {"home": SecretStr(f"token-{number}")}
        await (await logins.of_caller(None, token, client))["home"].read(ChunkRequest(TOP, 40))

    for number, client in enumerate(["a", "b", "c"]):
        await bring(client, number)
    for number in range(3, 6):
        await bring("a", 0)
        await bring(f"d{number}", number)
        await bring("a", 0)
        await bring(f"d{number}", number)
    asked = world.list_requests()
    await bring("a", 0)
    assert world.list_requests() == asked


async def test_a_login_with_subscribers_stays() -> None:
    """Others come and go beside it; where all have subscribers, no other may have any."""
    world = open_world(3)
    logins = world.logins()
    watches = []

    async def watch(number: int) -> None:
        upstreams = await logins.of_caller(None, {"home": SecretStr(f"token-{number}")})
        upstream = upstreams["home"]
        assert isinstance(upstream, CachedUpstream)
        watches.append(upstream.watch(PENDING, lambda: None))

    await watch(0)
    await asyncio.sleep(1)
    for number in range(1, 20):
        await use(logins, number)
    asked = world.list_requests()
    await use(logins, 0)
    assert world.list_requests() == asked
    await watch(1)
    await watch(2)
    with pytest.raises(Overloaded):
        await watch(3)
    await watch(1)
    watches[0].close()
    await watch(3)
    for each in watches[1:]:
        each.close()
    await logins.aclose()
