"""What the Mastodon upstream makes of what servers send and refuse."""

import json
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route
from support.virtual_time import LoopClock

from app.upstreams.http.client import Http
from app.upstreams.http.over_httpx import OverHttpx
from app.upstreams.mastodon.rows import decode_row, encode_row, is_row
from app.upstreams.mastodon.upstream import MastodonUpstream
from resolvers.errors import UpstreamError, UpstreamFailureCode
from resolvers.seam.chunk import TOP, Chunk, ChunkRequest
from resolvers.types.mastodon import MastodonNotification
from resolvers.types.notification_type import NotificationType

URL = "https://mastodon.test"
BARE: dict[str, Any] = {
    "id": "7",
    "type": "mention",
    "created_at": "2026-11-24T12:00:00.000Z",
    "account": {"id": "1", "username": "zed", "acct": "zed"},
}


def open_upstream(response: Response) -> MastodonUpstream:
    """The upstream of an instance that gives this answer to everything."""

    async def answer(request: Request) -> Response:
        return response

    app = Starlette(routes=[Route("/{path:path}", answer)])
    http = Http(URL, OverHttpx(httpx.ASGITransport(app)), "test", 4, "s3cret")
    return MastodonUpstream("home", URL, http, LoopClock())


async def read_top(upstream: MastodonUpstream) -> Chunk:
    """The newest chunk."""
    return await upstream.read(ChunkRequest(TOP, 40))


async def map_one(**parts: object) -> MastodonNotification:
    """The notification that a server sends with these parts."""
    upstream = open_upstream(JSONResponse({**BARE, **parts}))
    found = await upstream.find("7")
    assert isinstance(found, MastodonNotification)
    return found


async def test_a_notification_with_nothing_but_what_it_must_have() -> None:
    """Fields that some servers leave out are null, empty or zero, and nothing fails."""
    account = BARE["account"]
    found = await map_one(status={"id": "9", "account": account})
    assert found.summary == "zed mentioned you"
    assert found.account is not None and found.account.handle == "@zed@mastodon.test"
    assert found.account.display_name == "zed"
    assert found.status is not None
    assert (found.status.url, found.status.text(), found.status.content()) == (None, "", None)
    assert found.status.created_at == found.created_at
    assert found.group_key is None and not found.is_filtered


async def test_an_unknown_type_passes_as_other() -> None:
    """A type that nobody knew when this was written is OTHER, and `rawType` names it."""
    found = await map_one(type="pleroma:report")
    assert (found.type, found.raw_type) == (NotificationType.OTHER, "pleroma:report")
    assert found.summary == "zed: pleroma:report"
    assert (await map_one(type="other")).type is NotificationType.OTHER


@pytest.mark.parametrize(
    ("raw", "kind"),
    [
        ("mention", NotificationType.MENTION),
        ("status", NotificationType.STATUS),
        ("reblog", NotificationType.REBLOG),
        ("follow", NotificationType.FOLLOW),
        ("follow_request", NotificationType.FOLLOW_REQUEST),
        ("favourite", NotificationType.FAVOURITE),
        ("poll", NotificationType.POLL),
        ("update", NotificationType.UPDATE),
        ("quote", NotificationType.QUOTE),
        ("quoted_update", NotificationType.QUOTED_UPDATE),
        ("admin.sign_up", NotificationType.ADMIN_SIGN_UP),
        ("admin.report", NotificationType.ADMIN_REPORT),
        ("severed_relationships", NotificationType.SEVERED_RELATIONSHIPS),
        ("moderation_warning", NotificationType.MODERATION_WARNING),
        ("annual_report", NotificationType.ANNUAL_REPORT),
        ("added_to_collection", NotificationType.ADDED_TO_COLLECTION),
        ("collection_update", NotificationType.COLLECTION_UPDATE),
    ],
)
async def test_every_type_of_mastodon_is_known(raw: str, kind: NotificationType) -> None:
    """Each type has its member, and a summary of its own."""
    found = await map_one(type=raw)
    assert found.type is kind
    assert f": {raw}" not in found.summary


async def test_nobody_acts_where_a_moderator_or_nobody_did() -> None:
    """There Mastodon names the receiver, which is not who did it."""
    event = {"id": "3", "type": "domain_block", "target_name": "bad.test", "purged": False}
    found = await map_one(type="severed_relationships", event=event)
    assert found.actor is None and found.account is not None
    assert found.severance is not None and found.severance.target_name == "bad.test"
    assert found.summary == "You lost follows because of bad.test"
    assert found.url == f"{URL}/severed_relationships"


