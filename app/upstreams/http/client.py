"""HTTP to instances: the only place where the client library's errors are caught.

Every login has its own `Http` with its own cookie jar; the connections behind it are shared.
Neither an `AsyncClient` nor httpx's requests and responses stand between: they would add redirects,
a jar that is easily shared by mistake, and twice the time. Only cookies go by them, where there are
any.
"""

import asyncio
from collections.abc import Awaitable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import urlencode, urlsplit

import httpx
import msgspec

from app.upstreams.http.answer_size import AnswerTooLarge
from app.upstreams.http.connections.content import ACCEPTED
from app.upstreams.http.instance_messages import InstanceMessages
from app.upstreams.http.rate_budget import RateBudget
from app.upstreams.http.reply import Reply
from app.upstreams.http.transport import (
    BadCertificate,
    ConnectionRefused,
    HeadTooLarge,
    Messages,
    NotHttp,
    NoTLS,
    Request,
    Stage,
    TooLarge,
    Transport,
    UnknownName,
)
from resolvers.errors import UpstreamError, UpstreamFailureCode

MOST_MEMBERS = 20_000
"""Commas of one answer: 40 notifications have 3,000, and what has as many as there is room for in
MOST_DECODED would take seconds to be decoded."""

_LONGEST_UNCOUNTED = 192 * 1024
"""Bytes of an answer that cannot hold so many members that reading it takes 50 ms. Counting takes
60 us for the usual 155 KB, a twentieth of all that such an answer costs."""

MOST_AT_ONCE = 20
"""Requests of one login that may be under way, where its instance does not want fewer."""
Pairs = Sequence[tuple[str, str]]
_FORM = "application/x-www-form-urlencoded"
_PAGING = frozenset({"max_id", "min_id", "since_id"})
"""Of these Mastodon allows fewer: https://docs.joinmastodon.org/api/rate-limits/"""


