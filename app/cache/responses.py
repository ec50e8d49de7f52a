"""The response cache: the bytes that plain execution would give again at this moment.

An answer is kept if it was made of fresh chunks alone, without an error or a failure, and no login
has written, is writing or is settling. It is good until the first of its chunks is not fresh any
more, or any login of its caller writes. docs/caching.md has the rule and its tests.
"""

from collections import Counter, OrderedDict
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TypeGuard

import orjson
from starlette.responses import Response

from app.cache.copies.cached import CachedUpstream
from app.cache.single_flight import SingleFlight
from app.cache.write_log import Token
from app.clock import Clock
from resolvers.context import Context, Touched
from resolvers.executing.documents import Operation
from resolvers.seam.upstream import Upstream

_OVERHEAD = 2048
"""Bytes that an answer takes beside its body, its variables and its operation's name."""
_OF_A_LOGIN = 64
"""Bytes that it takes for each login that it was made for: its mark, and where that stands."""

Execute = Callable[[], Awaitable[tuple[Response, Context | None]]]
"""Makes an answer, and gives its context where it has no error and no failure."""

LastWrites = tuple[Token, ...]
"""What the logins of a caller had written last, one for each."""


@dataclass(frozen=True, slots=True)
class ResponseKey:
    """Who asks for what: the operation, its variables, the media type and the caller's logins.

    An answer by GET has a tag, and one by POST has none.
    """

    operation: bytes
    variables: bytes
    media_type: str
    has_tag: bool
    logins: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Kept:
    """The response with an answer, under which marks it was made, and until when it is good."""

    response: Response
    last_writes: LastWrites
    until: datetime


class ResponseCache:
    """Answers of all callers together, no more than `most` bytes; the least used go first."""

    def __init__(self, most: int, clock: Clock, counts: Counter[str] | None = None) -> None:
        """`counts` lasts longer: how often an answer was kept (`hit`) or not (`missed`)."""
        self._most = most
        self._clock = clock
        self._kept: OrderedDict[ResponseKey, Kept] = OrderedDict()
        self._made: SingleFlight[ResponseKey, LastWrites, Response] = SingleFlight()
        self.used = 0
        self.counts: Counter[str] = Counter() if counts is None else counts

    def key(
        self,
        operation: Operation,
        variables: Mapping[str, object],
        media_type: str,
        has_tag: bool,
        upstreams: Mapping[str, Upstream],
    ) -> ResponseKey | None:
        """What an answer is kept under; None for variables that are too deep to be written."""
        try:
            written = orjson.dumps(variables, option=orjson.OPT_SORT_KEYS)
        except orjson.JSONEncodeError:
            return None
        logins = tuple(each.login for each in upstreams.values() if _is_cached(each))
        return ResponseKey(operation.fingerprint, written, media_type, has_tag, logins)

    async def find_or_make(
        self, key: ResponseKey | None, upstreams: Mapping[str, Upstream], execute: Execute
    ) -> Response:
        """The answer that is kept, or is being made for others, or else is made now.

        One that was begun before a write of one of its logins is left to those who asked before.
        """
        last_writes = last_writes_of(upstreams)
        if key is None or last_writes is None or not self._most:
            return (await execute())[0]
        kept = self._find(key, last_writes)
        if kept is not None:
            return kept.response
        self.counts["missed"] += 1

        async def make() -> Response:
            response, context = await execute()
            if context is not None:
                self._keep(key, last_writes, context, response)
            return response

        return await self._made.join(key, last_writes, make, lambda begun: begun == last_writes)

    async def aclose(self) -> None:
        """Ends what is being made."""
        await self._made.aclose()

    def _find(self, key: ResponseKey, last_writes: LastWrites) -> Kept | None:
        """The answer, if plain execution would give the same now."""
        kept = self._kept.get(key)
        if kept is None:
            return None
        if kept.last_writes != last_writes or self._clock.now() >= kept.until:
            self._drop(key)
            return None
        self._kept.move_to_end(key)
        self.counts["hit"] += 1
        return kept

    def _keep(
        self, key: ResponseKey, last_writes: LastWrites, context: Context, response: Response
    ) -> None:
        """Keeps an answer without errors whose logins had these marks before it was executed."""
        size = self._size(key, response)
        until = self._good_until(context)
        if until is None or last_writes_of(context.upstreams) != last_writes:
            return
        if size > self._most or self._clock.now() >= until:
            return
        self.put(key, Kept(response, last_writes, until))

    def put(self, key: ResponseKey, kept: Kept) -> None:
        """Keeps an answer, and forgets others where there is no room for all."""
        if key in self._kept:
            self._drop(key)
        self._kept[key] = kept
        self.used += self._size(key, kept.response)
        while self.used > self._most:
            self._drop(next(iter(self._kept)))

    def _good_until(self, context: Context) -> datetime | None:
        """None for an answer that is made of no chunk, or of one that is not fresh."""
        touched = context.touched
        if not touched or not all(each.is_fresh for each in touched):
            return None
        return min(_fresh_until(each, context.upstreams) for each in touched)

    def _drop(self, key: ResponseKey) -> None:
        self.used -= self._size(key, self._kept.pop(key).response)

    @staticmethod
    def _size(key: ResponseKey, response: Response) -> int:
        of_logins = _OF_A_LOGIN * len(key.logins)
        return len(response.body) + len(key.operation) + len(key.variables) + of_logins + _OVERHEAD


def last_writes_of(upstreams: Mapping[str, Upstream]) -> LastWrites | None:
    """The marks of a caller's logins; None where one of them lets nothing be kept now."""
    last_writes = []
    for upstream in upstreams.values():
        last_write = upstream.last_write if _is_cached(upstream) else None
        if last_write is None:
            return None
        last_writes.append(last_write)
    return tuple(last_writes)


def _is_cached(upstream: Upstream) -> TypeGuard[CachedUpstream]:
    return isinstance(upstream, CachedUpstream)


def _fresh_until(touched: Touched, upstreams: Mapping[str, Upstream]) -> datetime:
    upstream = upstreams[touched.name]
    assert isinstance(upstream, CachedUpstream)
    return upstream.fresh_until(touched.fetched_at)
