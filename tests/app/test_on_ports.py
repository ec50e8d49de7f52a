"""The sandbox's instances on ports of their own, as `tidings sandbox` serves them."""

import tomllib
from pathlib import Path

import httpx
import pytest
from starlette.types import ASGIApp
from support.virtual_time import LoopClock

from app.config.load import check_configuration
from app.demo.on_ports import build_sandbox, write_configuration
from app.main import build_app
from app.upstreams.http.over_httpx import TransportByHost

PORT = 8800
LIST = "{ notifications(first: 50) { nodes { url inbox { name } } sources { failure { code } } } }"


@pytest.fixture
async def sandbox() -> ASGIApp:
    """All instances, without a network."""
    return build_sandbox(LoopClock(), PORT, arrivals=False)


def client(sandbox: ASGIApp, port: int = PORT) -> httpx.AsyncClient:
    """Somebody who asks one port."""
    transport = httpx.ASGITransport(sandbox)
    return httpx.AsyncClient(transport=transport, base_url=f"http://127.0.0.1:{port}")


async def test_the_configuration_that_it_tells(sandbox: ASGIApp, tmp_path: Path) -> None:
    """Is a gateway's, which reads every instance; what they list is at their ports."""
    async with client(sandbox) as first:
        told = (await first.get("/")).text
    assert told == write_configuration(PORT)
    loaded = check_configuration(tomllib.loads(told), {}, "the sandbox", tmp_path, is_open=False)
    transport = TransportByHost({"127.0.0.1": httpx.ASGITransport(sandbox)})
    gateway = build_app(loaded.settings, LoopClock(), transport)
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(gateway), base_url="http://localhost:8000"
    ) as asking:
        page = (await asking.post("/graphql", json={"query": LIST})).json()["data"]["notifications"]
    assert {node["inbox"]["name"] for node in page["nodes"]} == {"social", "work", "wiki"}
    assert not any(source["failure"] for source in page["sources"])
    of_wiki = [node["url"] for node in page["nodes"] if node["inbox"]["name"] == "wiki"]
    assert all(url.startswith(f"http://127.0.0.1:{PORT + 3}/w") for url in of_wiki)


async def test_links_lead_to_the_port(sandbox: ASGIApp) -> None:
    """A client that follows `Link` comes back to the same instance."""
    async with client(sandbox, PORT + 1) as social:
        token = {"authorization": "Bearer sandbox-social"}
        page = await social.get("/api/v1/notifications", params={"limit": 2}, headers=token)
        below = await social.get(page.links["next"]["url"], headers=token)
    assert below.json()[0]["id"] < page.json()[-1]["id"]


async def test_something_happens_at_a_port(sandbox: ASGIApp) -> None:
    """When the first port is told so; not by a page of another origin, nor under another name."""
    asked = {"inbox": "social"}
    token = {"authorization": "Bearer sandbox-social"}
    async with client(sandbox) as first, client(sandbox, PORT + 1) as social:
        before = (await social.get("/api/v1/notifications", headers=token)).json()
        foreign = {"origin": "https://evil.example"}
        refused = await first.post("/sandbox/arrive", json=asked, headers=foreign)
        renamed = await first.post("/sandbox/arrive", json=asked, headers={"host": "evil.example"})
        assert (refused.status_code, renamed.status_code) == (403, 421)
        assert (await first.post("/sandbox/arrive", json=asked)).status_code == 200
        after = (await social.get("/api/v1/notifications", headers=token)).json()
    assert after[1] == before[0]


async def test_as_many_rows_as_wanted() -> None:
    """All instances together list about so many, each its share."""
    sandbox = build_sandbox(LoopClock(), PORT, arrivals=False, rows=44)
    token = {"authorization": "Bearer sandbox-social"}
    async with client(sandbox, PORT + 1) as social:
        listed = await social.get("/api/v1/notifications?limit=80", headers=token)
    assert len(listed.json()) == 23  # and one with a warning
