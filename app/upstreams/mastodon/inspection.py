"""What a token may do at a Mastodon-API server, found out without changing anything."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from enum import Enum
from http import HTTPStatus

from app.upstreams.http.refusals import says_scope
from app.upstreams.http.reply import Reply
from app.upstreams.mastodon import wire
from app.upstreams.mastodon.api import LIST, NO_ROUTE, MastodonApi
from app.upstreams.mastodon.social import FOLLOW_REQUESTS, STATUSES
from app.upstreams.mastodon.software import Software
from app.upstreams.mastodon.writes import MARKERS, MastodonWrites, says_gone
from resolvers.errors import UpstreamError, UpstreamFailureCode
from resolvers.seam.login import Profile, UnreadTally
from resolvers.seam.streaming import NotificationStream
from resolvers.seam.writes import Inspection

_FIRST_WORD = 0.5
"""Seconds in which a stream says that the token may not have it."""
_NOTHING = "0"
"""An ID that no notification has: a dismissal of it shows the scope and does nothing."""


async def inspect_login(
    api: MastodonApi,
    software: Software,
    ask_profile: Callable[[], Awaitable[Profile]],
    count_unread: Callable[[], Awaitable[UnreadTally]],
    open_stream: Callable[[], Awaitable[NotificationStream]],
) -> Inspection:
    """Tries each thing in a way that has no effect. UpstreamError where it cannot even read."""
    api.decode(await api.get(LIST, [("limit", "1")]), wire.Notifications)
    missing = []
    try:
        profile = await ask_profile()
    except UpstreamError as failure:  # it can be read all the same
        profile = Profile()
        missing.append(f"cannot tell what runs there, nor who is logged in: {failure}")
    else:
        if profile.handle is None:
            missing.append("cannot tell who is logged in: the token lacks the scope read:accounts")
    abilities = ["read"]
    await _try_writes(api, software, abilities, missing)
    no_stream = await _find_no_stream(open_stream)
    if no_stream is None:
        abilities.append("stream")
    elif software.streams:
        missing.append(f"is asked now and then, as there is no stream: {no_stream}")
    return Inspection(profile, await _count(count_unread), abilities, missing)


async def _try_writes(
    api: MastodonApi, software: Software, abilities: list[str], missing: list[str]
) -> None:
    """Adds what can be written, and what cannot."""
    for ability, scope, can, probe in (
        ("dismiss", "write:notifications", software.dismisses, _probe_dismissal),
        ("see what is unread", "read:statuses", software.has_markers, _probe_marker),
        ("mark as read", "write:statuses", software.has_markers, _probe_marking),
    ):
        outcome = await probe(api, software) if can is not False else _Shown.NOT_THERE
        if outcome is _Shown.FORBIDDEN:
            missing.append(f"cannot {ability}: make a token that has the scope {scope} too")
        elif outcome is _Shown.NOT_THERE:
            missing.append(f"cannot {ability}: this server has no such thing")
        elif outcome is _Shown.UNCERTAIN:
            missing.append(f"may or may not {ability}: this server does not tell")
        else:
            abilities.append(ability)
    if software.clears and "dismiss" in abilities:
        abilities.append("clear")
    elif software.clears and software.dismisses is False:
        abilities.append("clear (with the scope write:notifications)")
    await _try_social(api, software, abilities, missing)


async def _try_social(
    api: MastodonApi, software: Software, abilities: list[str], missing: list[str]
) -> None:
    """The same of what not every server has, and nobody misses there."""
    for ability, scope, can, path in (
        (
            "answer follow requests",
            "write:follows",
            software.answers_follow_requests,
            f"{FOLLOW_REQUESTS}/{_NOTHING}/authorize",
        ),
        (
            "mute conversations",
            "write:mutes",
            software.mutes_conversations,
            f"{STATUSES}/{_NOTHING}/mute",
        ),
    ):
        if not can:
            continue
        reply = await api.post(path)
        if reply.status == HTTPStatus.FORBIDDEN and says_scope(reply):
            missing.append(f"cannot {ability}: make a token that has the scope {scope} too")
        elif reply.status in (*NO_ROUTE, HTTPStatus.OK):
            abilities.append(ability)
    if software.has_policy and "dismiss" in abilities:
        abilities.append("filter notifications")


class _Shown(Enum):
    """What a probe shows."""

    ALLOWED = "the token may do it"
    FORBIDDEN = "the token lacks the scope"
    NOT_THERE = "the server has no such thing"
    UNCERTAIN = "only trying in earnest would show"


async def _probe_dismissal(api: MastodonApi, software: Software) -> _Shown:
    """Of a notification that nobody has, which is not found where dismissing is possible."""
    reply = await api.post(
        f"{LIST}/dismiss" if software.dismisses_by_body else f"{LIST}/{_NOTHING}/dismiss",
        [("id", _NOTHING)] if software.dismisses_by_body else (),
    )
    if reply.status == HTTPStatus.NOT_FOUND or says_gone(reply, software):
        return _Shown.ALLOWED if software.dismisses else _Shown.UNCERTAIN
    return _judge(reply)


async def _probe_marker(api: MastodonApi, software: Software) -> _Shown:
    try:
        await MastodonWrites(api).read_marker(software)
    except UpstreamError as failure:
        return _SHOWN_BY.get(failure.failure_code, _Shown.UNCERTAIN)
    return _Shown.ALLOWED


_SHOWN_BY = {
    UpstreamFailureCode.UNAUTHORIZED: _Shown.FORBIDDEN,
    UpstreamFailureCode.UNSUPPORTED: _Shown.NOT_THERE,
    UpstreamFailureCode.BAD_RESPONSE: _Shown.NOT_THERE,
}


async def _probe_marking(api: MastodonApi, software: Software) -> _Shown:
    """A marker of no timeline."""
    return _judge(
        await (api.post_json(MARKERS, {}) if software.takes_markers_as_json else api.post(MARKERS))
    )


def _judge(reply: Reply) -> _Shown:
    """By what is in the answer: a page of HTML with status 200 is none of an API's."""
    if reply.status == HTTPStatus.FORBIDDEN and says_scope(reply):
        return _Shown.FORBIDDEN
    is_page = reply.body.lstrip().startswith(b"<")
    if reply.status in NO_ROUTE or (is_page and reply.status < 300):
        return _Shown.NOT_THERE
    return _Shown.ALLOWED if reply.status < 300 else _Shown.UNCERTAIN


async def _find_no_stream(
    open_stream: Callable[[], Awaitable[NotificationStream]],
) -> UpstreamError | None:
    """Why there is none; None where one is opened, and its first word is no refusal."""
    try:
        stream = await open_stream()
        try:
            with suppress(TimeoutError):
                async with asyncio.timeout(_FIRST_WORD):
                    await stream.receive()
        finally:
            await stream.aclose()
    except UpstreamError as failure:
        return failure
    return None


async def _count(count_unread: Callable[[], Awaitable[UnreadTally]]) -> UnreadTally | None:
    try:
        return await count_unread()
    except UpstreamError:
        return None
