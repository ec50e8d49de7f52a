"""The logins of all callers: what speaks for an inbox with one credential.

Everything private belongs to a login, so that nothing passes from one to another, also where they
are at the same inbox.
"""

import asyncio
import random
from collections import OrderedDict
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple
from weakref import WeakValueDictionary

from pydantic import SecretStr

from app import VERSION
from app.cache.copies.cached import CachedUpstream
from app.cache.copies.store import ChunkStore
from app.cache.shared.store import SharedStore
from app.clock import Clock
from app.config.settings import Settings
from app.login_opening import Login, Opening, identify_login
from app.observability.spans import NO_SPANS, Spans
from app.observability.telemetry import NOBODY, Telemetry
from app.platforms.platform import Instances
from app.setting_types.inbox import InboxSettings
from app.upstreams.http.transport import Transport
from app.upstreams.wrappers.circuit_breaker import CircuitBreaker
from resolvers.seam.upstream import Upstream


class Logins:
    """The logins of all callers: those of the configuration, and those that requests bring."""

    def __init__(
        self,
        settings: Settings,
        clock: Clock,
        transport: Transport,
        store: SharedStore | None = None,
        chance: Callable[[], float] = random.random,
        telemetry: Telemetry = NOBODY,
        spans: Spans = NO_SPANS,
    ) -> None:
        self._inboxes: dict[str, InboxSettings] = {}
        self._breakers: WeakValueDictionary[str, CircuitBreaker] = WeakValueDictionary()
        self._logins: dict[str, Login] = {}
        self.configured: Mapping[str, CachedUpstream] = {}
        user_agent = f"Tidings/{VERSION} ({settings.upstream.contact})"
        instances = Instances(transport, user_agent, settings.upstream.timeout)
        self.chunks = ChunkStore(settings.cache.memory)
        parts = settings, clock, instances, store, self.chunks, chance, telemetry, spans
        self._opening = Opening(*parts)
        self._of_requests = RequestLogins(self._opening)
        self.switch(settings.inboxes)

    def switch(self, inboxes: Sequence[InboxSettings]) -> "Retired":
        """Goes over to other inboxes, and keeps the logins of those that stay as they are."""
        before, had = self._inboxes, self._logins
        self._inboxes = {inbox.name: inbox for inbox in inboxes}
        names = {**before, **self._inboxes}
        changed = {name for name in names if before.get(name) != self._inboxes.get(name)}
        self._logins = {
            inbox.name: self._open(inbox) if inbox.name in changed else had[inbox.name]
            for inbox in inboxes
            if inbox.credentials == "config"
        }
        self.configured = {
            name: each for login in self._logins.values() for name, each in login.lists.items()
        }
        gone = [login for name, login in had.items() if name in changed]
        return Retired(changed, [*gone, *self._of_requests.retire(changed)])

    def _open(self, inbox: InboxSettings) -> Login:
        breaker = self._breakers.get(inbox.url)
        if breaker is None:
            breaker = self._breakers[inbox.url] = self._opening.make_circuit_breaker(inbox.url)
        return self._opening.open(inbox, breaker)

    @property
    def of_inboxes(self) -> Mapping[str, CachedUpstream]:
        """What tells how each configured inbox is, by its name."""
        return {name: login.main for name, login in self._logins.items()}

    async def close(self, retired: "Retired") -> None:
        """Ends what is under way for logins that there are no more, and forgets their copies."""
        for gone in retired.logins:
            await gone.aclose()
            is_back = any(each.login == gone.login for each in self._logins.values())
            if not is_back and not self._of_requests.has(gone.login):
                await gone.forget(self._opening.chunks)

    async def of_caller(
        self,
        visible: Collection[str] | None,
        credentials: Mapping[str, SecretStr],
        client: str = "",
    ) -> Mapping[str, Upstream]:
        """What speaks for each inbox that a caller may read, in the configuration's order.

        `visible` are the names of inboxes, None for all; `credentials` tokens by inbox, which
        `client` has brought. An inbox whose credential comes with requests is there for those who
        bring one.
        """
        if visible is None and not credentials:
            return self.configured
        upstreams: dict[str, Upstream] = {}
        for name, inbox in self._inboxes.items():
            if visible is not None and name not in visible:
                continue
            if name in credentials:
                login = await self._of_requests.find(inbox, credentials[name], client)
                upstreams.update(login.lists)
            elif name in self._logins:
                upstreams.update(self._logins[name].lists)
        return upstreams

    async def finish_writes(self, seconds: float) -> None:
        """Waits for the writes that are under way, so long at most."""
        known = *self._logins.values(), *self._of_requests.known
        turns = [each.writes for login in known for each in login.lists.values()]
        writing = [asyncio.ensure_future(each.finish()) for each in turns if each.is_under_way]
        if writing:
            await asyncio.wait(writing, timeout=max(0.0, seconds))

    async def aclose(self) -> None:
        """Ends what is under way for any login."""
        for login in self._logins.values():
            await login.aclose()
        await self._of_requests.aclose()


