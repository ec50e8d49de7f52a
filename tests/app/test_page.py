"""The page at `/`."""

import json
import re
from hashlib import sha256
from pathlib import Path

import httpx
import pytest
from support.worlds import World

from app.page.page import FILES, page_documents
from app.setting_types.keys import digest_key

LARGEST_PAGE = 30
INBOX = "SW5ib3g6aG9tZQ"


def world_with(**server: object) -> World:
    """A gateway with two inboxes, and something in them."""
    world = World()
    world.sections = {"server": server}
    world.add_mastodon("home")
    world.add_wiki("wiki")
    world.post("home", 1)
    world.edit("wiki", 2)
    return world


async def page(world: World) -> httpx.Response:
    """What is at `/`."""
    return await world.client().get("/")


def documents() -> dict[str, str]:
    """What the page asks, by the operations' names."""
    named = {}
    for text in page_documents().values():
        match = re.match(r"(?:query|mutation|subscription) (\w+)", text)
        assert match
        named[match[1]] = text
    return named


async def test_the_policy() -> None:
    """Scripts come from us alone, none stands in the page, and no markup is set unseen."""
    response = await page(world_with())
    policy = response.headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; script-src 'self'; style-src 'self';")
    assert "unsafe" not in policy and "http" not in policy
    assert "require-trusted-types-for 'script'" in policy and "frame-ancestors 'none'" in policy
    assert not re.search(r"<script(?![^>]* src=)|<style| style=| on\w+=", response.text)


async def test_everything_it_loads_is_there() -> None:
    """By addresses that hold behind a proxy with a path too; small ones, which browsers keep."""
    world = world_with()
    named = re.findall(r'(?:src|href)="\./([^"]+)"', (await page(world)).text)
    assert len(named) == 3  # a script, a style sheet, an icon
    for name in named:
        response = await world.client().get(f"/{name}")
        assert response.status_code == 200 and response.headers["content-encoding"] == "gzip"
        if name.startswith("page/"):
            assert "immutable" in response.headers["cache-control"]


async def test_without_compression() -> None:
    """Who takes no gzip gets the bytes as they are."""
    response = await world_with().client().get("/", headers={"accept-encoding": "identity"})
    assert response.content == (FILES / "index.html").read_bytes()


async def test_pictures_are_a_setting() -> None:
    """Left out, the browser asks no instance for anything; else by https alone."""
    without = await page(world_with())
    assert "img-src 'self';" in without.headers["content-security-policy"]
    assert 'name="tidings-images" content="off"' in without.text
    with_them = await page(world_with(page_images=True))
    assert "img-src 'self' https:;" in with_them.headers["content-security-policy"]
    assert 'name="tidings-images" content="on"' in with_them.text


async def test_it_can_be_switched_off() -> None:
    """Then the root leads to the API, and nothing of the page is there."""
    world = world_with(page=False)
    response = await page(world)
    assert response.headers["location"] == "/graphql"
    assert (await world.client().get("/icon.svg")).status_code == 404


def test_the_manifest_names_documents_by_their_hash() -> None:
    """As the draft of trusted documents has it: SHA-256, in hexadecimal."""
    for hashed, text in page_documents().items():
        assert sha256(text.encode()).hexdigest() == hashed


async def test_it_works_where_only_trusted_documents_are_executed(tmp_path: Path) -> None:
    """What it asks ships with it; without the page it is as foreign as all else."""
    manifest = tmp_path / "manifest.json"
    manifest.write_text(json.dumps({"0" * 64: "{ inboxes { name } }"}))
    asked = documents()["Inboxes"]
    for has_page in (True, False):
        world = world_with(page=has_page, introspection=False)
        world.sections["documents"] = {"mode": "enforce", "manifest": str(manifest)}
        answer = await world.ask(asked)
        assert ("data" in answer) is has_page, answer


VARIABLES: dict[str, dict[str, object]] = {
    "Groups": {"first": LARGEST_PAGE},
    "Rows": {"ids": [INBOX] * 100},
    "Details": {"ids": [INBOX] * 20},
    "HowMany": {"id": INBOX},
    "Dismiss": {"ids": [INBOX]},
    "MarkRead": {"id": INBOX},
    "SetUnseen": {"inboxId": INBOX, "id": INBOX, "from": {"nothing": True}},
    "Answer": {"id": INBOX, "answer": "ACCEPT"},
    "Clear": {"id": INBOX},
}


@pytest.mark.parametrize("name", [each for each in documents() if each != "Events"])
async def test_what_it_asks_is_within_the_limits(name: str) -> None:
    """With as much as the page ever asks for at once, and the limits as they come."""
    answer = await world_with().ask(documents()[name], VARIABLES.get(name, {}))
    assert "errors" not in answer or answer["errors"][0]["extensions"]["code"] == "NOT_FOUND"


async def test_a_reader_is_told_that_nothing_can_be_changed() -> None:
    """By what the inboxes can do: the page offers nothing that fails."""
    world = world_with()
    world.sections["clients"] = [{"name": "me", "key": f"sha256:{digest_key('k' * 40).hex()}"}]
    text = "{ inboxes { capabilities { canDismiss canClear canMarkRead canCountUnread } } }"
    answer = await world.ask(text, headers={"authorization": "Bearer " + "k" * 40})
    home = answer["data"]["inboxes"][0]["capabilities"]
    assert home == {
        "canDismiss": False,
        "canClear": False,
        "canMarkRead": False,
        "canCountUnread": True,
    }
