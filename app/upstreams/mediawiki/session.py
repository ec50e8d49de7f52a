"""A login's session with a wiki's action API: logs in, asserts it, logs in again when it is lost.

https://www.mediawiki.org/wiki/API:Login · https://www.mediawiki.org/wiki/API:Assert
"""

import asyncio
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from urllib.parse import quote

from app.clock import Clock
from app.upstreams.http.client import Http
from app.upstreams.http.refusals import bad_response, check_status, no_json
from app.upstreams.http.reply import Reply
from app.upstreams.mediawiki import wire
from app.upstreams.mediawiki.discovery import ApiAddress
from app.upstreams.mediawiki.errors import (
    BAD_TOKEN,
    IGNORED,
    LOST_SESSION,
    explain_error,
    explain_login,
)
from app.upstreams.reading.values import read_json
from app.upstreams.session_share import KeptSession, SessionShare
from app.upstreams.shared_answer import SharedAnswer
from resolvers.errors import UpstreamError, UpstreamFailureCode
from resolvers.tasks import carry_out

Params = Mapping[str, str]

_LONGEST_ADDRESS = 2000
"""Characters of a question that goes by GET: servers take some 8,000 of a request line."""
_REFUSED_SECONDS = 90
_KEPT_SECONDS = 86400.0
"""For which a session is offered to other processes; a wiki may end it sooner."""
_TURN_PAUSE = 0.1
"""Seconds between looks whether another process has logged in."""
_REFUSALS = {UpstreamFailureCode.UNAUTHORIZED, UpstreamFailureCode.RATE_LIMITED}

_FORMAT = {"format": "json", "formatversion": "2", "errorformat": "plaintext"}


@dataclass(frozen=True, slots=True)
class BotPassword:
    """A user name and a bot password: https://www.mediawiki.org/wiki/Manual:Bot_passwords"""

    username: str
    password: str = field(repr=False)


@dataclass(slots=True)
class _Login:
    """One session; its csrf token is good as long as it is, or until the wiki says otherwise."""

    csrf_token: str | None = field(default=None, repr=False)


