"""A wiki in memory: as much of MediaWiki's action API as a watchlist needs, as 1.39 answers it.

Always formatversion 2 and errorformat plaintext. https://www.mediawiki.org/wiki/API:Main_page
"""

import asyncio
import html
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from app.clock import Clock
from app.sandbox.wiki_echo import SandboxEcho
from app.sandbox.wiki_lookup import list_recent_changes, look_up, seconds_of
from app.sandbox.wiki_marks import BadRequest, set_timestamps
from app.sandbox.wiki_pages import Change, User, WikiPages
from app.sandbox.wiki_sessions import WikiSessions
from resolvers.types.scalars import format_instant

Answer = dict[str, Any]
"""A JSON object as the action API sends it."""

_MAIN_PARAMS = {"action", "format", "formatversion", "errorformat", "assert"}
_QUERY_PARAMS = {
    *("list", "meta", "prop", "continue", "type", "siprop", "uiprop", "titles", "pageids"),
    *("revids", "inprop", "rvprop", "rvstart", "rvdir", "rvlimit"),
    *("rctitle", "rcstart", "rcdir", "rctype", "rclimit"),
}
_WATCHLIST_PARAMS = {
    *("wlallrev", "wlprop", "wllimit", "wlshow", "wldir", "wlstart", "wlend", "wlcontinue"),
    *("wlexcludeuser", "wltype"),
}
_LOGIN_PARAMS = {"lgname", "lgpassword", "lgtoken"}
_WRITE_PARAMS = {"token", "entirewatchlist", "timestamp", "torevid", "newerthanrevid"}
_LARGEST_LIMIT = 500
_WRITES = {"setnotificationtimestamp", "echomarkread"}
_USUAL_TYPES = "edit|new|log|categorize"
"""What is listed where no types are asked for."""


