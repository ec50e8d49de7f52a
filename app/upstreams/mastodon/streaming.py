"""The stream of one login at a Mastodon-API server: https://docs.joinmastodon.org/methods/streaming/"""

from http import HTTPStatus
from typing import Any

import msgspec

from app.upstreams.http.client import Http
from app.upstreams.http.instance_messages import InstanceMessages
from app.upstreams.http.refusals import bad_response, unauthorized, unauthorized_scope, unsupported
from app.upstreams.http.reply import Reply
from app.upstreams.mastodon import wire
from app.upstreams.mastodon.about import MastodonAbout
from app.upstreams.mastodon.api import MastodonApi
from app.upstreams.mastodon.decoding import RowDecoder
from app.upstreams.mastodon.rows import decode_row, order_of
from app.upstreams.mastodon.software import TokenPlace, recognise_instance
from app.upstreams.mastodon.stream_address import choose_address
from app.upstreams.reading.values import read_json
from resolvers.errors import UpstreamError
from resolvers.seam.chunk import Row
from resolvers.seam.streaming import StreamSign, Told

PATH = "/api/v1/streaming"
_STREAM = "user:notification"
"""In the address, as GoToSocial takes no message that subscribes; `user` has more than is wanted,
and lacks notifications where a token may only read these."""


_SCOPES = "read:notifications (read at GoToSocial)"
_LONGEST_REFUSAL = 4096


class MastodonStreams:
    """Opens streams for one login; `configured` is where they are, if somebody has said so."""

    def __init__(
        self,
        api: MastodonApi,
        http: Http,
        about: MastodonAbout,
        decoder: RowDecoder,
        configured: str | None,
    ) -> None:
        self._api = api
        self._http = http
        self._about = about
        self._decoder = decoder
        self._configured = configured

    async def open(self) -> "MastodonStream":
        """A stream that is open. Raises UpstreamError."""
        told = await self._about.ask_instance()
        software = recognise_instance(told)
        if not software.streams:
            raise unsupported(
                self._api.url, "runs software without streams: wait for `nextLookAt`."
            )
        address = choose_address(self._api.url, told, self._configured)
        is_by_protocol = software.token_place is TokenPlace.SUBPROTOCOL
        opened = await self._http.open_socket(
            f"{address}{PATH}?stream={_STREAM}", token_as_subprotocol=is_by_protocol
        )
        if isinstance(opened, Reply):
            opened = await self._open_events_instead(opened, address)
        return MastodonStream(self._api.url, opened, self._decoder)

    async def _open_events_instead(self, refusal: Reply, address: str) -> InstanceMessages:
        """Where something in between lets no WebSocket through. Raises UpstreamError."""
        if refusal.status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN):
            raise self._explain(refusal)
        opened = await self._http.open_events(f"{address}{PATH}/user/notification")
        if isinstance(opened, InstanceMessages):
            return opened
        is_refused = opened.status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN)
        raise self._explain(opened if is_refused else refusal)

    def _explain(self, reply: Reply) -> UpstreamError:
        """What a handshake that is answered otherwise means; of the login it says nothing."""
        is_about_scope = b"scope" in reply.body[:_LONGEST_REFUSAL]
        if reply.status == HTTPStatus.FORBIDDEN or is_about_scope:
            return unauthorized_scope(self._api.url, _SCOPES)
        if reply.status == HTTPStatus.UNAUTHORIZED:
            return unauthorized(self._api.url, is_refused=False)
        try:
            self._api.check_read(reply)
        except UpstreamError as failure:
            return failure
        return bad_response(
            self._api.url, "opens no stream: ask its operator whether streaming runs there."
        )


class MastodonStream:
    """One open stream. See `resolvers.seam.streaming.NotificationStream`."""

    def __init__(self, instance: str, messages: InstanceMessages, decoder: RowDecoder) -> None:
        self.alive_seconds = messages.alive_seconds
        self._instance = instance
        self._messages = messages
        self._decoder = decoder

    async def receive(self) -> Told:
        text = await self._messages.receive()
        return StreamSign.ALIVE if text is None else self._read(text)

    def lies_above(self, row: Row, other: Row) -> bool:
        return order_of(decode_row(row)) > order_of(decode_row(other))

    async def aclose(self) -> None:
        await self._messages.aclose()

    def _read(self, text: str) -> Told:
        try:
            message = read_json(text.encode(), wire.StreamMessage)
        except ValueError:
            return StreamSign.ALIVE
        if message.error is not None:
            raise self._explain(message)
        if message.event == "notifications_merged":
            return StreamSign.LIST_CHANGED
        if message.event != "notification":
            return StreamSign.ALIVE
        rows = self._decoder.decode([_raw(message.payload)]).rows
        return rows[0] if rows else StreamSign.LIST_CHANGED

    def _explain(self, message: wire.StreamMessage) -> UpstreamError:
        """What Mastodon says on an open socket in place of a refused handshake."""
        if message.status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN):
            return unauthorized_scope(self._instance, _SCOPES)
        return unsupported(
            self._instance,
            "does not know the stream of notifications: check which software runs there.",
        )


def _raw(payload: Any) -> msgspec.Raw:
    """Most send it as the text of its JSON, some as such."""
    return msgspec.Raw(payload if isinstance(payload, str) else msgspec.json.encode(payload))
