"""A forum with a small API of its own: what the shell has to know."""

from datetime import UTC, datetime
from typing import Any, Literal, NoReturn

import msgspec
from pydantic import Field
from third_platform.types import ForumMember, ForumNotification

from app.platforms.platform import NewLogin, PlatformEntry
from app.setting_types.inbox import CacheOverrides, InboxSettings
from app.setting_types.kinds import Age
from app.upstreams.http.refusals import check_status, unsupported
from resolvers.errors import NotFound
from resolvers.fields.inbox import make_inbox
from resolvers.identity import make_id
from resolvers.platforms import Platform
from resolvers.seam.chunk import Chunk, ChunkRequest, Direction, Row
from resolvers.seam.login import LoginHealth, Profile, UnreadTally
from resolvers.seam.streaming import NotificationStream
from resolvers.seam.upstream import OnlyList, ReadState
from resolvers.seam.writes import Dismissal, Inspection, TimestampSet, UnseenFrom, WatchedPages
from resolvers.types.inbox import InboxCapabilities
from resolvers.types.notification_type import NotificationType
from resolvers.types.scalars import URL


class ForumUpstream(OnlyList):
    """Speaks for one token; a row is a number that only grows."""

    def __init__(self, login: NewLogin) -> None:
        self._url, self._http, self._clock = login.inbox.url, login.connect(), login.clock
        self.inbox = make_inbox(login.inbox.name, Platform["FORUM"], self._url)
        self.health = LoginHealth()

    def recognises(self, row: Row) -> bool:
        return row.isdigit() and len(row) < 16

    async def read(self, request: ChunkRequest) -> Chunk:
        anchor, limit = request.anchor, request.limit
        is_up = anchor.direction is Direction.UP
        asked = {"count": str(limit), "order": "up" if is_up else "down"}
        if anchor.row is not None:
            step = 0 if anchor.inclusive else 1 if is_up else -1
            asked["from"] = str(int(anchor.row) + step)
        items = await self._ask("/inbox", asked)
        rows = [self._map(each) for each in (reversed(items) if is_up else items)]
        return Chunk(anchor, rows, len(rows) < limit, self._clock.now())

    async def find(self, key: str) -> ForumNotification | None:
        items = await self._ask("/inbox", {"count": "1", "from": key}) if key.isdigit() else []
        return self._map(items[0]) if items and str(items[0]["id"]) == key else None

    async def ask_read_state(self) -> ReadState:
        self._refuse()

    async def count_unread(self) -> UnreadTally:
        self._refuse()

    async def ask_profile(self) -> Profile:
        told = await self._ask("/me", {})
        can = InboxCapabilities(can_dismiss=True, can_clear=True)
        return Profile(f"@{told['name']}", told["site"], "forum", told["version"], can)

    async def open_stream(self) -> NotificationStream:
        self._refuse()

    async def inspect(self) -> Inspection:
        return Inspection(await self.ask_profile(), None, ["dismiss"], [])

    async def dismiss(self, *keys: str) -> Dismissal:
        (key,) = keys
        if not key.isdigit():
            raise NotFound
        check_status(await self._http.post(f"{self._url}/gone/{key}"), self._url, self._clock)
        return Dismissal([make_id(ForumNotification.__name__, self.inbox.name, key)])

    async def clear(self) -> None:
        check_status(await self._http.post(f"{self._url}/gone"), self._url, self._clock)

    async def mark_read(self, key: str) -> None:
        self._refuse()

    async def set_timestamp(self, pages: WatchedPages, unseen_from: UnseenFrom) -> TimestampSet:
        self._refuse()

    async def _ask(self, path: str, params: dict[str, str]) -> Any:
        reply = await self._http.get(self._url + path, [*params.items()])
        check_status(reply, self._url, self._clock)
        return msgspec.json.decode(reply.body)

    def _map(self, item: Any) -> ForumNotification:
        name, who, what = self.inbox.name, item["who"], item["what"]
        return ForumNotification(
            id=make_id(ForumNotification.__name__, name, str(item["id"])),
            row=str(item["id"]).encode(),
            inbox=self.inbox,
            type=NotificationType.MENTION,
            raw_type="reply",
            created_at=datetime.fromtimestamp(item["at"], UTC),
            is_unread=None,
            actor=ForumMember(
                id=make_id(ForumMember.__name__, name, who),
                handle=f"@{who}",
                display_name=who,
                url=None,
                avatar_url=None,
                is_bot=None,
            ),
            url=URL(f"{self._url}/t/{item['id']}"),
            summary=f"{who} replied in {what}",
            thread=what,
        )

    def _refuse(self) -> NoReturn:
        raise unsupported(self._url, "cannot do that.")


class ForumInbox(InboxSettings):
    """`[[inboxes]]` with `platform = "forum"`."""

    platform: Literal["forum"] = Field(description="A forum.")


class ForumTimes(CacheOverrides):
    """Forums are slow."""

    fresh: Age | None = 45


FORUM = PlatformEntry("forum", ForumInbox, lambda login: [ForumUpstream(login)], (), ForumTimes)
