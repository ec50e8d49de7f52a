"""What folding costs: a page of 100 groups over the list of the same rows, all of them held."""

import asyncio
import statistics
import time
from collections.abc import Mapping
from datetime import timedelta

import httpx

from app.clock import SystemClock
from app.config.settings import Settings
from app.logins import Logins
from app.main import build_api
from app.sandbox.mastodon import SandboxMastodon
from app.upstreams.http.over_httpx import TransportByHost
from resolvers.context import Context
from resolvers.executing.answer import Answer
from resolvers.executing.execution import Api
from resolvers.limits import Limits
from resolvers.seam.upstream import Upstream

GROUPS = 100
HOSTS = ("home.sandbox", "work.sandbox")
_ROW = "id type summary createdAt inbox { name } actor { handle displayName }"
LIST = f"{{ notifications(first: {{rows}}) {{ edges {{ cursor node {{ {_ROW} }} }} }} }}"
FOLDED = (
    f"{{ notificationGroups(first: {GROUPS}) {{ edges {{ cursor node {{ id groupId summary count "
    "isCountCapped actorCount actors(first: 3) { handle displayName } notificationIds "
    f"latest {{ {_ROW} }} }} }} }} }}"
)


def compare_groups(likes: int, rounds: int = 9) -> float:
    """How often the time of the list the groups take, of posts that have so many likes each."""
    return asyncio.run(_compare(likes, rounds))


async def _compare(likes: int, rounds: int) -> float:
    settings, upstreams = _open(likes)
    api = build_api(settings)
    as_list = LIST.replace("{rows}", str(GROUPS * likes))
    ratios = []
    for _ in range(rounds + 1):  # the first reads the rows
        times = [await _time(api, each, upstreams) for each in (FOLDED, as_list)]
        ratios.append(times[0] / times[1])
    return statistics.median(ratios[1:])


async def _time(api: Api, document: str, upstreams: Mapping[str, Upstream]) -> float:
    began = time.perf_counter()
    for _ in range(5):
        answer = await _ask(api, document, upstreams)
    assert "errors" not in answer, answer["errors"]
    return time.perf_counter() - began


async def _ask(api: Api, document: str, upstreams: Mapping[str, Upstream]) -> Answer:
    operation = api.documents.read(document).choose(None)
    return await api.answer(operation, {}, Context(upstreams, 5, Limits(page_size=500)))


def _open(likes: int) -> tuple[Settings, Mapping[str, Upstream]]:
    """Two instances, each with 50 posts whose likes come in turn."""
    clock = SystemClock()
    sandboxes = {host: SandboxMastodon(host, clock) for host in HOSTS}
    for sandbox in sandboxes.values():
        _fill(sandbox, likes, clock)
    transport = TransportByHost(
        {host: httpx.ASGITransport(each.app) for host, each in sandboxes.items()}
    )
    tables = [
        {"name": host, "platform": "mastodon", "url": f"https://{host}", "token": "token"}
        for host in HOSTS
    ]
    settings = Settings.model_validate({"inboxes": tables, "cache": {"fresh": 600}})
    return settings, Logins(settings, clock, transport).configured


def _fill(sandbox: SandboxMastodon, likes: int, clock: SystemClock) -> None:
    me = sandbox.open_mailbox("token", "me").account
    noon = clock.now().replace(hour=12) - timedelta(days=1)
    posts = [sandbox.make_status(me, f"<p>{n}</p>", noon) for n in range(GROUPS // len(HOSTS))]
    for number in range(likes):
        for index, post in enumerate(posts):
            fan = sandbox.make_account(f"fan{number}-{index}@elsewhere.sandbox", f"Fan {number}")
            at = noon + timedelta(seconds=number * len(posts) + index)
            sandbox.notify("token", "favourite", fan, at, status=post)
