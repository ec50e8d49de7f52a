"""What the log says of operations, and what it never says."""

import asyncio
import re
from collections.abc import Mapping
from hashlib import sha256

import httpx
import pytest
from structlog.testing import capture_logs
from support.keys import CLIENTS, READER, bearer
from support.worlds import World

from app.observability.log_lines import LogLines

LIST = "query Inbox($n: Int) { notifications(first: $n) { nodes { id } } }"


@pytest.fixture
async def world() -> World:
    """Two inboxes, three clients."""
    world = World(sections={"clients": CLIENTS}, telemetry=LogLines())
    for name in ("home", "work"):
        world.add_mastodon(name)
        world.post(name, 1, "private words")
    return world


async def ask(world: World, headers: Mapping[str, str] = {}) -> httpx.Response:
    """The response to the query."""
    body = {"query": LIST, "variables": {"n": 7}}
    return await world.client().post("/graphql", json=body, headers={**bearer(READER), **headers})


async def test_an_operation(world: World) -> None:
    """One line, with all that an operator may know."""
    with capture_logs() as logs:
        response = await ask(world)
    (line,) = logs
    assert 0 <= line.pop("ms") < 5000
    assert line == {
        "event": "operation",
        "log_level": "info",
        "kind": "query",
        "outcome": "ok",
        "name": "Inbox",
        "sha256": sha256(LIST.encode()).hexdigest(),
        "client": "reader",
        "request_id": response.headers["x-request-id"],
    }


async def test_trouble_with_an_instance(world: World) -> None:
    """A line for each request that went wrong, and the operation's outcome."""
    world.instances["work"].is_down = True
    with capture_logs() as logs:
        await ask(world)
    failed = [each for each in logs if each["event"] == "instance failed"]
    assert failed and all(each["log_level"] == "warning" for each in failed)
    assert {(each["inbox"], each["outcome"]) for each in failed} == {("work", "unreachable")}
    assert logs[-1]["outcome"] == "partial"


@pytest.mark.parametrize(
    ("given", "is_taken"),
    [
        ("f1e2-d3.c4_B5", True),
        ("a" * 128, True),
        ("a" * 129, False),
        ("evil id", False),
        ("{}", False),
        ("", False),
    ],
)
async def test_request_ids(world: World, given: str, is_taken: bool) -> None:
    """One that a caller brought goes back and into the log, if nothing is wrong with it."""
    with capture_logs() as logs:
        response = await ask(world, {"x-request-id": given})
    sent = response.headers["x-request-id"]
    assert (sent == given) is is_taken
    assert is_taken or re.fullmatch("[0-9a-f]{16}", sent)
    assert logs[-1]["request_id"] == sent


async def test_a_refusal_has_an_id_too(world: World) -> None:
    """Whoever is turned away can name it."""
    with capture_logs() as logs:
        response = await world.client().post("/graphql", json={"query": LIST})
    assert (response.status_code, logs[-1]["outcome"]) == (401, "refused")
    assert logs[-1]["request_id"] == response.headers["x-request-id"]
    assert "client" not in logs[-1] and "sha256" not in logs[-1]


async def test_what_no_line_has(world: World) -> None:
    """No key, no token, no variable, no content, no ID and no cursor."""
    world.instances["work"].is_down = True
    with capture_logs() as logs:
        response = await ask(world)
        await asyncio.sleep(20)
        await ask(world)
    written = str(logs)
    (row,) = response.json()["data"]["notifications"]["nodes"]
    for secret in (READER, "token-of", "private words", row["id"], "'n'", "notifications(first"):
        assert secret not in written
