"""One subscription, which goes on while the configuration is replaced."""

from collections.abc import AsyncGenerator, Awaitable, Callable, Collection, Mapping
from contextlib import aclosing
from typing import Protocol

from app.web.callers import Callers
from app.web.clients import Client
from app.web.inbox_authorization import Credentials
from app.web.refusal import Refused
from app.web.tell_listening import TellListening
from resolvers.context import Context
from resolvers.executing.answer import SentEvent
from resolvers.executing.documents import Operation
from resolvers.executing.execution import Api
from resolvers.executing.interruption import Interruption
from resolvers.executing.subscribing import subscribe
from resolvers.seam.upstream import Upstream

FindUpstreams = Callable[[Client, Credentials], Awaitable[Mapping[str, Upstream]]]


class MakeContext(Protocol):
    """Makes an operation's surroundings; `is_now` is whether copies from before are too old."""

    def __call__(
        self, client: Client, upstreams: Mapping[str, Upstream], *, is_now: bool
    ) -> Context: ...


class Listening:
    """Whoever listens: it is looked up again what it may see when that has changed."""

    def __init__(
        self,
        client: Client,
        credentials: Credentials,
        callers: Callers,
        find_upstreams: FindUpstreams,
        make_context: MakeContext,
        tell: TellListening,
    ) -> None:
        self._client = client
        self._credentials = credentials
        self._callers = callers
        self._find_upstreams = find_upstreams
        self._make_context = make_context
        self._tell = tell
        self._interruption = Interruption()

    async def events(
        self,
        api: Api,
        operation: Operation,
        variables: Mapping[str, object],
        last_event_id: str | None,
    ) -> AsyncGenerator[SentEvent]:
        """All that happens. Raises RequestRefused, and Refused once the client's key is gone."""
        found, interruption = self._find_context, self._interruption
        events = subscribe(api, operation, variables, found, last_event_id, interruption)
        with self._callers.followed_by(self._note_switch), self._tell.told(self._client.name):
            async with aclosing(events):
                async for event in events:
                    self._tell.event(event.kind, event.seen_at)
                    yield event

    async def _find_context(self) -> Context:
        self._client = self._callers.find_again(self._client)
        upstreams = await self._find_upstreams(self._client, self._credentials)
        return self._make_context(self._client, upstreams, is_now=False)

    def _note_switch(self, changed: Collection[str]) -> None:
        try:
            now = self._callers.find_again(self._client)
        except Refused:
            now = None
        sees_a_change = any(self._client.sees(name) for name in changed)
        if now != self._client or sees_a_change:
            self._interruption.fire()
