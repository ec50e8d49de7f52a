"""A Mastodon that answers with what a real one of some version was recorded to answer."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

Json = dict[str, Any]

VERSIONS = [
    "mastodon-2.4.3",
    "mastodon-3.1.1",
    "mastodon-4.1.2",
    "mastodon-4.3.0",
    "mastodon-4.6.4",
]


class RecordedMastodon:
    """Lists every notification that the recordings of one version hold, as they hold it."""

    def __init__(self, recordings: Path, version: str) -> None:
        folder = recordings / "mastodon" / "recordings" / version
        pairs = [pair for path in sorted(folder.glob("*.json")) for pair in _pairs(path)]
        found = {row["id"]: row for pair in pairs for row in _listed(pair)}
        self.notifications = sorted(found.values(), key=lambda row: int(row["id"]), reverse=True)
        self._written = {
            (pair["request"]["url"].split("localhost:3000")[-1], pair["request"].get("body") or "")
            for pair in pairs
            if pair["request"]["method"] == "POST" and pair["response"]["status"] == 200
        }
        self._account = _first(pairs, "/api/v1/accounts/verify_credentials")
        self._instances = {number: _first(pairs, f"/api/v{number}/instance/") for number in (1, 2)}
        self.app = Starlette(
            routes=[
                Route("/api/v1/notifications", self._list),
                Route("/api/v1/notifications/{id}", self._show),
                Route("/api/v1/notifications/{path:path}", self._write, methods=["POST"]),
                Route("/api/v1/accounts/verify_credentials", self._verify),
                Route("/api/v{number:int}/instance", self._instance),
            ]
        )

    async def _list(self, request: Request) -> JSONResponse:
        """The first rows beyond the one named; what is between is the recorded order."""
        rows, params = self.notifications, request.query_params
        if (below := params.get("max_id")) is not None:
            rows = [row for row in rows if int(row["id"]) < int(below)]
        if (above := params.get("min_id")) is not None:
            rows = [row for row in rows if int(row["id"]) > int(above)]
        link = {"link": '<http://localhost:3000>; rel="next", <http://localhost:3000>; rel="prev"'}
        return JSONResponse(rows, headers=link if rows else {})

    async def _show(self, request: Request) -> JSONResponse:
        for row in self.notifications:
            if row["id"] == request.path_params["id"]:
                return JSONResponse(row)
        return JSONResponse({"error": "Record not found"}, 404)

    async def _write(self, request: Request) -> JSONResponse:
        """`{}` for what was recorded to be done; any other write has no route."""
        asked = (request.url.path, (await request.body()).decode())
        is_recorded = asked in self._written
        return JSONResponse(
            {} if is_recorded else {"error": "Not Found"}, 200 if is_recorded else 404
        )

    @property
    def dismissed_ids(self) -> list[str]:
        """The notifications that were recorded to be dismissed."""
        found = (
            re.fullmatch(r"/api/v1/notifications/(\d+)?/?dismiss(?:id=(\d+))?", path + body)
            for path, body in self._written
        )
        return [match[1] or match[2] for match in found if match]

    async def _verify(self, request: Request) -> JSONResponse:
        return JSONResponse(self._account)

    async def _instance(self, request: Request) -> JSONResponse:
        recorded = self._instances.get(request.path_params["number"])
        return JSONResponse(recorded or {"error": "Not Found"}, 200 if recorded else 404)


def _pairs(path: Path) -> list[Json]:
    pairs: list[Json] = json.loads(path.read_text(encoding="utf-8"))["pairs"]
    return pairs


def _listed(pair: Json) -> Iterator[Json]:
    path = pair["request"]["url"].split("?")[0]
    if path.endswith("/api/v1/notifications") and pair["response"]["status"] == 200:
        yield from pair["response"]["json"]


def _first(pairs: list[Json], path: str) -> Json | None:
    answers = (pair["response"]["json"] for pair in pairs if pair["request"]["url"].endswith(path))
    return next(answers, None)
