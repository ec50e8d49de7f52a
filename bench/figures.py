"""What takes how long without a load: medians of some rounds."""

import asyncio
import gc
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path

import httpx
import orjson
from pydantic import SecretStr

from app.clock import SystemClock
from app.config.clients import ClientSettings
from app.config.settings import Settings
from app.demo.instances import DEMO, demo_transport
from app.logins import Logins
from app.main import build_api
from app.sandbox.demo_social import make_social
from app.setting_types.keys import make_key
from app.upstreams.http.client import MOST_MEMBERS, Http
from app.upstreams.http.connections.opening import open_transport
from app.upstreams.http.over_httpx import TransportByHost
from app.upstreams.http.reply import Reply
from app.upstreams.http.transport import MOST_DECODED, Request, Transport
from app.upstreams.mastodon.upstream import MastodonUpstream
from app.upstreams.reading.values import MOST_SALVAGED
from app.web.clients import Clients, FailedKeys
from bench.query import QUERY as BIG_QUERY
from resolvers.context import Context
from resolvers.errors import RequestRefused, UpstreamError
from resolvers.executing.answer import Answer
from resolvers.executing.execution import Api
from resolvers.merging.filter import Filter
from resolvers.merging.merge import merge
from resolvers.merging.page_request import PageRequest
from resolvers.seam.chunk import TOP, ChunkRequest, Direction
from resolvers.seam.upstream import Upstream

TIDINGS = Path(sys.executable).with_name("tidings")
PORT = 8753
QUERY = "{ notifications(first: 40) { edges { cursor node { id type summary createdAt } } } }"


def median_of(rounds: int, measure: Callable[[], float]) -> float:
    """The median of some measurements, each in seconds."""
    return statistics.median(measure() for _ in range(rounds))


def time_help() -> float:
    """`tidings --help`, the whole process."""
    began = time.perf_counter()
    subprocess.run([TIDINGS, "--help"], check=True, capture_output=True)
    return time.perf_counter() - began


def time_until_ready() -> float:
    """From starting `tidings serve --demo` to its first answer."""
    began = time.perf_counter()
    server = subprocess.Popen(
        [TIDINGS, "serve", "--demo", "--port", str(PORT)], stdout=subprocess.DEVNULL
    )
    try:
        while time.perf_counter() - began < 30:
            try:
                answer = httpx.get(
                    f"http://127.0.0.1:{PORT}/graphql", params={"query": "{ __typename }"}
                )
                answer.raise_for_status()
                return time.perf_counter() - began
            except httpx.TransportError:
                time.sleep(0.005)
        raise TimeoutError("the server did not become ready")
    finally:
        server.terminate()
        server.wait(timeout=10)


def time_a_page() -> float:
    """A page of 40 over the demo's three inboxes, warm, without HTTP in front."""
    return asyncio.run(_time_a_page())


async def _time_a_page() -> float:
    clock = SystemClock()
    upstreams = Logins(
        Settings.model_validate(DEMO), clock, demo_transport(clock, open_transport(1))
    ).configured
    api = build_api(Settings.model_validate(DEMO))
    await _ask(api, QUERY, upstreams)
    began = time.perf_counter()
    for _ in range(10):
        await _ask(api, QUERY, upstreams)
    return (time.perf_counter() - began) / 10


async def _ask(api: Api, document: str, upstreams: Mapping[str, Upstream]) -> Answer:
    operation = api.documents.read(document).choose(None)
    return await api.answer(operation, {}, Context(upstreams, 5))


def time_a_merge(count: int) -> float:
    """A page of `count` out of 20 inboxes of 40 that are all held: no I/O, no GraphQL."""
    return asyncio.run(_time_a_merge(count))


async def _time_a_merge(count: int) -> float:
    clock = SystemClock()
    hosts = [f"home-{number}.sandbox" for number in range(20)]
    apps = {host: make_social(clock, host, "token", 40, clock.now()).app for host in hosts}
    transport = TransportByHost({host: httpx.ASGITransport(app) for host, app in apps.items()})
    inbox = {"platform": "mastodon", "token": SecretStr("token")}
    tables = [
        {**inbox, "name": f"home-{number}", "url": f"https://{host}"}
        for number, host in enumerate(hosts)
    ]
    settings = Settings.model_validate({"inboxes": tables})
    upstreams = list(Logins(settings, clock, transport).configured.values())
    wanted = PageRequest(Direction.DOWN, count, is_from_cut=False, filter=Filter())
    await merge(upstreams, {}, wanted, 5)
    rounds = 50
    began = time.perf_counter()
    for _ in range(rounds):
        page = await merge(upstreams, {}, wanted, 5)
        assert sum(len(run.notifications) for run in page.runs) == count
    return (time.perf_counter() - began) / rounds


class SlowInstances(Transport):
    """Any number of instances that answer everything with one list, some time after being asked."""

    def __init__(self, body: bytes, seconds: float = 0.05) -> None:
        self._body = body
        self._seconds = seconds

    async def send(self, request: Request) -> Reply:
        await asyncio.sleep(self._seconds)
        return Reply(200, {}, self._body)


def time_50_inboxes() -> float:
    """A page of 20 over 50 inboxes that take 50 ms each, cold: GraphQL, merge and mapping."""
    return asyncio.run(_time_50_inboxes())


async def _time_50_inboxes() -> float:
    clock = SystemClock()
    made = make_social(clock, "home.sandbox", "token", 40, clock.now())
    transport = SlowInstances(orjson.dumps(made.mailboxes["token"].notifications))
    inbox = {"platform": "mastodon", "token": SecretStr("token")}
    tables = [
        {**inbox, "name": f"home-{number}", "url": f"https://home-{number}.sandbox"}
        for number in range(50)
    ]
    settings = Settings.model_validate({"inboxes": tables})
    api = build_api(settings)
    await _ask(api, "{ __typename }", {})
    upstreams = Logins(settings, clock, transport).configured
    began = time.perf_counter()
    answer = await _ask(api, "{ notifications(first: 20) { nodes { id summary } } }", upstreams)
    assert len(answer["data"]["notifications"]["nodes"]) == 20
    return time.perf_counter() - began


