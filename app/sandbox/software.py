"""The server software with a Mastodon API that the sandbox plays, as real servers were measured.

Each field is one way in which they differ; the defaults are a current Mastodon's.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

from starlette.responses import HTMLResponse, JSONResponse, Response


class Ids(Enum):
    """How a server names its notifications, and so how it reads `max_id` and `min_id`."""

    NUMBERS = "decimal numbers; of other text the digits in front count"
    PLAIN_NUMBERS = "decimal numbers; other text is an error of the server"
    CHECKED_NUMBERS = "decimal numbers; other text is refused"
    ULIDS = "26 characters, compared as text"
    MICROSECONDS = "16 digits; `max_id` has to be one that is listed"
    TIMES = "a time, a type and a UUID, compared by the time alone"


class Links(Enum):
    """What the Link header has."""

    BOTH = "next and prev, wherever the page has rows"
    NEXT_IF_FULL = "next where the page is full, never prev"
    NONE = "no Link at all"


class Dismissing(Enum):
    """What dismisses one notification."""

    BY_PATH = "POST notifications/{id}/dismiss"
    BY_BODY = "POST notifications/dismiss"
    REFUSED = "nothing: the route answers 422"
    MISSING = "nothing"


class Streams(Enum):
    """What a server streams by, and where it takes the token."""

    NOTHING = "it has no streams"
    SOCKETS = "WebSockets, which want the scope `read`"
    SOCKETS_BY_SUBPROTOCOL = "WebSockets, which take the token as their subprotocol"
    ALL = "WebSockets and server-sent events"


class ErrorAnswer(Enum):
    """An answer that is none of JSON's business everywhere."""

    JSON_404 = 404, '{"error":"Record not found"}'
    HTML_404 = 404, "<!DOCTYPE html><title>Not found</title>"
    JSON_403 = 403, '{"error":"Cannot get notification"}'
    JSON_401 = 401, '{"error":"The access token is invalid"}'
    EMPTY_401 = 401, ""
    TEXT_400 = 400, "Invalid Bearer token"
    CREDENTIALS_403 = 403, '{"error":"Invalid credentials."}'

    def answer(self) -> Response:
        status, body = self.value
        media_type = "application/json" if body.startswith("{") else "text/html"
        return Response(body, status, media_type=media_type)


@dataclass(frozen=True, slots=True, kw_only=True)
class SandboxSoftware:
    """One server software."""

    version: str = "4.6.4"
    source_url: str | None = "https://github.com/mastodon/mastodon"
    instance_v2: int = 200
    default_limit: int = 40
    largest_limit: int = 80
    refuses_bad_limits: bool = False
    ids: Ids = Ids.NUMBERS
    links: Links = Links.BOTH
    links_keep_types: bool = True
    ignores_unknown_types: bool = False
    honours_account: bool = True
    is_min_id_nearest: bool = True
    shows_one: bool = True
    gone: ErrorAnswer = ErrorAnswer.JSON_404
    no_route: ErrorAnswer = ErrorAnswer.JSON_404
    bad_token: ErrorAnswer = ErrorAnswer.JSON_401
    dismissing: Dismissing = Dismissing.BY_PATH
    clears: bool = True
    has_markers: bool = True
    reads_json_markers: bool = False
    counts_unread: bool = True
    answers_follow_requests: bool = True
    turns_follow_requests: bool = False
    mutes_conversations: bool = True
    has_policy: bool = False
    api: int | None = None
    needs_user_agent: bool = False
    has_milliseconds: bool = True
    has_group_keys: bool = True
    has_rate_headers: bool = True
    null_status: bool = False
    full_acct: bool = False
    streams: Streams = Streams.NOTHING
    extra_type: str = "annual_report"
    scope_error: str = "This action is outside the authorized scopes"


