"""What a token may do at a Mastodon-API server, found out without changing anything."""

from collections.abc import Awaitable, Callable
from http import HTTPStatus

from app.upstreams.http import Reply
from app.upstreams.mastodon import wire
from app.upstreams.mastodon.api import MastodonApi
from app.upstreams.mastodon.writes import LIST, MARKERS
from resolvers.errors import UpstreamError
from resolvers.types.inbox import Profile
from resolvers.writes import Inspection

_NOTHING = "0"
"""An ID that no notification has: a dismissal of it shows the scope and does nothing."""


async def inspect_login(
    api: MastodonApi, ask_profile: Callable[[], Awaitable[Profile]]
) -> Inspection:
    """Tries each thing in a way that has no effect. UpstreamError where it cannot even read."""
    api.decode(await api.get(LIST, [("limit", "1")]), wire.decode_notifications)
    profile = await ask_profile()
    missing = []
    if profile.handle is None:
        missing.append("cannot tell who is logged in: the token lacks the scope read:accounts")
    abilities = ["read"]
    for ability, scope, probe in (
        ("dismiss and clear", "write:notifications", _probe_dismissal),
        ("see what is unread", "read:statuses", _probe_marker),
        ("mark as read", "write:statuses", _probe_marking),
    ):
        reply = await probe(api)
        if reply.status == HTTPStatus.FORBIDDEN:
            missing.append(f"cannot {ability}: make a token that has the scope {scope} too")
        elif _is_there(reply, probe):
            abilities.append(ability)
        else:
            missing.append(f"cannot {ability}: this server has no such thing")
    return Inspection(profile, await _count_unread(api), abilities, missing)


async def _probe_dismissal(api: MastodonApi) -> Reply:
    return await api.post(f"{LIST}/{_NOTHING}/dismiss")


async def _probe_marker(api: MastodonApi) -> Reply:
    return await api.get(MARKERS, [("timeline[]", "notifications")])


async def _probe_marking(api: MastodonApi) -> Reply:
    return await api.post(MARKERS)


def _is_there(reply: Reply, probe: Callable[[MastodonApi], Awaitable[Reply]]) -> bool:
    """A dismissal of nothing is answered with 404 where dismissing is possible."""
    if probe is _probe_dismissal and reply.status == HTTPStatus.NOT_FOUND:
        return True
    return reply.status < 400


async def _count_unread(api: MastodonApi) -> int | None:
    """Since Mastodon 4.3; older servers take `unread_count` for an ID."""
    reply = await api.get(f"{LIST}/unread_count", [("limit", "1000")])
    if reply.status != HTTPStatus.OK:
        return None
    try:
        return api.decode(reply, wire.decode_unread_count).count
    except UpstreamError:
        return None
