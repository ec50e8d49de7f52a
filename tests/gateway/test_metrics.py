"""What the metrics say is what happened, as the sandbox and the clients counted it."""

import asyncio
import hashlib
import json
from pathlib import Path

import pytest
from starlette.responses import Response
from support.metrics import MetricsPage
from support.worlds import Json, World

from app.observability.metrics import MOST_NAMES, Metrics

LIST = "query Inbox { notifications(first: 3) { nodes { id } } }"


def trusting(folder: Path, *texts: str) -> Json:
    """A section `documents` that trusts these."""
    manifest = {hashlib.sha256(text.encode()).hexdigest(): text for text in texts}
    file = folder / "manifest.json"
    file.write_text(json.dumps(manifest))
    return {"mode": "log", "manifest": str(file)}


@pytest.fixture
async def world(tmp_path: Path) -> World:
    """Two inboxes at Mastodon servers and one at a wiki, with a document that is trusted."""
    world = World(telemetry=Metrics())
    world.sections["documents"] = trusting(tmp_path, LIST)
    for name in ("home", "work"):
        world.add_mastodon(name)
        world.post(name, 1)
    world.add_wiki("wiki")
    world.edit("wiki", 2)
    return world


def page_of(world: World) -> MetricsPage:
    """What its gateway tells."""
    world.client()
    assert world.app is not None and isinstance(world.telemetry, Metrics)
    return MetricsPage(world.app, world.telemetry)


async def test_requests_to_instances(world: World) -> None:
    """As many as each instance was asked, whatever became of them."""
    page = page_of(world)
    await world.ask(LIST)
    world.instances["work"].is_down = True
    await asyncio.sleep(20)
    await world.ask(LIST)
    await asyncio.sleep(100)
    well, world.instances["home"].seconds = world.instances["home"].asked.total(), 60
    await world.ask(LIST)
    await asyncio.sleep(10)
    told = await page.scrape()
    total = "tidings_upstream_requests_total"
    for name in ("home", "wiki"):
        assert told.sum(total, inbox=name) == world.instances[name].asked.total()
        count = "tidings_upstream_request_duration_seconds_count"
        assert told.sum(count, inbox=name) == world.instances[name].asked.total()
    assert told.sum(total, inbox="work", outcome="unreachable") >= 2
    assert told.sum(total, inbox="home", outcome="timeout") == (
        world.instances["home"].asked.total() - well
    )
    assert told.sum("tidings_inbox_failing") == 2


@pytest.mark.parametrize(
    ("status", "outcome"),
    [(429, "rate_limited"), (503, "server_error"), (401, "client_error"), (404, "client_error")],
)
async def test_what_instances_answer(world: World, status: int, outcome: str) -> None:
    """Each kind of trouble is told apart."""
    page = page_of(world)
    world.instances["home"].replace(Response(status_code=status))
    await world.ask(LIST)
    told = await page.scrape()
    assert told.sum("tidings_upstream_requests_total", inbox="home", outcome=outcome) >= 1


async def test_operations(world: World) -> None:
    """By the names of trusted documents; all others count together."""
    page = page_of(world)
    await world.ask(LIST)
    await world.ask(LIST)
    await world.ask("query Mine { inboxes { name } }")
    await world.ask("{ nonsense }")
    await world.ask("{")
    world.instances["work"].is_down = True
    await world.ask("{ notifications(first: 4, filter: {unreadOnly: false}) { nodes { id } } }")
    await world.client().post("/graphql", content=b"nonsense")
    told = await page.scrape()
    total = "tidings_operations_total"
    assert told.sum(total, operation="Inbox", type="query", outcome="ok") == 2
    assert told.sum(total, operation="other", type="query", outcome="ok") >= 1
    assert told.sum(total, operation="other", type="unknown", outcome="refused") == 3
    assert told.sum(total) == 7 == told.sum("tidings_operation_duration_seconds_count")
    assert told.values(total, "operation") == {"Inbox", "other"}


async def test_names_are_bounded(tmp_path: Path) -> None:
    """Whatever many documents a manifest has."""
    world = World(telemetry=Metrics())
    texts = [f"query Q{number} {{ inboxes {{ name }} }}" for number in range(MOST_NAMES + 20)]
    world.sections["documents"] = trusting(tmp_path, *texts)
    world.add_mastodon("home")
    page = page_of(world)
    for text in texts:
        await world.ask(text)
    told = await page.scrape()
    assert len(told.values("tidings_operations_total", "operation")) == MOST_NAMES + 1
    assert told.sum("tidings_operations_total") == len(texts)


async def test_caches(world: World) -> None:
    """What was held, what had to be renewed, and what was not there."""
    page = page_of(world)
    await world.ask(LIST)
    first = await page.scrape()
    reads = first.sum("tidings_copies_total", result="missed")
    asked = sum(each.asked["/api/v1/notifications"] for each in world.instances.values())
    # the wiki's two lists too, of which it turns out to have one
    assert reads == asked + 2 == 6
    lists = reads - 1
    await world.ask("{ other: notifications(first: 3) { nodes { id } } }")
    await world.ask(LIST)
    await asyncio.sleep(20)
    await world.ask(LIST)
    told = await page.scrape()
    assert told.sum("tidings_copies_total", result="hit") == lists
    assert told.sum("tidings_copies_total", result="stale") == lists
    assert told.sum("tidings_copies_bytes") > 1000
    assert told.sum("tidings_answers_total", result="hit") == 1
    assert told.sum("tidings_answers_total", result="missed") == 3
    assert told.sum("tidings_answers_bytes") > 1000


async def test_an_inbox_with_two_lists(world: World) -> None:
    """Is one inbox, in the metrics and where health is told."""
    world.add_echo("wiki")
    page = page_of(world)
    await world.ask(LIST)
    told = await page.scrape()
    names = {table["name"] for table in world.tables}
    for metric in ("tidings_inbox_failing", "tidings_inbox_suspended", "tidings_inbox_streaming"):
        assert set(told.values(metric, "inbox")) == names
    health = (await world.client().get("/health/ready")).json()
    assert health["inboxes"]["working"] + health["inboxes"]["failing"] == len(names)


async def test_nothing_private(world: World) -> None:
    """No token, no ID, no cursor, no text of a document."""
    page = page_of(world)
    answer = await world.ask(
        "query Secret { notifications(first: 3) { nodes { id } pageInfo { endCursor } } }"
    )
    text = await page.text()
    data = answer["data"]["notifications"]
    for secret in (
        data["pageInfo"]["endCursor"],
        data["nodes"][0]["id"],
        "Secret",
        "token-of",
        "pageInfo",
    ):
        assert secret not in text
