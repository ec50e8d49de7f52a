"""The lease by which one process of many streams a login: who has it, and which copies are live.

It is renewed with every exchange, and ends by the store's own clock where nobody renews it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from app.cache.shared.store import STAMP
from resolvers.seam.chunk import Scope

LEASE_LASTS = timedelta(seconds=10)
"""After which a process that does not renew its lease has it no more."""
ALIVE = timedelta(seconds=15)
"""After which a copy that is live elsewhere is not, without another sign of life."""
_MILLISECONDS = 6
_SCOPES = (Scope(), Scope(include_seen=True), Scope(include_filtered=True))
"""Lists that can be watched."""
_NONE = bytes(STAMP)
_HEAD = STAMP + _MILLISECONDS
_LATEST = 32_503_680_000_000
"""The year 3000, in milliseconds."""


@dataclass(frozen=True, slots=True)
class LiveCopies:
    """The stamps of copies that are live, by their lists, and when the instance last gave a sign of
    life.
    """

    alive_at: datetime | None = None
    stamps: Mapping[Scope, bytes] = field(default_factory=dict)


NOTHING_LIVE = LiveCopies()


def encode_lease(token: bytes, live: LiveCopies) -> bytes:
    """As the store has it: whose it is (8 bytes), the sign of life (6, ms since 1970), stamps."""
    at = int(live.alive_at.timestamp() * 1000) if live.alive_at is not None else 0
    stamps = b"".join(live.stamps.get(scope) or _NONE for scope in _SCOPES)
    return token + at.to_bytes(_MILLISECONDS, "big") + stamps


def decode_lease(value: bytes) -> tuple[bytes, LiveCopies]:
    """Whose lease it is, and what it says; nobody's where it is none."""
    if len(value) != _HEAD + STAMP * len(_SCOPES):
        return b"", NOTHING_LIVE
    token, at = value[:STAMP], int.from_bytes(value[STAMP:_HEAD], "big")
    if not 0 < at < _LATEST:
        return token, NOTHING_LIVE
    alive_at = datetime.fromtimestamp(at / 1000, UTC)
    found = {scope: value[(start := stamp_offset(scope)) : start + STAMP] for scope in _SCOPES}
    return token, LiveCopies(alive_at, {k: each for k, each in found.items() if each != _NONE})


def stamp_offset(scope: Scope) -> int:
    """Where the stamp of a list's live copy stands in a lease."""
    return _HEAD + STAMP * _SCOPES.index(scope)


class Lease:
    """What this process knows of it. `wish` is the token by which it wants to have it, if it does;
    `find_live` says what it would tell the others then.
    """

    def __init__(self) -> None:
        self.wish = b""
        self.find_live: Callable[[], LiveCopies] = lambda: NOTHING_LIVE
        self.heard_at: datetime | None = None
        self._holder = b""
        self._elsewhere = NOTHING_LIVE

    def learn(self, value: bytes, ahead: timedelta, now: datetime) -> None:
        """What the store has of it, whose clock shows so much more than ours."""
        self._holder, live = decode_lease(value)
        self.heard_at, self._elsewhere = now, NOTHING_LIVE
        if self._holder != self.wish and live.alive_at is not None:
            self._elsewhere = LiveCopies(min(live.alive_at - ahead, now), live.stamps)

    def write(self, ahead: timedelta) -> bytes:
        """What the store is to have of it, unless others hold it; empty if it is not wanted."""
        if not self.wish:
            return b""
        live = self.find_live()
        at = live.alive_at + ahead if live.alive_at is not None else None
        return encode_lease(self.wish, LiveCopies(at, live.stamps))

    def holds(self, now: datetime) -> bool:
        """Whether this process has it: so it was a moment ago, and it cannot have ended since."""
        is_ours = bool(self.wish) and self._holder == self.wish
        return is_ours and self.heard_at is not None and now - self.heard_at < LEASE_LASTS

    def alive_at(self, scope: Scope, stamp: bytes, now: datetime) -> datetime | None:
        """The last sign of life, if the copy with a stamp is live in another process."""
        alive_at = self._elsewhere.alive_at
        is_live = bool(stamp) and self._elsewhere.stamps.get(scope) == stamp
        return alive_at if is_live and alive_at is not None and now - alive_at < ALIVE else None