class Http:
    """One login's way to its instance.

    `seconds` bounds a request as a whole, from the first byte sent to the last one received, and
    the wait for its turn where no more than `at_once` may be under way.
    """

    def __init__(
        self,
        instance: str,
        transport: Transport,
        user_agent: str,
        seconds: float,
        token: str | None = None,
        *,
        budget: RateBudget | None = None,
        at_once: int = MOST_AT_ONCE,
    ) -> None:
        self.budget = budget
        self._turns = asyncio.Semaphore(at_once)
        self.instance = instance
        self._transport = transport
        self._seconds = seconds
        self._jar = httpx.Cookies()
        self._headers = {
            "user-agent": user_agent,
            "accept": "application/json",
            "accept-encoding": ACCEPTED,
        }
        if token is not None:
            self._headers["authorization"] = f"Bearer {token}"

    def forget_cookies(self) -> None:
        """Ends whatever session the instance knows this login by."""
        self._jar = httpx.Cookies()  # a late answer to an older request keeps the older jar

    @property
    def cookies(self) -> Sequence[Sequence[str]]:
        """Name, value, domain and path of each cookie that the instance has set."""
        cookies = [*self._jar.jar]
        return [(each.name, each.value or "", each.domain, each.path) for each in cookies]

    def may_send_cookies(self, url: str) -> bool:
        """Whether all that the instance has set go there: those for https do not go by http."""
        is_safe = url.startswith("https:")
        return is_safe or not any(cookie.secure for cookie in self._jar.jar)

    def adopt_cookies(self, cookies: Sequence[Sequence[str]]) -> None:
        """Goes on with the session that these stand for."""
        self.forget_cookies()
        for name, value, domain, path in cookies:
            self._jar.set(name, value, domain, path)

    async def get(self, url: str, params: Pairs = ()) -> Reply:
        """Raises UpstreamError where there is no answer; an answer of any status is a Reply."""
        if self.budget is not None:
            await self.budget.take(is_paging=any(name in _PAGING for name, _ in params))
        return await self._send("GET", f"{url}?{urlencode(params)}" if params else url)

    async def post(self, url: str, form: Pairs = (), *, method: str = "POST") -> Reply:
        """The same for a form in the body, where secrets do not end up in an access log.

        Where there is no answer, the error says whether the instance may have acted.
        """
        return await self._write(method, url, _FORM, urlencode(form).encode())

    async def post_json(self, url: str, value: object) -> Reply:
        """The same with JSON in the body."""
        return await self._write("POST", url, "application/json", msgspec.json.encode(value))

    async def _write(self, method: str, url: str, content_type: str, body: bytes) -> Reply:
        if self.budget is not None:
            await self.budget.take(is_paging=False)
        return await self._send(method, url, content_type, body)

    async def open_socket(
        self, url: str, *, token_as_subprotocol: bool = False
    ) -> InstanceMessages | Reply:
        """A WebSocket, or what the instance answers instead; it is no request of the budget's.

        Raises UpstreamError where there is no answer.
        """
        headers = {**self._headers}
        token = headers.pop("authorization").partition(" ")[2] if token_as_subprotocol else None
        request = Request("GET", _escape(url), headers)
        return await self._open(request, self._transport.open_socket(request, token))

    async def open_events(self, url: str) -> InstanceMessages | Reply:
        """The same for server-sent events."""
        wanted = {"accept": "text/event-stream", "accept-encoding": "identity"}
        request = Request("GET", _escape(url), {**self._headers, **wanted})
        return await self._open(request, self._transport.open_events(request))

    async def _open(
        self, request: Request, opening: Awaitable[Messages | Reply]
    ) -> InstanceMessages | Reply:
        try:
            async with asyncio.timeout(self._seconds):
                opened = await opening
        except TimeoutError:
            raise self._failure(_LATE[request.stage], request) from None
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise self._failure(_explain(error), request) from None
        if isinstance(opened, Reply):
            return opened
        return InstanceMessages(opened, lambda error: self._failure(_explain(error), request))

    async def _send(
        self, method: str, url: str, content_type: str | None = None, body: bytes | None = None
    ) -> Reply:
        headers = self._headers
        if content_type is not None:
            headers = {**headers, "content-type": content_type}
        request = Request(method, url, headers, body)
        try:
            async with asyncio.timeout(self._seconds), self._turns:
                reply = await self._exchange(request)
        except TooLarge as error:
            raise AnswerTooLarge(
                self.instance, error.reply, is_outcome_unknown=request.is_write
            ) from None
        except TimeoutError:
            raise self._failure(_LATE[request.stage], request) from None
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise self._failure(_explain(error), request) from None
        if self.budget is not None:
            self.budget.note(reply)
        if len(reply.body) > _LONGEST_UNCOUNTED and reply.body.count(b",") > MOST_MEMBERS:
            raise AnswerTooLarge(self.instance, reply, is_outcome_unknown=request.is_write)
        return reply

    async def _exchange(self, request: Request) -> Reply:
        jar, request.url = self._jar, _escape(request.url)
        if jar:
            request.headers = {**request.headers, **_cookie_of(jar, request.url)}
        reply = await self._transport.send(request)
        if reply.set_cookies:
            _keep_cookies(jar, request.url, reply.set_cookies)
        return reply

    def _failure(self, what: "_Trouble", request: Request) -> UpstreamError:
        return UpstreamError(
            what.code,
            f"{self.instance} {what.sentence}",
            is_outcome_unknown=request.is_write and request.stage is Stage.SENT,
            is_outage=what.is_outage,
        )


def _escape(url: str) -> str:
    """A URL as it is sent, in ASCII alone. Raises httpx.InvalidURL."""
    return _escape_known(url) if len(url) <= _LONGEST_KNOWN else str(httpx.URL(url))


_LONGEST_KNOWN = 512
"""Characters of a URL that is remembered: logins ask for the same again and again."""


@lru_cache(maxsize=1024)
def _escape_known(url: str) -> str:
    return str(httpx.URL(url))


