"""How a login is opened: what speaks for an inbox with one credential."""

import asyncio
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from hashlib import blake2b
from time import perf_counter

from app.cache.copies.cached import CachedUpstream
from app.cache.copies.store import ChunkStore
from app.cache.kept import CacheTimes
from app.cache.shared.login_store import LoginStore
from app.cache.shared.paging import SharedPaging
from app.cache.shared.session import SharedSession
from app.cache.shared.store import SharedStore
from app.clock import Clock
from app.config.settings import Settings
from app.deadlines import Deadlines
from app.observability.events import log_crash
from app.observability.spans import Spans
from app.observability.telemetry import Telemetry
from app.platforms.platform import Instances, NewLogin
from app.platforms.registry import PLATFORMS
from app.setting_types.inbox import InboxSettings
from app.upstreams.http.noted import NotedTransport
from app.upstreams.wrappers.circuit_breaker import (
    CircuitBreaker,
    GuardedUpstream,
    is_outage,
    is_trouble_of_one,
)
from app.upstreams.wrappers.observed import ObservedUpstream
from app.upstreams.wrappers.retried import RetriedUpstream
from resolvers.errors import UpstreamError
from resolvers.seam.upstream import Upstream


@dataclass(frozen=True, slots=True)
class Opening:
    """What every login needs, and how it is opened."""

    settings: Settings
    clock: Clock
    instances: Instances
    store: SharedStore | None
    chunks: ChunkStore
    chance: Callable[[], float]
    telemetry: Telemetry
    spans: Spans

    @property
    def deadlines(self) -> Deadlines:
        """By the settings."""
        return Deadlines(self.settings.server.page_timeout, self.settings.upstream.timeout)

    def make_circuit_breaker(
        self, url: str, counts: Callable[[UpstreamError], bool] = is_outage
    ) -> CircuitBreaker:
        """For an instance; logins that come with requests have each their own."""
        return CircuitBreaker(url, self.clock, self.chance, self.deadlines.probe, counts)

    def open(self, inbox: InboxSettings, breaker: CircuitBreaker) -> "Login":
        """What speaks for one login, by a circuit breaker of its own beside its instance's."""
        login, shared = identify_login(inbox), self.store
        kept = LoginStore(shared, login, _credential(inbox)) if shared is not None else None
        own = self.make_circuit_breaker(inbox.url, is_trouble_of_one)
        lists = self._open_inbox(inbox, kept)
        return Login(login, [self._wrap(each, inbox, login, (breaker, own)) for each in lists])

    def _wrap(
        self,
        bare: Upstream,
        inbox: InboxSettings,
        login: str,
        breakers: tuple[CircuitBreaker, CircuitBreaker],
    ) -> CachedUpstream:
        """What speaks for one list of a login, with copies of its own.

        Observed, then guarded by circuit breakers, the instance's and the login's, then retried,
        then cached: each try passes them, so that an instance that is down is tried once when its
        time has come.
        """
        times, shared = self._cache_times(inbox.platform), self.store
        if bare.name != inbox.name:
            login = f"{login}|{bare.feed.name.lower()}"
        kept = LoginStore(shared, login, _credential(inbox)) if shared is not None else None
        observed = ObservedUpstream(bare, self.clock, log_crash)
        guarded = GuardedUpstream(GuardedUpstream(observed, breakers[0]), breakers[1])
        retried = RetriedUpstream(guarded, self.clock, self.chance, self.deadlines.retry)
        own_chunks = self.chunks, login, times, self.clock, make_token, kept
        return CachedUpstream(retried, *own_chunks, self.chance)

    def _cache_times(self, platform: str) -> CacheTimes:
        cache = self.settings.cache
        fresh, stale, keep = cache.ages_for(platform)
        return CacheTimes(
            fresh=fresh,
            stale=stale,
            keep=keep,
            patience=cache.patience,
            longest_wait=self.deadlines.with_a_copy,
            settling=cache.settling,
            settling_unknown=cache.settling_unknown,
        )

    def _open_inbox(self, inbox: InboxSettings, own: LoginStore | None) -> Sequence[Upstream]:
        note = partial(self.telemetry.note_request, inbox.name)
        open_span = self.spans.open_request
        span = partial(open_span, inbox.name) if open_span is not None else None
        way = NotedTransport(self.instances.transport, note, perf_counter, span)
        new = NewLogin(
            inbox,
            replace(self.instances, transport=way),
            self.clock,
            SharedPaging(own, self.clock) if own is not None else None,
            SharedSession(own, make_token) if own is not None else None,
        )
        return PLATFORMS[inbox.platform].open(new)


class Login:
    """What speaks for one login: each of its lists, in the order in which ties go.

    `login` is a text that no other login has.
    """

    __slots__ = ("__weakref__", "_has_room", "lists", "login")

    def __init__(self, login: str, lists: Sequence[CachedUpstream]) -> None:
        self.login = login
        self._has_room: Callable[[], bool] = lambda: True
        self.lists = {each.name: each for each in lists}

    @property
    def main(self) -> CachedUpstream:
        """That by which it is told how the inbox is: the last in which ties go, or the only one."""
        return [*self.lists.values()][-1]

    @property
    def was_accepted(self) -> bool:
        """Whether the instance has answered this credential once."""
        return any(each.was_accepted for each in self.lists.values())

    @property
    def is_watched(self) -> bool:
        """Whether there is anybody for whom it has to stay."""
        return any(each.is_watched for each in self.lists.values())

    def watch_only_if(self, may_be_watched: Callable[[], bool]) -> None:
        """Asks before anybody watches one of its lists, while nobody watches any.

        Whoever holds one of the lists thereby holds all: a login is not opened twice at a time.
        """
        self._has_room = may_be_watched
        for each in self.lists.values():
            each.may_be_watched = self._may_be_watched

    def _may_be_watched(self) -> bool:
        return self.is_watched or self._has_room()

    async def aclose(self) -> None:
        """Ends what is under way for it."""
        await asyncio.gather(*(each.aclose() for each in self.lists.values()))

    async def forget(self, chunks: ChunkStore) -> None:
        """Drops the copies of its lists."""
        for each in self.lists.values():
            await chunks.forget(each.login)


def make_token() -> bytes:
    """What names an entry of a write log, in all processes together."""
    return secrets.token_bytes(8)


def identify_login(inbox: InboxSettings) -> str:
    """A text for (inbox, credential) that no other login has and that tells no secret."""
    who = f"{inbox.name}|{inbox.url}".encode()
    digest = blake2b(who, key=blake2b(_credential(inbox)).digest(), digest_size=16)
    return f"{inbox.name}|{digest.hexdigest()}"


def _credential(inbox: InboxSettings) -> bytes:
    return "|".join(secret.get_secret_value() for secret in inbox.secrets).encode()
