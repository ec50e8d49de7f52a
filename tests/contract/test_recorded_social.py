"""What real servers were recorded to answer to policies, requests and follow requests."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route
from support.virtual_time import LoopClock

from app.upstreams.http.client import Http
from app.upstreams.http.over_httpx import TransportByHost
from app.upstreams.mastodon.upstream import MastodonUpstream
from resolvers.seam.social import Social
from resolvers.types.filtered import NotificationPolicyRule

Json = dict[str, Any]
VERSIONS = ["mastodon-4.3.0", "mastodon-4.6.4"]


class Recorded:
    """Answers each call with what was recorded of it last, whatever its query is."""

    def __init__(self, recordings: Path, version: str) -> None:
        folder = recordings / "mastodon" / "recordings" / version
        self.answers = dict(_pairs(folder))
        methods = ["GET", "POST", "PATCH"]
        self.app = Starlette(routes=[Route("/{path:path}", self._answer, methods=methods)])

    async def _answer(self, request: Request) -> JSONResponse:
        if request.url.path == "/api/v1/notifications/7":
            account = {"id": self.asking, "username": "admin", "acct": "admin"}
            return JSONResponse({"id": "7", "type": "follow_request", "account": account})
        status, answer = self.answers.get(
            (request.method, request.url.path), (404, {"error": "Record not found"})
        )
        return JSONResponse(answer, status)

    @property
    def asking(self) -> str:
        """The account whose follow request was recorded to be accepted."""
        paths = [path for _, path in self.answers if path.endswith("/authorize")]
        return paths[0].split("/")[-2]

    def open(self) -> Social:
        """What speaks to it."""
        transport = TransportByHost({"localhost": httpx.ASGITransport(self.app)})
        http = Http("http://localhost", transport, "test", 4, "token")
        social = MastodonUpstream("recorded", "http://localhost", http, LoopClock()).social
        assert social is not None
        return social


def _pairs(folder: Path) -> Iterator[tuple[tuple[str, str], tuple[int, Json]]]:
    names = "follow_request_authorize", "notification_requests_accept", "notifications_policy"
    for name in ("instance", *names):
        for pair in json.loads((folder / f"test_{name}.json").read_text(encoding="utf-8"))["pairs"]:
            path = urlsplit(pair["request"]["url"]).path.rstrip("/")
            response = pair["response"]
            yield (pair["request"]["method"], path), (response["status"], response.get("json"))


@pytest.mark.parametrize("version", VERSIONS)
async def test_a_recorded_policy(recordings: Path, version: str) -> None:
    """Every rule is one that is known, and what is pending is told."""
    social = Recorded(recordings, version).open()
    policy = await social.ask_policy()
    assert len(policy.rules) == 5 and NotificationPolicyRule.OTHER not in policy.rules.values()
    assert policy.requests is not None and policy.notifications is not None
    assert await social.set_policy({"for_new_accounts": NotificationPolicyRule.FILTER})


@pytest.mark.parametrize("version", VERSIONS)
async def test_recorded_requests(recordings: Path, version: str) -> None:
    """Whose they are, how many, and what the last was about; the count is a text there."""
    page = await Recorded(recordings, version).open().list_requests(20, None)
    (request,) = page.requests.values()
    assert request.count > 0 and request.account.acct
    assert request.last_status is not None and not page.has_more


@pytest.mark.parametrize("version", VERSIONS)
async def test_a_recorded_follow_request(recordings: Path, version: str) -> None:
    """Is answered with a relationship, which is taken for done."""
    recorded = Recorded(recordings, version)
    assert await recorded.open().answer_follow_request("7", accepts=True)
