"""What tells a login's unread notifications from the read, kept as its copies are."""

from collections.abc import Awaitable, Callable

from app.cache.copies.copies import LoginCopies
from app.cache.copies.waiting import Waiting
from app.cache.kept import CacheTimes, KeptReadState
from app.cache.shared.login import Lookup, SharedLogin
from app.cache.single_flight import SingleFlight
from app.cache.write_log import Token
from app.clock import Clock
from resolvers.errors import UpstreamError, UpstreamFailureCode
from resolvers.seam.upstream import ReadState

_AWAY = {
    UpstreamFailureCode.SUSPENDED,
    UpstreamFailureCode.RATE_LIMITED,
    UpstreamFailureCode.TIMEOUT,
    UpstreamFailureCode.UNAVAILABLE,
    UpstreamFailureCode.UNREACHABLE,
}
"""How an instance fails of which the list is an old one too."""

_NAME = "read state"
"""What the shared store calls it."""


class LoginReadState:
    """Of one login; `ask` is what its instance says now. Raises UpstreamError."""

    def __init__(
        self,
        ask: Callable[[], Awaitable[ReadState]],
        shared: SharedLogin,
        copies: LoginCopies,
        times: CacheTimes,
        waiting: Waiting,
        clock: Clock,
    ) -> None:
        self._ask_instance = ask
        self._shared = shared
        self._log = shared.log
        self._copies = copies
        self._times = times
        self._waiting = waiting
        self._clock = clock
        self._flights: SingleFlight[None, Token, ReadState] = SingleFlight()
        self._kept: KeptReadState | None = None

    async def get(self) -> ReadState:
        """What is kept, or what the instance says. Raises UpstreamError."""
        await self._pull()
        kept = self._kept
        if kept is None:
            return await self._waiting.in_time(self._ask())
        standing = self._copies.standing(kept.at, kept.token)
        is_marked = standing.since.is_marked
        if standing.since.is_void or standing.age >= self._times.keep:
            return await self._waiting.in_time(self._ask())
        if self._waiting.is_fresh(standing) and not is_marked:
            return kept.state
        try:
            return await self._waiting.renew(standing, self._ask, waits_long=is_marked)
        except UpstreamError as failure:
            if is_marked or failure.failure_code not in _AWAY:  # an old marker passes for the new
                raise
        except TimeoutError:
            pass
        return kept.state

    def forget(self) -> None:
        """Drops what is kept."""
        self._kept = None

    async def aclose(self) -> None:
        """Ends what is under way."""
        await self._flights.aclose()

    async def _ask(self) -> ReadState:
        """What the instance says, asked once for all, and kept unless the login is settling."""
        token = self._log.last

        def is_same(under: Token) -> bool:
            return under == self._log.last or not self._log.since(under).is_marked

        async def ask() -> ReadState:
            asked_at, is_kept = self._clock.now(), not self._waiting.is_settling()
            is_shared = self._shared.is_in_step
            state = await self._ask_instance()
            if is_kept and is_same(token):
                self._kept = KeptReadState(state, asked_at, token, self._log.make_token())
                if is_shared:
                    await self._shared.push(_NAME, self._kept)
            return state

        return await self._flights.join(None, token, ask, is_same)

    async def _pull(self) -> None:
        """Learns what other processes wrote, and takes over what is newer."""
        here = self._kept
        (there,) = await self._shared.pull(Lookup(_NAME, here.stamp if here else b""))
        if isinstance(there, KeptReadState) and (here is None or there.at > here.at):
            self._kept = there
