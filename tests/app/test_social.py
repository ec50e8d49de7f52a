"""What Mastodon-API servers answer to follow requests, mutes and policies that is not usual."""

from typing import Any

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route
from support.virtual_time import LoopClock

from app.upstreams.http.client import Http
from app.upstreams.http.over_httpx import OverHttpx
from app.upstreams.mastodon.upstream import MastodonUpstream
from resolvers.errors import NotFound, UpstreamError, UpstreamFailureCode
from resolvers.seam.social import Social
from resolvers.types.filtered import NotificationPolicyRule

URL = "https://home.mastodon.test"
ZED = {"id": "9", "username": "zed", "acct": "zed"}
ROW = {"id": "7", "type": "follow_request", "account": ZED, "created_at": "2026-11-24T12:00:00Z"}
GONE = JSONResponse({"error": "Record not found"}, 404)
NO_ROUTE = HTMLResponse("<!DOCTYPE html><title>Not found</title>", 404)


def open_social(answer: Response, version: str | None = "4.6.4") -> Social:
    """At a server that lists one follow request, and answers everything else with `answer`."""
    told = {"/api/v2/instance": {"version": version}, "/api/v1/notifications/7": ROW}

    async def respond(request: Request) -> Response:
        found: Any = told.get(request.url.path)
        return answer if found is None else JSONResponse(found)

    routes = [Route("/{path:path}", respond, methods=["GET", "POST", "PATCH"])]
    app = OverHttpx(httpx.ASGITransport(Starlette(routes=routes)))
    http = Http(URL, app, "test", 4, "token")
    social = MastodonUpstream("home", URL, http, LoopClock()).social
    assert social is not None
    return social


async def test_a_request_that_is_gone_though_its_notification_is_not() -> None:
    """Answered or withdrawn elsewhere: there is nothing to answer any more."""
    with pytest.raises(NotFound):
        await open_social(GONE).answer_follow_request("7", accepts=True)


async def test_a_server_that_may_not_have_it() -> None:
    """Of one that nobody knows, a page in place of JSON means that there is no such call."""
    with pytest.raises(UpstreamError) as caught:
        await open_social(NO_ROUTE, "nightly").answer_follow_request("7", accepts=True)
    assert caught.value.failure_code is UpstreamFailureCode.UNSUPPORTED


@pytest.mark.parametrize("answer", [HTMLResponse("<p>Hello"), JSONResponse([]), Response("")])
async def test_an_answer_that_says_nothing(answer: Response) -> None:
    """It may be done or not, and that is told."""
    social = open_social(answer)
    for write in (
        social.answer_follow_request("7", accepts=False),
        social.set_policy({"for_new_accounts": NotificationPolicyRule.DROP}),
        social.accept_requests(["1"]),
    ):
        with pytest.raises(UpstreamError) as caught:
            await write
        assert caught.value.is_outcome_unknown


async def test_a_rule_of_the_future() -> None:
    """Is OTHER; what is not told is not there."""
    policy = await open_social(JSONResponse({"for_new_accounts": "shout"})).ask_policy()
    assert policy.rules == {"for_new_accounts": NotificationPolicyRule.OTHER}
    assert (policy.requests, policy.notifications) == (None, None)


async def test_keys_that_no_server_gives() -> None:
    """Are not sent to one."""
    with pytest.raises(NotFound):
        await open_social(JSONResponse({})).accept_requests(["1", "a b"])
