"""A login's session at a wiki, which its processes share: one logs in, the others go in with it."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta

from app.cache.shared.login_store import LoginStore
from app.cache.shared.store import STAMP, StoreAway
from app.cache.write_log import Token
from app.upstreams.session_share import KeptSession

TURN = timedelta(seconds=10)
"""After which one who was to log in counts as gone."""

_SESSION, _TURN = "session", "logging in"


class SharedSession:
    """See `SessionShare`. While the store is away every process has a session of its own."""

    def __init__(self, store: LoginStore, make_stamp: Callable[[], Token]) -> None:
        self._store = store
        self._make_stamp = make_stamp

    async def find_or_claim(self, lost: bytes) -> tuple[KeptSession | None, bool]:
        store = self._store
        try:
            kept, is_claimed = await store.shared.find_or_claim(
                store.key(_SESSION), lost, store.key(_TURN), TURN
            )
        except StoreAway:
            return None, True
        session = store.open(kept[STAMP:], _SESSION) if kept else None
        if not isinstance(session, KeptSession):
            return None, is_claimed or bool(kept)
        return replace(session, stamp=kept[:STAMP]), False

    async def keep(self, session: KeptSession, seconds: float) -> bytes:
        stamp = self._make_stamp()
        store, lives = self._store, timedelta(seconds=seconds)
        sealed = stamp + store.seal(session, _SESSION)
        with suppress(StoreAway):
            await store.shared.end_turn(store.key(_SESSION), sealed, lives, store.key(_TURN))
        return stamp
