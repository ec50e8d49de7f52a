"""The store that several processes share: a Redis or a Valkey, spoken to through aiocache.

Each thing asked of it is one script in one round trip, nobody waits for it longer than `SLOW`, and
while it is away nobody waits at all.
"""

import asyncio
import secrets
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import structlog
from aiocache.backends.redis import RedisCache
from redis.asyncio import Connection, ConnectionPool, SSLConnection, UnixDomainSocketConnection
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import AuthenticationError, RedisError, ResponseError

from app.cache.shared import redis_scripts as scripts
from app.cache.shared.store import (
    Heard,
    Position,
    Put,
    Saying,
    StoreAway,
    Tally,
    UnderLease,
)
from app.setting_types.store_url import StoreUrl
from resolvers.tasks import begin

log = structlog.get_logger()

SLOW = 0.05
"""Seconds from the send after which a caller goes on without an answer."""
HARD = 1.0
"""Seconds after which an answer, or a connection, is given up altogether."""
PAUSE = 1.0
"""Seconds for which a store that is away is not asked."""
AWAY_BY = 2
"""Answers in a row that were missed."""
SILENCE = 60.0
"""Seconds between two warnings of what the store refuses."""
CONNECTIONS = 8

Argument = str | bytes | int


def read_time(answer: Any) -> datetime:
    """What the store's own clock shows: https://redis.io/docs/latest/commands/time/

    Raises ValueError, TypeError.
    """
    seconds, microseconds = answer
    return datetime.fromtimestamp(int(seconds), UTC) + timedelta(microseconds=int(microseconds))


class RedisStore:
    """One store; see `SharedStore`. `read_time` reads its answer to TIME."""

    def __init__(self, url: StoreUrl, ca_file: Path | None = None) -> None:
        self.url = url
        self.read_time: Callable[[Any], datetime] = read_time
        self.counts: Counter[str] = Counter()
        self.in_flight = 0
        self._turns = asyncio.Semaphore(CONNECTIONS)
        self._tasks: set[asyncio.Future[Any]] = set()
        self._missed = 0
        self._away_until = 0.0
        self._silent_until = 0.0
        self._pool = _open_pool(url, ca_file)
        self._cache = RedisCache(connection_pool_class=lambda **_: self._pool, timeout=0)

    @property
    def is_away(self) -> bool:
        """Whether it missed its last answers."""
        return self._missed >= AWAY_BY

    async def find_trouble(self) -> str | None:
        """Why it cannot be used, found out as long as connecting may take; None where it can.

        Claims a turn of nobody's for a second, as a store that may only be read is of no use.
        """
        turn = f"tidings:check:{secrets.token_hex(8)}"
        try:
            await self._ask(
                scripts.FIND_OR_CLAIM, [f"{{{turn}}}:value", f"{{{turn}}}:turn"], [b"", 1000]
            )
        except StoreAway as away:
            return str(away)
        return None

    async def warn_if_away(self) -> None:
        """Says in the log that the gateway goes on without, if it has to."""
        trouble = await self.find_trouble()
        if trouble is not None:
            log.warning(
                "the shared store cannot be used: going on without",
                store=str(self.url),
                reason=trouble,
            )

    async def ask_time(self) -> datetime:
        answer = await self.run(scripts.TIME, [], [])
        with _none_of_ours():
            return self.read_time(answer)

    async def exchange(self, saying: Saying) -> Heard:
        keys = [saying.log, saying.lease, *(key for key, _ in saying.wanted)]
        stamps = [stamp for _, stamp in saying.wanted]
        arguments: list[Argument] = [
            b"-".join(b"%d" % part for part in saying.position),
            _milliseconds(saying.lives),
            int(saying.is_conditional),
            len(saying.entries),
            *(saying.opening, saying.wish, _milliseconds(saying.lease_lasts)),
            *(*saying.entries, *stamps),
        ]
        answer = await self.run(scripts.EXCHANGE, keys, arguments)
        with _none_of_ours():
            is_taken, is_broken, since, values, lease, there = answer
            entries = [(_read_position(position), _field(fields)) for position, fields in since]
            if len(values) != len(stamps) or not all(isinstance(each, bytes) for each in values):
                raise ValueError("other values than were wanted")
            now = self.read_time(there)
            return Heard(bool(is_taken), bool(is_broken), entries, values, bytes(lease), now)

    async def put(
        self, key: str, value: bytes, lives: timedelta, log: str, log_lives: timedelta
    ) -> None:
        times = [_milliseconds(lives), _milliseconds(log_lives)]
        await self.run(scripts.PUT, [log, key], [value, *times])

    async def put_under_lease(
        self, kept: UnderLease, lives: timedelta, log: str, log_lives: timedelta
    ) -> Put:
        times = [_milliseconds(lives), _milliseconds(log_lives)]
        arguments: list[Argument] = [kept.value, *times, kept.holder, kept.stamp, kept.stamp_at]
        answer = await self.run(scripts.PUT_UNDER_LEASE, [log, kept.key, kept.lease], arguments)
        with _none_of_ours():
            return Put(answer)

    async def end_lease(self, lease: str, holder: bytes) -> None:
        await self.run(scripts.END_LEASE, [lease], [holder])

    async def find_or_claim(
        self, key: str, lost: bytes, turn: str, turn_lasts: timedelta
    ) -> tuple[bytes, bool]:
        arguments: list[Argument] = [lost, _milliseconds(turn_lasts)]
        answer = await self.run(scripts.FIND_OR_CLAIM, [key, turn], arguments)
        with _none_of_ours():
            kept, is_claimed = answer
            return bytes(kept), bool(is_claimed)

    async def end_turn(self, key: str, value: bytes, lives: timedelta, turn: str) -> None:
        milliseconds = lives // timedelta(milliseconds=1)
        await self.run(scripts.END_TURN, [key, turn], [value, milliseconds])

    async def count(
        self, key: str, named: Sequence[tuple[str, datetime]], most: int, window: timedelta
    ) -> Tally:
        *earlier, (name, at) = named
        before = [part for each, instant in earlier for part in (_write(instant), each)]
        arguments = [_write(at), _milliseconds(window), most, name, *before]
        answer = await self.run(scripts.COUNT, [key], arguments)
        with _none_of_ours():  # what somebody else has put there counts for nothing
            is_counted, members, there = answer
            instants = [_read(score) for score in members[1::2]]
            return Tally(bool(is_counted), instants, self.read_time(there))

    async def run(self, script: str, keys: Sequence[str], arguments: Sequence[Argument]) -> Any:
        """What a Lua script gives, which runs as one: https://redis.io/docs/latest/commands/eval/

        Raises StoreAway.
        """
        async with self._turns:  # so that a connection is free, and the time counts from the send
            if asyncio.get_running_loop().time() < self._away_until:
                self.counts["skipped"] += 1
                raise StoreAway
            asking = begin(self._ask(script, keys, arguments))
            self._tasks.add(asking)
            asking.add_done_callback(self._tasks.discard)
            sent = asyncio.get_running_loop().time()
            done, _ = await asyncio.wait({asking}, timeout=SLOW)
            if not done and asyncio.get_running_loop().time() - sent > 2 * SLOW:
                # this process was busy itself, and may not have looked at the answer yet
                done, _ = await asyncio.wait({asking}, timeout=SLOW)
        if not done:
            self.counts["slow"] += 1
            self._miss("slow")
            raise StoreAway
        return asking.result()

    async def aclose(self) -> None:
        """Ends what is under way and closes the connections."""
        for task in [*self._tasks]:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._pool.aclose()

    async def _ask(self, script: str, keys: Sequence[str], arguments: Sequence[Argument]) -> Any:
        self.in_flight += 1
        try:
            async with asyncio.timeout(HARD):
                answer = await self._cache.raw("eval", script, len(keys), *keys, *arguments)
        except (RedisError, OSError) as error:  # TimeoutError is an OSError
            self.counts["failed"] += 1
            reason = f"{type(error).__name__}: {error}"[:200]
            is_refused = isinstance(error, ResponseError) and not isinstance(
                error, AuthenticationError
            )
            if is_refused:  # such as OOM: it is there, and this is what it does not take
                self._warn_of_refusal(reason)
            else:
                self._miss(reason)
            raise StoreAway(reason) from None
        finally:
            self.in_flight -= 1
        self.counts["answered"] += 1
        if self.is_away:
            log.info("the shared store is back", store=str(self.url))
        self._missed, self._away_until = 0, 0.0
        return answer

    def _warn_of_refusal(self, reason: str) -> None:
        now = asyncio.get_running_loop().time()
        if now >= self._silent_until:
            self._silent_until = now + SILENCE
            log.warning("the shared store refuses something", reason=reason)

    def _miss(self, reason: str) -> None:
        self._missed += 1
        if self._missed < AWAY_BY:
            return
        self._away_until = asyncio.get_running_loop().time() + PAUSE
        if self._missed == AWAY_BY:
            log.warning("the shared store is away", store=str(self.url), reason=reason)


