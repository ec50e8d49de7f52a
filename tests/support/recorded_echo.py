"""A wiki that says of Echo's notifications what a real MediaWiki 1.43 was recorded to say."""

import json
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from support.worlds import Json

PATH = Path("mediawiki", "recordings", "echo143.json")


class RecordedEcho:
    """Lists each recorded notification as it was recorded, in pages like the recorded ones."""

    def __init__(self, recordings: Path) -> None:
        pairs = json.loads((recordings / PATH).read_text(encoding="utf-8"))["recordings"]
        answers = {pair["name"]: pair["response"].get("json") or {} for pair in pairs}
        listed = [
            *answers["list-model"]["query"]["notifications"]["list"],
            *answers["reverted-and-mention-failure-model"]["query"]["notifications"]["list"],
        ]
        rows = {row["id"]: row for row in listed}.values()
        self.rows = sorted(rows, key=_order, reverse=True)
        about = answers["with-userinfo-and-siteinfo"]["query"]
        self._about = {"general": about["general"], "userinfo": about["userinfo"]}
        self.app = Starlette(routes=[Route("/w/api.php", self._answer)])

    async def _answer(self, request: Request) -> JSONResponse:
        params, query = request.query_params, dict[str, Any](self._about)
        if "notifications" in params.get("meta", ""):
            start = tuple(map(int, params.get("notcontinue", f"{10**12}|1").split("|")))
            rows = [row for row in self.rows if _order(row) <= start]
            page, rest = rows[: int(params["notlimit"])], rows[int(params["notlimit"]) :]
            following = "|".join(map(str, _order(rest[0]))) if rest else None
            query["notifications"] = {"list": sorted(page, key=_rising), "continue": following}
        return JSONResponse({"batchcomplete": True, "query": query})


def _order(row: Json) -> tuple[int, int]:
    return row["timestamp"]["utcunix"], row["id"]


def _rising(row: Json) -> tuple[int, int]:
    """As a page was recorded: by time, and within a second falling."""
    return row["timestamp"]["utcunix"], -row["id"]
