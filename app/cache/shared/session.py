"""A login's session at a wiki, which its processes share: one logs in, the others go in with it."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta

from app.cache.shared.link import Link
from app.cache.shared.store import STAMP, StoreAway
from app.cache.write_log import Token
from app.upstreams.session_share import KeptSession

TURN = timedelta(seconds=10)
"""After which one who was to log in counts as gone."""

_SESSION, _TURN = "session", "logging in"


class SharedSession:
    """See `SessionShare`. While the store is away every process has a session of its own."""

    def __init__(self, link: Link, make_stamp: Callable[[], Token]) -> None:
        self._link = link
        self._make_stamp = make_stamp

    async def find_or_claim(self, lost: bytes) -> tuple[KeptSession | None, bool]:
        link = self._link
        try:
            kept, is_claimed = await link.store.find_or_claim(
                link.key(_SESSION), lost, link.key(_TURN), TURN
            )
        except StoreAway:
            return None, True
        session = link.open(kept[STAMP:], _SESSION) if kept else None
        if not isinstance(session, KeptSession):
            return None, is_claimed or bool(kept)
        return replace(session, stamp=kept[:STAMP]), False

    async def keep(self, session: KeptSession, seconds: float) -> bytes:
        stamp = self._make_stamp()
        link, lives = self._link, timedelta(seconds=seconds)
        sealed = stamp + link.seal(session, _SESSION)
        with suppress(StoreAway):
            await link.store.end_turn(link.key(_SESSION), sealed, lives, link.key(_TURN))
        return stamp
