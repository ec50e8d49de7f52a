"""A Mastodon in memory, or another server that speaks its API: the notifications, as real ones do.

https://docs.joinmastodon.org/methods/notifications/
"""

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl
from uuid import UUID

import orjson
from starlette.applications import Starlette
from starlette.datastructures import QueryParams
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from app.clock import Clock
from app.sandbox.entities import account_entity, status_entity, write_instant
from app.sandbox.list_acts import LIST, ListActs
from app.sandbox.listing import (
    BadParameter,
    Entity,
    double_reactions,
    link_header,
    list_page,
    show_fallback,
)
from app.sandbox.mailbox import Answer, Form, Mailbox, SandboxCall, join_form
from app.sandbox.played_software import SOFTWARE
from app.sandbox.social_acts import SocialActs, keep_apart
from app.sandbox.software import Ids, refuse, server_error
from app.sandbox.streaming import SandboxStreams
from resolvers.types.scalars import format_instant

ALLOWED_REQUESTS = 300
ALLOWED_PAGING = 300
_RATE_WINDOW = timedelta(minutes=5)
_PAGING_WINDOW = timedelta(minutes=15)
_PAGING = frozenset({"max_id", "min_id", "since_id"})
_FIRST_ID = 117_000_000_000_000_000
_LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


class SandboxMastodon:
    """One instance. `app` is the ASGI application; `requests` every list request it answered.

    `software` is one of `SOFTWARE`: how the server answers. `origin` is where it is found, if that
    is not its name by https.
    """

    def __init__(
        self,
        host: str,
        clock: Clock,
        title: str = "Sandbox social",
        software: str = "mastodon",
        origin: str | None = None,
    ) -> None:
        self.host = host
        self.origin = origin or f"https://{host}"
        self.title = title
        self.software = SOFTWARE[software]
        self.mailboxes: dict[str, Mailbox] = {}
        self.allowed_requests = ALLOWED_REQUESTS
        self.allowed_paging = ALLOWED_PAGING
        self.most_paging_requests = 0
        self.largest_limit = self.software.largest_limit
        self.requests: list[Mapping[str, str]] = []
        self.writes: list[str] = []
        self._clock = clock
        self._last_id = _FIRST_ID
        self.streams = SandboxStreams(self.software.streams, self.origin, self.mailboxes, clock)
        self.app = Starlette(
            routes=[
                Route(
                    f"/api/{call.path}",
                    self._check_first(call.answer, call.scope),
                    methods=[call.method],
                )
                for call in self._routes()
            ]
            + [
                *self.streams.routes(),
                Route("/api/v1/instance", self._instance_v1),
                Route("/api/v2/instance", self._instance_v2),
                Route("/{path:path}", self._no_such_route, methods=["GET", "POST"]),
            ]
        )

    def _routes(self) -> list[SandboxCall]:
        """The calls that this software has."""
        reads, one = "read:notifications", f"{LIST}/{{id:path}}"
        calls = [
            SandboxCall(True, "GET", LIST, reads, self._list),
            *SocialActs(self.software).calls(),
            *ListActs(self.software, self._clock).calls(),
            SandboxCall(self.software.shows_one, "GET", one, reads, self._show),
            SandboxCall(
                True, "GET", "v1/accounts/verify_credentials", "read:accounts", self._verify
            ),
        ]
        return [call for call in calls if call.is_there]

    def open_mailbox(self, token: str, username: str) -> Mailbox:
        """A new local account that `token` logs in."""
        acct = f"{username}@{self.host}" if self.software.full_acct else username
        mailbox = Mailbox(self.make_account(acct))
        self.mailboxes[token] = mailbox
        return mailbox

    def make_id(self) -> str:
        """An ID larger than all before."""
        self._last_id += 65_537
        count = (self._last_id - _FIRST_ID) // 65_537
        match self.software.ids:
            case Ids.ULIDS:
                return "01" + "".join(
                    _LETTERS[self._last_id >> shift & 31] for shift in range(115, -1, -5)
                )
            case Ids.MICROSECONDS:
                return str(1_795_000_000_000_000 + count)
            case Ids.PLAIN_NUMBERS:
                return str(count)
            case Ids.BASE_36:
                return f"a1{count:014d}"
        return str(self._last_id)

    def make_account(self, acct: str, display_name: str = "", *, is_bot: bool = False) -> Entity:
        """An account; `acct` has a host if it is not a local one."""
        username, _, host = acct.partition("@")
        url = f"{f'https://{host}' if host else self.origin}/@{username}"
        return account_entity(self.make_id(), acct, url, display_name, is_bot)

    def make_status(self, account: Entity, content: str, at: datetime) -> Entity:
        """A public post."""
        return status_entity(self.make_id(), account, content, at)

    def notify(self, token: str, kind: str, account: Entity, at: datetime, **parts: Any) -> Entity:
        """A new notification on top of a mailbox; `parts` are `status`, `report` and the like.

        One with `filtered` is kept apart, and is one more of the request of its account.
        """
        rows = self.mailboxes[token].notifications
        if parts.get("filtered"):
            keep_apart(self.mailboxes[token], account, self.make_id(), at, parts.get("status"))
        if (
            self.software.ids is Ids.TIMES and rows
        ):  # a server that orders by time has no inversions
            at = max(at, datetime.fromisoformat(rows[0]["created_at"]))
        created_at = write_instant(at, milliseconds=self.software.has_milliseconds)
        notification_id = self.make_id()
        if self.software.ids is Ids.TIMES:
            notification_id = f"{created_at}/{kind}/{UUID(int=self._last_id)}"
        notification: Entity = {
            "id": notification_id,
            "type": kind,
            "created_at": created_at,
            "account": account,
            **parts,
        }
        if self.software.has_group_keys:
            notification["group_key"] = f"ungrouped-{notification_id}"
        if self.software.null_status:
            notification.setdefault("status", None)
        rows.insert(0, notification)
        if not notification.get("filtered"):
            self.streams.publish(token, show_fallback(notification, QueryParams()))
        if self.software.ids is Ids.MICROSECONDS:
            del rows[self.software.largest_limit :]  # snac never lists more
        return notification

    def _check_first(self, answer: Answer, scope: str) -> Callable[[Request], Awaitable[Response]]:
        """What comes before every answer: the client, the token, the rate, the scope."""

        async def checked(request: Request) -> Response:
            refusal = self._refuse_client(request)
            if refusal is not None:
                return refusal
            kind, _, token = request.headers.get("authorization", "").partition(" ")
            mailbox = self.mailboxes.get(token) if kind == "Bearer" else None
            if mailbox is None:
                return self.software.bad_token.answer()
            budget = self._count_request(mailbox)
            if mailbox.requests > self.allowed_requests:
                return JSONResponse({"error": "Too many requests"}, 429, budget)
            if not mailbox.scopes & {scope, scope.partition(":")[0]}:
                return JSONResponse({"error": self.software.scope_error}, 403, budget)
            if request.method != "GET":
                self.writes.append(request.url.path)
            try:
                response = answer(request, mailbox, await self._read_form(request))
            except BadParameter as refused:
                return refused.response
            response.headers.update(budget)
            return response

        return checked

    def _refuse_client(self, request: Request) -> Response | None:
        """GoToSocial wants to know who asks, and sends no JSON to who wants HTML."""
        if not self.software.needs_user_agent:
            return None
        if not request.headers.get("user-agent"):
            return refuse(418, "I'm a teapot: no user-agent sent with request")
        accepts = request.headers.get("accept", "*/*")
        is_json_wanted = "json" in accepts or "*/*" in accepts
        return None if is_json_wanted else HTMLResponse("<!DOCTYPE html>", 406)

    async def _read_form(self, request: Request) -> Form:
        body = await request.body()
        if not self.software.reads_json_markers:
            return join_form(parse_qsl(body.decode()))
        is_json = request.headers.get("content-type") == "application/json"
        marker = orjson.loads(body).get("notifications", {}) if is_json and body else {}
        return {f"notifications[{name}]": value for name, value in marker.items()}

    def _count_request(self, mailbox: Mailbox) -> dict[str, str]:
        """The rate headers, with the reset as ISO 8601 and not as a number."""
        now = self._clock.now()
        if mailbox.window_ends is None or mailbox.window_ends <= now:
            mailbox.requests, mailbox.window_ends = 0, now + _RATE_WINDOW
        mailbox.requests += 1
        if not self.software.has_rate_headers:
            return {}
        return {
            "x-ratelimit-limit": str(self.allowed_requests),
            "x-ratelimit-remaining": str(max(0, self.allowed_requests - mailbox.requests)),
            "x-ratelimit-reset": format_instant(mailbox.window_ends),
        }

    def _list(self, request: Request, mailbox: Mailbox, form: Form) -> Response:
        params = request.query_params
        self.requests.append(dict(params))
        if _PAGING.intersection(params) and not self._allow_paging(mailbox):
            return refuse(429, "Too many requests")
        rows = self.streams.listed(mailbox.notifications)
        page = list_page(rows, params, self.software, self.largest_limit)
        if self.software.doubles_reactions:
            page = double_reactions(page)
        shown = [show_fallback(row, params) for row in page]
        return JSONResponse(shown, headers=link_header(self.origin, params, page, self.software))

    def _allow_paging(self, mailbox: Mailbox) -> bool:
        """Whether a request that pages is within its limit, of which no header tells."""
        now = self._clock.now()
        while mailbox.paged and mailbox.paged[0] + _PAGING_WINDOW <= now:
            mailbox.paged.popleft()
        mailbox.paged.append(now)
        self.most_paging_requests = max(self.most_paging_requests, len(mailbox.paged))
        return len(mailbox.paged) <= self.allowed_paging

    def _show(self, request: Request, mailbox: Mailbox, form: Form) -> Response:
        wanted = request.path_params["id"]
        if self.software.ids is Ids.PLAIN_NUMBERS and not wanted.isdecimal():
            return server_error()
        for row in mailbox.notifications:
            if row["id"] == wanted:
                return JSONResponse(show_fallback(row, request.query_params))
        return self.software.gone.answer()

    def _verify(self, request: Request, mailbox: Mailbox, form: Form) -> Response:
        return JSONResponse(mailbox.account)

    async def _instance_v1(self, request: Request) -> Response:
        return JSONResponse(
            {
                "uri": self.host,
                "title": self.title,
                "version": self.software.version,
                "urls": {"streaming_api": self.streams.url},
            }
        )

    async def _instance_v2(self, request: Request) -> Response:
        if self.software.instance_v2 == 500:
            return server_error()
        if self.software.instance_v2 != 200:
            return self.software.no_route.answer()
        about = {"domain": self.host, "title": self.title, "version": self.software.version}
        urls = {"configuration": {"urls": {"streaming": self.streams.url}}}
        api = {"api_versions": {"mastodon": self.software.api}}
        return JSONResponse({**about, "source_url": self.software.source_url, **urls, **api})

    async def _no_such_route(self, request: Request) -> Response:
        return self.software.no_route.answer()
