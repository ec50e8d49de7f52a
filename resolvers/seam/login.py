"""What an upstream tells of its login: who that is, how it stands, how much is unread."""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import urlsplit

from resolvers.errors import UpstreamError
from resolvers.types.inbox import InboxCapabilities
from resolvers.types.inbox_status import InboxHealth, RateLimit
from resolvers.types.scalars import URL


@dataclass(frozen=True, slots=True)
class Profile:
    """What an instance tells about itself and about who is logged in; None where it did not."""

    handle: str | None = None
    title: str | None = None
    software: str | None = None
    version: str | None = None
    capabilities: InboxCapabilities = field(default_factory=InboxCapabilities)


@dataclass(frozen=True, slots=True)
class UnreadTally:
    """How many notifications are unread; `is_capped` where the instance stops counting there."""

    count: int
    is_capped: bool


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """What waits for a login at another instance, as its own one tells; nothing is asked there.

    `api_url` is where that one's API is, by its account, and `url` a page for a person.
    """

    name: str
    title: str
    api_url: str
    url: URL | None
    count: int | None
    newest_at: datetime | None

    def is_at(self, addresses: Collection[str]) -> bool:
        """Whether one of these is the same instance, also where it names a page of it."""
        there = urlsplit(self.api_url)
        for address in addresses:
            here = urlsplit(address)
            is_api = here.path.endswith(_API)
            if here.netloc == there.netloc and (not is_api or here.path == there.path):
                return True
        return False


_API = "/api.php"


@dataclass(frozen=True, slots=True)
class LoginHealth:
    """How an instance has answered one login lately; instants are UTC."""

    last_success_at: datetime | None = None
    last_failure_at: datetime | None = None
    last_failure: UpstreamError | None = None
    is_failing: bool = False
    suspended_until: datetime | None = None
    rate_limit: RateLimit | None = None

    @property
    def in_one_word(self) -> InboxHealth:
        if self.suspended_until is not None:
            return InboxHealth.SUSPENDED
        if self.is_failing:
            return InboxHealth.DEGRADED
        return InboxHealth.HEALTHY if self.last_success_at else InboxHealth.UNKNOWN
