"""What every stream of an instance does, over the network and in memory, and real ones' frames."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest
from conftest import REAL_TIME, Backend
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send
from starlette.websockets import WebSocket
from support.debian import free_port
from support.recorded_streams import RecordedStreams, read_streams
from support.served_app import serve_app
from support.virtual_time import LoopClock
from support.worlds import World, instant

from app.clock import SystemClock
from app.sandbox.mastodon import SandboxMastodon
from app.upstreams.http.client import Http
from app.upstreams.http.connections.opening import open_transport
from app.upstreams.http.transport import Transport
from app.upstreams.mastodon.rows import encode_row
from app.upstreams.mastodon.upstream import MastodonUpstream
from resolvers.errors import UpstreamError, UpstreamFailureCode
from resolvers.seam.chunk import TOP, ChunkRequest
from resolvers.seam.streaming import NotificationStream, StreamSign, Told
from resolvers.types.mastodon import MastodonNotification

TOKEN = "token-of-home"


@dataclass
class Subject:
    """An upstream, and the sandbox that it is one of."""

    sandbox: SandboxMastodon
    transport: Transport

    def open(self, token: str = TOKEN) -> MastodonUpstream:
        """The upstream of a token."""
        http = Http(self.sandbox.origin, self.transport, "test", 4, token)
        return MastodonUpstream("home", self.sandbox.origin, http, LoopClock())

    def post(self, seconds: float) -> str:
        """The ID of something new."""
        zed = self.sandbox.make_account("zed@elsewhere.test")
        row = self.sandbox.notify(TOKEN, "follow", zed, instant(seconds))
        return str(row["id"])


@pytest.fixture(
    params=[
        *("mastodon over sockets", "gotosocial over sockets", "pleroma over sockets"),
        *("mastodon in memory", "gotosocial in memory", "mastodon by events"),
    ]
)
def kind(request: pytest.FixtureRequest) -> str:
    """A software, and how it is reached."""
    return str(request.param)


@pytest.fixture
def anyio_backend() -> Backend:
    """Sockets have the real time."""
    return REAL_TIME


@pytest.fixture
async def subject(kind: str) -> AsyncIterator[Subject]:
    """One sandbox."""
    software, _, way = kind.partition(" ")
    async with AsyncExitStack() as stack:
        if way == "in memory":
            world = World()
            sandbox = world.add_mastodon("home", software, streams=True)
            transport: Transport = world._transport()  # noqa: SLF001 - the world's own
        else:
            port = free_port()
            origin = f"http://127.0.0.1:{port}"
            sandbox = SandboxMastodon("home.test", SystemClock(), software=software, origin=origin)
            sandbox.open_mailbox(TOKEN, "me")
            app = without_sockets(sandbox.app) if way == "by events" else sandbox.app
            await stack.enter_async_context(serve_app(app, port))
            transport = await stack.enter_async_context(open_transport(20))
        yield Subject(sandbox, transport)


def without_sockets(app: ASGIApp) -> ASGIApp:
    """An instance behind a proxy that takes a handshake for a plain request."""

    async def pass_on(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            refusal = JSONResponse({"error": "Unknown channel requested"}, 400)
            await WebSocket(scope, receive, send).send_denial_response(refusal)
        else:
            await app(scope, receive, send)

    return pass_on


async def hear(stream: NotificationStream) -> Told:
    """What comes next, but for signs of life."""
    async with asyncio.timeout(5):
        while (told := await stream.receive()) is StreamSign.ALIVE:
            pass
        return told


def key(told: Told) -> str:
    """The ID of a notification."""
    assert isinstance(told, MastodonNotification)
    return told.database_id


async def test_what_comes_is_what_the_list_has(subject: Subject) -> None:
    """Each notification as the list shows it, in the order in which they came."""
    upstream = subject.open()
    stream = await upstream.open_stream()
    sent = [subject.post(1), subject.post(2)]
    told = [await hear(stream), await hear(stream)]
    assert [key(each) for each in told] == sent
    listed = (await upstream.read(ChunkRequest(TOP, 10))).rows
    assert told == [*reversed(listed)]
    rows = [encode_row(each) for each in sent]
    assert stream.lies_above(rows[1], rows[0]) and not stream.lies_above(rows[0], rows[1])
    await stream.aclose()
    assert await is_left(subject.sandbox)


async def is_left(sandbox: SandboxMastodon) -> bool:
    """Whether nobody listens there any more, a few seconds from now at the latest."""
    async with asyncio.timeout(5):
        while sandbox.streams.count:  # noqa: ASYNC110 - what is counted has no event
            await asyncio.sleep(0.01)
    return True


async def test_a_stream_that_the_instance_ends(subject: Subject) -> None:
    """It is a failure, and the next one goes on."""
    upstream = subject.open()
    stream = await upstream.open_stream()
    subject.sandbox.streams.cut()
    with pytest.raises(UpstreamError) as caught:
        await hear(stream)
    assert caught.value.failure_code is UpstreamFailureCode.UNREACHABLE
    await stream.aclose()
    again = await upstream.open_stream()
    sent = subject.post(1)
    assert key(await hear(again)) == sent
    await again.aclose()


async def test_a_token_that_is_refused(subject: Subject) -> None:
    """It is a failure of the stream, and none of the login."""
    with pytest.raises(UpstreamError) as caught:
        await subject.open("nobody's").open_stream()
    assert caught.value.failure_code is UpstreamFailureCode.UNAUTHORIZED
    assert not caught.value.is_login_refused


async def test_a_token_without_the_scope(subject: Subject) -> None:
    """It is told at the handshake, or on the open socket."""
    subject.sandbox.mailboxes[TOKEN].scopes = {"write"}
    with pytest.raises(UpstreamError) as caught:
        await hear(await subject.open().open_stream())
    assert caught.value.failure_code is UpstreamFailureCode.UNAUTHORIZED
    assert "read" in str(caught.value)


async def test_a_task_that_is_cancelled_leaves_nothing(subject: Subject) -> None:
    """Neither while it waits for something, nor in the middle of a handshake."""
    stream = await subject.open().open_stream()
    waiting = asyncio.ensure_future(stream.receive())
    await asyncio.sleep(0.01)
    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)
    sent = subject.post(1)
    assert key(await hear(stream)) == sent
    await stream.aclose()
    opening = asyncio.ensure_future(subject.open().open_stream())
    await asyncio.sleep(0)
    opening.cancel()
    await asyncio.gather(opening, return_exceptions=True)
    assert await is_left(subject.sandbox)


RECORDED = {"user_notification", "no_token", "bad_token", "scope_readstatuses_notif"}


async def test_what_a_real_mastodon_streams(recordings: Path) -> None:
    """A notification as it was sent, and a refusal where that was sent."""
    recorded = read_streams(recordings)
    played = RecordedStreams(recorded)
    found = {}
    async with serve_app(played.app) as origin, open_transport(20) as transport:
        for name in ("alice-read", "alice-readnotif", "alice-readstatuses", "admin-read"):
            http = Http(origin, transport, "test", 4, name)
            stream = await MastodonUpstream("home", origin, http, LoopClock()).open_stream()
            try:
                async with asyncio.timeout(0.5):
                    found[name] = key(await stream.receive())
            except UpstreamError as failure:
                found[name] = failure.failure_code.name
            except TimeoutError:
                found[name] = "nothing"
            await stream.aclose()
    assert found == {
        "alice-read": "20",
        "alice-readnotif": "20",
        "alice-readstatuses": "UNAUTHORIZED",
        "admin-read": "nothing",
    }


FRAMES = [
    '{"stream":["user:notification"],"event":"notifications_merged","payload":"1"}',
    '{"stream":["user:notification"],"event":"filters_changed"}',
    '{"event":"notification","payload":"{\\"type\\":\\"follow\\"}"}',
    '{"event":"notification","payload":{"id":"7","type":"follow"}}',
    *("[]", "nonsense", '{"event":7}', "{}", '{"event":"notification"}'),
]


async def test_what_else_may_come() -> None:
    """What changes the list has it read anew, and what nobody knows is a sign of life."""
    told = []
    world = World()
    sandbox = world.add_mastodon("home", streams=True)
    subject = Subject(sandbox, world._transport())  # noqa: SLF001 - the world's own
    stream = await subject.open().open_stream()
    for frame in FRAMES:
        sandbox.streams.send(TOKEN, frame)
        heard = await stream.receive()
        told.append(heard.name if isinstance(heard, StreamSign) else key(heard))
    assert told == ["LIST_CHANGED", "ALIVE", "LIST_CHANGED", "7", *["ALIVE"] * 4, "LIST_CHANGED"]
    await stream.aclose()
