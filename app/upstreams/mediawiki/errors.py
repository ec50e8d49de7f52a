"""What the action API's error codes mean: https://www.mediawiki.org/wiki/API:Errors_and_warnings"""

import re

from app.upstreams.http.refusals import unauthorized
from app.upstreams.mediawiki import wire
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
        "(viewmywatchlist), and to change marks 'Edit your watchlist' (editmywatchlist). A user "
        "who is blocked where $wgBlockDisablesLogin is set may lack both.",
    ),
    "readapidenied": (
        UpstreamFailureCode.UNAUTHORIZED,
        "is private, and this user may not read it: it needs the right read, by a group "
        "($wgGroupPermissions) and the grant 'Basic rights', and must not be blocked where "
        "$wgBlockDisablesLogin is set.",
    ),
    "writeapidenied": (
        UpstreamFailureCode.UNAUTHORIZED,
        "lets only users with the right writeapi change anything: give it to the user's group.",
    ),
    "noapiwrite": (
        UpstreamFailureCode.REJECTED,
        "lets nobody change anything by its API: ask its operator for `$wgEnableWriteAPI = true`.",
    ),
    "maxlag": (UpstreamFailureCode.UNAVAILABLE, "is busy catching up: ask again in some seconds."),
    "readonly": (UpstreamFailureCode.UNAVAILABLE, "is read-only for now: ask again later."),
    "ratelimited": (
        UpstreamFailureCode.RATE_LIMITED,
        "has been asked too often by this login: wait a minute.",
    ),
}
_LOGINS = {
    "login-throttled": (
        UpstreamFailureCode.RATE_LIMITED,
        "has seen too many logins: wait five minutes, or two days where there were 150.",
    ),
    "sessionlost": (
        UpstreamFailureCode.UNAVAILABLE,
        "lost the session while logging in: ask its operator whether it keeps sessions "
        "($wgSessionCacheType), if that goes on.",
    ),
    "cookies": (
        UpstreamFailureCode.BAD_RESPONSE,
        "gives its login cookies for https alone ($wgCookieSecure), and `url` is http: configure "
        "its https address.",
    ),
    "botpasswords-needs-reset": (
        UpstreamFailureCode.UNAUTHORIZED,
        "wants the bot password to be reset: do that at Special:BotPasswords.",
    ),
    "botpasswords-locked": (
        UpstreamFailureCode.UNAUTHORIZED,
        "has locked this user's bot passwords: ask the wiki's administrators.",
    ),
    "api-login-fail-aborted": (
        UpstreamFailureCode.UNAUTHORIZED,
        "wants a second factor: make a bot password at Special:BotPasswords and use that.",
    ),
    "api-login-fail-aborted-nobotpw": (
        UpstreamFailureCode.UNAUTHORIZED,
        "has bot passwords switched off ($wgEnableBotPasswords), and the user's own password "
        "needs more than an API login: ask its operator to switch them on.",
    ),
}
_RESULTS_OF_LOST_SESSIONS = {"NeedToken", "WrongToken"}
_PRINTABLE = re.compile(r"[\w.-]{1,60}", re.ASCII)


_OF_ECHO = (
    UpstreamFailureCode.UNAUTHORIZED,
    "does not let this login have the wiki's own notifications: grant it 'Read my notifications' "
    "(echo-read-notifications), which bot passwords of before April 2026 lack.",
)
_DENIED_BY_ECHO = {"permissiondenied", "echo-read-notifications"}


def explain_error(
    instance: str, code: str, *, is_write: bool, is_of_echo: bool = False
) -> UpstreamError:
    """The failure that an error code of the API stands for.

    After an internal error nobody knows whether a write was carried out. `is_of_echo` is whether
    the wiki's own notifications were asked for, and not its watchlist.
    """
    if is_of_echo and code in _DENIED_BY_ECHO:
        kind, sentence = _OF_ECHO
        return UpstreamError(kind, f"{instance} {sentence}")
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
        UpstreamFailureCode.REJECTED,
        f"{instance} refuses the request with {shown}: ask its administrators what that is about.",
    )


def explain_login(instance: str, login: wire.Login, *, are_cookies_kept: bool) -> UpstreamError:
    """Why a login failed; a wrong name and a wrong password look the same, and so does a bot
    password that is for other addresses.

    If not `are_cookies_kept`, the wiki's cookies cannot be sent back to it.
    """
    code = login.reason.code if login.reason else ""
    if login.result in _RESULTS_OF_LOST_SESSIONS:
        code = "sessionlost"
    if code == "sessionlost" and not are_cookies_kept:
        code = "cookies"
    if code in _LOGINS:
        kind, sentence = _LOGINS[code]
        return UpstreamError(kind, f"{instance} {sentence}")
    return UpstreamError(
        UpstreamFailureCode.UNAUTHORIZED,
        f"{instance} refuses this user name and bot password: check both, that the password was "
        "made at Special:BotPasswords, and that it may be used from the gateway's IP address.",
        is_login_refused=True,
    )
