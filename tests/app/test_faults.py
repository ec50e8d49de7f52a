"""Every fault that the sandbox can have, on reads and on each mutation."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Literal, get_args

import httpx
import pytest
from support.sockets import over_sockets
from support.virtual_time import LoopClock
from support.worlds import BOT_PASSWORD, NO_COPIES, UNTIL_ASKED_AGAIN, Json, World

from app.config.clients import ClientSettings
from app.config.settings import Settings
from app.demo.instances import DEMO, Demo
from app.demo.sandbox_routes import sandbox_routes
from app.main import build_app
from app.sandbox.faults import FAULTS, Fault, FaultyTransport
from app.setting_types.keys import make_key
from app.upstreams.http.over_httpx import TransportByHost
from app.upstreams.http.transport import Transport
from app.web.clients import Clients, FailedKeys
from resolvers.errors import UpstreamFailureCode
from resolvers.identity import make_id

Way = Literal["memory", "pool", "httpx"]

DEADLINE = 5
HARMLESS = {Fault.LATENCY, *(fault for fault in Fault if fault.is_of_streams)}
OF_WIKIS = {
    *(Fault.SESSION_LOST, Fault.BAD_TOKEN, Fault.MAXLAG, Fault.READONLY, Fault.LOGIN_THROTTLED),
}
OF_WRITES = {Fault.BAD_TOKEN, Fault.READONLY}
OF_LOGINS = {Fault.LOGIN_THROTTLED}
CODES = {
    Fault.HANG: "TIMEOUT",
    Fault.SLOW_DRIP: "TIMEOUT",
    Fault.REFUSED: "UNREACHABLE",
    Fault.RESET: "UNREACHABLE",
    Fault.RESET_IN_BODY: "UNREACHABLE",
    Fault.TRUNCATED: "UNREACHABLE",
    Fault.WRONG_LENGTH: "BAD_RESPONSE",
    Fault.HTML: "BAD_RESPONSE",
    Fault.BROKEN_JSON: "BAD_RESPONSE",
    Fault.WRONG_SHAPE: "BAD_RESPONSE",
    Fault.WRONG_CHARSET: "BAD_RESPONSE",
    Fault.UNAUTHORIZED: "UNAUTHORIZED",
    Fault.FORBIDDEN: "UNAUTHORIZED",
    Fault.NOT_FOUND: "REJECTED",
    Fault.TEAPOT: "REJECTED",
    Fault.RATE_LIMITED: "RATE_LIMITED",
    Fault.RATE_LIMITED_UNSAID: "RATE_LIMITED",
    Fault.SERVER_ERROR: "UNAVAILABLE",
    Fault.UNAVAILABLE: "UNAVAILABLE",
    Fault.HUGE: "BAD_RESPONSE",
    Fault.GZIP_BOMB: "BAD_RESPONSE",
    Fault.REDIRECT: "BAD_RESPONSE",
    Fault.SESSION_LOST: "UNAUTHORIZED",
    Fault.MAXLAG: "UNAVAILABLE",
    Fault.READONLY: "UNAVAILABLE",
    Fault.BAD_TOKEN: "REJECTED",
}


class FaultyWorld(World):
    """One inbox at an instance that can have any fault, and one that has none."""

    def __init__(self, platform: str) -> None:
        super().__init__()
        self.sections = {"cache": NO_COPIES}
        self.add_mastodon("well")
        self.post("well", 1)
        self.name = platform
        if platform == "wiki":
            self.add_wiki("wiki")
        else:
            self.add_mastodon(platform)
        for second in (2, 3):
            if platform == "wiki":
                self.edit("wiki", second, page=f"Page {second}")
            else:
                self.post(platform, second)
        self.way = FaultyTransport(httpx.ASGITransport(self.instances[platform]), LoopClock())

    @asynccontextmanager
    async def reached(self, client: Way) -> AsyncIterator[None]:
        """With a gateway that reaches its instances in memory, or by a client over sockets."""
        kind = "wiki" if self.name == "wiki" else "mastodon"
        well = httpx.ASGITransport(self.instances["well"])
        hosts: dict[str, httpx.AsyncBaseTransport]
        hosts = {f"{self.name}.{kind}.test": self.way, "well.mastodon.test": well}
        async with AsyncExitStack() as stack:
            transport: Transport = TransportByHost(hosts)
            if client != "memory":
                transport = await stack.enter_async_context(over_sockets(hosts, client))
            gateway = build_app(self.settings(), LoopClock(), transport)
            self._client = httpx.AsyncClient(
                transport=httpx.ASGITransport(gateway), base_url="http://localhost:8000"
            )
            async with gateway.router.lifespan_context(gateway):
                yield

    async def timed(self, document: str, **variables: object) -> Json:
        """An answer, which has to be there in time and must hold no secret."""
        loop = asyncio.get_running_loop()
        began = loop.time()
        answer = await self.ask(document, variables)
        assert loop.time() - began <= DEADLINE + 0.001
        text = json.dumps(answer)
        for secret in ("token-of-", BOT_PASSWORD, "a fault", "nginx", "INTERNAL"):
            assert secret not in text
        return answer


LIST = """{ notifications { nodes { id }
  sources { inbox { name } freshness failure { code message } } } }"""


@pytest.mark.parametrize("client", get_args(Way))
@pytest.mark.parametrize("platform", ["home", "wiki"])
@pytest.mark.parametrize("fault", Fault, ids=lambda fault: fault.key)
async def test_reads_with_every_fault(platform: str, fault: Fault, client: Way) -> None:
    """A coded failure of that inbox in time, the other inbox is shown, and it recovers."""
    if fault in OF_WIKIS and platform != "wiki":
        return
    world = FaultyWorld(platform)
    async with world.reached(client):
        await read_with_a_fault(world, platform, fault)


async def read_with_a_fault(world: FaultyWorld, platform: str, fault: Fault) -> None:
    """One story."""
    whole = (await world.timed(LIST))["data"]["notifications"]["nodes"]
    assert len(whole) == 3
    world.way.fault = fault
    if fault in OF_LOGINS:
        world.wikis["wiki"].end_sessions()
    page = (await world.timed(LIST))["data"]["notifications"]
    failures = {each["inbox"]["name"]: each["failure"] for each in page["sources"]}
    assert failures["well"] is None
    if fault in HARMLESS | OF_WRITES:
        assert page["nodes"] == whole and failures[platform] is None
    else:
        expected = CODES.get(fault, "RATE_LIMITED")
        if fault is Fault.FORBIDDEN and platform == "wiki":  # never about a credential there
            expected = "UNAVAILABLE"
        assert failures[platform] and failures[platform]["code"] == expected
        assert len(page["nodes"]) == 1
    world.way.fault = None
    await asyncio.sleep(UNTIL_ASKED_AGAIN + 60)
    assert (await world.timed(LIST))["data"]["notifications"]["nodes"] == whole


def mutations(platform: str, node_id: str) -> dict[str, str]:
    """Each mutation that an inbox of the platform can do."""
    inbox = make_id("Inbox", platform)
    errors = "{ userErrors { code message failure { code } } }"
    made = {
        "dismissNotification": f'notificationId: "{node_id}"',
        "clearNotifications": f'inboxIds: ["{inbox}"]',
    }
    if platform == "wiki":
        pages = 'pages: {titles: ["Page 2"]}, unseenFrom: {nothing: true}'
        made["setNotificationTimestamp"] = f'inboxId: "{inbox}", {pages}'
    else:
        made["markNotificationsRead"] = f'upToNotificationId: "{node_id}"'
    return {
        name: f"mutation {{ {name}(input: {{{given}}}) {errors} }}" for name, given in made.items()
    }


@pytest.mark.parametrize("client", get_args(Way))
@pytest.mark.parametrize("platform", ["home", "wiki"])
@pytest.mark.parametrize("fault", Fault, ids=lambda fault: fault.key)
async def test_mutations_with_every_fault(platform: str, fault: Fault, client: Way) -> None:
    """A coded refusal in time; nothing is done by half, and afterwards everything works."""
    if fault in OF_WIKIS and platform != "wiki":
        return
    for name in mutations(platform, ""):
        world = FaultyWorld(platform)
        async with world.reached(client):
            await change_with_a_fault(world, platform, fault, name)


async def change_with_a_fault(world: FaultyWorld, platform: str, fault: Fault, name: str) -> None:
    """One story."""
    whole = (await world.timed(LIST))["data"]["notifications"]["nodes"]
    document = mutations(platform, whole[0]["id"])[name]
    world.way.fault = fault
    if fault in OF_LOGINS:
        world.wikis["wiki"].end_sessions()
    errors = (await world.timed(document))["data"][name]["userErrors"]
    if fault in HARMLESS or (fault, name) == (Fault.NOT_FOUND, "dismissNotification"):
        assert errors == [] or platform == "wiki"  # at Mastodon 404 says that it is gone
        return
    assert errors, (name, fault)
    codes = {each["code"] for each in errors}
    assert codes <= {"UPSTREAM_FAILED", "NOT_SUPPORTED"}
    assert all(
        each["failure"] is None or each["failure"]["code"] in UpstreamFailureCode.__members__
        for each in errors
    )
    world.way.fault = None
    await asyncio.sleep(UNTIL_ASKED_AGAIN + 60)
    assert (await world.timed(LIST))["data"]["notifications"]["nodes"] == whole
    assert (await world.timed(document))["data"][name]["userErrors"] == []


def test_every_fault_has_a_name_and_a_code() -> None:
    """What the command line takes, and what becomes of it."""
    assert len(FAULTS) == len(Fault)
    assert set(Fault) == {*CODES, *HARMLESS, *OF_LOGINS}


async def test_a_fault_comes_and_goes() -> None:
    """While the gateway runs, and what was read before stays."""
    world = FaultyWorld("home")
    world.sections = {}
    async with world.reached("memory"):
        before = nodes_of(await world.timed(LIST))
        world.way.fault = Fault.REFUSED
        await asyncio.sleep(20)
        assert nodes_of(await world.timed(LIST)) == before


def nodes_of(answer: Json) -> list[Json]:
    """The list of an answer."""
    found: list[Json] = answer["data"]["notifications"]["nodes"]
    return found


def demo_client(*configured: ClientSettings) -> tuple[Demo, httpx.AsyncClient]:
    """A demo, and what speaks HTTP with its gateway."""
    demo, settings = Demo(LoopClock(), TransportByHost({})), Settings.model_validate(DEMO)
    clients = Clients(configured, FailedKeys(LoopClock(), asyncio.sleep))
    routes = sandbox_routes(demo, clients, settings.server)
    gateway = build_app(settings, LoopClock(), demo.transport, more_routes=lambda *_: routes)
    transport = httpx.ASGITransport(gateway)
    return demo, httpx.AsyncClient(transport=transport, base_url="http://localhost:8000")


async def test_faults_of_the_demo_while_it_runs() -> None:
    """They are set by a request, and one that is not known changes nothing."""
    demo, client = demo_client()
    async with client:
        told = await client.post("/sandbox/faults", json={"wiki": "503", "work": "refused"})
        assert told.json() == {"social": None, "work": "refused", "wiki": "503"}
        page = (await client.post("/graphql", json={"query": LIST})).json()
        assert page["extensions"]["failedInboxes"] == {"work": "UNREACHABLE", "wiki": "UNAVAILABLE"}
        for bad in ({"wiki": "boredom"}, {"nobody": "503"}, ["wiki"]):
            refused = await client.post("/sandbox/faults", json=bad)
            assert refused.status_code == 400
            assert refused.json()["errors"][0]["extensions"]["code"] == "BAD_REQUEST"
        assert demo.ways["wiki"].fault is Fault.UNAVAILABLE
        told = await client.post("/sandbox/faults", json={"wiki": None})
        assert told.json()["wiki"] is None


@pytest.mark.parametrize(
    ("headers", "body", "status"),
    [
        ({"origin": "https://evil.example"}, b"{}", 403),
        ({"origin": "http://["}, b"{}", 403),
        ({"content-type": "text/plain"}, b"{}", 415),
        ({}, b" " * 5000, 413),
        ({}, b"no JSON", 400),
        ({"authorization": "Bearer wrong"}, b"{}", 401),
        ({"authorization": ""}, b"{}", 401),
    ],
)
async def test_who_may_not_set_faults(headers: dict[str, str], body: bytes, status: int) -> None:
    """Neither a foreign page, nor anybody without a key, nor with a body of any size."""
    key = make_key()
    demo, client = demo_client(
        ClientSettings.model_validate({"name": "it", "key": key, "access": "write"})
    )
    async with client:
        given = {"content-type": "application/json", "authorization": f"Bearer {key}", **headers}
        refused = await client.post("/sandbox/faults", content=body, headers=given)
    assert refused.status_code == status and refused.json()["errors"][0]["extensions"]["code"]
    assert not any(way.fault for way in demo.ways.values())


def test_every_fault_is_documented() -> None:
    """docs/rate-limits.md has each with what it does."""
    text = (Path(__file__).parents[2] / "docs" / "rate-limits.md").read_text(encoding="utf-8")
    for fault in Fault:
        assert f"| `{fault.key}` | {fault.value[1]} |" in text.splitlines()


async def test_something_happens_when_it_is_asked_for() -> None:
    """In the inbox that is named, on top of its list."""
    _, client = demo_client()
    async with client:
        before = nodes_of((await client.post("/graphql", json={"query": LIST})).json())
        for name in ("work", "wiki"):
            assert (await client.post("/sandbox/arrive", json={"inbox": name})).status_code == 200
        await asyncio.sleep(60)
        after = nodes_of((await client.post("/graphql", json={"query": LIST})).json())
        assert before[0] in after and after.index(before[0]) == 2
        refused = await client.post("/sandbox/arrive", json={"inbox": "nobody"})
        assert refused.status_code == 400


async def test_something_happens_every_few_seconds() -> None:
    """Once it has begun, as it does with the first subscription."""
    demo, client = demo_client()
    demo.arrivals.begin()
    demo.arrivals.begin()
    async with client:
        await asyncio.sleep(60)
        first = nodes_of((await client.post("/graphql", json={"query": LIST})).json())
        await asyncio.sleep(60)
        second = nodes_of((await client.post("/graphql", json={"query": LIST})).json())
    assert 1 <= second.index(first[0]) <= 20 if first[0] in second else len(second) <= 20
