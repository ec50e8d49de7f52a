"""What the action API's error codes mean: https://www.mediawiki.org/wiki/API:Errors_and_warnings"""

import re

from app.upstreams.mediawiki import wire
from app.upstreams.status import unauthorized
from resolvers.errors import UpstreamError, UpstreamFailureCode

LOST_SESSION = {"assertuserfailed", "notloggedin"}
"""The session is over: log in again."""

BAD_TOKEN = {"badtoken"}
"""The csrf token is of another session: fetch a new one."""

IGNORED = {"unrecognizedparams", "unrecognizedvalues", "unrecognizedvaluesbutignored", "outofrange"}
"""Warnings after which the answer is to another question than was asked."""

_SENTENCES = {
    "permissiondenied": (
        UpstreamFailureCode.UNAUTHORIZED,
        "does not let this login do that with its watchlist: grant it 'View your watchlist' "
        "(viewmywatchlist), and to change marks 'Edit your watchlist' (editmywatchlist).",
    ),
    "readapidenied": (
        UpstreamFailureCode.UNAUTHORIZED,
        "lets only logged-in users with the right to read use its API.",
    ),
    "maxlag": (UpstreamFailureCode.UNAVAILABLE, "is busy catching up: ask again in some seconds."),
    "readonly": (UpstreamFailureCode.UNAVAILABLE, "is read-only for now: ask again later."),
    "ratelimited": (UpstreamFailureCode.RATE_LIMITED, "has been asked too often by this login."),
}
_LOGINS = {
    "login-throttled": (
        UpstreamFailureCode.RATE_LIMITED,
        "has seen too many logins: wait five minutes.",
    ),
    "sessionlost": (UpstreamFailureCode.UNAVAILABLE, "lost the session while logging in."),
}
_PRINTABLE = re.compile(r"[\w.-]{1,60}", re.ASCII)


def explain_error(instance: str, code: str, *, is_write: bool) -> UpstreamError:
    """The failure that an error code of the API stands for.

    After an internal error nobody knows whether a write was carried out.
    """
    if code in LOST_SESSION or code.startswith("mwoauth-"):
        return unauthorized(instance)
    if code in _SENTENCES:
        kind, sentence = _SENTENCES[code]
        return UpstreamError(kind, f"{instance} {sentence}")
    shown = code if _PRINTABLE.fullmatch(code) else "an unknown error"
    if code.startswith("internal_api_error"):
        return UpstreamError(
            UpstreamFailureCode.UNAVAILABLE,
            f"{instance} has trouble of its own: ask again later.",
            is_outcome_unknown=is_write,
        )
    return UpstreamError(
        UpstreamFailureCode.REJECTED, f"{instance} refuses the request with {shown}."
    )


def explain_login(instance: str, login: wire.Login) -> UpstreamError:
    """Why a login failed; a wrong name and a wrong password look the same."""
    code = login.reason.code if login.reason else ""
    if code in _LOGINS:
        kind, sentence = _LOGINS[code]
        return UpstreamError(kind, f"{instance} {sentence}")
    return UpstreamError(
        UpstreamFailureCode.UNAUTHORIZED,
        f"{instance} refuses this user name and bot password: check both, and that the password "
        "was made at Special:BotPasswords.",
    )
