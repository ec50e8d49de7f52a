"""A login's session with a wiki's action API: logs in, asserts it, logs in again when it is lost.

https://www.mediawiki.org/wiki/API:Login · https://www.mediawiki.org/wiki/API:Assert
"""

import asyncio
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

import msgspec

from app.clock import Clock
from app.upstreams.http import Http, Reply
from app.upstreams.mediawiki import wire
from app.upstreams.mediawiki.discovery import ApiAddress
from app.upstreams.mediawiki.errors import (
    BAD_TOKEN,
    IGNORED,
    LOST_SESSION,
    explain_error,
    explain_login,
)
from app.upstreams.status import bad_response, check_status
from resolvers.errors import UpstreamError

Params = Mapping[str, str]

_FORMAT = {"format": "json", "formatversion": "2", "errorformat": "plaintext"}


@dataclass(frozen=True, slots=True)
class BotPassword:
    """A user name and a bot password: https://www.mediawiki.org/wiki/Manual:Bot_passwords"""

    username: str
    password: str = field(repr=False)


class Session:
    """Speaks to api.php as one user.

    Without a bot password the login's bearer token (OAuth 2), which `http` sends, is the login.
    """

    def __init__(
        self, url: str, http: Http, clock: Clock, bot_password: BotPassword | None
    ) -> None:
        self._url = url
        self._http = http
        self._clock = clock
        self._bot_password = bot_password
        self._address = ApiAddress(url, http)
        self._logins = 0
        self._logging_in = asyncio.Lock()
        self._csrf_token: str | None = None

    async def query(self, params: Params) -> wire.Answer:
        """The answer to action=query as this user. Raises UpstreamError.

        A session that was lost is renewed once.
        """
        logins = await self._ensure_login()
        answer = await self._ask(params)
        if _has(answer, LOST_SESSION) and self._bot_password:
            await self._log_in(after=logins)
            answer = await self._ask(params)
        return self._check(answer)

    async def write(self, params: Params) -> wire.Answer:
        """The answer to a write, which is sent again only if the wiki has refused it unread.

        That is once for a csrf token that is not good any more and once for a lost session. Where
        it is not known whether the wiki acted, the UpstreamError says so.
        """
        answer = await self._post(params)
        for refusals in (LOST_SESSION, BAD_TOKEN, LOST_SESSION):
            if _has(answer, refusals) and (self._bot_password or refusals is BAD_TOKEN):
                self._csrf_token = None
                if refusals is LOST_SESSION:
                    await self._log_in(after=self._logins)
                answer = await self._post(params)
        return self._check(answer)

    async def _ensure_login(self) -> int:
        if self._bot_password and not self._logins:
            return await self._log_in(after=0)
        return self._logins

    async def _ask(self, params: Params) -> wire.Answer:
        pairs = {**_FORMAT, "action": "query", "assert": "user", **params}
        return self._read(await self._http.get(await self._address.find(), [*pairs.items()]))

    async def _post(self, params: Params) -> wire.Answer:
        if self._csrf_token is None:
            answer = await self.query({"meta": "tokens"})
            self._csrf_token = answer.query.tokens.csrftoken if answer.query.tokens else None
        form = {**_FORMAT, "assert": "user", **params, "token": self._csrf_token or ""}
        reply = await self._http.post(await self._address.find(), [*form.items()])
        try:
            return self._read(reply)
        except UpstreamError as error:
            error.is_outcome_unknown = reply.status >= 500 or reply.status < 300
            raise

    async def _log_in(self, after: int) -> int:
        """Logs in, unless another caller has since login number `after`; the login's number."""
        async with self._logging_in:
            if self._logins == after:
                await self._start_session(self._bot_password)
                self._csrf_token = None
                self._logins += 1
            return self._logins

    async def _start_session(self, bot_password: BotPassword | None) -> None:
        assert bot_password is not None
        self._http.forget_cookies()  # a session that is still valid would abort the login
        address = await self._address.find()
        ask_token = {**_FORMAT, "action": "query", "meta": "tokens", "type": "login"}
        answer = self._check(self._read(await self._http.get(address, [*ask_token.items()])))
        token = answer.query.tokens.logintoken if answer.query.tokens else None
        if token is None:
            raise bad_response(self._url, "gave no login token.")
        login = {
            **_FORMAT,
            "action": "login",
            "lgname": bot_password.username,
            "lgpassword": bot_password.password,
            "lgtoken": token,
        }
        answer = self._check(self._read(await self._http.post(address, [*login.items()])))
        if answer.login is None:
            raise bad_response(self._url, "did not say whether the login succeeded.")
        if answer.login.result != "Success":
            raise explain_login(self._url, answer.login)

    def _read(self, reply: Reply) -> wire.Answer:
        check_status(reply, self._url, self._clock)
        try:
            return wire.decode_answer(reply.body)
        except msgspec.MsgspecError:
            raise bad_response(
                self._url, "sent something that is not what MediaWiki's API promises."
            ) from None

    def _check(self, answer: wire.Answer) -> wire.Answer:
        """The same answer, if nothing went wrong and no parameter was ignored."""
        if answer.errors:
            raise explain_error(self._url, answer.errors[0].code)
        ignored = next((each for each in answer.warnings if each.code in IGNORED), None)
        if ignored is not None:
            raise bad_response(
                self._url,
                f"ignored a parameter ({ignored.code} in {ignored.module}): "
                "what it answered is not what was asked.",
            )
        return answer


def _has(answer: wire.Answer, codes: Collection[str]) -> bool:
    return any(error.code in codes for error in answer.errors)