def _cookie_of(jar: httpx.Cookies, url: str) -> Mapping[str, str]:
    """The header with the cookies for a URL, if there are any."""
    request = httpx.Request("GET", url)
    jar.set_cookie_header(request)
    cookie = request.headers.get("cookie")
    return {"cookie": cookie} if cookie is not None else {}


def _keep_cookies(jar: httpx.Cookies, url: str, set_cookies: Sequence[str]) -> None:
    # beyond ASCII there are none: https://www.rfc-editor.org/rfc/rfc6265#section-4.1.1
    headers = [("set-cookie", each) for each in set_cookies if each.isascii()]
    jar.extract_cookies(httpx.Response(200, headers=headers, request=httpx.Request("GET", url)))


@dataclass(frozen=True, slots=True)
class _Trouble:
    code: UpstreamFailureCode
    sentence: str
    is_outage: bool = False


def _outage(sentence: str) -> _Trouble:
    return _Trouble(UpstreamFailureCode.UNREACHABLE, sentence, is_outage=True)


_LATE = {
    Stage.WAITING: _Trouble(
        UpstreamFailureCode.TIMEOUT,
        "was not asked: too many other requests are under way. Ask again, and if that happens "
        "often, allow more `upstream.connections` or `upstream.connections_per_host`.",
    ),
    Stage.CONNECTING: _Trouble(
        UpstreamFailureCode.TIMEOUT,
        "did not take a connection in time: ask again, and check its address and the network.",
        is_outage=True,
    ),
    Stage.SENT: _Trouble(
        UpstreamFailureCode.TIMEOUT,
        "did not answer in time: ask again, it may be busy.",
        is_outage=True,
    ),
}
"""By how far the request had come when its time was over."""

_NO_ADDRESS = _Trouble(
    UpstreamFailureCode.UNREACHABLE, "has an address that cannot be called: check its spelling."
)
_TABLE: Sequence[tuple[type[Exception], _Trouble]] = (
    (httpx.TimeoutException, _LATE[Stage.SENT]),
    (httpx.InvalidURL, _NO_ADDRESS),
    (httpx.UnsupportedProtocol, _NO_ADDRESS),
    (ConnectionRefused, _outage("refuses the connection: is it running, and is its port right?")),
    (
        UnknownName,
        _outage("has a name without an address: check its spelling, and that the name resolves."),
    ),
    (
        BadCertificate,
        _outage(
            "has a certificate that is not trusted, is over, or is another host's: have it "
            "renewed, or name its authority in `upstream.ca_file`."
        ),
    ),
    (
        NoTLS,
        _outage("takes no encrypted connection: is `https` right in its address, and the port?"),
    ),
    (
        httpx.ProxyError,
        _outage(
            "cannot be reached by the proxy that the environment names: check HTTPS_PROXY, "
            "HTTP_PROXY and NO_PROXY."
        ),
    ),
    (
        httpx.ConnectError,
        _outage("cannot be reached: check its address, its certificate and the network."),
    ),
    (
        httpx.LocalProtocolError,
        _Trouble(
            UpstreamFailureCode.UNAUTHORIZED,
            "cannot be asked with this credential: it has a line break or another character that "
            "no header may have. Give it as it was issued.",
        ),
    ),
    (
        httpx.DecodingError,
        _Trouble(
            UpstreamFailureCode.BAD_RESPONSE,
            "sent an answer that cannot be decompressed: ask again, and if that goes on, look for "
            "a proxy in between that changes it.",
        ),
    ),
    (
        HeadTooLarge,
        _Trouble(
            UpstreamFailureCode.BAD_RESPONSE,
            "sent too many headers, or too large ones: look for what adds them.",
        ),
    ),
    (NotHttp, _outage("does not speak HTTP: check the port in its address.")),
    (httpx.HTTPError, _outage("broke the connection off: ask again.")),
)
"""Every error of a transport and what it means; the first line that fits counts."""


def _explain(error: Exception) -> _Trouble:
    return next(trouble for kind, trouble in _TABLE if isinstance(error, kind))


def host_of(url: str) -> str:
    """The host and port of a URL, as handles and messages show it."""
    return urlsplit(url).netloc
