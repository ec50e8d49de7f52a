"""The instances of a soak, on ports of loopback, and what has happened there."""

import asyncio
import random
import re
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field

from starlette.responses import HTMLResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send
from support.debian import free_port
from support.served_app import serve_app

from app.clock import SystemClock
from app.sandbox.mastodon import SandboxMastodon
from app.sandbox.mediawiki import SandboxWiki

FAULTS = ("slow", "hang", "500", "429", "html", "cut")
PASSWORD = "p" * 32
_NUMBER = re.compile(r"(\d+)")


class Faulty:
    """An instance with which something may be wrong: one of FAULTS, or nothing."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self.fault = ""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or self.fault in ("", "cut"):
            await self._app(scope, receive, send)
        elif self.fault == "slow":
            await asyncio.sleep(0.5)
            await self._app(scope, receive, send)
        elif self.fault == "hang":
            await asyncio.sleep(30)
        elif self.fault == "html":
            await HTMLResponse("<h1>Welcome to nginx!</h1>")(scope, receive, send)
        else:
            await Response(status_code=int(self.fault))(scope, receive, send)


@dataclass
class Happened:
    """Something that an instance has listed since `at`, by the wall's clock in seconds."""

    inbox: str
    number: int
    at: float


@dataclass
class Instances:
    """Two Mastodon servers that stream, one more that comes and goes, and a wiki."""

    happened: dict[tuple[str, int], Happened] = field(default_factory=dict)
    faulty: dict[str, Faulty] = field(default_factory=dict)
    tables: dict[str, str] = field(default_factory=dict)
    _acts: dict[str, Callable[[int], None]] = field(default_factory=dict)
    _cuts: dict[str, Callable[[], None]] = field(default_factory=dict)
    _last: int = 0

    @asynccontextmanager
    async def served(self) -> AsyncIterator["Instances"]:
        """All of them, for the time of the soak."""
        async with AsyncExitStack() as stack:
            for name in ("home", "work", "extra"):
                await stack.enter_async_context(self._mastodon(name))
            await stack.enter_async_context(self._wiki())
            yield self

    def happen(self, inbox: str) -> None:
        """One more thing."""
        self._last += 1
        self._acts[inbox](self._last)
        self.happened[inbox, self._last] = Happened(inbox, self._last, time.time())

    def set_fault(self, inbox: str, fault: str) -> None:
        """Lets something be wrong with an instance from now on."""
        self.faulty[inbox].fault = fault
        if fault == "cut" and inbox in self._cuts:
            self._cuts[inbox]()

    @asynccontextmanager
    async def _mastodon(self, name: str) -> AsyncIterator[None]:
        port, token = free_port(), f"token-of-{name}"
        origin = f"http://127.0.0.1:{port}"
        sandbox = SandboxMastodon(f"127.0.0.1:{port}", SystemClock(), origin=origin)
        sandbox.allowed_requests = sandbox.allowed_paging = 10**9
        sandbox.open_mailbox(token, "me")

        def act(number: int) -> None:
            who = sandbox.make_account(f"n{number}@elsewhere.test", f"N{number}")
            at = SystemClock().wall()
            status = sandbox.make_status(who, f"<p>{number}</p>", at)
            sandbox.notify(token, "mention", who, at, status=status)

        self._acts[name], self._cuts[name] = act, sandbox.streams.cut
        self.tables[name] = f'platform = "mastodon"\nurl = "{origin}"\ntoken = "{token}"\n'
        faulty = self.faulty[name] = Faulty(sandbox.app)
        async with serve_app(faulty, port):
            yield

    @asynccontextmanager
    async def _wiki(self) -> AsyncIterator[None]:
        port = free_port()
        origin = f"http://127.0.0.1:{port}"
        wiki = SandboxWiki(f"127.0.0.1:{port}", SystemClock(), origin=origin)
        wiki.pages.make_user("Alice", "gw", PASSWORD, "viewmywatchlist", "editmywatchlist")

        def act(number: int) -> None:
            wiki.pages.watch("Alice", f"N{number}")
            wiki.pages.edit(f"N{number}", "Bob", "a change", SystemClock().wall())

        self._acts["wiki"] = act
        self.tables["wiki"] = (
            f'platform = "mediawiki"\nurl = "{origin}/w/api.php"\n'
            f'username = "Alice@gw"\npassword = "{PASSWORD}"\n'
        )
        faulty = self.faulty["wiki"] = Faulty(wiki.app)
        async with serve_app(faulty, port):
            yield


def number_in(summary: str) -> int:
    """Which happening a notification tells of."""
    found = _NUMBER.search(summary)
    return int(found[1]) if found else 0


def draw_fault(chance: random.Random) -> tuple[str, str]:
    """An inbox and what is to be wrong there; nothing, now and then."""
    return chance.choice(["home", "work", "wiki"]), chance.choice([*FAULTS, ""])
