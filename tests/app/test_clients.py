"""Keys, and those who try some."""

import asyncio

import httpx
import pytest
from support.keys import CLIENTS, READER, WRITER, bearer
from support.virtual_time import LoopClock
from support.worlds import World

from app.config.clients import ClientSettings
from app.web.clients import Clients, FailedKeys

QUERY = {"query": "{ __typename }"}
WRONG = bearer("x" * 43)


def make_clients() -> Clients:
    """The clients of the tests."""
    configured = [ClientSettings.model_validate(each) for each in CLIENTS]
    return Clients(configured, FailedKeys(LoopClock(), asyncio.sleep))


@pytest.mark.parametrize("header", [f"Bearer {READER}", f"bearer {READER}", f"BEARER   {READER} "])
def test_a_key_says_who_asks(header: str) -> None:
    """Its client; the scheme's name is in any case."""
    client = make_clients().find(header)
    assert client is not None and (client.name, client.may_write) == ("reader", False)


@pytest.mark.parametrize(
    "header",
    [
        "",
        "Bearer",
        "Bearer ",
        READER,
        f"Basic {READER}",
        f"Bearer {READER}x",
        f"Bearer {READER[:-1]}",
        f"Bearer {READER.upper()}",
        f"Bearer {READER} {WRITER}",
        f"Bearer {READER},{WRITER}",
        "Bearer " + "x" * 16_384,
        f"Bearer {CLIENTS[0]['key'].removeprefix('sha256:')}",
        "Bearer é",
        "Bearer ÿ",
    ],
)
def test_anything_else_is_nobody(header: str) -> None:
    """Also the hash that the configuration has."""
    assert make_clients().find(header) is None


def guarded_world() -> World:
    """A gateway without inboxes, for clients with keys."""
    world = World()
    world.sections = {"clients": CLIENTS}
    return world


async def ask(client: httpx.AsyncClient, headers: dict[str, str]) -> tuple[int, float]:
    """The status, and the seconds that it took."""
    began = asyncio.get_running_loop().time()
    response = await client.post("/graphql", json=QUERY, headers=headers)
    return response.status_code, asyncio.get_running_loop().time() - began


async def test_two_keys_at_once_are_none() -> None:
    """Nobody chooses between two headers."""
    client = guarded_world().client()
    headers = [("authorization", f"Bearer {key}") for key in (READER, WRITER)]
    response = await client.post("/graphql", json=QUERY, headers=headers)
    assert response.status_code == 401


async def test_wrong_keys_are_answered_one_a_second() -> None:
    """The first at once; a good one in between is not kept waiting."""
    client = guarded_world().client()
    assert await ask(client, WRONG) == (401, 0)
    failing = [asyncio.ensure_future(ask(client, WRONG)) for _ in range(3)]
    await asyncio.sleep(0.001)
    assert await ask(client, bearer(READER)) == (200, 0)
    assert [status for status, _ in await asyncio.gather(*failing)] == [401] * 3
    assert [round(seconds) for _, seconds in await asyncio.gather(*failing)] == [1, 2, 3]
    await asyncio.sleep(60)
    assert await ask(client, WRONG) == (401, 0)


async def test_no_key_at_all_is_told_at_once() -> None:
    """Who has not tried one is not slowed down."""
    client = guarded_world().client()
    for _ in range(20):
        assert await ask(client, {}) == (401, 0)


async def test_many_wrong_keys_are_not_even_looked_at() -> None:
    """Beyond ten that wait: 429, when to come back, and no word on the key."""
    world = guarded_world()
    client = world.client()
    failing = [asyncio.ensure_future(ask(client, WRONG)) for _ in range(30)]
    await asyncio.sleep(0.5)
    response = await client.post("/graphql", json=QUERY, headers=bearer(READER))
    assert response.status_code == 429
    assert response.json()["errors"][0]["extensions"] == {"code": "TOO_MANY_REQUESTS"}
    assert 10 <= int(response.headers["retry-after"]) <= 12
    statuses = [status for status, _ in await asyncio.gather(*failing)]
    assert statuses.count(401) <= 12 and statuses.count(429) >= 18
    await asyncio.sleep(12)
    assert await ask(client, bearer(READER)) == (200, 0)


@pytest.mark.parametrize(
    ("one", "other", "are_one"),
    [
        ("192.0.2.1", "192.0.2.2", False),
        ("2001:db8::1", "2001:db8::2:3", True),
        ("2001:db8::1", "2001:db8:0:1::1", False),
        ("192.0.2.1", "192.0.2.1", True),
    ],
)
async def test_addresses_do_not_slow_each_other(one: str, other: str, are_one: bool) -> None:
    """Each is counted for itself; of IPv6, what belongs to one network is one."""
    world = guarded_world()
    app = world.gateway()

    def come_from(address: str) -> httpx.AsyncClient:
        transport = httpx.ASGITransport(app, client=(address, 1))
        return httpx.AsyncClient(transport=transport, base_url="http://localhost:8000")

    await ask(come_from(one), WRONG)
    _, seconds = await ask(come_from(other), WRONG)
    assert (seconds > 0) is are_one


async def test_what_is_remembered_has_a_bound() -> None:
    """Ten thousand addresses; the oldest are forgotten."""
    failures = FailedKeys(LoopClock(), asyncio.sleep)
    for number in range(10_500):
        await failures.slow_down(f"address {number}")
    assert len(failures) == 10_000
