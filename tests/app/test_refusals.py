"""What is told where an instance, or something in front of it, does not do what was asked."""

import re

import pytest
from support.virtual_time import START, LoopClock

from app.upstreams.http.refusals import check_status, no_json
from app.upstreams.http.reply import Reply
from resolvers.errors import UpstreamError, UpstreamFailureCode

URL = "https://social.example"
PAGE = b"<!DOCTYPE html><html><head><title>Just a moment...</title></head></html>"
ANUBIS = (
    b"<!doctype html><title>Making sure you&#39;re not a bot!</title><script id=anubis_version>"
)


def refuse(status: int, body: bytes, **headers: str) -> UpstreamError:
    """The failure that an answer stands for."""
    reply = Reply(status, {key.replace("_", "-"): value for key, value in headers.items()}, body)
    with pytest.raises(UpstreamError) as caught:
        check_status(reply, URL, LoopClock())
    return caught.value


@pytest.mark.parametrize(
    ("body", "headers", "named"),
    [
        (PAGE, {"server": "cloudflare"}, "Cloudflare"),
        (PAGE, {"cf_mitigated": "challenge"}, "Cloudflare"),
        (ANUBIS, {}, "Anubis"),
        (b"<html>denied</html>", {"x_sucuri_id": "1"}, "Sucuri"),
        (b"<html><h1>403 Forbidden</h1>nginx</html>", {}, "something"),
        (b"Please set a user-agent and respect our robot policy", {}, "upstream.contact"),
        (b'{"error": "Bad User-Agent"}', {}, "upstream.contact"),
    ],
)
async def test_a_403_of_something_in_front(
    body: bytes, headers: dict[str, str], named: str
) -> None:
    """It is not about the token: the copies stay, it may pass, and who says so is named."""
    failure = refuse(403, body, **headers)
    assert failure.failure_code is UpstreamFailureCode.UNAVAILABLE
    assert failure.is_retryable and failure.retry_at and failure.retry_at > START
    assert not failure.is_login_refused and not failure.is_outage
    assert named in str(failure) and "credential" not in str(failure)


@pytest.mark.parametrize(
    ("message", "told"),
    [
        ("Your login is currently disabled", "disabled"),
        ("Your login is currently pending approval", "approval"),
        ("Your login is missing a confirmed e-mail address", "not confirmed"),
        ("This account has been suspended", "suspended"),
    ],
)
async def test_a_403_about_the_account(message: str, told: str) -> None:
    """No other token would help."""
    failure = refuse(403, f'{{"error":"{message}"}}'.encode())
    assert failure.failure_code is UpstreamFailureCode.REJECTED
    assert told in str(failure)


@pytest.mark.parametrize(
    "message",
    [
        "This action is outside the authorized scopes",
        "Forbidden: token has insufficient scope permission",
        "out_of_scope_for_token",
        "Insufficient permissions: read:notifications.",
        "Invalid credentials.",
    ],
)
async def test_a_403_about_the_token(message: str) -> None:
    """What Mastodon-API servers say of scopes stays what it is."""
    failure = refuse(403, f'{{"error":"{message}"}}'.encode())
    assert failure.failure_code is UpstreamFailureCode.UNAUTHORIZED


@pytest.mark.parametrize(
    ("location", "told"),
    [
        ("https://social.other.example/api/v1/notifications", "https://social.other.example"),
        ("/.within.website/?redir=/api/v1/notifications", "Ask its operator to let the API"),
        ("http://social.example/api/v1/notifications", "configure that address"),
        ("", "does not say where"),
        ("https://[", "does not say where"),
        ("https://user:s3cret@evil.example/", "does not say where"),
    ],
)
async def test_a_redirect_is_named(location: str, told: str) -> None:
    """To another host, another port, or a page of its own: each has its advice."""
    failure = refuse(307, b"", location=location)
    assert failure.failure_code is UpstreamFailureCode.BAD_RESPONSE
    assert told in str(failure) and "s3cret" not in str(failure)


@pytest.mark.parametrize(
    "status", [400, 401, 404, 405, 406, 409, 410, 414, 418, 422, 429, 451, 500]
)
async def test_every_status_has_a_next_step(status: int) -> None:
    """A message names the instance, and what can be done."""
    message = str(refuse(status, b"{}"))
    assert message.startswith(URL)
    assert re.search(r"[Cc]heck|[Aa]sk|[Tt]ry|give|wait|[Ee]nter", message), message


async def test_a_token_of_an_application() -> None:
    """It was made without logging in: that is told."""
    failure = refuse(422, b'{"error":"This method requires an authenticated user"}')
    assert failure.failure_code is UpstreamFailureCode.UNAUTHORIZED
    assert "application's" in str(failure)


@pytest.mark.parametrize(
    ("body", "told"),
    [
        (ANUBIS, "Anubis"),
        (b"<html>hello</html>", "web page"),
        (b"<br />\n<b>Deprecated</b>: x in <b>/srv/x.php</b>\n{}", "display_errors"),
        (b'{"half": ', "promises"),
    ],
)
def test_what_is_no_json(body: bytes, told: str) -> None:
    """A bot check with 200, a page, a message of PHP, or nonsense."""
    failure = no_json(Reply(200, {}, body), URL, "the API")
    assert failure.failure_code is UpstreamFailureCode.BAD_RESPONSE
    assert told in str(failure)
