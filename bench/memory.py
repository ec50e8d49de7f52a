"""How much memory 100,000 mixed requests leave taken, and whether that goes on growing."""

import asyncio
from pathlib import Path

from pydantic import SecretStr

from app.clock import SystemClock
from app.config.settings import Settings
from app.logins import Logins
from app.main import build_api
from app.upstreams.http.reply import Reply
from app.upstreams.http.transport import Request, Transport
from bench.query import QUERY
from bench.stand_in import ABOUT, LINK, make_body
from resolvers.context import Context

REQUESTS = 100_000
EACH_NEW = 10
"""Every so many requests one brings a credential that was never seen."""

_PAGE = 4096

_EVERY_ID = b'"1170000'
"""How all IDs of the stand-in begin."""


class Instant(Transport):
    """The stand-in without a network; to each login it says something else."""

    def __init__(self) -> None:
        self._parts = make_body().split(_EVERY_ID)

    async def send(self, request: Request) -> Reply:
        if request.url.endswith("/instance"):
            return Reply(200, {}, ABOUT)
        name, _, value = LINK.partition(": ")
        own_id = b'"%07d' % int(request.headers["authorization"].rpartition("-")[2])
        return Reply(200, {name.lower(): value}, own_id.join(self._parts))


def resident() -> float:
    """Megabytes that this process has in memory."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * _PAGE / 1e6


async def measure(requests: int = REQUESTS) -> tuple[float, float, float]:
    """Megabytes when ready, and how many more after a fifth of the requests and after all."""
    inbox = {"name": "home", "platform": "mastodon", "url": "https://home.test"}
    settings = Settings.model_validate({"inboxes": [{**inbox, "credentials": "request"}]})
    logins, api = Logins(settings, SystemClock(), Instant()), build_api(settings)
    operation = api.documents.read(QUERY).choose(None)
    ready, early = resident(), 0.0
    for number in range(requests):
        token = number if number % EACH_NEW == 0 else number % 7
        credentials = {"home": SecretStr(f"token-{token}")}
        await api.answer(operation, {}, Context(await logins.of_caller(None, credentials), 5))
        if number == requests // 5:
            early = resident() - ready
    return ready, early, resident() - ready


if __name__ == "__main__":
    print(*(f"{megabytes:.1f}" for megabytes in asyncio.run(measure())))
