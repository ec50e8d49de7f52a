"""More operations at once than are let in."""

import asyncio
from collections.abc import AsyncIterator

from support.worlds import PAGE, World


async def test_one_operation_too_many() -> None:
    """It gets 503 and when to try again; the others go on, and then there is room."""
    world = World()
    world.add_mastodon("home")
    world.sections = {"server": {"operations": 3}}
    world.instances["home"].seconds = 1
    client = world.client()
    asked = [client.post("/graphql", json={"query": f"{PAGE} # {n}"}) for n in range(5)]
    responses = await asyncio.gather(*asked)
    assert sorted(response.status_code for response in responses) == [200, 200, 200, 503, 503]
    (refused, _) = (response for response in responses if response.status_code == 503)
    assert refused.json()["errors"][0]["extensions"] == {"code": "OVERLOADED"}
    assert refused.headers["retry-after"] == "1"
    assert (await client.post("/graphql", json={"query": PAGE})).status_code == 200


async def test_a_slow_body_takes_no_place() -> None:
    """Only what is executed counts, so that slow clients do not keep others out."""
    world = World()
    world.sections = {"server": {"operations": 1}}
    client = world.client()
    sending = asyncio.Event()

    async def slow_body() -> AsyncIterator[bytes]:
        yield b'{"query": '
        await sending.wait()
        yield b'"{ __typename }"}'

    headers = {"content-type": "application/json"}
    slow = asyncio.ensure_future(client.post("/graphql", content=slow_body(), headers=headers))
    await asyncio.sleep(1)
    assert (await client.post("/graphql", json={"query": "{ __typename }"})).status_code == 200
    sending.set()
    assert (await slow).status_code == 200
