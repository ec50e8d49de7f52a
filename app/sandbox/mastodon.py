"""A Mastodon in memory: its notifications API as a current Mastodon answers it.

https://docs.joinmastodon.org/methods/notifications/
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl, urlencode

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from app.clock import Clock
from resolvers.types.scalars import format_instant

Entity = dict[str, Any]
"""A JSON object as Mastodon sends it: https://docs.joinmastodon.org/entities/"""

DEFAULT_LIMIT = 40
LARGEST_LIMIT = 80
ALLOWED_REQUESTS = 300
_RATE_WINDOW = timedelta(minutes=5)
_KEPT_PARAMS = ("account_id", "exclude_types[]", "include_filtered", "limit", "types[]")


@dataclass
class Mailbox:
    """What one account has received; `notifications` is newest first, as the API lists it."""

    account: Entity
    notifications: list[Entity] = field(default_factory=list)
    scopes: set[str] = field(default_factory=lambda: {"read", "write"})
    marker: Entity | None = None
    requests: int = 0
    window_ends: datetime | None = None


Form = Mapping[str, str]
Answer = Callable[[Request, Mailbox, Form], JSONResponse]


class SandboxMastodon:
    """One instance. `app` is the ASGI application; `requests` every list request it answered."""

    def __init__(self, host: str, clock: Clock, title: str = "Sandbox social") -> None:
        self.host = host
        self.title = title
        self.mailboxes: dict[str, Mailbox] = {}
        self.allowed_requests = ALLOWED_REQUESTS
        self.largest_limit = LARGEST_LIMIT
        self.missing_routes = {"POST notifications/dismiss"}  # gone since Mastodon 3.0
        self.requests: list[Mapping[str, str]] = []
        self._clock = clock
        self._last_id = 117_000_000_000_000_000
        self.app = Starlette(
            routes=[
                self._route("GET", "notifications", self._list, "read:notifications"),
                self._route("GET", "notifications/unread_count", self._count, "read:notifications"),
                self._route("POST", "notifications/clear", self._clear, "write:notifications"),
                self._route(
                    "POST", "notifications/dismiss", self._dismiss_old, "write:notifications"
                ),
                self._route("GET", "notifications/{id}", self._show, "read:notifications"),
                self._route(
                    "POST", "notifications/{id}/dismiss", self._dismiss, "write:notifications"
                ),
                self._route("GET", "markers", self._markers, "read:statuses"),
                self._route("POST", "markers", self._mark, "write:statuses"),
                self._route("GET", "accounts/verify_credentials", self._verify, "read:accounts"),
                Route("/api/v1/instance", self._instance_v1),
                Route("/api/v2/instance", self._instance_v2),
                Route("/{path:path}", _no_such_route),
            ]
        )

    def open_mailbox(self, token: str, username: str) -> Mailbox:
        """A new local account that `token` logs in."""
        mailbox = Mailbox(self.make_account(username))
        self.mailboxes[token] = mailbox
        return mailbox

    def make_id(self) -> str:
        """An ID larger than all before."""
        self._last_id += 65_537
        return str(self._last_id)

    def make_account(self, acct: str, display_name: str = "", *, is_bot: bool = False) -> Entity:
        """An account as Mastodon 4.6 shows it; `acct` has a host if it is not a local one."""
        username, _, host = acct.partition("@")
        url = f"https://{host or self.host}/@{username}"
        return {
            "id": self.make_id(),
            "username": username,
            "acct": acct,
            "url": url,
            "uri": url,
            "display_name": display_name,
            "note": f"<p>I am {username}.</p>",
            "bot": is_bot,
            "locked": False,
            "discoverable": None,
            "indexable": False,
            "group": False,
            "avatar": f"{url}/avatar.png",
            "avatar_static": f"{url}/avatar.png",
            "header": f"{url}/header.png",
            "header_static": f"{url}/header.png",
            "created_at": "2022-11-04T00:00:00.000Z",
            "last_status_at": "2026-11-01",
            "followers_count": 12,
            "following_count": 34,
            "statuses_count": 56,
            "emojis": [],
            "fields": [],
            "roles": [],
            "hide_collections": None,
        }

    def make_status(self, account: Entity, content: str, at: datetime) -> Entity:
        """A public post as Mastodon 4.6 shows it."""
        status_id = self.make_id()
        url = f"{account['url']}/{status_id}"
        return {
            "id": status_id,
            "created_at": _write(at),
            "edited_at": None,
            "uri": url,
            "url": url,
            "content": content,
            "spoiler_text": "",
            "sensitive": False,
            "visibility": "public",
            "language": "en",
            "account": account,
            "reblog": None,
            "in_reply_to_id": None,
            "in_reply_to_account_id": None,
            "application": None,
            "replies_count": 0,
            "reblogs_count": 0,
            "favourites_count": 0,
            "quotes_count": 0,
            "favourited": False,
            "reblogged": False,
            "muted": False,
            "bookmarked": False,
            "media_attachments": [],
            "mentions": [],
            "tags": [],
            "emojis": [],
            "card": None,
            "poll": None,
            "quote": None,
        }

    def notify(
        self, token: str, kind: str, account: Entity, at: datetime, **parts: Entity
    ) -> Entity:
        """A new notification on top of a mailbox; `parts` are `status`, `report` and the like."""
        notification_id = self.make_id()
        notification = {
            "id": notification_id,
            "type": kind,
            "created_at": _write(at),
            "account": account,
            "group_key": f"ungrouped-{notification_id}",
            **parts,
        }
        self.mailboxes[token].notifications.insert(0, notification)
        return notification

    def _route(self, method: str, path: str, answer: Answer, scope: str) -> Route:
        """A call that needs a token with a scope, and that this make of server may lack."""

        async def check_first(request: Request) -> JSONResponse:
            kind, _, token = request.headers.get("authorization", "").partition(" ")
            mailbox = self.mailboxes.get(token) if kind == "Bearer" else None
            if f"{method} {path}" in self.missing_routes:
                return JSONResponse({"error": "Not Found"}, 404)
            if mailbox is None:
                return JSONResponse({"error": "The access token is invalid"}, 401)
            budget = self._count_request(mailbox)
            if mailbox.requests > self.allowed_requests:
                return JSONResponse({"error": "Too many requests"}, 429, budget)
            if not mailbox.scopes & {scope, scope.partition(":")[0]}:
                error = {"error": "This action is outside the authorized scopes"}
                return JSONResponse(error, 403, budget)
            form = dict(parse_qsl((await request.body()).decode()))
            response = answer(request, mailbox, form)
            response.headers.update(budget)
            return response

        return Route(f"/api/v1/{path}", check_first, methods=[method])

    def _count_request(self, mailbox: Mailbox) -> dict[str, str]:
        """The rate headers, with the reset as ISO 8601 and not as a number."""
        now = self._clock.now()
        if mailbox.window_ends is None or mailbox.window_ends <= now:
            mailbox.requests, mailbox.window_ends = 0, now + _RATE_WINDOW
        mailbox.requests += 1
        return {
            "x-ratelimit-limit": str(self.allowed_requests),
            "x-ratelimit-remaining": str(max(0, self.allowed_requests - mailbox.requests)),
            "x-ratelimit-reset": format_instant(mailbox.window_ends),
        }

    def _list(self, request: Request, mailbox: Mailbox, form: Form) -> JSONResponse:
        params = request.query_params
        self.requests.append(dict(params))
        limit = min(_read_limit(params.get("limit")), self.largest_limit)
        rows = [row for row in mailbox.notifications if _is_wanted(row, request)]
        if (lowest := params.get("min_id")) is not None:
            newer = [row for row in rows if int(row["id"]) > _to_i(lowest)]
            page = newer[-limit:] if limit else []
        else:
            since, below = _to_i(params.get("since_id", "0")), params.get("max_id")
            page = [
                row
                for row in rows
                if int(row["id"]) > since and (below is None or int(row["id"]) < _to_i(below))
            ][:limit]
        headers = {"link": self._link(request, page)} if page else {}
        return JSONResponse(page, headers=headers)

    def _link(self, request: Request, page: Sequence[Entity]) -> str:
        """Absolute by the instance's own idea of its name; a page with rows always has both."""
        kept = [(k, v) for k, v in sorted(request.query_params.multi_items()) if k in _KEPT_PARAMS]
        base = f"https://{self.host}/api/v1/notifications"
        older = urlencode([*kept, ("max_id", page[-1]["id"])])
        newer = urlencode([*kept, ("min_id", page[0]["id"])])
        return f'<{base}?{older}>; rel="next", <{base}?{newer}>; rel="prev"'

    def _show(self, request: Request, mailbox: Mailbox, form: Form) -> JSONResponse:
        wanted = request.path_params["id"]
        for row in mailbox.notifications:
            if row["id"] == wanted:
                return JSONResponse(row)
        return _not_found()

    def _verify(self, request: Request, mailbox: Mailbox, form: Form) -> JSONResponse:
        return JSONResponse(mailbox.account)

    def _count(self, request: Request, mailbox: Mailbox, form: Form) -> JSONResponse:
        """Those after the marker, at most `limit` of them."""
        seen = int(mailbox.marker["last_read_id"]) if mailbox.marker else 0
        unread = sum(int(row["id"]) > seen for row in mailbox.notifications)
        return JSONResponse({"count": min(unread, int(request.query_params.get("limit", "100")))})

    def _dismiss(self, request: Request, mailbox: Mailbox, form: Form) -> JSONResponse:
        return _remove(mailbox, request.path_params["id"])

    def _dismiss_old(self, request: Request, mailbox: Mailbox, form: Form) -> JSONResponse:
        return _remove(mailbox, form.get("id", ""))

    def _clear(self, request: Request, mailbox: Mailbox, form: Form) -> JSONResponse:
        mailbox.notifications.clear()
        return JSONResponse({})

    def _markers(self, request: Request, mailbox: Mailbox, form: Form) -> JSONResponse:
        is_wanted = "notifications" in request.query_params.getlist("timeline[]")
        return JSONResponse(
            {"notifications": mailbox.marker} if mailbox.marker and is_wanted else {}
        )

    def _mark(self, request: Request, mailbox: Mailbox, form: Form) -> JSONResponse:
        """The last write wins, also one that moves the marker backwards."""
        last_read_id = form.get("notifications[last_read_id]")
        if last_read_id is None:
            return JSONResponse({})
        version = mailbox.marker["version"] + 1 if mailbox.marker else 1
        now = _write(self._clock.now())
        mailbox.marker = {"last_read_id": last_read_id, "version": version, "updated_at": now}
        return JSONResponse({"notifications": mailbox.marker})

    async def _instance_v1(self, request: Request) -> JSONResponse:
        return JSONResponse({"uri": self.host, "title": self.title, "version": "4.6.4"})

    async def _instance_v2(self, request: Request) -> JSONResponse:
        return JSONResponse({"domain": self.host, "title": self.title, "version": "4.6.4"})


