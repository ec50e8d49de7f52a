"""What a platform is to the shell: one entry. docs/adding-a-platform.md is the recipe."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar, cast
from urllib.parse import urlsplit

from starlette.types import ASGIApp

from app.clock import Clock
from app.setting_types.inbox import CacheOverrides, InboxSettings
from app.upstreams.http.client import MOST_AT_ONCE, Http
from app.upstreams.http.rate_budget import PagingShare, RateBudget
from app.upstreams.http.transport import Transport
from app.upstreams.session_share import SessionShare
from resolvers.seam.upstream import Upstream

Remembered = TypeVar("Remembered")


@dataclass(frozen=True, slots=True)
class Instances:
    """How instances are reached, and what is remembered of them for all logins."""

    transport: Transport
    user_agent: str
    seconds: float
    remembered: dict[tuple[object, str], object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class NewLogin:
    """A login that is to be opened: whose it is, and what it may share with its other processes.

    The shares are None without a store.
    """

    inbox: InboxSettings
    instances: Instances
    clock: Clock
    paging_share: PagingShare | None = None
    session_share: SessionShare | None = None

    def connect(self, *, at_once: int = MOST_AT_ONCE, counts_paging: bool = False) -> Http:
        """The login's way to its instance, which may be asked so many things `at_once`.

        `counts_paging` is whether requests that page are limited beside the others.
        """
        inbox, instances = self.inbox, self.instances
        share = self.paging_share if counts_paging else None
        return Http(
            inbox.url,
            instances.transport,
            instances.user_agent,
            instances.seconds,
            inbox.token.get_secret_value() if inbox.token else None,
            budget=RateBudget(inbox.url, self.clock, counts_paging=counts_paging, share=share),
            at_once=at_once,
        )

    def remember(self, make: Callable[[], Remembered], whose: str) -> Remembered:
        """What all logins of an instance or an inbox have in common; made once."""
        made = self.instances.remembered.setdefault((make, whose), make())
        return cast("Remembered", made)


@dataclass(frozen=True, slots=True, eq=False)
class DemoInbox:
    """An inbox of the demo: its table in the configuration, and its instance in memory.

    `make_instance` is given the time, the instant up to which things have happened, where the
    instance is found, which is where the table says unless it is served elsewhere, and how many
    things have happened, which is `rows` unless somebody wants more.
    """

    table: Mapping[str, Any]
    rows: int
    make_instance: Callable[[Clock, datetime, str, int], "DemoInstance"]

    @property
    def name(self) -> str:
        """The inbox's."""
        name: str = self.table["name"]
        return name

    @property
    def origin(self) -> str:
        """Where the table says that the instance is."""
        parts = urlsplit(self.table["url"])
        return f"{parts.scheme}://{parts.netloc}"

    def table_at(self, origin: str) -> Mapping[str, Any]:
        """The table of an instance that is served elsewhere."""
        return {**self.table, "url": self.table["url"].replace(self.origin, origin)}


@dataclass(frozen=True, slots=True)
class DemoInstance:
    """An instance of the demo; `arrive` lets one more thing happen there, now."""

    app: ASGIApp
    arrive: Callable[[], None]


@dataclass(frozen=True, slots=True)
class PlatformEntry:
    """One platform, as `platform = "…"` and `[cache.…]` name it.

    `open` gives the lists of a login, in the order in which ties go.
    `settings` are an inbox's; `cache` has other times than the general ones as its defaults.
    `read_states` are the types of what its upstream's `ask_read_state` gives: processes share it.
    """

    name: str
    settings: type[InboxSettings]
    open: Callable[[NewLogin], Sequence[Upstream]]
    read_states: Sequence[type[Any]]
    cache: type[CacheOverrides] = CacheOverrides
    demo: Sequence[DemoInbox] = ()
