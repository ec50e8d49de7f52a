"""Writes whose answer says nothing: the gateway looks once, and tells what it saw."""

from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from support.virtual_time import LoopClock
from support.worlds import instant

from app.upstreams.http.client import Http
from app.upstreams.http.over_httpx import OverHttpx
from app.upstreams.mastodon.upstream import MastodonUpstream
from resolvers.errors import UpstreamError

URL = "https://odd.test"
FRIENDICA = "2.8.0 (compatible; Friendica 2024.12)"
SHARKEY = "3.0.0 (compatible; Sharkey 2025.4.4; like Akkoma)"
LIST = "/api/v1/notifications"


@dataclass
class OddServer:
    """Two notifications; a write acts, if it `acts`, and answers `status` and `body`."""

    status: int = 200
    body: str = "{}"
    acts: bool = True
    version: str = FRIENDICA
    dismissing: str = f"{LIST}/{{id}}/dismiss"
    marker: Any = None
    ids: list[str] = field(default_factory=lambda: ["102", "101"])

    def open(self) -> MastodonUpstream:
        """An inbox there."""
        app = Starlette(
            routes=[
                Route(self.dismissing, self._dismiss, methods=["POST"]),
                Route(f"{LIST}/clear", self._clear, methods=["POST"]),
                Route(LIST, self._list),
                Route(f"{LIST}/{{id}}", self._show),
                Route("/api/v1/markers", self._mark, methods=["GET", "POST"]),
                Route("/api/v2/instance", self._about),
            ]
        )
        http = Http(URL, OverHttpx(httpx.ASGITransport(app)), "test", 4, "token")
        return MastodonUpstream("odd", URL, http, LoopClock())

    async def _about(self, _: Request) -> Response:
        return JSONResponse({"version": self.version})

    async def _list(self, _: Request) -> Response:
        return JSONResponse([row(each) for each in self.ids])

    async def _show(self, request: Request) -> Response:
        wanted = request.path_params["id"]
        return JSONResponse(
            row(wanted) if wanted in self.ids else {}, 200 if wanted in self.ids else 404
        )

    async def _dismiss(self, request: Request) -> Response:
        if self.acts and request.path_params["id"] in self.ids:
            self.ids.remove(request.path_params["id"])
        return Response(self.body, self.status)

    async def _clear(self, _: Request) -> Response:
        if self.acts:
            self.ids.clear()
        return Response(self.body, self.status)

    async def _mark(self, request: Request) -> Response:
        if request.method == "POST" and self.acts:
            ((_, read_to),) = parse_qsl((await request.body()).decode())
            self.marker = {"notifications": {"last_read_id": read_to}}
        return Response(self.body) if request.method == "POST" else JSONResponse(self.marker)


def row(database_id: str) -> dict[str, Any]:
    """As a list has it."""
    account = {"id": "1", "username": "zed", "acct": "zed"}
    at = instant(int(database_id)).isoformat()
    return {"id": database_id, "type": "follow", "created_at": at, "account": account}


SILENT = [
    (200, "[]"),
    (200, "{ }"),
    (200, ""),
    (200, "null"),
    (202, "{}"),
    (204, ""),
    (200, "<html>"),
]


@pytest.mark.parametrize(("status", "body"), SILENT)
async def test_what_was_done_is_told_as_done(status: int, body: str) -> None:
    """Whatever the answer says, the row has left the list, and the list is empty."""
    server = OddServer(status, body)
    upstream = server.open()
    assert len((await upstream.dismiss("102")).notification_ids) == 1
    await upstream.clear()
    await upstream.mark_read("102")
    assert (server.ids, server.marker) == ([], {"notifications": {"last_read_id": "102"}})


@pytest.mark.parametrize(("status", "body"), [(200, "[]"), (200, ""), (204, ""), (200, "<html>")])
async def test_what_was_not_done_is_not(status: int, body: str) -> None:
    """The row is still there, and so is the list: nobody is told that it went."""
    upstream = OddServer(status, body, acts=False).open()
    for write in (upstream.dismiss("102"), upstream.clear(), upstream.mark_read("102")):
        with pytest.raises(UpstreamError) as caught:
            await write
        assert caught.value.is_outcome_unknown and "did not say" in str(caught.value)


async def test_410_is_gone() -> None:
    """One that was dismissed elsewhere is a success."""
    assert (await OddServer(410, "", acts=False).open().dismiss("9")).notification_ids


async def test_sharkey_dismisses_at_another_path() -> None:
    """The singular one, and no other."""
    server = OddServer(version=SHARKEY, dismissing="/api/v1/notification/{id}/dismiss")
    await server.open().dismiss("102")
    assert server.ids == ["101"]


@pytest.mark.parametrize(
    "marker", [None, [], {}, {"notifications": None}, {"notifications": {}}, {"notifications": []}]
)
async def test_a_marker_that_is_nothing_was_never_set(marker: Any) -> None:
    """Then all is unread, and it can be set."""
    server = OddServer(marker=marker)
    upstream = server.open()
    assert (await upstream.count_unread()).count == 2
    await upstream.mark_read("101")
    assert server.marker == {"notifications": {"last_read_id": "101"}}