SOFTWARE: Mapping[str, SandboxSoftware] = {
    "mastodon": SandboxSoftware(streams=Streams.ALL, has_policy=True, api=11),
    "mastodon-2.4": SandboxSoftware(
        version="2.4.3",
        source_url=None,
        instance_v2=404,
        default_limit=15,
        largest_limit=30,
        is_min_id_nearest=False,
        dismissing=Dismissing.BY_BODY,
        has_markers=False,
        counts_unread=False,
        has_group_keys=False,
        extra_type="poll",
    ),
    "mastodon-3.5": SandboxSoftware(
        version="3.5.19",
        source_url=None,
        instance_v2=404,
        default_limit=15,
        largest_limit=30,
        counts_unread=False,
        has_group_keys=False,
        extra_type="update",
    ),
    "gotosocial": SandboxSoftware(
        version="0.20.0+git-57cb4fe",
        source_url="https://codeberg.org/superseriousbusiness/gotosocial",
        default_limit=20,
        refuses_bad_limits=True,
        ids=Ids.ULIDS,
        ignores_unknown_types=True,
        honours_account=False,
        dismissing=Dismissing.MISSING,
        counts_unread=False,
        turns_follow_requests=True,
        needs_user_agent=True,
        has_group_keys=False,
        streams=Streams.SOCKETS,
        extra_type="pending.favourite",
        scope_error="Forbidden: token has insufficient scope permission",
    ),
    "takahe": SandboxSoftware(
        version="takahe/0.11.0",
        source_url=None,
        instance_v2=500,
        default_limit=20,
        largest_limit=40,
        refuses_bad_limits=True,
        ids=Ids.PLAIN_NUMBERS,
        links_keep_types=False,
        honours_account=False,
        gone=ErrorAnswer.HTML_404,
        no_route=ErrorAnswer.HTML_404,
        bad_token=ErrorAnswer.TEXT_400,
        has_markers=False,
        counts_unread=False,
        has_group_keys=False,
        has_rate_headers=False,
        null_status=True,
        extra_type="identity_created",
        scope_error="out_of_scope_for_token",
    ),
    "snac": SandboxSoftware(
        version="4.0.0 (not true; really snac/2.94)",
        source_url="https://comam.es/what-is-snac",
        instance_v2=404,
        default_limit=1,
        largest_limit=64,
        ids=Ids.MICROSECONDS,
        links=Links.NONE,
        honours_account=False,
        is_min_id_nearest=False,
        shows_one=False,
        no_route=ErrorAnswer.HTML_404,
        bad_token=ErrorAnswer.EMPTY_401,
        dismissing=Dismissing.REFUSED,
        counts_unread=False,
        has_milliseconds=False,
        has_group_keys=False,
        has_rate_headers=False,
        full_acct=True,
        extra_type="reaction",
    ),
    "pleroma": SandboxSoftware(
        version="2.7.2 (compatible; Pleroma 2.10.2)",
        source_url="https://git.pleroma.social/pleroma/pleroma",
        default_limit=20,
        largest_limit=40,
        ids=Ids.CHECKED_NUMBERS,
        gone=ErrorAnswer.JSON_403,
        bad_token=ErrorAnswer.CREDENTIALS_403,
        counts_unread=False,
        has_group_keys=False,
        has_rate_headers=False,
        streams=Streams.SOCKETS_BY_SUBPROTOCOL,
        extra_type="pleroma:emoji_reaction",
        scope_error="Insufficient permissions: read:notifications.",
    ),
    "akkoma": SandboxSoftware(
        version="2.7.2 (compatible; Akkoma 3.20.0)",
        source_url=None,
        instance_v2=404,
        default_limit=20,
        largest_limit=40,
        ids=Ids.CHECKED_NUMBERS,
        gone=ErrorAnswer.JSON_403,
        bad_token=ErrorAnswer.CREDENTIALS_403,
        counts_unread=False,
        has_group_keys=False,
        has_rate_headers=False,
        streams=Streams.SOCKETS_BY_SUBPROTOCOL,
        extra_type="pleroma:report",
        scope_error="Insufficient permissions: write:notifications.",
    ),
    "hollo": SandboxSoftware(
        version="0.10.0",
        source_url="https://github.com/fedify-dev/hollo",
        largest_limit=1000,
        ids=Ids.TIMES,
        links=Links.NEXT_IF_FULL,
        honours_account=False,
        is_min_id_nearest=False,
        shows_one=False,
        dismissing=Dismissing.MISSING,
        clears=False,
        reads_json_markers=True,
        counts_unread=False,
        has_group_keys=False,
        has_rate_headers=False,
        null_status=True,
        extra_type="emoji_reaction",
    ),
    "unknown": SandboxSoftware(
        version="nightly",
        source_url=None,
        instance_v2=404,
        default_limit=20,
        largest_limit=40,
        is_min_id_nearest=False,
        shows_one=False,
        counts_unread=False,
        has_group_keys=False,
        extra_type="wave",
    ),
    "unknown-bare": SandboxSoftware(
        version="",
        source_url=None,
        instance_v2=404,
        default_limit=20,
        largest_limit=40,
        links=Links.NONE,
        is_min_id_nearest=False,
        shows_one=False,
        dismissing=Dismissing.MISSING,
        clears=False,
        has_markers=False,
        counts_unread=False,
        has_group_keys=False,
        has_rate_headers=False,
    ),
}
"""By the software, which a gateway is to recognise; the last two are not to be known."""


def server_error() -> Response:
    """A 500 as a web framework writes it."""
    return HTMLResponse("<!DOCTYPE html><title>Internal Error</title>", 500)


def refuse(status: int, error: str) -> Response:
    """An error as most servers write it."""
    return JSONResponse({"error": error}, status)
