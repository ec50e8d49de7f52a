"""The second part of the seam, around another one."""

from collections.abc import Callable, Coroutine, Mapping, Sequence
from typing import Any

from app.upstreams.wrappers.calls import Call
from resolvers.seam.social import RequestPage, Social
from resolvers.seam.writes import Dismissal
from resolvers.types.filtered import NotificationPolicyRule, Policy
from resolvers.types.post import MastodonStatus

PassOn = Callable[[Call, Any], Coroutine[Any, Any, Any]]
"""An upstream wrapper's `pass_on`: it gives what it is given by what it asks."""


class PassedOn:
    """Asks the inner one the way that its upstream is asked. See `resolvers.seam.social.Social`."""

    def __init__(self, inner: Social, pass_on: PassOn) -> None:
        self._inner = inner
        self._pass_on = pass_on

    async def answer_follow_request(self, key: str, *, accepts: bool) -> Dismissal:
        def write() -> Coroutine[Any, Any, Dismissal]:
            return self._inner.answer_follow_request(key, accepts=accepts)

        left: Dismissal = await self._pass_on(Call.WRITE, write)
        return left

    async def mute_conversation(self, key: str, *, is_muted: bool) -> MastodonStatus:
        def write() -> Coroutine[Any, Any, MastodonStatus]:
            return self._inner.mute_conversation(key, is_muted=is_muted)

        status: MastodonStatus = await self._pass_on(Call.WRITE, write)
        return status

    async def list_requests(self, limit: int, after: str | None) -> RequestPage:
        def read() -> Coroutine[Any, Any, RequestPage]:
            return self._inner.list_requests(limit, after)

        page: RequestPage = await self._pass_on(Call.READ, read)
        return page

    async def accept_requests(self, keys: Sequence[str]) -> None:
        await self._pass_on(Call.WRITE, lambda: self._inner.accept_requests(keys))

    async def dismiss_requests(self, keys: Sequence[str]) -> None:
        await self._pass_on(Call.WRITE, lambda: self._inner.dismiss_requests(keys))

    async def ask_policy(self) -> Policy:
        policy: Policy = await self._pass_on(Call.READ, self._inner.ask_policy)
        return policy

    async def set_policy(self, changes: Mapping[str, NotificationPolicyRule]) -> Policy:
        policy: Policy = await self._pass_on(Call.WRITE, lambda: self._inner.set_policy(changes))
        return policy
