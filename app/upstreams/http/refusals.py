"""What an HTTP status means where an instance's API does not say it better."""

import re
from http import HTTPStatus
from urllib.parse import SplitResult, urljoin, urlsplit

from app.clock import Clock
from app.upstreams.http.reply import Reply
from app.upstreams.reading.times import UNSAID, read_retry_at
from resolvers.errors import UpstreamError, UpstreamFailureCode


def check_status(
    reply: Reply, instance: str, clock: Clock, *, is_403_about_login: bool = True
) -> None:
    """Raises the UpstreamError that a status other than 2xx stands for.

    `is_403_about_login` is whether such an API says by a 403 that the login may not do something; a
    page of HTML is by none of them, but by something in front.
    """
    status = reply.status
    if 200 <= status < 300:
        return
    if status == HTTPStatus.UNAUTHORIZED:
        raise unauthorized(instance)
    if status == HTTPStatus.FORBIDDEN:
        raise _forbidden(reply, instance, clock, is_about_login=is_403_about_login)
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        raise UpstreamError(
            UpstreamFailureCode.RATE_LIMITED,
            f"{instance} has been asked too often by this login: wait until `retryAt`.",
            read_retry_at(reply.headers, clock) or clock.now() + UNSAID,
        )
    if status >= 500:
        raise UpstreamError(
            UpstreamFailureCode.UNAVAILABLE,
            f"{instance} answers {status}: it has trouble of its own, ask again later.",
            read_retry_at(reply.headers, clock),
            is_outage=status in _AWAY,
        )
    if status < 400:
        raise _redirected(reply, instance)
    if status == HTTPStatus.UNPROCESSABLE_ENTITY and b"authenticated user" in reply.body:
        raise UpstreamError(
            UpstreamFailureCode.UNAUTHORIZED,
            f"{instance} wants a user's token, and this one is an application's: make one by "
            "logging in as the user.",
        )
    sentence = _SENTENCES.get(status, "ask its operator, if that goes on.")
    raise UpstreamError(
        UpstreamFailureCode.REJECTED,
        f"{instance} refuses the request with status {status}: {sentence}",
    )


_AWAY = {502, 503, 504, 521, 522, 523, 524}
"""Nobody there answers, as whatever stands in front says; any other 5xx can be about one account.
https://developers.cloudflare.com/support/troubleshooting/http-status-codes/cloudflare-5xx-errors/
"""

_SENTENCES = {
    400: "it takes the request for a mistake. Check `url`, and which software runs there.",
    404: "there is no such API at this address. Check `url` for a misspelling or a path too much.",
    405: "its API does not take such a request. Check `url`, and which software runs there.",
    406: "something in front of it does not let programs in. Ask its operator.",
    409: "another change of the same thing was under way. Try again.",
    410: "it says that this is gone for good. Check whether the server has moved or closed.",
    414: "the address of the request is too long for it. Ask for fewer things at once.",
    422: "it does not take these values. Check which software runs there, and its version.",
    451: "it may not be shown for legal reasons where the gateway is. Ask its operator.",
}
_SHIELDS = (
    ("Cloudflare", "cf-mitigated", b"cloudflare"),
    ("Anubis", "x-anubis-status", b"anubis"),
    ("Sucuri", "x-sucuri-id", b"sucuri"),
    ("DDoS-Guard", "x-ddos-guard", b"ddos-guard"),
    ("Akamai", "x-akamai-request-id", b"akamai"),
)
"""Names of what stands in front of instances, a header that each sends, and a word of its pages."""
_READ_OF_A_PAGE = 4096
_ACCOUNT = {
    b"disabled": "the account is disabled",
    b"suspended": "the account is suspended",
    b"pending": "the account waits for a moderator's approval",
    b"confirm": "the account's e-mail address is not confirmed yet",
}
"""What a 403 is about that no other token would mend, by a word of its message."""


def _forbidden(reply: Reply, instance: str, clock: Clock, *, is_about_login: bool) -> UpstreamError:
    if not reply.body.lstrip().startswith(b"{"):
        if is_about_login and not reply.body.strip():
            return unauthorized(instance, is_refused=False)
        return _kept_out(reply, instance, clock)
    message = reply.body[:_READ_OF_A_PAGE].lower()
    if b"user-agent" in message or b"user agent" in message or not is_about_login:
        return _kept_out(reply, instance, clock)
    trouble = next((what for word, what in _ACCOUNT.items() if word in message), None)
    if trouble is not None:
        return UpstreamError(
            UpstreamFailureCode.REJECTED,
            f"{instance} lets nobody in with this login, as {trouble}: log in there with a "
            "browser, or ask its moderators.",
        )
    return unauthorized(instance, is_refused=False)


def _kept_out(reply: Reply, instance: str, clock: Clock) -> UpstreamError:
    """Something before the instance does not let the gateway through, which may pass."""
    return UpstreamError(
        UpstreamFailureCode.UNAVAILABLE,
        f"{instance} is not reached: {_name_front(reply)} in front of it refuses the gateway with "
        f"status {reply.status}. Ask its operator to let it in, and check that "
        "`upstream.contact` says who you are.",
        read_retry_at(reply.headers, clock) or clock.now() + UNSAID,
    )


