"""Servers that do not go strictly below `max_id`: a list ends, and says what it may lack."""

import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from support.generated import examples
from support.virtual_time import LoopClock
from support.worlds import instant

from app.upstreams.http.client import Http
from app.upstreams.http.over_httpx import OverHttpx
from app.upstreams.mastodon.paging import MOST_TIMES
from app.upstreams.mastodon.upstream import MastodonUpstream
from resolvers.errors import UpstreamFailureCode
from resolvers.identity import parse_id
from resolvers.seam.chunk import TOP, Anchor, ChunkRequest, Direction

URL = "https://odd.test"
Cut = Callable[[int], int]
"""Where the list goes on after the row at an index."""

GOES_ON: dict[str, Cut] = {
    "strictly": lambda at: at + 1,
    "with the row itself": lambda at: at,
    "with some rows before it": lambda at: max(0, at - 3),
    "from the top": lambda _: 0,
}


@dataclass(frozen=True)
class OddServer:
    """A list of so many rows, newest first; `most` in an answer, each as often as `copies` says."""

    count: int
    goes_on: str = "strictly"
    most: int = 40
    copies: int = 1
    is_circular: bool = False
    has_ordered_ids: bool = True
    has_links: bool = False
    shows_one: bool = True
    version: str = "1.0.0 (compatible; Odd 1.0)"

    def ids(self) -> list[str]:
        """Of all rows, the newest first."""
        ids = [str(1000 + number) for number in range(self.count, 0, -1)]
        if not self.has_ordered_ids:
            random.Random(self.count).shuffle(ids)  # noqa: S311 - a seed, no secret
        return ids

    def rows(self) -> list[dict[str, Any]]:
        """As the API lists them."""
        account = {"id": "1", "username": "zed", "acct": "zed"}
        ids = self.ids()
        return [
            {
                "id": database_id,
                "type": "follow",
                "created_at": instant(len(ids) - at).isoformat(),
                "account": account,
            }
            for at, database_id in enumerate(ids)
        ]

    def app(self) -> Starlette:
        """The server."""
        rows = self.rows()
        ids = [row["id"] for row in rows]

        async def answer(request: Request) -> Response:
            limit = min(int(request.query_params["limit"]), self.most)
            start, bound = 0, request.query_params.get("max_id")
            if bound in ids:
                start = GOES_ON[self.goes_on](ids.index(bound))
            if self.is_circular and start >= len(rows):
                start = 0
            page = [row for row in rows[start:] for _ in range(self.copies)][:limit]
            headers = {}
            if self.has_links and page:
                link = f"<{URL}/api/v1/notifications?max_id={page[-1]['id']}>"
                headers["link"] = f'{link}; rel="next"'
            return JSONResponse(page, headers=headers)

        async def show(request: Request) -> Response:
            found = [row for row in rows if row["id"] == request.path_params["id"]]
            return JSONResponse(found[0] if found and self.shows_one else {}, 200 if found else 404)

        async def about(_: Request) -> Response:
            return JSONResponse({"version": self.version})

        return Starlette(
            routes=[
                Route("/api/v1/notifications", answer),
                Route("/api/v1/notifications/{id}", show),
                Route("/api/v2/instance", about),
            ]
        )

    def open(self) -> MastodonUpstream:
        """An inbox there."""
        http = Http(URL, OverHttpx(httpx.ASGITransport(self.app())), "test", 4, "token")
        return MastodonUpstream("odd", URL, http, LoopClock())


async def read_down(server: OddServer, limit: int = 40) -> tuple[list[str], bool]:
    """All IDs, chunk after chunk, and whether any chunk said that something is missing."""
    upstream, seen, is_flawed, anchor = server.open(), list[str](), False, TOP
    for _ in range(2 * server.count + 5):
        chunk = await upstream.read(ChunkRequest(anchor, limit))
        seen += [parse_id(row.id).key for row in chunk.rows]
        is_flawed |= chunk.flaw is not None
        if chunk.flaw is not None:
            assert chunk.flaw.failure_code is UpstreamFailureCode.BAD_RESPONSE
        if chunk.is_last or not chunk.rows:
            return seen, is_flawed
        anchor = Anchor(Direction.DOWN, chunk.rows[-1].row)
    raise AssertionError("it does not end")


SERVERS = st.builds(
    OddServer,
    count=st.integers(0, 130),
    goes_on=st.sampled_from([*GOES_ON]),
    most=st.sampled_from([15, 20, 30, 40, 80]),
    copies=st.integers(1, 3),
    is_circular=st.booleans(),
    has_ordered_ids=st.booleans(),
    has_links=st.booleans(),
    shows_one=st.booleans(),
)


@settings(max_examples=examples(1200, share=6), deadline=None)
@given(SERVERS)
async def test_a_list_ends_and_says_what_it_may_lack(server: OddServer) -> None:
    """Whatever a server makes of `max_id`: no ID twice, and every row or a failure."""
    seen, is_flawed = await read_down(server)
    assert len(seen) == len(set(seen))
    if not is_flawed:
        assert sorted(seen) == sorted(server.ids())


@pytest.mark.parametrize("has_ordered_ids", [True, False])
@pytest.mark.parametrize("copies", [1, 2, 3])
@pytest.mark.parametrize("goes_on", ["strictly", "with the row itself", "with some rows before it"])
async def test_every_row_once_and_in_order(
    goes_on: str, copies: int, has_ordered_ids: bool
) -> None:
    """Inclusive, overlapping, each row several times, ordered by time alone: nothing is lost."""
    server = OddServer(100, goes_on, copies=copies, has_ordered_ids=has_ordered_ids)
    assert await read_down(server) == (server.ids(), False)


async def test_a_short_list_that_begins_anew_has_an_end() -> None:
    """One that goes round, or ignores `max_id`: all rows, and no failure."""
    for server in (OddServer(60, is_circular=True, most=80), OddServer(14, "from the top")):
        assert await read_down(server) == (server.ids(), False)


async def test_what_cannot_be_reached_is_told() -> None:
    """A server that gives its newest 40 whatever it is asked has those, and a failure."""
    seen, is_flawed = await read_down(OddServer(100, "from the top"))
    assert (len(seen), is_flawed) == (40, True)


async def test_few_times_are_remembered() -> None:
    """Of a login whose list is read on and on: 20, with IDs of at most 255 bytes."""
    server = OddServer(130, most=1)
    paging = server.open()._list._paging  # noqa: SLF001 - what it holds shows nowhere else
    for each in server.ids():
        await paging.list(Anchor(Direction.DOWN), [("max_id", each)], 1)
    assert len(paging._times) <= MOST_TIMES == 20  # noqa: SLF001 - the same
