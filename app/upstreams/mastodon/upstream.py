"""One login at a Mastodon-API server: https://docs.joinmastodon.org/methods/notifications/"""

import asyncio
import re
from dataclasses import replace
from http import HTTPStatus
from urllib.parse import quote

from app.clock import Clock
from app.upstreams.http import Http, Pairs, Reply
from app.upstreams.mastodon import wire
from app.upstreams.mastodon.api import MastodonApi
from app.upstreams.mastodon.inspection import inspect_login
from app.upstreams.mastodon.mapping import NotificationMapper
from app.upstreams.mastodon.rows import decode_row, encode_row, is_row
from app.upstreams.mastodon.writes import LIST, MastodonWrites, order_of
from app.upstreams.shared_answer import SharedAnswer
from app.upstreams.status import bad_response, unsupported
from app.upstreams.values import read_instant
from resolvers.chunk import Anchor, Chunk, ChunkRequest, Direction, Row
from resolvers.errors import NotFound, UpstreamError
from resolvers.identity import make_id
from resolvers.types.inbox import Platform, Profile, make_inbox
from resolvers.types.mastodon import MastodonNotification
from resolvers.types.notification import Notification
from resolvers.upstream import TellUnread
from resolvers.writes import Dismissal, Inspection, TimestampSet, UnseenFrom, WatchedPages

FAILURE_SECONDS = 15
"""For which an instance that did not tell who it is is not asked again."""

LARGEST_CHUNK = 80
"""What Mastodon gives at most (30 before 4.1); it takes a larger number for this one."""

_SOFTWARE = re.compile(r"\(compatible; (\S+) (\S+)\)")


class MastodonUpstream:
    """Speaks for one access token. See `resolvers.upstream.Upstream` for the contract."""

    def __init__(self, name: str, url: str, http: Http, clock: Clock) -> None:
        self.inbox = make_inbox(name, Platform.MASTODON, url, self.ask_profile)
        self._url = url
        self._api = MastodonApi(url, http, clock)
        self._writes = MastodonWrites(self._api)
        self._clock = clock
        self._mapper = NotificationMapper(self.inbox)
        self._profile = SharedAnswer(self._fetch_profile, clock, lambda _: FAILURE_SECONDS)

    def recognises(self, row: Row) -> bool:
        return is_row(row)

    async def read(self, request: ChunkRequest) -> Chunk:
        anchor = request.anchor
        if anchor.row is None or not anchor.inclusive:
            return await self._list(anchor, _beyond(anchor), request.limit)
        database_id = decode_row(anchor.row)
        if database_id.isdecimal():  # then the row before it has a name, though it need not exist
            return await self._list(anchor, _from(anchor.direction, database_id), request.limit)
        beyond, at = await asyncio.gather(
            self._list(anchor, _beyond(anchor), request.limit), self.find(database_id)
        )
        if at is None:  # it is gone, so reading begins just past it
            return beyond
        rows = [at, *beyond.rows] if anchor.direction is Direction.DOWN else [*beyond.rows, at]
        return replace(beyond, rows=rows)

    async def find(self, key: str) -> MastodonNotification | None:
        if not is_row(encode_row(key)):
            return None
        reply = await self._api.get(f"{LIST}/{quote(key, safe='')}")
        if reply.status in (HTTPStatus.NOT_FOUND, HTTPStatus.FORBIDDEN):  # Pleroma says 403
            return None
        return self._map(self._api.decode(reply, wire.decode_notification))

    async def tell_unread(self) -> TellUnread:
        read_to = await self._writes.read_marker()

        def tell(notification: Notification) -> Notification:
            if not isinstance(notification, MastodonNotification):
                return notification
            is_unread = read_to is None or order_of(notification.database_id) > order_of(read_to)
            return replace(notification, is_unread=is_unread)

        return tell

    async def ask_profile(self) -> Profile:
        return await self._profile.get()

    async def inspect(self) -> Inspection:
        return await inspect_login(self._api, self.ask_profile)

    async def dismiss(self, key: str) -> Dismissal:
        self._check_key(key)
        await self._writes.dismiss(key)
        return Dismissal([make_id(MastodonNotification.__name__, self.inbox.name, key)])

    async def clear(self) -> None:
        await self._writes.clear()

    async def mark_read(self, key: str) -> None:
        self._check_key(key)
        await self._writes.mark_read(key)

    async def set_timestamp(self, pages: WatchedPages, unseen_from: UnseenFrom) -> TimestampSet:
        raise unsupported(self._url, "has no watchlist: only a wiki's pages have timestamps.")

    def _check_key(self, key: str) -> None:
        if not is_row(encode_row(key)):
            raise NotFound

    async def _list(self, anchor: Anchor, where: Pairs, limit: int) -> Chunk:
        params = [("limit", str(min(limit, LARGEST_CHUNK))), *where]
        reply = await self._api.get(LIST, params)
        rows = self._api.decode(reply, wire.decode_notifications)
        return Chunk(
            anchor=anchor,
            rows=[self._map(row) for row in rows],
            is_last=not rows or _says_last(reply, anchor.direction),
            fetched_at=self._clock.now(),
        )

    async def _fetch_profile(self) -> Profile:
        """Both halves, or the one that the instance tells; a token may lack `read:accounts`."""
        handle, about = await asyncio.gather(
            self._fetch_handle(), self._fetch_about(), return_exceptions=True
        )
        if isinstance(about, BaseException):
            raise about
        if isinstance(handle, UpstreamError):
            return about
        if isinstance(handle, BaseException):
            raise handle
        return replace(about, handle=handle)

    async def _fetch_handle(self) -> str:
        reply = await self._api.get("/api/v1/accounts/verify_credentials")
        return self._mapper.handle(self._api.decode(reply, wire.decode_account).acct)

    async def _fetch_about(self) -> Profile:
        reply = await self._api.get("/api/v2/instance")
        if reply.status == HTTPStatus.NOT_FOUND:  # before Mastodon 4.0
            reply = await self._api.get("/api/v1/instance")
        instance = self._api.decode(reply, wire.decode_instance)
        software = _SOFTWARE.search(instance.version or "")
        return Profile(
            title=instance.title,
            software=software[1].lower() if software else "mastodon",
            version=software[2] if software else instance.version,
        )

    def _map(self, row: wire.Notification) -> MastodonNotification:
        created_at = read_instant(row.created_at)
        if created_at is None:
            raise bad_response(self._url, "sent a notification whose date cannot be read.")
        return self._mapper.map(row, created_at)


def _beyond(anchor: Anchor) -> Pairs:
    """The parameters that ask for what lies beyond an anchor's row, the row left out."""
    if anchor.direction is Direction.UP:
        return [("min_id", decode_row(anchor.row) if anchor.row else "0")]
    return [("max_id", decode_row(anchor.row))] if anchor.row else []


def _from(direction: Direction, number: str) -> Pairs:
    """The parameters that ask for a numbered row itself and what lies beyond it."""
    if direction is Direction.UP:
        return [("min_id", str(max(0, int(number) - 1)))]
    return [("max_id", str(int(number) + 1))]


def _says_last(reply: Reply, direction: Direction) -> bool:
    """Whether a page with rows is the last, by its Link header.

    Servers that send none (snac) leave it open, and only an empty page is the end. A Link that
    has nothing to do with pages may be a proxy's.
    """
    link = reply.headers.get("link", "")
    wanted, other = 'rel="next"', 'rel="prev"'
    if direction is Direction.UP:
        wanted, other = other, wanted
    return other in link and wanted not in link
