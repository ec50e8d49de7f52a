"""The gateway as an ASGI application, whose configuration can be replaced while it runs."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from starlette.routing import Router
from starlette.types import ASGIApp, Receive, Scope, Send

from app.cache.shared.store import ProcessStore
from app.clock import Clock
from app.config.settings import Settings
from app.logins import Logins, Retired
from app.observability.spans import Spans
from app.observability.telemetry import Telemetry
from app.upstreams.http.transport import Transport
from app.web.callers import Callers
from app.web.clients import Clients, FailedKeys
from app.web.health import PREFIX, Health
from app.web.lifecycle import Lifecycle
from app.web.subscriptions import Subscriptions
from app.web.view import GraphQLView
from resolvers.executing.execution import Api


@dataclass(frozen=True, slots=True)
class Lasting:
    """What lasts as long as the process, whatever the configuration."""

    clock: Clock
    transport: Transport
    store: ProcessStore | None
    logins: Logins
    subscriptions: Subscriptions
    failed_keys: FailedKeys
    callers: Callers
    lifecycle: Lifecycle
    telemetry: Telemetry
    spans: Spans
    answers: Counter[str]
    """How often one was kept, and how often not."""


@dataclass(frozen=True, slots=True)
class Served:
    """What one configuration makes: `graphql` is the short way to the view within `app`."""

    settings: Settings
    api: Api
    clients: Clients
    view: GraphQLView
    graphql: ASGIApp
    app: ASGIApp


FindView = Callable[[], GraphQLView]
Serve = Callable[[Settings, Api | None, FindView], Served]
"""Makes what a configuration needs, with the API of the one before, where that is the same."""


class Gateway:
    """Serves one configuration after the other; requests end under the one that they began with.

    It closes what lasts when it is shut down.
    """

    def __init__(self, settings: Settings, lasting: Lasting, serve: Serve) -> None:
        self.lasting = lasting
        self._serve = serve
        self._served = serve(settings, None, lambda: self.view)
        lasting.callers.switch(self._served.clients, ())
        self._health = Health(lasting.lifecycle, self._tell_state)
        self._retiring: set[asyncio.Task[None]] = set()
        self.router = Router(lifespan=self._lifespan)

    @property
    def settings(self) -> Settings:
        """The configuration that new requests are answered by."""
        return self._served.settings

    @property
    def view(self) -> GraphQLView:
        """What answers new requests."""
        return self._served.view

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"] == "/graphql":
            await self._served.graphql(scope, receive, send)
        elif scope["type"] == "lifespan":
            await self.router(scope, receive, send)
        elif scope["type"] == "http" and scope["path"].startswith(PREFIX):
            await self._health(scope, receive, send)
        else:
            await self._served.app(scope, receive, send)

    async def reload(self, settings: Settings) -> None:
        """Goes over to another configuration, which was checked; the same one changes nothing.

        It is made beside the one that is served, in a thread, so that nobody waits for it.
        """
        if settings == self.settings:
            return
        known = self._served.api
        served = await asyncio.to_thread(self._serve, settings, known, lambda: self.view)
        before, self._served = self._served, served
        retired = self.lasting.logins.switch(settings.inboxes)
        self.lasting.callers.switch(served.clients, retired.changed)
        retiring = asyncio.create_task(self._retire(before, retired))
        self._retiring.add(retiring)
        retiring.add_done_callback(self._retiring.discard)

    async def _retire(self, before: Served, retired: Retired) -> None:
        """Closes what was replaced, once the requests of before are answered."""
        await self.lasting.lifecycle.finish_requests(2 * before.settings.server.page_timeout)
        await before.view.responses.aclose()
        await self.lasting.logins.close(retired)

    @asynccontextmanager
    async def _lifespan(self, _: Any) -> AsyncIterator[None]:
        lasting = self.lasting
        if lasting.store is not None:
            await lasting.store.warn_if_away()
        try:
            yield
        finally:
            for task in [*self._retiring]:
                task.cancel()
            await asyncio.gather(*self._retiring, return_exceptions=True)
            await self._served.view.responses.aclose()
            await lasting.logins.aclose()
            if lasting.store is not None:
                await lasting.store.aclose()
            await lasting.transport.aclose()

    def _tell_state(self) -> Mapping[str, object]:
        store = self.lasting.store
        failing = [each.health.is_failing for each in self.lasting.logins.of_inboxes.values()]
        return {
            "store": None if store is None else "away" if store.is_away else "answering",
            "inboxes": {"working": failing.count(False), "failing": failing.count(True)},
        }