async def _no_such_route(request: Request) -> JSONResponse:
    return _not_found()


def _not_found() -> JSONResponse:
    return JSONResponse({"error": "Record not found"}, 404)


def _remove(mailbox: Mailbox, notification_id: str) -> JSONResponse:
    for row in mailbox.notifications:
        if row["id"] == notification_id:
            mailbox.notifications.remove(row)
            return JSONResponse({})
    return _not_found()


def _is_wanted(row: Entity, request: Request) -> bool:
    """The filters; those of types are taken only with brackets in their names."""
    params = request.query_params
    types, excluded = params.getlist("types[]"), params.getlist("exclude_types[]")
    account_id = params.get("account_id")
    return (
        (not types or row["type"] in types)
        and row["type"] not in excluded
        and (account_id is None or row["account"]["id"] == account_id)
    )


def _read_limit(text: str | None) -> int:
    return DEFAULT_LIMIT if text is None else abs(_to_i(text))


def _to_i(text: str) -> int:
    """Ruby's: the digits in front, else 0."""
    digits = re.match(r"\s*[+-]?\d+", text)
    return int(digits[0]) if digits else 0


def _write(instant: datetime) -> str:
    return instant.strftime("%Y-%m-%dT%H:%M:%S.") + f"{instant.microsecond // 1000:03d}Z"