async def test_reports_and_warnings() -> None:
    """Moderators get the report, users the warning, each with its page."""
    target = {**BARE["account"], "id": "2", "display_name": "Bad\nGuy"}
    report = {"id": "4", "category": "spam", "comment": "look", "target_account": target}
    found = await map_one(type="admin.report", report=report)
    assert found.summary == "zed reported Bad Guy"
    assert found.url == f"{URL}/admin/reports/4"
    warning = {"id": "5", "action": "silence", "text": "Mind your tone."}
    warned = await map_one(type="moderation_warning", moderation_warning=warning)
    assert warned.moderation_warning is not None
    assert warned.moderation_warning.action == "silence"
    assert warned.url == f"{URL}/disputes/strikes/5"


async def test_addresses_of_strangers_are_checked() -> None:
    """A URL that is not http(s) is not passed on."""
    account = {**BARE["account"], "url": "javascript:alert(1)", "avatar": "/missing.png"}
    found = await map_one(account=account)
    assert found.account is not None
    assert (found.account.url, found.account.avatar_url) == (None, None)


@pytest.mark.parametrize(
    ("response", "code"),
    [
        (JSONResponse({"error": "The access token is invalid"}, 401), "UNAUTHORIZED"),
        (JSONResponse({"error": "outside the authorized scopes"}, 403), "UNAUTHORIZED"),
        (HTMLResponse("Invalid Bearer token", 400), "UNAUTHORIZED"),
        (JSONResponse({"error": "no user-agent"}, 418), "REJECTED"),
        (JSONResponse({"error": "Too many requests"}, 429), "RATE_LIMITED"),
        (HTMLResponse("<html>Bad gateway", 502), "UNAVAILABLE"),
        (HTMLResponse("", 500), "UNAVAILABLE"),
        (HTMLResponse("<html>", 200), "BAD_RESPONSE"),
        (JSONResponse({"error": "an object"}, 200), "BAD_RESPONSE"),
        (JSONResponse([{**BARE, "id": ""}], 200), "BAD_RESPONSE"),
        (JSONResponse([{"type": "mention"}], 200), "BAD_RESPONSE"),
    ],
)
async def test_refusals_become_codes(response: Response, code: str) -> None:
    """Whatever a server answers is a code and a sentence that names it and tells no secret."""
    with pytest.raises(UpstreamError) as caught:
        await read_top(open_upstream(response))
    assert caught.value.failure_code.name == code
    assert URL in str(caught.value) and "s3cret" not in str(caught.value)


async def test_the_rate_limits_reset_is_passed_on() -> None:
    """Mastodon names the instant as ISO 8601 text with microseconds."""
    headers = {"x-ratelimit-reset": "2026-11-24T12:04:59.248623Z"}
    with pytest.raises(UpstreamError) as caught:
        await read_top(open_upstream(JSONResponse({}, 429, headers)))
    assert caught.value.retry_at is not None
    assert caught.value.retry_at.isoformat() == "2026-11-24T12:04:59.248623+00:00"
    assert caught.value.failure_code is UpstreamFailureCode.RATE_LIMITED


@pytest.mark.parametrize(
    ("version", "software", "shown"),
    [
        ("4.6.4", "mastodon", "4.6.4"),
        ("2.7.2 (compatible; Pleroma 2.6.0)", "pleroma", "2.6.0"),
    ],
)
async def test_software_is_read_off_the_version(version: str, software: str, shown: str) -> None:
    """Servers that only speak the API say what they are in brackets."""
    body = {**BARE["account"], "title": "It", "version": version}
    profile = await open_upstream(JSONResponse(body)).ask_profile()
    assert (profile.software, profile.version) == (software, shown)


@given(st.from_regex(r"[A-Za-z0-9][A-Za-z0-9./:_-]{0,199}", fullmatch=True))
def test_any_id_survives_as_a_row(database_id: str) -> None:
    """Numbers, ULIDs and IDs with slashes come back from their rows as they were."""
    row = encode_row(database_id)
    assert decode_row(row) == database_id
    assert is_row(row)


@given(st.binary(max_size=300))
def test_what_is_recognised_is_harmless(row: bytes) -> None:
    """A row from outside that passes is an ID that makes the same row: printable, no blanks."""
    if is_row(row):
        assert decode_row(row).isprintable() and " " not in decode_row(row)


async def test_every_recorded_notification_can_be_mapped(recordings: Path) -> None:
    """One notification of each type and server that was ever recorded becomes a whole one."""
    path = recordings / "mastodon" / "recordings" / "one-per-type.json"
    for by_type in json.loads(path.read_text(encoding="utf-8")).values():
        for raw_type, row in by_type.items():
            found = await map_one(**row)
            assert found.raw_type == raw_type
            assert found.type is not NotificationType.OTHER
            assert found.actor and found.url and found.summary
            assert bool(found.status) == bool(row.get("status"))


