"""What one login of a Mastodon-API server does beside reading its list.

https://docs.joinmastodon.org/methods/follow_requests/ ·
https://docs.joinmastodon.org/methods/statuses/#mute ·
https://docs.joinmastodon.org/methods/notifications/#get-policy
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import TypeVar
from urllib.parse import quote

from app.clock import Clock
from app.upstreams.http.refusals import unsupported
from app.upstreams.http.reply import Reply
from app.upstreams.mastodon import wire
from app.upstreams.mastodon.api import LIST, NO_ROUTE, MastodonApi
from app.upstreams.mastodon.links import read_links
from app.upstreams.mastodon.mapping import NotificationMapper
from app.upstreams.mastodon.rows import is_id
from app.upstreams.mastodon.software import Software
from app.upstreams.reading.values import read_count, read_number
from resolvers.errors import InvalidInput, NotFound, UpstreamError
from resolvers.seam.social import RequestPage
from resolvers.seam.writes import Dismissal
from resolvers.types.filtered import RULES, NotificationPolicyRule, Policy
from resolvers.types.mastodon import MastodonNotification
from resolvers.types.notification_type import NotificationType
from resolvers.types.post import MastodonStatus

FOLLOW_REQUESTS = "/api/v1/follow_requests"
STATUSES = "/api/v1/statuses"
POLICY = "/api/v2/notifications/policy"
REQUESTS = f"{LIST}/requests"

MOST_REQUESTS = 80
"""Of one answer: https://docs.joinmastodon.org/methods/notifications/#get-requests"""

_RULES = {each.name.lower(): each for each in NotificationPolicyRule}

Value = TypeVar("Value")


class MastodonSocial:
    """See `resolvers.seam.social.Social`. `find` gives a notification by its ID, as it is now."""

    def __init__(
        self,
        api: MastodonApi,
        mapper: NotificationMapper,
        ask_software: Callable[[], Awaitable[Software]],
        find: Callable[[str], Awaitable[MastodonNotification | None]],
        clock: Clock,
    ) -> None:
        self._clock = clock
        self._api = api
        self._mapper = mapper
        self._ask_software = ask_software
        self._find = find

    async def answer_follow_request(self, key: str, *, accepts: bool) -> Dismissal:
        row = await self._find_there(key)
        if row.type is not NotificationType.FOLLOW_REQUEST or row.account is None:
            raise InvalidInput("This notification is no follow request.", "notificationId")
        software = await self._ask_software()
        what = f"{_path(FOLLOW_REQUESTS, row.account.database_id)}/{_VERBS[accepts]}"
        reply = await self._write(what, software.answers_follow_requests, "write:follows")
        if self._read(reply, wire.Relationship) is None:
            raise self._api.uncertain("it may be answered or not")
        return Dismissal([] if await self._is_still_there(key) else [row.id])

    async def mute_conversation(self, key: str, *, is_muted: bool) -> MastodonStatus:
        row = await self._find_there(key)
        if row.status is None:
            raise InvalidInput("This notification is about no post.", "notificationId")
        software = await self._ask_software()
        what = f"{_path(STATUSES, row.status.database_id)}/{'mute' if is_muted else 'unmute'}"
        reply = await self._write(what, software.mutes_conversations, "write:mutes")
        status = self._read(reply, wire.Status)
        if status is None:
            raise self._api.uncertain("the conversation may be muted or not")
        return self._mapper.map_status(status, row.created_at)

    async def list_requests(self, limit: int, after: str | None) -> RequestPage:
        where = [("max_id", after)] if after is not None else []
        wanted = min(limit + 1, MOST_REQUESTS)
        reply = await self._ask_filtering(
            lambda: self._api.get(REQUESTS, [("limit", str(wanted)), *where])
        )
        told = [each for each in self._api.decode(reply, wire.NotificationRequests) if each]
        now = self._clock.now()
        shown = {
            each.id: self._mapper.map_request(each, _read_count(each.notifications_count), now)
            for each in told[:limit]
            if is_id(each.id)
        }
        may_follow = len(told) == wanted and "next" in read_links(reply)
        return RequestPage(shown, has_more=bool(shown) and (len(told) > limit or may_follow))

    async def accept_requests(self, keys: Sequence[str]) -> None:
        await self._answer_requests(keys, "accept")

    async def dismiss_requests(self, keys: Sequence[str]) -> None:
        await self._answer_requests(keys, "dismiss")

    async def ask_policy(self) -> Policy:
        reply = await self._ask_filtering(lambda: self._api.get(POLICY))
        return _read_policy(self._api.decode(reply, wire.Policy))

    async def set_policy(self, changes: Mapping[str, NotificationPolicyRule]) -> Policy:
        form = [(name, rule.name.lower()) for name, rule in changes.items()]
        reply = await self._ask_filtering(lambda: self._api.patch(POLICY, form))
        self._api.check_written(reply)
        told = self._read(reply, wire.Policy)
        if told is None:
            raise self._api.uncertain("the policy may be set or not")
        return _read_policy(told)

    async def _answer_requests(self, keys: Sequence[str], verb: str) -> None:
        if not all(map(is_id, keys)):
            raise NotFound
        form = [("id[]", key) for key in keys]
        reply = await self._ask_filtering(lambda: self._api.post(f"{REQUESTS}/{verb}", form))
        if not self._api.says_done(reply):
            raise self._api.uncertain("the requests may be answered or not")

    async def _find_there(self, key: str) -> MastodonNotification:
        row = await self._find(key)
        if row is None:
            raise NotFound
        return row

    async def _is_still_there(self, key: str) -> bool:
        """Whether the notification of an answered request is listed: at most servers it leaves."""
        try:
            return await self._find(key) is not None
        except UpstreamError:
            return True

    async def _write(self, path: str, can: bool | None, scope: str) -> Reply:
        """The answer to a write that names what it is about, which may be gone."""
        if can is False:
            raise self._lacks()
        reply = await self._api.post(path)
        if reply.status in NO_ROUTE:
            raise NotFound if can or reply.body.lstrip().startswith(b"{") else self._lacks()
        self._api.check_written(reply, scope)
        return reply

    async def _ask_filtering(self, ask: Callable[[], Awaitable[Reply]]) -> Reply:
        """The answer of a server that has policies, and so requests; others are not asked."""
        if (await self._ask_software()).has_policy is False:
            raise self._lacks()
        reply = await ask()
        if reply.status in NO_ROUTE:
            raise self._lacks()
        return reply

    def _read(self, reply: Reply, kind: type[Value]) -> Value | None:
        """What the answer to a write says; None where that cannot be read."""
        try:
            return self._api.decode(reply, kind)
        except UpstreamError:
            return None

    def _lacks(self) -> UpstreamError:
        return unsupported(
            self._api.url, "has no such thing: ask for `Inbox.capabilities` before you offer it."
        )


def _read_count(told: int | str | None) -> int:
    """Mastodon writes it as a text."""
    return read_count(read_number(told) if isinstance(told, str) else told) or 0


_VERBS = {True: "authorize", False: "reject"}


def _path(base: str, database_id: str) -> str:
    return f"{base}/{quote(database_id, safe='')}"


def _read_policy(told: wire.Policy) -> Policy:
    """A rule that is not told is not there; one that nobody knew is OTHER."""
    found = {name: getattr(told, name) for name in RULES}
    summary = told.summary
    return Policy(
        rules={
            name: _RULES.get(each, NotificationPolicyRule.OTHER)
            for name, each in found.items()
            if each is not None
        },
        requests=read_count(summary.pending_requests_count) if summary else None,
        notifications=read_count(summary.pending_notifications_count) if summary else None,
    )
