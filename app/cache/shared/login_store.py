"""One login's part of the shared store: sealed values under names of its own."""

from typing import Any

import structlog

from app.cache.shared.codec import OtherVersion, decode, encode
from app.cache.shared.store import SharedStore
from resolvers.types.inbox import Inbox

log = structlog.get_logger()

FORMAT = 2
"""Raised where scripts and keys of one version do not get on with those of another."""


class LoginStore:
    """`login` is a text that no other login has and that tells nothing of its credential."""

    def __init__(self, shared: SharedStore, login: str, credential: bytes) -> None:
        # which takes a while, and is of no use without a store
        from app.cache.shared.sealing import Seal

        self.shared = shared
        self._prefix = f"tidings:{FORMAT}:{{{login}}}:"  # in braces: one place of a cluster
        self._seal = Seal(credential)

    def key(self, name: str) -> str:
        """What the store calls the value with a name."""
        return self._prefix + name

    def seal(self, value: object, name: str) -> bytes:
        """A value of the cache as it is kept."""
        return self._seal.close(encode(value), self.key(name))

    def open(self, sealed: bytes, name: str, inbox: Inbox | None = None) -> Any:
        """What is kept under a name; None, which is counted, for what is not ours to read."""
        try:
            return decode(self._seal.open(sealed, self.key(name)), inbox)
        except OtherVersion:
            self._ignore("other version", name)
        except (ValueError, TypeError):
            self._ignore("foreign", name)
        return None

    def _ignore(self, why: str, name: str) -> None:
        if not self.shared.counts[why]:  # the first of many
            log.warning("the shared store holds what is not ours to read", why=why, name=name)
        self.shared.counts[why] += 1
