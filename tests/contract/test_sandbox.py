"""The sandbox answers as the real servers do."""

import json
from pathlib import Path
from typing import Any

import httpx
import pytest
from support.real_wiki.server import RealWiki
from support.wiki_client import WikiClient
from support.worlds import World

Json = dict[str, Any]
AUTH = {"authorization": "Bearer token-of-home"}


def mastodon_client(world: World) -> httpx.AsyncClient:
    """Speaks with the sandbox as an app does."""
    transport = httpx.ASGITransport(world.mastodons["home"].app)
    return httpx.AsyncClient(transport=transport, base_url="https://home.mastodon.test")


def hundred_posts() -> World:
    """An inbox that no page holds whole."""
    world = World()
    world.add_mastodon("home")
    for second in range(100):
        world.post("home", second)
    return world


@pytest.mark.parametrize(
    ("limit", "count"), [(None, 40), ("0", 0), ("-5", 5), ("abc", 0), ("", 0), ("1000", 80)]
)
async def test_limits_as_mastodon_reads_them(limit: str | None, count: int) -> None:
    """Absent is 40, the sign does not count, 80 is the most, and what is no number is 0."""
    async with mastodon_client(hundred_posts()) as client:
        params = {} if limit is None else {"limit": limit}
        response = await client.get("/api/v1/notifications", params=params, headers=AUTH)
    assert len(response.json()) == count


async def test_links_as_mastodon_writes_them() -> None:
    """A page with rows has both links and keeps the filters; an empty page has no Link at all."""
    async with mastodon_client(hundred_posts()) as client:
        params = {"limit": "2", "types[]": "mention"}
        page = await client.get("/api/v1/notifications", params=params, headers=AUTH)
        rows = page.json()
        assert page.headers["link"] == (
            "<https://home.mastodon.test/api/v1/notifications?limit=2&types%5B%5D=mention"
            f'&max_id={rows[1]["id"]}>; rel="next", '
            "<https://home.mastodon.test/api/v1/notifications?limit=2&types%5B%5D=mention"
            f'&min_id={rows[0]["id"]}>; rel="prev"'
        )
        empty = await client.get("/api/v1/notifications?max_id=1", headers=AUTH)
    assert empty.json() == [] and "link" not in empty.headers


async def test_min_id_gives_the_nearest() -> None:
    """`min_id` gives the rows just above, newest first; `since_id` the newest of all."""
    world = hundred_posts()
    ids = [row["id"] for row in world.mastodons["home"].mailboxes["token-of-home"].notifications]
    async with mastodon_client(world) as client:
        above = await client.get(f"/api/v1/notifications?min_id={ids[50]}&limit=3", headers=AUTH)
        since = await client.get(f"/api/v1/notifications?since_id={ids[50]}&limit=3", headers=AUTH)
    assert [row["id"] for row in above.json()] == ids[47:50]
    assert [row["id"] for row in since.json()] == ids[:3]


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("types[]=mention", 40),
        ("types=follow", 40),
        ("types[]=nosuch", 0),
        ("exclude_types[]=mention", 0),
        ("account_id=1", 0),
        ("min_id=01G65Z755AFWAKHE12NY0CQ9FH", 40),
        ("max_id=abc", 0),
    ],
)
async def test_filters_as_mastodon_takes_them(query: str, count: int) -> None:
    """Types need their brackets, an unknown one matches nothing, odd IDs are read as numbers."""
    async with mastodon_client(hundred_posts()) as client:
        response = await client.get(f"/api/v1/notifications?{query}", headers=AUTH)
    assert len(response.json()) == count


async def test_refusals_as_mastodon_words_them() -> None:
    """Without a good token 401, for an unknown ID 404, past the budget 429, all as JSON."""
    async with mastodon_client(hundred_posts()) as client:
        refused = await client.get("/api/v1/notifications")
        missing = await client.get("/api/v1/notifications/404", headers=AUTH)
        for _ in range(300):
            limited = await client.get("/api/v1/notifications?limit=1", headers=AUTH)
    assert (refused.status_code, refused.json()) == (
        401,
        {"error": "The access token is invalid"},
    )
    assert (missing.status_code, missing.json()) == (404, {"error": "Record not found"})
    assert (limited.status_code, limited.json()) == (429, {"error": "Too many requests"})
    assert limited.headers["x-ratelimit-remaining"] == "0"
    assert limited.headers["x-ratelimit-reset"].endswith("Z")


async def test_entities_as_mastodon_was_recorded(recordings: Path) -> None:
    """A sandbox notification has no field that Mastodon 4.6.4 lacks, and of the same kinds."""
    path = recordings / "mastodon" / "recordings" / "one-per-type.json"
    every = json.loads(path.read_text(encoding="utf-8"))
    recorded = every["real Mastodon 4.6.4 (Mastodon.py cassettes)"]["mention"]
    world = hundred_posts()
    made = world.mastodons["home"].mailboxes["token-of-home"].notifications[0]
    assert unlike(made, recorded) == []


async def test_the_wiki_answers_as_a_real_one(each_wiki: RealWiki) -> None:
    """The same question has an answer of the same shape at the sandbox and at MediaWiki."""
    question = {
        "action": "query",
        "list": "watchlist",
        "wlallrev": "1",
        "wllimit": "2",
        "wlshow": "unread",
        "meta": "siteinfo|userinfo",
        "siprop": "general",
        "wlprop": "ids|title|flags|user|comment|parsedcomment|timestamp|sizes",
    }
    question["wlprop"] += "|notificationtimestamp|loginfo|tags"
    real = await WikiClient(each_wiki.api_url, "Alice@gw").call("GET", question)
    world = World()
    sandbox = world.add_wiki("wiki")
    for second in range(3):
        world.edit("wiki", second)
    made = await sandbox_call(sandbox.app, question)
    assert unlike(made, real) == []


async def sandbox_call(app: Any, question: dict[str, str]) -> Json:
    """The sandbox's answer to a question of somebody who is logged in."""
    from support.worlds import BOT_PASSWORD

    fixed = {"format": "json", "formatversion": "2"}
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="https://w.test") as client:
        ask = {"action": "query", "meta": "tokens", "type": "login", **fixed}
        token = (await client.get("/w/api.php", params=ask)).json()["query"]["tokens"]
        login = {"lgname": "Alice@gw", "lgpassword": BOT_PASSWORD, "lgtoken": token["logintoken"]}
        await client.post("/w/api.php", data={"action": "login", **login, **fixed})
        answer: Json = (await client.get("/w/api.php", params={**question, **fixed})).json()
    return answer


def unlike(made: Any, real: Any, path: str = "") -> list[str]:
    """Where `made` has a field that `real` lacks, or one of another kind."""
    if isinstance(made, dict) and isinstance(real, dict):
        return [
            difference
            for key, value in made.items()
            for difference in (
                unlike(value, real[key], f"{path}.{key}") if key in real else [f"{path}.{key}"]
            )
        ]
    if isinstance(made, list) and isinstance(real, list):
        return unlike(made[0], real[0], f"{path}[0]") if made and real else []
    is_alike = made is None or real is None or type(made) is type(real)
    return [] if is_alike else [f"{path}: {type(made).__name__} is not {type(real).__name__}"]
