"""Writes of one login at a Mastodon-API server.

https://docs.joinmastodon.org/methods/notifications/ · https://docs.joinmastodon.org/methods/markers/
"""

from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import TypeVar
from urllib.parse import quote

from app.upstreams.http.refusals import says_scope, unauthorized_scope, unsupported
from app.upstreams.http.reply import Reply
from app.upstreams.mastodon.api import LIST, NO_ROUTE, MastodonApi, read_marker
from app.upstreams.mastodon.rows import order_of
from app.upstreams.mastodon.software import Software
from resolvers.errors import UpstreamError

_SINGULAR = "/api/v1/notification"
"""Where Sharkey dismisses one: packages/backend/src/server/api/mastodon of its source."""
_NOT_IMPLEMENTED = b"NoImplementedError"
"""What Sharkey says at a route that it has and that leads nowhere."""
MARKERS = "/api/v1/markers"
TIMELINE = [("timeline[]", "notifications")]

Value = TypeVar("Value")
IsThere = Callable[[str], Awaitable[bool]]


class MastodonWrites:
    """Dismisses, clears, and reads and moves the marker."""

    def __init__(self, api: MastodonApi) -> None:
        self._api = api

    async def dismiss(self, database_id: str, software: Software, is_there: IsThere) -> None:
        """Deletes one notification; one that is gone is a success. Raises UpstreamError.

        `is_there` looks for it, where the 404 of unknown software can be the notification's or the
        route's.
        """
        if software.dismisses is False:
            raise self._cannot_dismiss()
        if software.dismisses_by_body:
            await self._dismiss_by_body(database_id, software, is_there)
            return
        reply = None
        if software.dismisses_at_singular:
            reply = await self._api.post(f"{_SINGULAR}/{quote(database_id, safe='')}/dismiss")
        if reply is None or reply.status in NO_ROUTE:
            reply = await self._api.post(f"{_path(database_id)}/dismiss")
        if reply.status == HTTPStatus.INTERNAL_SERVER_ERROR and _NOT_IMPLEMENTED in reply.body:
            raise self._cannot_dismiss()
        if says_gone(reply, software) or reply.status == HTTPStatus.GONE:
            return
        if reply.status not in NO_ROUTE:
            await self._confirm(reply, lambda: is_there(database_id))
        elif not software.dismisses and await is_there(database_id):
            await self._dismiss_by_body(database_id, software, is_there)

    async def clear(self, software: Software, is_left: Callable[[], Awaitable[bool]]) -> None:
        """Deletes every notification. Never with a filter: Mastodon would ignore it.

        `is_left` looks whether the list has any.
        """
        reply = await self._api.post(f"{LIST}/clear") if software.clears is not False else None
        if reply is None or reply.status in NO_ROUTE:
            raise unsupported(
                self._api.url,
                "cannot clear notifications: dismiss them one by one, if it can do that.",
            )
        await self._confirm(reply, is_left)

    async def read_marker(self, software: Software) -> str | None:
        """The ID up to which all is read; None where no marker was ever set. UpstreamError."""
        reply = (
            await self._api.get(MARKERS, TIMELINE) if software.has_markers is not False else None
        )
        if reply is None or reply.status in NO_ROUTE:
            raise unsupported(
                self._api.url,
                "keeps no markers, so that nothing says what is unread: ask without that, and "
                "dismiss what you have read.",
            )
        if reply.status == HTTPStatus.FORBIDDEN and says_scope(reply):
            raise unauthorized_scope(self._api.url, "read:statuses")
        return read_marker(self._api.decode(reply, object) if reply.body.strip() else None)

    async def mark_read(self, database_id: str, software: Software) -> None:
        """Moves the marker to a notification, unless it stands there or beyond already.

        The instance itself would move it backwards: the last write wins there.
        """
        read_to = await self.read_marker(software)
        if read_to is not None and order_of(read_to) >= order_of(database_id):
            return
        written = await self._post_marker(database_id, software)
        if written.status == HTTPStatus.CONFLICT:  # refused, as another client was writing
            written = await self._post_marker(database_id, software)
        if self._api.says_marked(written, database_id):
            return
        if await self._look(lambda: self.read_marker(software)) != database_id:
            raise self._api.uncertain("its marker does not stand there")

    async def _confirm(self, reply: Reply, is_undone: Callable[[], Awaitable[bool]]) -> None:
        """Looks once where an answer to a write does not say that it was done."""
        if self._api.says_done(reply):
            return
        if await self._look(is_undone):
            raise self._api.uncertain("its list still has what was to leave it")

    async def _look(self, ask: Callable[[], Awaitable[Value]]) -> Value:
        try:
            return await ask()
        except UpstreamError:
            raise self._api.uncertain("could not be asked for what is there now") from None

    async def _post_marker(self, database_id: str, software: Software) -> Reply:
        if software.takes_markers_as_json:
            value = {"notifications": {"last_read_id": database_id}}
            return await self._api.post_json(MARKERS, value)
        return await self._api.post(MARKERS, [("notifications[last_read_id]", database_id)])

    async def _dismiss_by_body(
        self, database_id: str, software: Software, is_there: IsThere
    ) -> None:
        """Before Mastodon 3.0 the ID went into the body, and a 404 was the notification's."""
        reply = await self._api.post(f"{LIST}/dismiss", [("id", database_id)])
        if reply.status not in NO_ROUTE:
            await self._confirm(reply, lambda: is_there(database_id))
        elif not software.dismisses_by_body:
            raise self._cannot_dismiss()

    def _cannot_dismiss(self) -> UpstreamError:
        return unsupported(
            self._api.url, "cannot dismiss a single notification: clear them all instead."
        )


def _path(database_id: str) -> str:
    return f"{LIST}/{quote(database_id, safe='')}"


def says_gone(reply: Reply, software: Software) -> bool:
    """Whether a 403 means that there is no such notification, as Pleroma and Akkoma answer.

    They write `Cannot get notification` then, and something else where the token is at fault.
    """
    is_forbidden = software.forbids_what_is_gone and reply.status == HTTPStatus.FORBIDDEN
    return is_forbidden and b"cannot" in reply.body.lower()