class Retired(NamedTuple):
    """The names of the inboxes that are others now, and the logins that there are no more."""

    changed: Collection[str]
    logins: Sequence[Login]


@dataclass(slots=True)
class _Known:
    login: Login
    used_at: datetime


class RequestLogins:
    """Logins whose credential came with a request: so many, the least used go first.

    Where there are too many, one goes of the client that has brought most of them, and of its own
    rather one whose credential no instance has accepted: who sends tokens at random pushes out
    nobody else's logins. The newest is one more, until it is accepted.

    One that has subscribers stays, and where all have, no other may have any.

    One that is forgotten while it is in use is found again until nobody uses it any more: two
    objects for one login would not know of each other's writes.
    """

    def __init__(self, opening: Opening) -> None:
        self._opening = opening
        self._most = opening.settings.cache.logins
        self._keep = timedelta(seconds=opening.settings.cache.keep)
        self._brought: dict[str, _Brought] = {}
        self._alive: WeakValueDictionary[str, Login] = WeakValueDictionary()

    async def find(self, inbox: InboxSettings, token: SecretStr, client: str) -> Login:
        """What speaks for the login; it is opened at its first request."""
        with_token = inbox.model_copy(update={"token": token})
        name, now = identify_login(with_token), self._opening.clock.now()
        login = self._alive.get(name)
        if login is None:
            breaker = self._opening.make_circuit_breaker(inbox.url)
            login = self._alive[name] = self._opening.open(with_token, breaker)
            login.watch_only_if(self._has_room)
        brought = self._brought.pop(client, None)
        if brought is None:
            brought = _Brought()
        self._brought[client] = brought  # the one used last stands last
        brought.note_accepted()
        brought.forget(name)
        pool = brought.accepted if login.was_accepted else brought.new
        pool[name] = _Known(login, now)
        await self._forget_before(now - self._keep)
        while sum(map(len, self._brought.values())) > self._most + (not login.was_accepted):
            await self._forget_one(name)
        return login

    @property
    def known(self) -> Sequence[Login]:
        """All that are open."""
        return [*self._alive.values()]

    def has(self, login: str) -> bool:
        """Whether it is found, if it is asked for."""
        return login in self._alive

    def retire(self, inboxes: Collection[str]) -> Sequence[Login]:
        """Finds none of the logins of these inboxes any more; those that there were."""
        known = [*self._alive.items()]
        gone = {login: each for login, each in known if login.partition("|")[0] in inboxes}
        for login in gone:
            del self._alive[login]
            for brought in self._brought.values():
                brought.forget(login)
        return [*gone.values()]

    def _has_room(self) -> bool:
        """Whether another login may have subscribers, for whose sake it would have to stay."""
        return sum(each.is_watched for each in self._alive.values()) < self._most

    async def aclose(self) -> None:
        """Ends what is under way for any of them."""
        await asyncio.gather(*(login.aclose() for login in self.known))

    async def _forget_before(self, when: datetime) -> None:
        for client, brought in [*self._brought.items()]:
            for pool in (brought.accepted, brought.new):
                old = [login for login, known in pool.items() if known.used_at <= when]
                for login in old:
                    if not pool[login].login.is_watched:
                        await self._forget(client, login)

    async def _forget_one(self, newest: str) -> None:
        for client in sorted(self._brought, key=lambda each: -len(self._brought[each])):
            oldest = self._brought[client].find_oldest(newest)
            if oldest is not None:
                await self._forget(client, oldest)
                return
        newest_of = next(each for each, brought in self._brought.items() if brought.has(newest))
        await self._forget(newest_of, newest)

    async def _forget(self, client: str, name: str) -> None:
        login = self._brought[client].forget(name)
        if not len(self._brought[client]):
            del self._brought[client]
        if login is not None and not any(each.has(name) for each in self._brought.values()):
            await login.forget(self._opening.chunks)


class _Brought:
    """The logins that one client has brought, the least used first: those whose credential an
    instance has accepted, and those of which nobody knows yet.
    """

    def __init__(self) -> None:
        self.accepted: OrderedDict[str, _Known] = OrderedDict()
        self.new: OrderedDict[str, _Known] = OrderedDict()

    def __len__(self) -> int:
        return len(self.accepted) + len(self.new)

    def note_accepted(self) -> None:
        """Looks whether the oldest of the new ones have been accepted since they came."""
        while self.new and next(iter(self.new.values())).login.was_accepted:
            login, known = self.new.popitem(last=False)
            self.accepted[login] = known

    def find_oldest(self, newest: str) -> str | None:
        """The one to be forgotten first; not the newest, nor one that has subscribers."""
        self.note_accepted()
        for pool in (self.new, self.accepted):
            for login, known in pool.items():
                if login != newest and not known.login.is_watched:
                    return login
        return None

    def has(self, login: str) -> bool:
        """Whether it is among them."""
        return login in self.accepted or login in self.new

    def forget(self, login: str) -> Login | None:
        """Takes one out, if it is there."""
        known = [self.accepted.pop(login, None), self.new.pop(login, None)]
        return next((each.login for each in known if each is not None), None)