class SandboxWiki:
    """One wiki. `app` is the ASGI application; `requests` every list request it answered."""

    def __init__(
        self, host: str, clock: Clock, title: str = "Sandbox wiki", origin: str | None = None
    ) -> None:
        self.host = host
        self.origin = origin or f"https://{host}"
        self._clock = clock
        self.title = title
        self.pages = WikiPages()
        self.echo: SandboxEcho | None = None
        self._sessions = WikiSessions(host, self.pages)
        self.requests: list[Mapping[str, str]] = []
        self.writes: list[Mapping[str, str]] = []
        self.token_series = 1
        self.hangs_after_writing = False
        self.refuses_tokens = False
        self.unread_cap = 1000
        self.applies_clearing_after: float | None = None
        self.allowed_writes: int | None = None
        self.app = Starlette(
            routes=[
                Route("/w/api.php", self._answer, methods=["GET", "POST"]),
                Route("/{path:path}", self._page),
            ]
        )

    def end_sessions(self) -> None:
        """Forgets every session, as a wiki does after an hour or a restart."""
        self._sessions.known.clear()

    @property
    def sessions(self) -> Mapping[str, object]:
        """Those that are valid."""
        return self._sessions.known

    @property
    def logins(self) -> int:
        """How many were begun."""
        return self._sessions.begun

    async def _answer(self, request: Request) -> Response:
        params = dict(request.query_params)
        body = dict(parse_qsl((await request.body()).decode(), keep_blank_values=True))
        response = JSONResponse(None)
        try:
            answer = self._act(request, params | body, body, response)
        except BadRequest as error:
            answer = {"errors": [{"code": error.code, "text": error.code, "module": "main"}]}
            response.headers["mediawiki-api-error"] = error.code
        if self.hangs_after_writing and (params | body).get("action") in _WRITES:
            await asyncio.Event().wait()
        response.body = response.render(answer)
        response.headers["content-length"] = str(len(response.body))
        return response

    def _act(
        self, request: Request, params: dict[str, str], body: dict[str, str], response: Response
    ) -> Answer:
        user, grants = self._sessions.of(request)
        if params.get("assert") == "user" and user is None:
            raise BadRequest("assertuserfailed")
        match params.get("action"):
            case "query":
                answer = self._query(params, user, grants, response)
            case "login":
                answer = self._sessions.log_in(request, params, body, response)
            case "setnotificationtimestamp":
                answer = self._set_timestamps(request, params, user, grants)
            case "echomarkread" if self.echo is not None:
                answer = self._mark_read(self.echo, request, params, user, grants)
            case _:
                raise BadRequest("badvalue")
        if not answer.get("query", True):
            del answer["query"]
        return answer | self._warnings(params)

    def _query(
        self, params: dict[str, str], user: User | None, grants: frozenset[str], response: Response
    ) -> Answer:
        query: Answer = {}
        answer: Answer = {"batchcomplete": True, "query": query}
        asked = params.get("meta", "").split("|")
        if "tokens" in asked and params.get("type") == "login":
            query["tokens"] = {"logintoken": self._sessions.begin(response)}
        elif "tokens" in asked:
            query["tokens"] = {"csrftoken": self._csrf_token(user)}
        if "userinfo" in asked:
            query["userinfo"] = self._user_info(params, user, grants)
        if "siteinfo" in asked:
            query["general"] = self._general()
        if "notifications" in asked and self.echo is not None:
            query["notifications"] = self.echo.query(params, user, grants)
        return answer | self._query_lists(params, user, grants, query)

    def _query_lists(
        self, params: dict[str, str], user: User | None, grants: frozenset[str], query: Answer
    ) -> Answer:
        """Adds the lists and pages that are asked for to `query`; where the watchlist goes on."""
        continuation: Answer = {}
        lists = params.get("list", "").split("|")
        if "watchlist" in lists:
            watcher = _check_right(user, grants, "viewmywatchlist")
            continuation = self._watchlist(params, watcher, query)
        if "recentchanges" in lists:
            query["recentchanges"] = list_recent_changes(self.pages, params)
        if user is not None:
            query |= look_up(self.pages, params, user)
        return continuation

    def _user_info(
        self, params: dict[str, str], user: User | None, grants: frozenset[str]
    ) -> Answer:
        info: Answer = {"id": 1, "name": user.name if user else "127.0.0.1"}
        wanted = params.get("uiprop", "")
        if "rights" in wanted:
            info["rights"] = ["read", *sorted(grants)]
        if user is not None and "unreadcount" in wanted:
            count = sum(mark is not None for mark in user.marks.values())
            is_capped = count >= self.unread_cap
            info["unreadcount"] = f"{self.unread_cap}+" if is_capped else count
        return info

    def _csrf_token(self, user: User | None) -> str:
        """Good as long as the session: `end_tokens` makes it bad."""
        return f"{self.token_series}{user.name if user else ''}+\\"

    def end_tokens(self) -> None:
        """Makes every csrf token bad, as a login elsewhere does."""
        self.token_series += 1

    def _set_timestamps(
        self, request: Request, params: dict[str, str], user: User | None, grants: frozenset[str]
    ) -> Answer:
        self._check_write(request, params, user)
        watcher = _check_right(user, grants, "editmywatchlist")
        self._note_write(params)
        now = self._clock.now()
        if "entirewatchlist" in params and self.applies_clearing_after is not None:
            # MediaWiki does it after it has answered: a deferred update
            loop, after = asyncio.get_running_loop(), self.applies_clearing_after
            loop.call_later(after, set_timestamps, self.pages, watcher, params, now)
            done: object = {"notificationtimestamp": ""}
        else:
            done = set_timestamps(self.pages, watcher, params, now)
        return {"setnotificationtimestamp": done, "batchcomplete": True}

    def _mark_read(
        self,
        echo: SandboxEcho,
        request: Request,
        params: dict[str, str],
        user: User | None,
        grants: frozenset[str],
    ) -> Answer:
        self._check_write(request, params, user)
        self._note_write(params)
        return {"query": {"echomarkread": echo.mark(params, user, grants, self._clock.now())}}

    def _check_write(self, request: Request, params: dict[str, str], user: User | None) -> None:
        if request.method != "POST":
            raise BadRequest("mustbeposted")
        if self.refuses_tokens or params.get("token") != self._csrf_token(user):
            raise BadRequest("badtoken")

    def _note_write(self, params: dict[str, str]) -> None:
        if self.allowed_writes is not None and len(self.writes) >= self.allowed_writes:
            raise BadRequest("readonly")
        self.writes.append(params)

    def _warnings(self, params: Mapping[str, str]) -> Answer:
        """What it has taken no notice of, such as modules that it does not have."""
        known = _MAIN_PARAMS | _QUERY_PARAMS | _WATCHLIST_PARAMS | _LOGIN_PARAMS | _WRITE_PARAMS
        known |= self.echo.known_params() if self.echo is not None else set()
        codes = []
        if self.echo is None and "notifications" in params.get("meta", "").split("|"):
            codes.append(("unrecognizedvalues", "query"))
        if any(name not in known for name in params):
            codes.append(("unrecognizedparams", "main"))
        if not codes:
            return {}
        return {"warnings": [{"code": each, "text": "", "module": of} for each, of in codes]}

    def _general(self) -> Answer:
        return {
            "sitename": self.title,
            "generator": "MediaWiki 1.39.17",
            "server": self.origin,
            "articlepath": "/wiki/$1",
            "scriptpath": "/w",
            "script": "/w/index.php",
            "wikiid": "sandbox",
        }

    def _watchlist(self, params: dict[str, str], user: User, query: Answer) -> Answer:
        self.requests.append(params)
        is_newer = params.get("wldir") == "newer"
        changes = list(
            self.pages.watchlist(
                user,
                only_unread=params.get("wlshow") == "unread",
                only_latest="wlallrev" not in params,
            )
        )
        if is_newer:
            changes.reverse()
        kinds = params.get("wltype", _USUAL_TYPES).split("|")
        changes = [
            change
            for change in changes
            if _is_in_range(change, params, is_newer)
            and change.type in kinds
            and change.user != params.get("wlexcludeuser")
        ]
        limit = min(int(params.get("wllimit", "10")), _LARGEST_LIMIT)
        query["watchlist"] = [self._row(change, user) for change in changes[:limit]]
        if len(changes) <= limit:
            return {}
        following = changes[limit]
        at = following.at.strftime("%Y%m%d%H%M%S")
        return {"continue": {"wlcontinue": f"{at}|{following.rc_id}", "continue": "-||"}}

    def _row(self, change: Change, user: User) -> Answer:
        mark = user.marks[change.title]
        comment = html.escape(change.comment, quote=False)
        row: Answer = {
            "type": change.type,
            "ns": change.title.ns,
            "title": change.title.text,
            "pageid": change.page_id,
            "revid": change.revision_id,
            "old_revid": change.old_revision_id,
            "user": change.user,
            "anon": change.is_anonymous,
            "bot": change.is_bot,
            "minor": change.is_minor,
            "new": change.type == "new",
            "oldlen": change.old_length,
            "newlen": change.new_length,
            "timestamp": format_instant(change.at),
            "notificationtimestamp": format_instant(mark) if mark else "",
            "comment": change.comment,
            "parsedcomment": comment,
            "tags": [],
        }
        if change.type == "log":
            row |= {"logid": change.log_id, "logtype": change.log_type, "logparams": {}}
            row["logaction"] = change.log_action
        return row

    async def _page(self, request: Request) -> Response:
        """Every page of a wiki names its API."""
        api = self.origin.partition(":")[2] + "/w/api.php?action=rsd"
        return HTMLResponse(
            f'<!doctype html><html><head><link rel="EditURI" type="application/rsd+xml" '
            f'href="{api}"></head><body>{self.title}</body></html>'
        )


def _check_right(user: User | None, grants: frozenset[str], right: str) -> User:
    if user is None:
        raise BadRequest("notloggedin")
    if right not in grants:
        raise BadRequest("permissiondenied")
    return user


def _is_in_range(change: Change, params: Mapping[str, str], is_newer: bool) -> bool:
    """wlstart, wlend and wlcontinue, all inclusive, in the direction of the list."""
    sign = 1 if is_newer else -1
    here = (change.at.timestamp(), change.rc_id)
    if (start := params.get("wlstart")) and sign * (here[0] - seconds_of(start)) < 0:
        return False
    if (end := params.get("wlend")) and sign * (here[0] - seconds_of(end)) > 0:
        return False
    if "wlcontinue" in params:
        stamp, _, rc_id = params["wlcontinue"].partition("|")
        at = datetime.strptime(f"{stamp}+0000", "%Y%m%d%H%M%S%z").timestamp()
        following = (at, int(rc_id))
        return here >= following if is_newer else here <= following
    return True
