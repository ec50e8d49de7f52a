"""Who asks, by the key in `Authorization`: https://www.rfc-editor.org/rfc/rfc6750"""

from collections import OrderedDict
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hmac import compare_digest
from ipaddress import IPv6Address, ip_address, ip_network

from app.clock import Clock
from app.config.clients import ClientSettings
from app.setting_types.keys import digest_key
from app.web.refusal import Refusal, Refused

_CHALLENGE = 'Bearer realm="tidings"'
_LONGEST_KEY = 512


@dataclass(frozen=True, slots=True)
class Client:
    """Somebody who asks: the names of the inboxes to see (None for all), and whether to change."""

    name: str
    inboxes: frozenset[str] | None
    may_write: bool
    key: bytes = field(default=b"", repr=False)
    """The SHA-256 of its key; empty where none is needed."""

    def sees(self, inbox: str) -> bool:
        """Whether it may see an inbox."""
        return self.inboxes is None or inbox in self.inboxes


ANYBODY = Client("anybody", None, may_write=True)
"""Who asks where no clients are configured."""


class Clients:
    """Recognises who asks. Without any configured, everybody is let in."""

    def __init__(self, configured: Sequence[ClientSettings], failures: "FailedKeys") -> None:
        self._by_digest = {each.key: (each.key, _client_of(each)) for each in configured}
        self._failures = failures

    async def recognise(self, given: Sequence[str], host: str) -> Client:
        """Who asks, by what `Authorization` has, from which address.

        Raises Refused, in time that tells nothing of a key.
        """
        if not self._by_digest:
            return ANYBODY
        if not given:
            raise _refuse("This gateway needs a key: send it as Authorization: Bearer.", _CHALLENGE)
        address = _group(host)
        self._failures.check(address)
        client = self.find(given[0]) if len(given) == 1 else None
        if client is None:
            await self._failures.slow_down(address)
            challenge = f'{_CHALLENGE}, error="invalid_token"'
            raise _refuse("No client has the key in Authorization.", challenge)
        return client

    def find_again(self, client: Client) -> Client:
        """One who was recognised before, as it is configured here. Raises Refused."""
        if not self._by_digest:
            return ANYBODY
        _, known = self._by_digest.get(client.key, (b"", None))
        if known is None:
            raise _refuse("The key that was sent is not valid any more.", _CHALLENGE)
        return known

    def find(self, authorization: str) -> Client | None:
        """The client whose key a header has.

        Keys are looked up by their SHA-256, which nobody can steer: how far two of them agree
        tells nothing. What was found is compared as a whole all the same.
        """
        scheme, _, key = authorization.partition(" ")
        if scheme.lower() != "bearer" or len(key) > _LONGEST_KEY:
            return None
        digest = digest_key(key.strip())
        known, client = self._by_digest.get(digest, (b"", None))
        return client if compare_digest(known, digest) else None


def _client_of(settings: ClientSettings) -> Client:
    inboxes = None if settings.inboxes is None else frozenset(settings.inboxes)
    may_write = settings.access == "write"
    return Client(settings.name, inboxes, may_write, settings.key)


class FailedKeys:
    """Slows down whoever tries keys, by address: one answer a second, and ten of them at most wait.

    Addresses do not wait for one another; of a network of IPv6, which one machine may have to
    itself, all are one.
    """

    def __init__(self, clock: Clock, sleep: Callable[[float], Awaitable[None]]) -> None:
        self._clock = clock
        self._sleep = sleep
        self._next: OrderedDict[str, datetime] = OrderedDict()

    def __len__(self) -> int:
        """How many addresses are remembered."""
        return len(self._next)

    def check(self, address: str) -> None:
        """Refuses an address whose failures still wait for their answers. Raises Refused."""
        wait = self._wait_of(address)
        if wait > _MOST_WAITING * _PAUSE:
            after = {"retry-after": str(int(wait.total_seconds()) + 1)}
            message = "Too many wrong keys came from your address: try again later."
            raise Refused(Refusal.TOO_MANY_REQUESTS, message, after)

    async def slow_down(self, address: str) -> None:
        """Waits for the turn of one more failure of this address."""
        wait = self._wait_of(address)
        self._next[address] = self._clock.now() + wait + _PAUSE
        self._next.move_to_end(address)
        while len(self._next) > _MOST_ADDRESSES:
            self._next.popitem(last=False)
        await self._sleep(wait.total_seconds())

    def _wait_of(self, address: str) -> timedelta:
        turn = self._next.get(address)
        return max(turn - self._clock.now(), timedelta()) if turn else timedelta()


_PAUSE = timedelta(seconds=1)
_MOST_WAITING = 10
_MOST_ADDRESSES = 10_000
_NETWORK_BITS = 64


def _group(host: str) -> str:
    """An address, or the IPv6 network that it belongs to."""
    try:
        address = ip_address(host)
    except ValueError:
        return host
    if isinstance(address, IPv6Address):
        return str(ip_network((address, _NETWORK_BITS), strict=False))
    return host


def _refuse(message: str, challenge: str) -> Refused:
    return Refused(Refusal.UNAUTHORIZED, message, {"www-authenticate": challenge})
