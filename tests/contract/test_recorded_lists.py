"""The sandbox's makes answer as the servers that they play were recorded to."""

import json
from pathlib import Path
from typing import Any

import httpx
import pytest
from support.worlds import World

Json = dict[str, Any]
TOKEN = "token-of-home"


def recorded_lists(recordings: Path, software: str) -> list[Json]:
    """The recorded lists of one mailbox, up to the first write, asked for with a good token."""
    path = recordings / "mastodon" / "recordings" / f"{software}-live.json"
    pairs: list[Json] = json.loads(path.read_text(encoding="utf-8"))
    lists = []
    for pair in pairs:
        asked = pair["request"]
        if asked["method"] == "POST" and "dismiss" in asked["path"]:
            break
        is_list = asked["method"] == "GET" and asked["path"].startswith("/api/v1/notifications?")
        headers = {name.lower(): value for name, value in asked["headers"].items()}
        is_plain = headers.get("authorization", "").endswith("<token alice>")
        if is_list and is_plain and "text/html" not in headers.get("accept", ""):
            lists.append(pair)
    return lists


@pytest.mark.parametrize("software", ["takahe", "snac"])
async def test_lists_as_recorded(recordings: Path, software: str) -> None:
    """Limits, bounds, filters and nonsense: the same status and the same rows in the same order."""
    pairs = recorded_lists(recordings, software)
    assert len(pairs) > 20
    found = {
        row["id"]: row
        for pair in pairs
        if isinstance(pair["response"].get("json"), list)
        for row in pair["response"]["json"]
    }
    world = World()
    sandbox = world.add_mastodon("home", software)
    sandbox.mailboxes[TOKEN].notifications = [
        found[key] for key in sorted(found, key=int, reverse=True)
    ]
    transport = httpx.ASGITransport(sandbox.app)
    async with httpx.AsyncClient(transport=transport, base_url="https://x.test") as client:
        for pair in pairs:
            path, recorded = pair["request"]["path"], pair["response"]
            answer = await client.get(path, headers={"authorization": f"Bearer {TOKEN}"})
            assert answer.status_code == recorded["status"], path
            if isinstance(recorded.get("json"), list):
                ids = [row["id"] for row in recorded["json"]]
                assert [row["id"] for row in answer.json()] == ids, path
                assert ("link" in answer.headers) == ("link" in dict(recorded["headers"])), path