@pytest.mark.parametrize("body", [b'[{"id": "\xff"}]', b"[" * 100_000])
async def test_bytes_that_are_no_json(body: bytes) -> None:
    """Broken UTF-8 and endless nesting are bad responses like any other."""
    with pytest.raises(UpstreamError) as caught:
        await read_top(open_upstream(Response(body)))
    assert caught.value.failure_code is UpstreamFailureCode.BAD_RESPONSE


@pytest.mark.parametrize("text", ["cut \\ud83d", "\\ude00 cut", "\\ud83d\\ud83d\\ude00"])
async def test_half_a_character(text: str) -> None:
    """A server that cuts a text in the middle of an emoji hides nothing by it."""
    body = json.dumps([{**BARE, "type": "TYPE"}]).replace("TYPE", text).encode()
    (row,) = (await read_top(open_upstream(Response(body)))).rows
    assert "\ufffd" in row.raw_type


async def test_a_date_before_all_dates() -> None:
    """A date that only just is one is read as none, where a null is allowed."""
    account = {**BARE["account"], "created_at": "0001-01-01T00:00:00+01:00"}
    found = await map_one(account=account)
    assert found.account is not None and found.account.created_at is None


async def test_a_link_that_is_not_about_pages() -> None:
    """A proxy's Link header does not make a page the last one."""
    row = JSONResponse([BARE], headers={"link": "</style.css>; rel=preload"})
    assert not (await read_top(open_upstream(row))).is_last
    prev = JSONResponse([BARE], headers={"link": '<https://x/?min_id=7>; rel="prev"'})
    assert (await read_top(open_upstream(prev))).is_last


@pytest.mark.parametrize("key", [".", "..", "", "a b", "a\n"])
async def test_keys_that_would_be_other_paths(key: str) -> None:
    """What no server gives as an ID is not sent to one."""
    upstream = open_upstream(JSONResponse(BARE))
    assert await upstream.find(key) is None
    assert not upstream.recognises(key.encode())


@pytest.mark.parametrize(
    ("parts", "summary", "picture"),
    [
        ({"type": "pleroma:emoji_reaction", "emoji": "🎉"}, "zed reacted with 🎉", None),
        (
            {
                "type": "pleroma:emoji_reaction",
                "emoji": ":blobcat@far.example:",
                "emoji_url": "https://far.example/b.png",
            },
            "zed reacted with :blobcat:",
            "https://far.example/b.png",
        ),
        ({"type": "reaction", "emoji": "👍"}, "zed reacted with 👍", None),
        (
            {
                "type": "emoji_reaction",
                "emoji_reaction": {"name": "blobcat", "url": "https://x.example/b.png"},
            },
            "zed reacted with :blobcat:",
            "https://x.example/b.png",
        ),
        ({"type": "wave", "emoji": "👋"}, "zed reacted with 👋", None),
        ({"type": "reaction", "emoji": "\u200b"}, "zed reacted to your post", None),
    ],
)
async def test_reactions_are_readable(
    parts: dict[str, object], summary: str, picture: str | None
) -> None:
    """As Pleroma, Sharkey, Mitra and Iceshrimp send them, whatever they call them."""
    found = await map_one(**parts)
    assert (found.type, found.summary) == (NotificationType.REACTION, summary)
    assert (found.reaction and found.reaction.image_url) == picture


async def test_a_type_that_is_empty_has_a_line() -> None:
    """Something happened, as far as anybody can tell."""
    assert (await map_one(type="")).summary == "zed: something"


async def test_a_report_of_pleroma_leads_to_what_there_is() -> None:
    """Mastodon's page of reports does not exist there; who was reported and why is told."""
    account = {"id": "66", "username": "bad", "acct": "bad"}
    report = {"id": "AbC1", "account": account, "content": "look here"}
    found = await map_one(type="pleroma:report", report=report)
    assert found.report is not None and found.report.target_account is not None
    assert (found.report.comment, found.report.target_account.username) == ("look here", "bad")
    assert "reports" not in str(found.url)


async def test_an_account_without_a_name_has_a_handle() -> None:
    """Empty names make no `@@host`."""
    found = await map_one(account={"id": "5", "username": "", "acct": ""})
    assert found.account is not None and found.account.handle == "@5@mastodon.test"
    assert found.summary == "Somebody mentioned you"
