"""An upstream in the cache, for tests that need no gateway."""

import itertools
from dataclasses import replace

from app.cache.copies.cached import CachedUpstream
from app.cache.copies.store import ChunkStore
from app.cache.kept import CacheTimes
from app.cache.shared.login_store import LoginStore
from app.clock import Clock
from app.login_opening import make_token
from resolvers.seam.upstream import Upstream
from support.virtual_time import LoopClock

MEGABYTE = 1024 * 1024
TIMES = CacheTimes(
    fresh=15,
    stale=60,
    keep=86400,
    patience=0.3,
    longest_wait=3.5,
    settling=2,
    settling_unknown=10,
)
"""The defaults of the settings."""


def cached(
    inner: Upstream,
    login: str = "login",
    store: ChunkStore | None = None,
    clock: Clock | None = None,
    shared: LoginStore | None = None,
    **times: float,
) -> CachedUpstream:
    """The upstream with copies of its own, or in a store that others use too."""
    numbers = itertools.count(1)
    return CachedUpstream(
        inner,
        store or ChunkStore(32 * MEGABYTE),
        login,
        replace(TIMES, **times),
        clock or LoopClock(),
        (lambda: next(numbers).to_bytes(8, "big")) if shared is None else make_token,
        shared,
    )