def time_worst_documents() -> float:
    """The slowest of some documents of up to 10 KB to be found good, or refused."""
    api = build_api(Settings.model_validate(DEMO))
    gc.collect()  # what other measurements have left is not these documents' cost
    return max(_time_reading(api, document) for document in _worst_documents())


def _worst_documents() -> Iterator[str]:
    names = range(1, 120)
    yield (
        "{"
        + "".join(f" ...F{n}" for n in names)
        + "}"
        + "".join(f" fragment F{n} on Query {{ inboxes {{ name }} }}" for n in names)
    )
    yield "{ ...F0 }" + "".join(
        f" fragment F{n} on Query {{ ...F{n + 1} ...F{n + 1} __typename }}" for n in range(100)
    )
    yield "{ inboxes {" + "".join(f" alias{n}: name" for n in range(600)) + " } }"
    yield "{ inboxes {" + " name" * 1980 + " } }"
    yield "{" + " inboxes { instance { url title } }" * 240 + " }"
    yield (
        "{ notifications(filter: " + "{watchlist: " * 60 + "{}" + "}" * 60 + ") { isIncomplete } }"
    )
    yield "{ nodes(ids: [" + '"x" ' * 1900 + "]) { id } }"
    yield "{ __schema { types { " + "fields { type { " * 60 + "name" + " } }" * 60 + " } } }"
    yield "{" + " __schema { types { fields { type { name } } } }" * 100 + " }"


def time_worst_answers() -> float:
    """The slowest of some lists, as large as any that is read, from its bytes to its rows."""
    return max(asyncio.run(_time_answer(body)) for body in _worst_answers())


def _worst_answers() -> Iterator[bytes]:
    yield b"[" + b"0," * 98_000 + b"0]"  # as many as are read without being counted
    yield b"[" + b"{}," * 65_000 + b"{}]"
    yield b"[" + b"{}," * (MOST_MEMBERS - 1) + b"{}]"
    row = {"id": "1", "type": "follow", "created_at": "2026-11-24"}
    yield orjson.dumps([{**row, "id": str(10**9 - number)} for number in range(2000)])
    yield orjson.dumps([{**row, "id": number, "account": 7} for number in range(2000)])
    for size in (MOST_DECODED, MOST_SALVAGED):  # without an account it is salvaged, or not at all
        long = {**row, "status": {"id": "1", "content": "<p>x" * (size // 4 - 500)}}
        yield orjson.dumps([long])
    yield orjson.dumps([{**row, "account": {"display_name": "\U0001f600" * 200_000}}])
    yield b"[" + b'{"id":"1","created_at":"2026-11-24","type":"\\ud800"},' * 6000 + b"{}]"
    yield b'[{"id":' + b"9" * (MOST_DECODED - 100) + b"}]"
    yield b"[" * (MOST_DECODED - 100)


async def _time_answer(body: bytes) -> float:
    assert len(body) <= MOST_DECODED
    http = Http("https://home.test", SlowInstances(body, 0), "bench", 5, "token")
    upstream = MastodonUpstream("home", "https://home.test", http, SystemClock())
    began = time.process_time()
    with suppress(UpstreamError):
        await upstream.read(ChunkRequest(TOP, 40))
    return time.process_time() - began


def _time_reading(api: Api, document: str) -> float:
    assert len(document) < 10_240
    began = time.perf_counter()
    with suppress(RequestRefused):
        api.documents.read(document)
    return time.perf_counter() - began


def time_a_key() -> float:
    """Who has a key, among a hundred clients."""
    key = make_key()
    tables = [{"name": f"client-{n}", "key": make_key()} for n in range(100)]
    configured = [
        ClientSettings.model_validate(each) for each in [*tables, {"name": "it", "key": key}]
    ]
    clients = Clients(configured, FailedKeys(SystemClock(), asyncio.sleep))
    rounds = 10_000
    began = time.perf_counter()
    for _ in range(rounds):
        clients.find(f"Bearer {key}")
    return (time.perf_counter() - began) / rounds


BENCHES: dict[str, Callable[[], float]] = {
    "tidings --help": time_help,
    "ready to serve": time_until_ready,
    "a page of 40, warm": time_a_page,
    "50 inboxes of 50 ms, cold": time_50_inboxes,
    "checking a key": time_a_key,
    "the worst documents": time_worst_documents,
    "the worst answers": time_worst_answers,
    "merge 20 x 40, show 25": lambda: time_a_merge(25),
    "merge 20 x 40, show 50": lambda: time_a_merge(50),
    "merge 20 x 40, show 100": lambda: time_a_merge(100),
}


def run_figures(rounds: int) -> Iterator[tuple[str, float]]:
    """Each figure's name and its median, in seconds."""
    for name, measure in BENCHES.items():
        yield name, median_of(rounds, measure)


def compare_compiling(rounds: int = 20) -> float:
    """How often the time of parsing and validating a document is taken by compiling it."""
    ratios = []
    for _ in range(rounds):
        api = build_api(Settings.model_validate(DEMO))
        began = time.perf_counter()
        operation = api.documents.read(BIG_QUERY).choose(None)
        read = time.perf_counter()
        assert api.compiler is not None
        api.compiler.plan(operation, {})
        ratios.append((time.perf_counter() - read) / (read - began))
    return statistics.median(ratios)