class Session:
    """Speaks to api.php as one user.

    Without a bot password the login's bearer token (OAuth 2), which `http` sends, is the login.
    """

    def __init__(
        self,
        url: str,
        http: Http,
        clock: Clock,
        bot_password: BotPassword | None,
        share: SessionShare | None = None,
    ) -> None:
        self.url = url
        self._http = http
        self._clock = clock
        self._bot_password = bot_password
        self._share = share
        self._stamp = b""
        self._address = ApiAddress(url, http, clock)
        self._login = SharedAnswer(self._log_in, clock, self._seconds_to_wait)

    async def query(self, params: Params, tolerates: Collection[str] = ()) -> wire.Answer:
        """The answer to action=query as this user. Raises UpstreamError.

        A session that was lost is renewed once. `tolerates` are warnings that the caller looks at,
        where else an answer to another question than was asked is refused.
        """
        login = await self._login.get()
        answer = await self._ask(params)
        if self._is_lost(answer):
            self._login.forget(login)
            await self._login.get()
            answer = await self._ask(params)
        self._check(answer, params, tolerates)
        if not answer.batchcomplete and not answer.continuation:
            raise bad_response(
                self.url, "sent something that is no answer to a query: check `url`."
            )
        return answer

    async def write(self, params: Params) -> wire.Answer:
        """The answer to a write, which is sent again only if the wiki has refused it unread.

        That is once for a lost session and once for a csrf token that is not good any more. Where
        it is not known whether the wiki acted, the UpstreamError says so.
        """
        login = await self._login.get()
        answer = await self._post(login, params)
        if self._is_lost(answer):
            self._login.forget(login)
            login = await self._login.get()
            answer = await self._post(login, params)
        if _has(answer, BAD_TOKEN):
            login.csrf_token = None
            answer = await self._post(login, params)
        self._check(answer, params, is_write=True)
        if not answer.says_what_it_wrote:
            failure = bad_response(self.url, "did not say what it has written: try again.")
            failure.is_outcome_unknown = True
            raise failure
        return answer

    def _is_lost(self, answer: wire.Answer) -> bool:
        """Whether the session is over and can be renewed."""
        return self._bot_password is not None and _has(answer, LOST_SESSION)

    async def _ask(self, params: Params) -> wire.Answer:
        pairs = [*{**_FORMAT, "action": "query", "assert": "user", **params}.items()]
        address = await self._address.find()
        if sum(len(quote(value)) for _, value in pairs) <= _LONGEST_ADDRESS:
            return self._read(await self._http.get(address, pairs))
        try:  # many titles in scripts of which each letter takes nine characters
            return self._read(await self._http.post(address, pairs))
        except UpstreamError as failure:
            failure.is_outcome_unknown = False  # a question by POST changes nothing
            raise

    async def _post(self, login: "_Login", params: Params) -> wire.Answer:
        if login.csrf_token is None:
            tokens = (await self.query({"meta": "tokens"})).query.tokens
            login.csrf_token = tokens.csrftoken if tokens else None
        form = {**_FORMAT, "assert": "user", **params, "token": login.csrf_token or ""}
        reply = await self._http.post(await self._address.find(), [*form.items()])
        try:
            return self._read(reply)
        except UpstreamError as error:
            error.is_outcome_unknown = reply.status >= 500 or reply.status < 300
            raise

    async def _log_in(self) -> "_Login":
        """A new session; with OAuth there is none to begin."""
        try:
            if self._bot_password is not None and self._share is None:
                await self._start_session(self._bot_password)
            elif self._bot_password is not None and self._share is not None:
                await self._share_session(self._bot_password, self._share)
        except UpstreamError as failure:
            failure.is_outcome_unknown = False  # a login is a POST, and changes nothing
            raise
        return _Login()

    async def _share_session(self, bot_password: BotPassword, share: SessionShare) -> None:
        """The session of another process, or a new one for all. Raises UpstreamError."""
        while True:
            session, is_ours = await share.find_or_claim(self._stamp)
            if is_ours:
                break
            if session is not None:
                self._adopt(session)
                return
            await asyncio.sleep(_TURN_PAUSE)
        outcome, seconds = KeptSession(), 0.0
        try:
            await self._start_session(bot_password)
            outcome, seconds = KeptSession(cookies=self._http.cookies), _KEPT_SECONDS
        except UpstreamError as failure:
            outcome, seconds = KeptSession(failure=failure), self._seconds_to_wait(failure)
            raise
        finally:  # also where the caller has gone away in the middle
            self._stamp = await carry_out(share.keep(outcome, seconds))

    def _adopt(self, session: KeptSession) -> None:
        self._stamp = session.stamp
        if session.failure is not None:
            raise session.failure
        self._http.adopt_cookies(session.cookies)

    async def _start_session(self, bot_password: BotPassword) -> None:
        self._http.forget_cookies()  # a session that is still valid would abort the login
        address = await self._address.find()
        ask_token = {**_FORMAT, "action": "query", "meta": "tokens", "type": "login"}
        reply = await self._http.get(address, [*ask_token.items()])
        answer = self._check(self._read(reply), ask_token)
        token = answer.query.tokens.logintoken if answer.query.tokens else None
        if token is None:
            raise bad_response(self.url, "gave no login token: ask its operator about logins.")
        login = {
            **_FORMAT,
            "action": "login",
            "lgname": bot_password.username,
            "lgpassword": bot_password.password,
            "lgtoken": token,
        }
        answer = self._check(self._read(await self._http.post(address, [*login.items()])), login)
        if answer.login is None:
            raise bad_response(self.url, "did not say whether the login succeeded: try again.")
        if answer.login.result != "Success":
            are_cookies_kept = self._http.may_send_cookies(address)
            failure = explain_login(self.url, answer.login, are_cookies_kept=are_cookies_kept)
            if failure.failure_code is not UpstreamFailureCode.UNAUTHORIZED:
                failure.retry_at = self._clock.now() + timedelta(seconds=_REFUSED_SECONDS)
            raise failure

    def _seconds_to_wait(self, failure: UpstreamError) -> float:
        """Before a login is tried again: as long as the wiki says, or so long that it does not lock
        the user out, which it does after five tries in five minutes.
        """
        if failure.retry_at is not None:
            return max(0.0, (failure.retry_at - self._clock.now()).total_seconds())
        return _REFUSED_SECONDS if failure.failure_code in _REFUSALS else 0

    def _read(self, reply: Reply) -> wire.Answer:
        check_status(reply, self.url, self._clock, is_403_about_login=False)
        try:
            return read_json(reply.body, wire.Answer)
        except ValueError:
            raise no_json(reply, self.url, "MediaWiki's API") from None

    def _check(
        self,
        answer: wire.Answer,
        params: Params,
        tolerates: Collection[str] = (),
        *,
        is_write: bool = False,
    ) -> wire.Answer:
        """The same answer, if nothing went wrong and no parameter was ignored."""
        if answer.errors:
            code, is_of_echo = answer.errors[0].code, _is_of_echo(params)
            raise explain_error(self.url, code, is_write=is_write, is_of_echo=is_of_echo)
        refused = IGNORED.difference(tolerates)
        ignored = next((each for each in answer.warnings if each.code in refused), None)
        if ignored is not None:
            raise bad_response(
                self.url,
                f"ignored a parameter ({ignored.code} in {ignored.module}): "
                "what it answered is not what was asked. Check its version.",
            )
        return answer


def _is_of_echo(params: Params) -> bool:
    """Whether a request is about the wiki's own notifications, which have a right of their own."""
    return params.get("action") == "echomarkread" or "notifications" in params.get("meta", "")


def _has(answer: wire.Answer, codes: Collection[str]) -> bool:
    return any(error.code in codes for error in answer.errors)
