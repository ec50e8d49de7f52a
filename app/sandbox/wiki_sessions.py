"""The logins of a wiki in memory: https://www.mediawiki.org/wiki/API:Login"""

import hashlib
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from app.sandbox.wiki_marks import BadRequest
from app.sandbox.wiki_pages import User, WikiPages

_SESSION_COOKIE = "sandbox_BPsession"
_PENDING_COOKIE = "sandbox_session"


class WikiSessions:
    """Those of one wiki; `begun` counts the logins that were begun."""

    def __init__(self, host: str, pages: WikiPages) -> None:
        self._host = host
        self._pages = pages
        self._pending: dict[str, str] = {}
        self.known: dict[str, tuple[User, frozenset[str]]] = {}
        self.begun = 0

    def of(self, request: Request) -> tuple[User | None, frozenset[str]]:
        """Who asks, and what is granted to their bot password."""
        return self.known.get(request.cookies.get(_SESSION_COOKIE, ""), (None, frozenset()))

    def begin(self, response: Response) -> str:
        """A token for a login, which goes with a cookie."""
        self.begun += 1
        name = f"{self._host}{self.begun}".encode()
        session = hashlib.blake2b(name, digest_size=16).hexdigest()
        self._pending[session] = f"{session}+\\"
        response.set_cookie(_PENDING_COOKIE, session, httponly=True)
        return self._pending[session]

    def log_in(
        self, request: Request, params: dict[str, str], body: dict[str, str], response: Response
    ) -> dict[str, Any]:
        """action=login; its password and token have to be in the body."""
        if "lgpassword" not in body or "lgtoken" not in body:
            raise BadRequest("mustpostparams")
        if request.cookies.get(_SESSION_COOKIE, "") in self.known:
            return {"login": {"result": "Aborted", "reason": {"code": "api-login-fail-sessions"}}}
        session = request.cookies.get(_PENDING_COOKIE, "")
        if self._pending.pop(session, None) != params["lgtoken"]:
            return {"login": {"result": "Failed", "reason": {"code": "sessionlost"}}}
        name, _, app = params.get("lgname", "").partition("@")
        user = self._pages.users.get(name)
        password, grants = user.bot_passwords.get(app, ("", frozenset())) if user else ("", None)
        if user is None or grants is None or not password or password != params["lgpassword"]:
            return {"login": {"result": "Failed", "reason": {"code": "wrongpassword"}}}
        self.known[session] = (user, grants)
        response.set_cookie(_SESSION_COOKIE, session, httponly=True)
        return {"login": {"result": "Success", "lguserid": 1, "lgusername": user.name}}
