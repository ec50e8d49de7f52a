"""The configuration is replaced while the gateway runs, over sockets."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest
from conftest import REAL_TIME
from support.keys import CLIENTS, HOME_ONLY, READER, bearer
from support.listening import LIVE
from support.live_server import LiveServer, ask, begin, closed_with, listen, receive, send, serve
from support.worlds import Json, World

NAMES = "{ inboxes { name } notifications(first: 9) { nodes { summary } } }"
RENEW = "{ notifications(first: 20) { sources { freshness } } }"


@pytest.fixture
def anyio_backend() -> object:
    """A socket needs real time."""
    return REAL_TIME


@asynccontextmanager
async def serving(*clients: Json) -> AsyncIterator[LiveServer]:
    """A gateway that has the inbox `home` of two, `home` and `work`, with a post in each."""
    world = World(sections={"clients": list(clients)}, left_out={"work"})
    for name in ("home", "work"):
        world.add_mastodon(name)
        world.post(name, 1, f"first at {name}")
    async with serve(world) as live:
        yield live


async def events_until(socket: Any, kind: str, count: int = 1) -> list[Json]:
    """All events up to the last of so many of one type."""
    events: list[Json] = []
    while sum(each["__typename"] == kind for each in events) < count:
        message = await receive(socket)
        assert message["type"] == "next", message
        events.append(message["payload"]["data"]["notificationEvents"])
    return events


def told_of(events: list[Json]) -> list[Json]:
    """The notifications that arrived."""
    return [each["edge"]["node"] for each in events if each["__typename"] == "NotificationArrived"]


async def renew(live: LiveServer) -> None:
    """Asks the instances anew, which watched inboxes notice."""
    async with httpx.AsyncClient() as client:
        headers = {"cache-control": "no-cache"}
        await client.post(live.address, json={"query": RENEW}, headers=headers)


async def names_of(live: LiveServer) -> tuple[list[str], int]:
    """The inboxes that there are, and how many notifications."""
    data = (await ask(live, NAMES))["data"]
    return [each["name"] for each in data["inboxes"]], len(data["notifications"]["nodes"])


async def test_inboxes_come_and_go() -> None:
    """The next request has them or not, and the others keep their copies."""
    async with serving() as live:
        assert await names_of(live) == (["home"], 1)
        asked = live.world.instances["home"].asked.total()
        live.world.left_out.clear()
        await live.reload()
        assert await names_of(live) == (["home", "work"], 2)
        live.world.left_out.add("work")
        await live.reload()
        assert await names_of(live) == (["home"], 1)
        assert live.world.instances["home"].asked.total() == asked


async def test_a_request_that_is_under_way() -> None:
    """It ends under the configuration that it began with, also where its inbox has gone."""
    async with serving() as live:
        live.world.left_out.clear()
        await live.reload()
        live.world.instances["work"].seconds = 0.3
        under_way = asyncio.ensure_future(names_of(live))
        await asyncio.sleep(0.1)
        live.world.left_out.add("work")
        await live.reload()
        assert await names_of(live) == (["home"], 1)
        assert await under_way == (["home", "work"], 2)


async def test_an_inbox_of_tokens_that_callers_bring() -> None:
    """It goes, and its logins with it; it comes back, and they begin anew."""
    async with serving() as live, httpx.AsyncClient() as client:
        live.world.bring_credentials("work", "t-1", "t-2")
        live.world.left_out.clear()
        await live.reload()

        async def names(token: str) -> list[str]:
            brought = {"inbox-authorization": f"work=Bearer {token}"}
            answer = await client.post(live.address, json={"query": NAMES}, headers=brought)
            return [each["name"] for each in (answer.json().get("data") or {}).get("inboxes", [])]

        assert await names("t-1") == await names("t-2") == ["home", "work"]
        live.world.left_out.add("work")
        await live.reload()
        assert await names("t-1") == []
        assert await names_of(live) == (["home"], 1)
        live.world.left_out.clear()
        await live.reload()
        assert await names("t-1") == ["home", "work"]


async def test_a_query_over_a_socket_that_is_under_way() -> None:
    """It too is answered, though its inbox goes meanwhile."""
    async with serving() as live, live.connect() as socket:
        live.world.left_out.clear()
        await live.reload()
        await begin(socket)
        live.world.instances["work"].seconds = 0.3
        await send(socket, {"type": "subscribe", "id": "1", "payload": {"query": NAMES}})
        await asyncio.sleep(0.1)
        live.world.left_out.add("work")
        await live.reload()
        answer = (await receive(socket))["payload"]["data"]
        assert [each["name"] for each in answer["inboxes"]] == ["home", "work"]
        assert len(answer["notifications"]["nodes"]) == 2


async def test_a_subscription_goes_on() -> None:
    """An inbox that is new joins with its newest, one that goes is removed whole; no event is lost
    and none comes twice.
    """
    async with serving() as live, live.connect() as socket:
        await begin(socket)
        await send(socket, {"type": "subscribe", "id": "1", "payload": {"query": LIVE}})
        await events_until(socket, "InboxChanged")
        live.world.left_out.clear()
        live.world.post("home", 2, "at the same time")
        await live.reload()
        await renew(live)
        events = await events_until(socket, "NotificationArrived", 2)
        assert {(each["summary"], each["inbox"]["name"]) for each in told_of(events)} == {
            ("Zed mentioned you", "home"),
            ("Zed mentioned you", "work"),
        }
        arrived = [each for each in events if each["__typename"] == "NotificationArrived"]
        assert {each["edge"]["node"]["inbox"]["name"]: each["isNew"] for each in arrived} == {
            "home": True,
            "work": False,
        }
        live.world.left_out.add("work")
        await live.reload()
        (removed,) = (await events_until(socket, "NotificationsRemoved"))[-1:]
        assert removed["isWholeInbox"] and removed["inbox"] == {"name": "work"}
        live.world.post("home", 3, "and after that")
        await renew(live)
        assert len(told_of(await events_until(socket, "NotificationArrived"))) == 1


async def test_a_subscription_of_what_stays_is_told_nothing() -> None:
    """Where nothing has changed for its caller, it is not begun anew."""
    async with serving(*CLIENTS) as live, live.connect() as socket:
        await begin(socket, bearer(HOME_ONLY))
        await send(socket, {"type": "subscribe", "id": "1", "payload": {"query": LIVE}})
        await events_until(socket, "InboxChanged")
        live.world.left_out.clear()
        await live.reload()
        live.world.post("home", 2)
        await send(socket, {"type": "subscribe", "id": "2", "payload": {"query": LIVE}})
        kinds = [(await receive(socket))["id"] for _ in range(2)]
        assert kinds == ["2", "2"]


async def test_a_key_that_is_gone() -> None:
    """Its sockets end with 4403 and its event streams end; those of others go on."""
    async with serving(*CLIENTS) as live, live.connect() as gone, live.connect() as stays:
        await begin(gone, bearer(READER))
        await begin(stays, bearer(HOME_ONLY))
        async with listen(live, LIVE, bearer(READER)) as messages:
            await anext(messages)
            live.world.sections["clients"] = [x for x in CLIENTS if x["name"] != "reader"]
            await live.reload()
            assert await closed_with(gone) == 4403
            assert not [each async for each in messages if each.get("event") == "next"][1:]
        query = {"query": "{ inboxes { name } }"}
        await send(stays, {"type": "subscribe", "id": "1", "payload": query})
        assert (await receive(stays))["payload"]["data"]["inboxes"] == [{"name": "home"}]


async def test_a_client_that_sees_less() -> None:
    """What it may not see any more is removed from what it listens to, though others share it."""
    wide = {key: value for key, value in CLIENTS[2].items() if key != "inboxes"}
    async with (
        serving(*CLIENTS[:2], wide) as live,
        live.connect() as narrowed,
        live.connect() as other,
    ):
        live.world.left_out.clear()
        await live.reload()
        for socket, key in ((narrowed, HOME_ONLY), (other, READER)):
            await begin(socket, bearer(key))
            await send(socket, {"type": "subscribe", "id": "1", "payload": {"query": LIVE}})
            await events_until(socket, "InboxChanged", 2)
        live.world.sections["clients"] = CLIENTS
        await live.reload()
        events = await events_until(narrowed, "NotificationsRemoved")
        assert events[-1]["inbox"] == {"name": "work"} and events[-1]["isWholeInbox"]
        live.world.post("work", 5)
        live.world.post("home", 5)
        async with httpx.AsyncClient(headers=bearer(READER)) as client:
            headers = {"cache-control": "no-cache"}
            await client.post(live.address, json={"query": RENEW}, headers=headers)
        seen = told_of(await events_until(other, "NotificationArrived", 2))
        assert {each["inbox"]["name"] for each in seen} == {"home", "work"}
        (row,) = told_of(await events_until(narrowed, "NotificationArrived"))
        assert row["inbox"] == {"name": "home"}


async def test_a_gateway_that_is_locked() -> None:
    """Where clients are configured now, who came without a key has to go."""
    async with serving() as live, live.connect() as socket:
        await begin(socket)
        live.world.sections["clients"] = CLIENTS
        await live.reload()
        assert await closed_with(socket) == 4403
