"""The ways in which server software with a Mastodon API differs.

Each field is one way in which they differ; the defaults are a current Mastodon's.
"""

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
    BASE_36 = "16 lower-case characters, compared as text"


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
    UNDONE = "POST notifications/{id}/dismiss, which says that it is done, and leaves the row"
    BROKEN = "POST notification/{id}/dismiss, which fails"


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
    TEXT_404 = 404, "Not Found"
    HTML_401 = 401, "<!DOCTYPE html><title>Unauthorized</title>"
    OBJECT_404 = 404, '{"error":{"message":"Unknown API endpoint.","code":"UNKNOWN_API_ENDPOINT"}}'
    JSON_500 = 500, '{"error":"INTERNAL_ERROR","error_description":"AuthenticationError: bad"}'
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
    is_min_id_ascending: bool = False
    shows_one: bool = True
    gone: ErrorAnswer = ErrorAnswer.JSON_404
    no_route: ErrorAnswer = ErrorAnswer.JSON_404
    bad_token: ErrorAnswer = ErrorAnswer.JSON_401
    dismissing: Dismissing = Dismissing.BY_PATH
    done: str = "{}"
    clears: bool = True
    keeps_cleared: bool = False
    doubles_reactions: bool = False
    has_markers: bool = True
    sends_marker_alone: bool = False
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


def server_error() -> Response:
    """A 500 as a web framework writes it."""
    return HTMLResponse("<!DOCTYPE html><title>Internal Error</title>", 500)


def refuse(status: int, error: str) -> Response:
    """An error as most servers write it."""
    return JSONResponse({"error": error}, status)
