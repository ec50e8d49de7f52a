"""Everything that lives as long as the process is bounded in bytes, whatever it is filled with."""

import gc
import tracemalloc
from collections.abc import Callable
from datetime import timedelta

import pytest
from starlette.responses import Response
from support.virtual_time import START

from app.cache.responses import Kept, ResponseCache, ResponseKey
from app.upstreams.http.client import _escape, _escape_known
from app.upstreams.http.connections.pool import _read_known_url
from app.web.clients import FailedKeys
from app.web.negotiation import _negotiate_known, negotiate
from app.web.parameters import _read_known
from resolvers.memo import Memo

MEGABYTE = 1024 * 1024
LOGINS = tuple(f"login-{number}" for number in range(1000))


def taken_by(fill: Callable[[], object]) -> int:
    """Bytes that are held after something was filled."""
    gc.collect()
    tracemalloc.start()
    held = fill()
    gc.collect()
    taken, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert held is not None
    return taken


@pytest.mark.parametrize("size", [1, 100, 5000])
@pytest.mark.parametrize("letter", ["x", "\u00e4", "\u20ac", "\U0001f600"])
def test_what_is_remembered_of_texts(letter: str, size: int) -> None:
    """Characters of any width, in texts of any length, take no more than was allowed."""

    def fill() -> Memo:
        memo = Memo(lambda text: text + letter, MEGABYTE)
        for number in range(3 * MEGABYTE // (size + 300)):
            memo(f"{number}{letter * size}")
        return memo

    assert taken_by(fill) < 1.3 * MEGABYTE


class Noon:
    """A clock that stands still."""

    def now(self) -> object:
        return START

    wall = now


@pytest.mark.parametrize("size", [10, 1000, 100_000])
@pytest.mark.parametrize("part", ["name", "variables", "body", "logins"])
def test_kept_responses(part: str, size: int) -> None:
    """An operation's name, its variables, the answer and the marks are all counted."""

    def fill() -> ResponseCache:
        answers = ResponseCache(MEGABYTE, Noon())  # type: ignore[arg-type] # it stands still
        for number in range(2000):
            text = b"%d" % number + b"x" * size
            parts = {"name": b"n", "variables": b"{}", "body": b"{}", part: text}
            logins = LOGINS[: size // 100 if part == "logins" else 1]
            key = ResponseKey(
                parts["name"] + b"%d" % number, parts["variables"], "json", False, logins
            )
            marks = tuple(b"%16d" % n for n in range(len(logins)))
            answers.put(key, Kept(Response(parts["body"]), marks, START + timedelta(1)))
        return answers

    assert taken_by(fill) < 1.3 * MEGABYTE


def fill_accept() -> object:
    """Headers as long as any that are remembered."""
    for number in range(600):
        negotiate(f"{number}/{'x,' * 120}"[:256])
    return negotiate


def fill_bodies() -> object:
    """Bodies that become as much as any of their size can."""
    for number in range(300):
        _read_known(b'{"query": "%d", "variables": {"a": [%s{}]}}' % (number, b"[]," * 1300))
    return _read_known


def fill_urls() -> object:
    """Addresses as long as any that are remembered."""
    for number in range(2000):
        url = f"https://a.test/{number}?{'x' * 480}"[:512]
        _read_known_url(_escape(url))
    return _read_known_url


MEMOS: dict[str, tuple[Callable[[], object], float]] = {
    "Accept": (fill_accept, 3),
    "bodies": (fill_bodies, 16),
    "URLs": (fill_urls, 4),
}
"""How each is filled, and the megabytes that docs/limits.md says."""


@pytest.mark.parametrize(("fill", "megabytes"), MEMOS.values(), ids=MEMOS)
def test_what_is_remembered_of_requests(fill: Callable[[], object], megabytes: float) -> None:
    """No more than docs/limits.md says, whoever sends what."""
    for memo in (_negotiate_known, _read_known, _escape_known, _read_known_url):
        memo.cache_clear()
    try:
        assert taken_by(fill) < 1.3 * megabytes * MEGABYTE
    finally:
        for memo in (_negotiate_known, _read_known, _escape_known, _read_known_url):
            memo.cache_clear()


async def test_addresses_of_failed_keys() -> None:
    """10,000 of them take 3 MB."""
    from app.clock import SystemClock

    async def go_on(_: float) -> None:
        """Nobody waits."""

    failures = FailedKeys(SystemClock(), go_on)
    gc.collect()
    tracemalloc.start()
    for number in range(15_000):
        await failures.slow_down(f"10.{number >> 16}.{number >> 8 & 255}.{number & 255}")
    taken, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert len(failures) == 10_000 and taken < 1.3 * 3 * MEGABYTE
