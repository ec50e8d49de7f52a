"""A login's session at a wiki, which its processes share: one logs in, the others go in with it."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace

from app.cache.shared.link import Link
from app.cache.shared.login import STAMP
from app.cache.shared.remote import StoreAway
from app.cache.write_log import Token
from app.upstreams.session_share import KeptSession

TURN = 10_000
"""Milliseconds after which one who was to log in counts as gone."""

_SESSION, _TURN = "session", "logging in"

_FIND_OR_CLAIM = """
local kept = redis.call('GET', KEYS[1])
if kept and string.sub(kept, 1, STAMP) ~= ARGV[1] then return {kept, 0} end
return {'', redis.call('SET', KEYS[2], '1', 'NX', 'PX', ARGV[2]) and 1 or 0}
""".replace("STAMP", str(STAMP))

_KEEP = """
if ARGV[2] ~= '0' then redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2]) end
return redis.call('DEL', KEYS[2])
"""


class SharedSession:
    """See `SessionShare`. While the store is away every process has a session of its own."""

    def __init__(self, link: Link, make_stamp: Callable[[], Token]) -> None:
        self._link = link
        self._make_stamp = make_stamp

    async def find_or_claim(self, lost: bytes) -> tuple[KeptSession | None, bool]:
        try:
            answer = await self._link.run(_FIND_OR_CLAIM, [_SESSION, _TURN], [lost, TURN])
            kept, is_claimed = answer
        except (StoreAway, ValueError, TypeError):
            return None, True
        session = self._link.open(kept[STAMP:], _SESSION) if kept else None
        if not isinstance(session, KeptSession):
            return None, bool(is_claimed) or bool(kept)
        return replace(session, stamp=kept[:STAMP]), False

    async def keep(self, session: KeptSession, seconds: float) -> bytes:
        stamp = self._make_stamp()
        sealed = stamp + self._link.seal(session, _SESSION)
        with suppress(StoreAway):
            await self._link.run(_KEEP, [_SESSION, _TURN], [sealed, int(seconds * 1000)])
        return stamp
