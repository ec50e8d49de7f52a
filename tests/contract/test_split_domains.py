"""Handles name the host that the instance says, which need not be the one of its API."""

from typing import Any

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route
from support.virtual_time import LoopClock
from support.worlds import instant

from app.upstreams.http.client import Http
from app.upstreams.http.over_httpx import OverHttpx
from app.upstreams.mastodon.upstream import MastodonUpstream
from resolvers.seam.chunk import TOP, ChunkRequest

URL = "https://social.example.org"


def open_upstream(v2: Response, v1: Response) -> MastodonUpstream:
    """An inbox whose instance says of itself what these do."""

    async def about(request: Request) -> Response:
        return v2 if "v2" in request.url.path else v1

    async def rows(_: Request) -> Response:
        accounts = [
            {"id": each, "username": "ana", "acct": each} for each in ("ana", "bo@far.example")
        ]
        at = instant(1).isoformat()
        return JSONResponse(
            [
                {"id": str(2 - n), "type": "follow", "created_at": at, "account": account}
                for n, account in enumerate(accounts)
            ]
        )

    async def me(_: Request) -> Response:
        return JSONResponse({"id": "7", "username": "me", "acct": "me"})

    app = Starlette(
        routes=[
            Route("/api/v2/instance", about),
            Route("/api/v1/instance", about),
            Route("/api/v1/notifications", rows),
            Route("/api/v1/accounts/verify_credentials", me),
        ]
    )
    return MastodonUpstream(
        "home", URL, Http(URL, OverHttpx(httpx.ASGITransport(app)), "test", 4, "t"), LoopClock()
    )


def says(**about: Any) -> Response:
    """What an instance says of itself."""
    return JSONResponse({"version": "4.5.2", **about})


MISSING, PAGE, REFUSED = JSONResponse({}, 404), HTMLResponse("<html>"), JSONResponse({}, 401)


@pytest.mark.parametrize(
    ("v2", "v1", "host"),
    [
        (says(domain="example.org"), MISSING, "example.org"),
        (MISSING, says(uri="example.org"), "example.org"),
        (MISSING, says(uri="https://example.org"), "example.org"),
        (PAGE, says(uri="example.org"), "example.org"),
        (REFUSED, says(uri="example.org"), "example.org"),
        (says(domain="gts.example.org", account_domain="example.org"), MISSING, "example.org"),
        (says(), MISSING, "social.example.org"),
        (says(domain="<b>"), MISSING, "social.example.org"),
        (says(domain="a" * 300), MISSING, "social.example.org"),
        (MISSING, MISSING, "social.example.org"),
    ],
)
async def test_handles_name_the_host_of_accounts(v2: Response, v1: Response, host: str) -> None:
    """By `domain`, GoToSocial's `account_domain` or `uri`; else where the API is."""
    upstream = open_upstream(v2, v1)
    rows = (await upstream.read(ChunkRequest(TOP, 5))).rows
    assert [row.actor and row.actor.handle for row in rows] == [f"@ana@{host}", "@bo@far.example"]
    if "social" not in host:
        assert (await upstream.ask_profile()).handle == f"@me@{host}"
