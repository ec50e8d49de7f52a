"""Calls of one Mastodon-API server as one login, and what its refusals mean."""

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any, TypeVar

from app.clock import Clock
from app.upstreams.http.client import Http, Pairs
from app.upstreams.http.refusals import (
    bad_response,
    check_status,
    check_write_status,
    no_json,
    says_scope,
    unauthorized,
    unauthorized_scope,
)
from app.upstreams.http.reply import Reply
from app.upstreams.reading.values import read_json
from resolvers.errors import UpstreamError

Value = TypeVar("Value")

LIST = "/api/v1/notifications"
NO_ROUTE = {HTTPStatus.NOT_FOUND, HTTPStatus.METHOD_NOT_ALLOWED, HTTPStatus.NOT_IMPLEMENTED}
"""What an instance answers where it has no such call; the first also where something is gone."""
_REFUSED_TOKEN: Mapping[int, Sequence[bytes]] = {
    HTTPStatus.BAD_REQUEST: [b"Bearer"],
    HTTPStatus.INTERNAL_SERVER_ERROR: [b"AuthenticationError", b"Unauthenticated"],
}
_SCOPES = "write:notifications (write:statuses for markers)"


class MastodonApi:
    """Paths are below the instance's address; every error is an UpstreamError."""

    def __init__(self, url: str, http: Http, clock: Clock) -> None:
        self.url = url
        self._http = http
        self._clock = clock

    async def get(self, path: str, params: Pairs = ()) -> Reply:
        """An answer of any status."""
        return await self._http.get(self.url + path, params)

    async def post(self, path: str, form: Pairs = ()) -> Reply:
        """A write, sent once; an answer of any status."""
        return await self._http.post(self.url + path, form)

    async def patch(self, path: str, form: Pairs) -> Reply:
        """The same for a change of some of what is there."""
        return await self._http.post(self.url + path, form, method="PATCH")

    async def post_json(self, path: str, value: object) -> Reply:
        """The same for a server that reads JSON alone."""
        return await self._http.post_json(self.url + path, value)

    def check_written(self, reply: Reply, scope: str = _SCOPES) -> None:
        """Raises what a write's answer stands for, unless it was carried out."""
        self._check_token(reply)
        if reply.status == HTTPStatus.FORBIDDEN and says_scope(reply):
            raise unauthorized_scope(self.url, scope)
        check_write_status(reply, self.url, self._clock)

    def says_done(self, reply: Reply) -> bool:
        """Whether a write was certainly carried out, which is answered with `{}`.

        A page of a proxy says nothing about it, and `[]` or nothing at all is no promise. Raises
        UpstreamError where it was refused.
        """
        self.check_written(reply)
        return bool(_read_any(reply) == {})

    def says_marked(self, reply: Reply, database_id: str) -> bool:
        """The same for a marker, which is answered with where it stands."""
        self.check_written(reply)
        return read_marker(_read_any(reply)) == database_id

    def uncertain(self, seen: str) -> UpstreamError:
        """After a write of which the instance did not say whether it was done; `seen` is what is
        known all the same.
        """
        failure = bad_response(self.url, f"did not say whether it was done, and {seen}: try again.")
        failure.is_outcome_unknown = True
        return failure

    def check_read(self, reply: Reply) -> None:
        """Raises what a read's answer stands for, unless it is good."""
        self._check_token(reply)
        check_status(reply, self.url, self._clock)

    def decode(self, reply: Reply, kind: type[Value]) -> Value:
        """The body of an answer that is good, as far as it can be read."""
        self.check_read(reply)
        try:
            return read_json(reply.body, kind)
        except ValueError:
            raise no_json(reply, self.url, "the Mastodon API") from None

    def _check_token(self, reply: Reply) -> None:
        """Takahe refuses a bad token with a 400, Sharkey and older Pixelfeds with a 500."""
        is_page = reply.body.lstrip().startswith(b"<")
        words = _REFUSED_TOKEN.get(reply.status, ())
        if not is_page and any(each in reply.body for each in words):
            raise unauthorized(self.url)


def read_marker(markers: Any) -> str | None:
    """The ID up to which all is read; None where no marker was ever set.

    Servers write that as nothing at all, as an empty list or object, or with empty members.
    Pixelfed sends the one that was asked for alone.
    """
    marker = markers.get("notifications", markers) if isinstance(markers, dict) else None
    read_to = marker.get("last_read_id") if isinstance(marker, dict) else None
    if isinstance(read_to, int) and not isinstance(read_to, bool):
        read_to = str(read_to)
    return read_to if isinstance(read_to, str) and read_to else None


def _read_any(reply: Reply) -> Any:
    try:
        return read_json(reply.body, object)
    except ValueError:
        return None
