"""A third platform keeps the contract, merges, pages and dismisses. See test_third_platform."""

from collections.abc import Sequence
from typing import Any

import httpx
import pytest
from contract.conftest import Subject
from contract.test_upstream import *  # noqa: F403 - the contract's tests, for the subjects below
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from support.virtual_time import LoopClock
from support.worlds import Instance, World, instant, nodes
from third_platform.forum import FORUM

from app.cache.kept import Copy
from app.cache.shared.codec import decode, encode
from app.config.settings import Settings
from app.platforms.platform import Instances, NewLogin
from app.upstreams.http.over_httpx import OverHttpx
from resolvers.seam.chunk import TOP, ChunkRequest

TABLE = {"name": "talk", "platform": "forum", "url": "https://talk.test", "token": "t"}


class Forum:
    """The server: replies by their numbers, which begin above what the contract calls nothing."""

    def __init__(self, count: int) -> None:
        self.items: list[dict[str, Any]] = []
        for _ in range(count):
            self.reply()
        self.app = Starlette(
            routes=[
                Route("/inbox", self._list),
                Route("/me", self._about),
                Route("/gone/{id:int}", self._take_away, methods=["POST"]),
                Route("/gone", self._take_away, methods=["POST"]),
            ]
        )

    def reply(self) -> None:
        """Something new."""
        number = self.items[0]["id"] + 1 if self.items else 1000
        at = instant(number - 1000).timestamp()
        self.items.insert(0, {"id": number, "at": at, "who": "uma", "what": f"thread {number}"})

    async def _list(self, request: Request) -> Response:
        start, count = request.query_params.get("from"), int(request.query_params["count"])
        if request.query_params.get("order") == "up":
            oldest_first = self.items[::-1]
            chosen = [each for each in oldest_first if each["id"] >= int(start or 0)]
        else:
            chosen = [each for each in self.items if each["id"] <= int(start or 10**15)]
        return JSONResponse(chosen[:count])

    async def _about(self, request: Request) -> Response:
        return JSONResponse({"name": "me", "site": "Talk", "version": "1.0"})

    async def _take_away(self, request: Request) -> Response:
        gone = request.path_params.get("id")
        self.items = [each for each in self.items if gone is not None and each["id"] != gone]
        return JSONResponse({})


def open_forum(count: int = 95) -> Subject:
    """An inbox with so many replies."""
    forum = Forum(count)
    (inbox,) = Settings.model_validate({"inboxes": [TABLE]}).inboxes
    instances = Instances(OverHttpx(httpx.ASGITransport(forum.app)), "test", 4)
    (upstream,) = FORUM.open(NewLogin(inbox, instances, LoopClock()))

    async def truth() -> Sequence[str]:
        return [f"{instant(each['id'] - 1000):%Y-%m-%dT%H:%M:%SZ}" for each in forum.items]

    async def arrive() -> None:
        forum.reply()

    async def leave() -> None:
        del forum.items[0]

    return Subject(upstream, truth, arrive, leave, "forum")


@pytest.fixture
def subject() -> Subject:
    """For the contract's tests."""
    return open_forum()


@pytest.fixture
def changing() -> Subject:
    """The same."""
    return open_forum()


def mixed_world() -> World:
    """A forum beside a Mastodon and a wiki, a thing a second in turn."""
    world = World()
    world.add_mastodon("home")
    world.add_wiki("wiki")
    for second in range(10):
        world.post("home", second)
        world.edit("wiki", second)
    world.instances["talk"] = Instance(Forum(10).app)
    world.tables.append(TABLE)
    return world


async def test_it_merges_and_pages() -> None:
    """Every row of all three once, newest first, by pages of seven and from a cursor on."""
    pages = await mixed_world().walk(first=7)
    seen = nodes(*pages)
    assert len({row["id"] for row in seen}) == len(seen) == 30
    assert [row["createdAt"] for row in seen] == sorted(
        (r["createdAt"] for r in seen), reverse=True
    )
    assert {row["inbox"]["name"] for row in seen} == {"home", "wiki", "talk"}


async def test_it_can_be_filtered() -> None:
    """By platform, by what it tells of, and by who did it."""
    world = mixed_world()
    rows = nodes(await world.page(first=20, filter={"platforms": ["FORUM"], "types": ["MENTION"]}))
    assert [row["summary"] for row in rows][:2] == [
        "uma replied in thread 1009",
        "uma replied in thread 1008",
    ]
    assert not nodes(await world.page(first=5, filter={"platforms": ["FORUM"], "types": ["POLL"]}))


async def test_one_is_found_and_dismissed() -> None:
    """By its ID, with a field of its own; then it is gone."""
    world = mixed_world()
    first = nodes(await world.page(first=1, filter={"platforms": ["FORUM"]}))[0]
    ask = "query($id: ID!) { node(id: $id) { ... on ForumNotification { thread actor { id } } } }"
    found = (await world.ask(ask, {"id": first["id"]}))["data"]["node"]
    assert found["thread"] == "thread 1009"
    actor = {"actorId": found["actor"]["id"]}
    assert len(nodes(await world.page(first=20, filter=actor))) == 10
    dismiss = """mutation($id: ID!) {
      dismissNotification(input: {notificationId: $id}) { dismissedNotificationIds } }"""
    done = await world.ask(dismiss, {"id": first["id"]})
    assert done["data"]["dismissNotification"]["dismissedNotificationIds"] == [first["id"]], done
    assert len(nodes(await world.page(first=20, filter={"platforms": ["FORUM"]}))) == 9


async def test_processes_share_its_copies() -> None:
    """A row comes back from bytes as it was."""
    upstream = open_forum(5).upstream
    chunk = await upstream.read(ChunkRequest(TOP, 5))
    back = decode(encode(Copy(chunk, b"token")), upstream.inbox)
    assert list(back.chunk.rows) == list(chunk.rows)


def test_its_own_times_stay_where_another_is_set() -> None:
    """`[cache.forum] stale` leaves its `fresh` as the platform has it."""
    cache = Settings.model_validate({"cache": {"forum": {"stale": 90}}}).cache
    assert cache.ages_for("forum") == (45, 90, cache.keep)
    assert cache.ages_for("mastodon") == (cache.fresh, cache.stale, cache.keep)
