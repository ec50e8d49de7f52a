"""One login at a Mastodon-API server: https://docs.joinmastodon.org/methods/notifications/"""

import asyncio
import re
from collections.abc import Callable
from dataclasses import replace
from http import HTTPStatus
from typing import TypeVar
from urllib.parse import quote

import msgspec

from app.clock import Clock
from app.upstreams.http import Http, Pairs, Reply
from app.upstreams.mastodon import wire
from app.upstreams.mastodon.mapping import NotificationMapper
from app.upstreams.mastodon.rows import decode_row, is_row
from app.upstreams.status import bad_response, check_status, unauthorized
from app.upstreams.values import read_instant
from resolvers.chunk import Anchor, Chunk, ChunkRequest, Direction, Row
from resolvers.identity import make_id
from resolvers.types.inbox import Inbox, Instance, Platform, Profile
from resolvers.types.mastodon import MastodonNotification
from resolvers.types.scalars import URL

LARGEST_CHUNK = 80
"""What Mastodon gives at most (30 before 4.1); it takes a larger number for this one."""

_LIST = "/api/v1/notifications"
_SOFTWARE = re.compile(r"\(compatible; (\S+) (\S+)\)")

Value = TypeVar("Value")


class MastodonUpstream:
    """Speaks for one access token. See `resolvers.upstream.Upstream` for the contract."""

    def __init__(self, name: str, url: str, http: Http, clock: Clock) -> None:
        self.inbox = Inbox(
            id=make_id("Inbox", name),
            name=name,
            instance=Instance(
                id=make_id("Instance", "", url),
                platform=Platform.MASTODON,
                url=URL(url),
                ask_profile=self.ask_profile,
            ),
            ask_profile=self.ask_profile,
        )
        self._url = url
        self._http = http
        self._clock = clock
        self._mapper = NotificationMapper(self.inbox)
        self._profile: Profile | None = None
        self._asking_profile = asyncio.Lock()

    def recognises(self, row: Row) -> bool:
        return is_row(row)

    async def read(self, request: ChunkRequest) -> Chunk:
        anchor = request.anchor
        if anchor.row is None or not anchor.inclusive:
            return await self._list(anchor, request.limit)
        beyond, at = await asyncio.gather(
            self._list(anchor, request.limit), self.find(decode_row(anchor.row))
        )
        if at is None:  # it is gone, so reading begins just past it
            return beyond
        rows = [at, *beyond.rows] if anchor.direction is Direction.DOWN else [*beyond.rows, at]
        return replace(beyond, rows=rows)

    async def find(self, key: str) -> MastodonNotification | None:
        reply = await self._http.get(f"{self._url}{_LIST}/{quote(key, safe='')}")
        if reply.status == HTTPStatus.NOT_FOUND:
            return None
        return self._map(self._decode(reply, wire.decode_notification))

    async def ask_profile(self) -> Profile:
        async with self._asking_profile:
            if self._profile is None:
                self._profile = await self._fetch_profile()
            return self._profile

    async def _list(self, anchor: Anchor, limit: int) -> Chunk:
        params = [("limit", str(min(limit, LARGEST_CHUNK))), *_beyond(anchor)]
        reply = await self._http.get(self._url + _LIST, params)
        rows = self._decode(reply, wire.decode_notifications)
        return Chunk(
            anchor=anchor,
            rows=[self._map(row) for row in rows],
            is_last=not rows or _says_last(reply, anchor.direction),
            fetched_at=self._clock.now(),
        )

    async def _fetch_profile(self) -> Profile:
        account, reply = await asyncio.gather(
            self._http.get(f"{self._url}/api/v1/accounts/verify_credentials"),
            self._http.get(f"{self._url}/api/v2/instance"),
        )
        me = self._decode(account, wire.decode_account)
        if reply.status == HTTPStatus.NOT_FOUND:  # before Mastodon 4.0
            reply = await self._http.get(f"{self._url}/api/v1/instance")
        instance = self._decode(reply, wire.decode_instance)
        software = _SOFTWARE.search(instance.version or "")
        return Profile(
            handle=self._mapper.handle(me.acct),
            title=instance.title,
            software=software[1].lower() if software else "mastodon",
            version=software[2] if software else instance.version,
        )

    def _map(self, row: wire.Notification) -> MastodonNotification:
        created_at = read_instant(row.created_at)
        if created_at is None:
            raise bad_response(self._url, "sent a notification whose date cannot be read.")
        return self._mapper.map(row, created_at)

    def _decode(self, reply: Reply, decode: Callable[[bytes], Value]) -> Value:
        if reply.status == HTTPStatus.BAD_REQUEST and b"Bearer" in reply.body:  # Takahe
            raise unauthorized(self._url)
        check_status(reply, self._url, self._clock)
        try:
            return decode(reply.body)
        except msgspec.MsgspecError:
            raise bad_response(
                self._url, "sent something that is not what the Mastodon API promises."
            ) from None


def _beyond(anchor: Anchor) -> Pairs:
    """The parameters that ask for what lies beyond an anchor's row, the row left out."""
    if anchor.direction is Direction.UP:
        return [("min_id", decode_row(anchor.row) if anchor.row else "0")]
    return [("max_id", decode_row(anchor.row))] if anchor.row else []


def _says_last(reply: Reply, direction: Direction) -> bool:
    """Whether a page with rows is the last, by its Link header.

    Servers that send none (snac) leave it open, and only an empty page is the end.
    """
    link = reply.headers.get("link")
    wanted = 'rel="next"' if direction is Direction.DOWN else 'rel="prev"'
    return link is not None and wanted not in link
