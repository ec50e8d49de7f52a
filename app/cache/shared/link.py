"""One login's part of the shared store: sealed values under names of its own."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import structlog

from app.cache.shared.codec import OtherVersion, decode, encode
from app.cache.shared.remote import Argument, RemoteStore, StoreAway
from resolvers.types.inbox import Inbox

log = structlog.get_logger()

FORMAT = 2
"""Raised where scripts and keys of one version do not get on with those of another."""


class Link:
    """`login` is a text that no other login has and that tells nothing of its credential."""

    def __init__(self, store: RemoteStore, login: str, credential: bytes) -> None:
        # which takes a while, and is of no use without a store
        from app.cache.shared.sealing import Seal

        self._store = store
        self._prefix = f"tidings:{FORMAT}:{{{login}}}:"  # in braces: one place of a cluster
        self._seal = Seal(credential)

    async def ask_time(self) -> datetime:
        """What the store's own clock shows. Raises StoreAway."""
        return self.read_time(await self.run("return redis.call('TIME')", [], []))

    def read_time(self, answer: Any) -> datetime:
        """The same, out of a script's answer. Raises StoreAway where that is no time."""
        try:
            return self._store.read_time(answer)
        except (ValueError, TypeError, OverflowError, OSError):
            raise StoreAway from None

    async def run(self, script: str, names: Sequence[str], arguments: Sequence[Argument]) -> Any:
        """Runs a script on the values with these names. Raises StoreAway."""
        return await self._store.run(script, [self._prefix + name for name in names], arguments)

    def seal(self, value: object, name: str) -> bytes:
        """A value of the cache as it is kept."""
        return self._seal.close(encode(value), self._prefix + name)

    def open(self, sealed: bytes, name: str, inbox: Inbox | None = None) -> Any:
        """What is kept under a name; None, which is counted, for what is not ours to read."""
        try:
            return decode(self._seal.open(sealed, self._prefix + name), inbox)
        except OtherVersion:
            self._ignore("other version", name)
        except (ValueError, TypeError):
            self._ignore("foreign", name)
        return None

    def _ignore(self, why: str, name: str) -> None:
        if not self._store.counts[why]:  # the first of many
            log.warning("the shared store holds what is not ours to read", why=why, name=name)
        self._store.counts[why] += 1