@contextmanager
def _none_of_ours() -> Iterator[None]:
    """Raises StoreAway where an answer is none that a script of ours gives."""
    try:
        yield
    except (ValueError, TypeError, IndexError, OverflowError, OSError):
        raise StoreAway from None


def _milliseconds(period: timedelta) -> int:
    return max(1, period // timedelta(milliseconds=1))


def _read_position(position: bytes) -> Position:
    """An ID of a stream: https://redis.io/docs/latest/develop/data-types/streams/#entry-ids"""
    return tuple(int(part) for part in position.split(b"-"))


def _field(fields: Sequence[bytes]) -> bytes:
    """What an entry holds; empty, and so none of ours, where somebody else has put it there."""
    return bytes(fields[1]) if fields and len(fields) == 2 else b""


def _read(score: bytes) -> datetime:
    return datetime.fromtimestamp(float(score) / 1000, UTC)


def _write(instant: datetime) -> int:
    return int(instant.timestamp() * 1000)


def _open_pool(url: StoreUrl, ca_file: Path | None) -> ConnectionPool:
    """Connections that are made when they are needed; nothing is sent twice."""
    where: dict[str, Any] = {"host": url.host, "port": url.port}
    kind: type[Any] = Connection
    if url.path is not None:
        kind, where = UnixDomainSocketConnection, {"path": url.path}
    elif url.is_tls:  # the system's authorities, and these
        kind, where = SSLConnection, where | {"ssl_ca_certs": str(ca_file) if ca_file else None}
    return ConnectionPool(
        connection_class=kind,
        db=url.database,
        username=url.username,
        password=url.password,
        socket_connect_timeout=HARD,
        socket_timeout=HARD,
        retry=Retry(NoBackoff(), 0),
        **where,
    )
