"""Writes of one login at a Mastodon-API server.

https://docs.joinmastodon.org/methods/notifications/ · https://docs.joinmastodon.org/methods/markers/
"""

from http import HTTPStatus
from urllib.parse import quote

from app.upstreams.mastodon import wire
from app.upstreams.mastodon.api import MastodonApi
from app.upstreams.status import unauthorized_scope, unsupported

LIST = "/api/v1/notifications"
MARKERS = "/api/v1/markers"

_TIMELINE = [("timeline[]", "notifications")]
_NO_ROUTE = {HTTPStatus.NOT_FOUND, HTTPStatus.METHOD_NOT_ALLOWED}


class MastodonWrites:
    """Dismisses, clears, and reads and moves the marker."""

    def __init__(self, api: MastodonApi) -> None:
        self._api = api

    async def dismiss(self, database_id: str) -> None:
        """Deletes one notification; one that is gone is a success. Raises UpstreamError.

        A 404 can mean that there is no such notification or no such route: asking for the
        notification tells. Before Mastodon 3.0 the ID went into the body.
        """
        path = f"{LIST}/{quote(database_id, safe='')}"
        reply = await self._api.post(f"{path}/dismiss")
        if reply.status not in _NO_ROUTE:
            self._api.check_written(reply)
            return
        found = await self._api.get(path)
        if found.status == HTTPStatus.NOT_FOUND:
            return
        self._api.decode(found, wire.decode_notification)
        older = await self._api.post(f"{LIST}/dismiss", [("id", database_id)])
        if older.status in _NO_ROUTE:
            raise unsupported(
                self._api.url, "cannot dismiss a single notification: clear them all instead."
            )
        self._api.check_written(older)

    async def clear(self) -> None:
        """Deletes every notification. Never with a filter: Mastodon would ignore it."""
        reply = await self._api.post(f"{LIST}/clear")
        if reply.status in _NO_ROUTE:
            raise unsupported(self._api.url, "cannot clear notifications.")
        self._api.check_written(reply)

    async def read_marker(self) -> str | None:
        """The ID up to which all is read; None where no marker was ever set. UpstreamError."""
        reply = await self._api.get(MARKERS, _TIMELINE)
        if reply.status in _NO_ROUTE:
            raise unsupported(self._api.url, "keeps no markers.")
        if reply.status == HTTPStatus.FORBIDDEN:
            raise unauthorized_scope(self._api.url, "read:statuses")
        marker = self._api.decode(reply, wire.decode_markers).notifications
        return marker.last_read_id if marker else None

    async def mark_read(self, database_id: str) -> None:
        """Moves the marker to a notification, unless it stands there or beyond already.

        The instance itself would move it backwards: the last write wins there.
        """
        read_to = await self.read_marker()
        if read_to is not None and order_of(read_to) >= order_of(database_id):
            return
        form = [("notifications[last_read_id]", database_id)]
        written = await self._api.post(MARKERS, form)
        if written.status == HTTPStatus.CONFLICT:  # refused, as another client was writing
            written = await self._api.post(MARKERS, form)
        self._api.check_written(written)


def order_of(database_id: str) -> tuple[int, str]:
    """IDs in the order of their notifications: https://docs.joinmastodon.org/api/guidelines/#id"""
    return len(database_id), database_id
