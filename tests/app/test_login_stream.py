"""The stream of a login, for whoever listens to it."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from support.virtual_time import LoopClock
from support.worlds import World

from app.cache.copies.login_stream import LINGERS, LiesAbove, LoginStream
from app.cache.shared.login import SharedLogin
from app.cache.write_log import LogTimes, WriteLog
from app.login_opening import make_token
from resolvers.errors import UpstreamError, UpstreamFailureCode
from resolvers.seam.chunk import Row
from resolvers.seam.streaming import NotificationStream, StreamSign, Told
from resolvers.types.notification import Notification

PAUSES = [1, 2, 4, 8, 16, 32, 60, 60]
"""Seconds, without what chance takes away."""


class SilentStream:
    """Tells nothing more after `told`, and does not notice that nobody is there."""

    alive_seconds = 15.0

    def __init__(self, told: int = 0) -> None:
        self.left = told
        self.is_closed = False

    async def receive(self) -> Told:
        if not self.left:
            await asyncio.Event().wait()
        self.left -= 1
        await asyncio.sleep(1)
        return StreamSign.ALIVE

    def lies_above(self, row: Row, other: Row) -> bool:
        return row > other

    async def aclose(self) -> None:
        self.is_closed = True


@dataclass(eq=False)
class Heard:
    """What a listener was told."""

    began: int = 0
    ended: list[bool] = field(default_factory=list)
    ended_at: list[float] = field(default_factory=list)

    @property
    def has_begun(self) -> bool:
        return self.began > 0

    def stream_began(self) -> None:
        self.began += 1

    def stream_ended(self, *, was_open: bool) -> None:
        self.ended.append(was_open)
        self.ended_at.append(asyncio.get_running_loop().time())

    async def look_in_store(self) -> None:
        pass

    async def stream_brought(
        self, rows: Sequence[Notification], lies_above: LiesAbove, *, is_changed: bool
    ) -> None:
        pass


def open_login(*streams: NotificationStream | UpstreamError) -> LoginStream:
    """A login whose streams are these, one after the other."""
    world = World()
    world.add_mastodon("home")
    hour = LoopClock().now() - LoopClock().now()
    log = WriteLog(LogTimes(hour, hour, hour), make_token)
    inbox = world.upstreams()["home"].inbox
    left = [*streams]

    async def open_stream() -> NotificationStream:
        each = left.pop(0)
        if isinstance(each, UpstreamError):
            raise each
        return each

    shared = SharedLogin(log, inbox, LoopClock(), 3600, None)
    return LoginStream(open_stream, shared, LoopClock(), lambda: 1.0)


async def test_alive_no_longer_than_its_last_sign_is_good_for() -> None:
    """Also where the stream itself does not notice, as a process that was asleep."""
    stream = open_login(SilentStream(told=5))
    stream.join(Heard())
    await asyncio.sleep(5.5)
    assert stream.is_alive
    await asyncio.sleep(14)
    assert stream.is_alive
    await asyncio.sleep(1)
    assert not stream.is_alive
    await stream.aclose()


async def test_one_who_comes_later() -> None:
    """Whoever joins an open stream is told that it is open, and no other is opened."""
    stream, later = open_login(SilentStream()), Heard()
    stream.join(Heard())
    await asyncio.sleep(1)
    stream.join(later)
    assert later.began == 1
    await stream.aclose()


async def test_pauses_between_tries() -> None:
    """Doubled up to a minute where nobody is there, five minutes where it is refused."""
    away = UpstreamError(UpstreamFailureCode.UNREACHABLE, "https://home.test is away: ask again.")
    none = UpstreamError(UpstreamFailureCode.UNSUPPORTED, "https://home.test has none: wait.")
    heard = Heard()
    stream = open_login(*([away] * 8), none, SilentStream())
    stream.join(heard)
    await asyncio.sleep(sum(PAUSES) + 1)
    assert [round(later - before) for before, later in pairwise(heard.ended_at)] == PAUSES
    assert stream.failure is none and not any(heard.ended)
    await asyncio.sleep(298)
    assert not heard.has_begun
    await asyncio.sleep(2)
    assert heard.has_begun and stream.failure is None
    await stream.aclose()


async def test_its_end_closes_it() -> None:
    """At once, whoever listens."""
    silent = SilentStream()
    stream = open_login(silent)
    stream.join(Heard())
    await asyncio.sleep(1)
    await stream.aclose()
    assert silent.is_closed and not stream.is_alive


async def test_one_who_comes_while_it_ends() -> None:
    """The next stream is opened once the last one has been closed."""
    first, second, heard = SilentStream(), SilentStream(), Heard()
    stream, gone = open_login(first, second), Heard()
    stream.join(gone)
    await asyncio.sleep(1)
    stream.leave(gone)
    await asyncio.sleep(LINGERS - 0.001)
    assert not first.is_closed
    stream._end()  # noqa: SLF001 - the very moment
    stream.join(heard)
    assert not heard.began and not first.is_closed
    await asyncio.sleep(1)
    assert first.is_closed and heard.began == 1 and stream.is_alive
    await stream.aclose()
    assert second.is_closed