def name_shield(reply: Reply) -> str | None:
    """What stands in front of an instance, if a reply is by something that is known."""
    page = reply.body[:_READ_OF_A_PAGE].lower()
    server = reply.headers.get("server", "").lower().encode()
    for name, header, word in _SHIELDS:
        if header in reply.headers or word in server or word in page:
            return name
    return None


def _name_front(reply: Reply) -> str:
    return name_shield(reply) or "something"


def _redirected(reply: Reply, instance: str) -> UpstreamError:
    """Where to, as far as it can be shown, and what to do about it."""
    here, there = urlsplit(instance), _read_location(reply, instance)
    if there is None or not there.hostname:
        advice = "elsewhere, and does not say where: check `url`."
    elif there.hostname != here.hostname:
        advice = f"to {there.scheme}://{there.netloc}: if it has moved there, configure that `url`."
    elif (there.scheme, there.port) != (here.scheme, here.port):
        advice = f"to {there.scheme}://{there.netloc}: configure that address."
    else:
        advice = (
            f"to a page of its own ({there.path[:80]}): {_name_front(reply)} in front of it wants "
            "a browser, or `url` has a path too much. Ask its operator to let the API through."
        )
    return UpstreamError(UpstreamFailureCode.BAD_RESPONSE, f"{instance} redirects its API {advice}")


def _read_location(reply: Reply, instance: str) -> SplitResult | None:
    try:
        target = urlsplit(urljoin(instance, reply.headers.get("location", "")[:_LONGEST_LOCATION]))
        is_shown = target.geturl().isprintable() and target.username is None
        return target if is_shown and target.port != 0 and reply.headers.get("location") else None
    except ValueError:
        return None


_LONGEST_LOCATION = 2048
_OF_PHP = re.compile(rb"<b>(Warning|Notice|Deprecated|Fatal error|Parse error)</b>")


def no_json(reply: Reply, instance: str, api: str) -> UpstreamError:
    """An answer that is none of the API's, by what it looks like."""
    page = reply.body[:_READ_OF_A_PAGE].lstrip()
    if b"MediaWiki API is not enabled" in page:
        return bad_response(
            instance, "has its API switched off: ask its operator for `$wgEnableAPI = true`."
        )
    if page.startswith(b"<") and _OF_PHP.search(page):
        return bad_response(
            instance,
            "writes a message of PHP before its JSON: switch `display_errors` off there.",
        )
    if page.startswith(b"<"):
        return bad_response(
            instance,
            f"answers with a web page in place of {api}: {_name_front(reply)} in front of it "
            "keeps programs out, or `url` is not that of the API. Ask its operator to let the "
            "gateway through.",
        )
    return bad_response(
        instance,
        f"sent something that is not what {api} promises: check `url`, and whether a proxy "
        "changes what it sends.",
    )


def check_write_status(reply: Reply, instance: str, clock: Clock) -> None:
    """The same for a write: after a 5xx it is not known whether the instance acted."""
    try:
        check_status(reply, instance, clock)
    except UpstreamError as error:
        error.is_outcome_unknown = reply.status >= 500
        raise


def unsupported(instance: str, what: str) -> UpstreamError:
    """Something that such a server cannot do; `what` goes on after the instance's name."""
    return UpstreamError(UpstreamFailureCode.UNSUPPORTED, f"{instance} {what}")


def unauthorized(instance: str, *, is_refused: bool = True) -> UpstreamError:
    """The credential of a login is refused; if not `is_refused`, it may lack a right alone."""
    return UpstreamError(
        UpstreamFailureCode.UNAUTHORIZED,
        f"{instance} refuses this credential, which may be mistyped, revoked or without a right: "
        "make a new one there, and give it in this one's place.",
        is_login_refused=is_refused,
    )


def says_scope(reply: Reply) -> bool:
    """Whether a 403 is about what the token may do, and neither a shield's nor the account's."""
    message = reply.body[:_READ_OF_A_PAGE].lower()
    return message.lstrip().startswith(b"{") and not any(word in message for word in _ACCOUNT)


def unauthorized_scope(instance: str, scope: str) -> UpstreamError:
    """A token that is good but may not do that."""
    return UpstreamError(
        UpstreamFailureCode.UNAUTHORIZED,
        f"{instance} does not let this token do that: it needs the scope {scope} too.",
    )


def bad_response(instance: str, what: str) -> UpstreamError:
    """An answer that its API does not promise; `what` goes on after the instance's name."""
    return UpstreamError(UpstreamFailureCode.BAD_RESPONSE, f"{instance} {what}")


def left_out(instance: str, count: int) -> UpstreamError | None:
    """What to report where some of the rows of an answer could not be read, if any."""
    if not count:
        return None
    what = (
        "a notification that cannot be read: it is"
        if count == 1
        else (f"{count} notifications that cannot be read: they are")
    )
    return bad_response(instance, f"sent {what} left out. Look there for what is missing.")
