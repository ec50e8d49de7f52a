"""One login at a Mastodon-API server: https://docs.joinmastodon.org/methods/notifications/"""

from functools import partial

from app.clock import Clock
from app.upstreams.http.client import Http
from app.upstreams.http.refusals import unsupported
from app.upstreams.mastodon.about import MastodonAbout
from app.upstreams.mastodon.api import MastodonApi
from app.upstreams.mastodon.counting import count_unread
from app.upstreams.mastodon.decoding import KnownRows, RowDecoder
from app.upstreams.mastodon.facts import InstanceFacts
from app.upstreams.mastodon.inspection import inspect_login
from app.upstreams.mastodon.mapping import NotificationMapper
from app.upstreams.mastodon.read_state import UnreadAfter
from app.upstreams.mastodon.reading import MastodonList
from app.upstreams.mastodon.rows import encode_row, is_row
from app.upstreams.mastodon.social import MastodonSocial
from app.upstreams.mastodon.streaming import MastodonStreams
from app.upstreams.mastodon.writes import MastodonWrites
from resolvers.errors import NotFound
from resolvers.fields.inbox import make_inbox
from resolvers.identity import make_id
from resolvers.platforms import Platform
from resolvers.seam.chunk import TOP, Chunk, ChunkRequest, Row
from resolvers.seam.login import LoginHealth, Profile, UnreadTally
from resolvers.seam.streaming import NotificationStream
from resolvers.seam.upstream import OnlyList, ReadState
from resolvers.seam.writes import Dismissal, Inspection, TimestampSet, UnseenFrom, WatchedPages
from resolvers.types.mastodon import MastodonNotification
from resolvers.types.notification import Notification


class MastodonUpstream(OnlyList):
    """Speaks for one access token. See `resolvers.seam.upstream.Upstream` for the contract."""

    def __init__(
        self,
        name: str,
        url: str,
        http: Http,
        clock: Clock,
        facts: InstanceFacts | None = None,
        known: KnownRows | None = None,
        streaming_url: str | None = None,
    ) -> None:
        self.inbox = make_inbox(name, Platform.MASTODON, url)
        self._url = url
        self._budget = http.budget
        self._api = MastodonApi(url, http, clock)
        facts = facts or InstanceFacts()
        mapper = NotificationMapper(self.inbox, facts)
        self._about = MastodonAbout(self._api, mapper, clock, facts, self._budget)
        decoder = RowDecoder(mapper, known if known is not None else KnownRows(), clock)
        self._make_list = partial(MastodonList, self._api, decoder, clock, self._about.ask_software)
        self._list = self._make_list()
        self._list_with_filtered: MastodonList | None = None
        self._writes = MastodonWrites(self._api)
        self.social = MastodonSocial(
            self._api, mapper, self._about.ask_software, self._list.find, clock
        )
        self._streams = MastodonStreams(self._api, http, self._about, decoder, streaming_url)

    @property
    def health(self) -> LoginHealth:
        """What is left of the rate limit; how the instance answers notes ObservedUpstream."""
        return LoginHealth(rate_limit=self._budget.rate_limit if self._budget else None)

    def recognises(self, row: Row) -> bool:
        return is_row(row)

    async def read(self, request: ChunkRequest) -> Chunk:
        if not request.scope.include_filtered:
            return await self._list.read(request)
        if self._list_with_filtered is None:  # few ask for it
            self._list_with_filtered = self._make_list([("include_filtered", "true")])
        return await self._list_with_filtered.read(request)

    async def find(self, key: str) -> Notification | None:
        return await self._list.find(key) if is_row(encode_row(key)) else None

    async def ask_read_state(self) -> ReadState:
        return UnreadAfter(await self._writes.read_marker(await self._about.ask_software()))

    async def count_unread(self) -> UnreadTally:
        software = await self._about.ask_software()
        return await count_unread(self._api, self._list, self._writes, software)

    async def ask_profile(self) -> Profile:
        return await self._about.ask_profile()

    async def open_stream(self) -> NotificationStream:
        return await self._streams.open()

    async def inspect(self) -> Inspection:
        software = await self._about.ask_software()
        asks = self.ask_profile, self.count_unread, self.open_stream
        return await inspect_login(self._api, software, *asks)

    async def dismiss(self, *keys: str) -> Dismissal:
        (key,) = keys
        self._check_key(key)
        await self._writes.dismiss(key, await self._about.ask_software(), self._is_there)
        return Dismissal([make_id(MastodonNotification.__name__, self.inbox.name, key)])

    async def clear(self) -> None:
        await self._writes.clear(await self._about.ask_software(), self._is_anything_left)

    async def mark_read(self, key: str) -> None:
        self._check_key(key)
        await self._writes.mark_read(key, await self._about.ask_software())

    async def set_timestamp(self, pages: WatchedPages, unseen_from: UnseenFrom) -> TimestampSet:
        raise unsupported(
            self._url,
            "has no watchlist, and only a wiki's pages have timestamps: dismiss its notifications, "
            "or mark them as read.",
        )

    async def _is_there(self, key: str) -> bool:
        return await self._list.find(key) is not None

    async def _is_anything_left(self) -> bool:
        chunk = await self._list.read(ChunkRequest(TOP, 1))
        return bool(chunk.rows)

    def _check_key(self, key: str) -> None:
        if not is_row(encode_row(key)):
            raise NotFound
