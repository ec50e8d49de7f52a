"""The server software that speaks the Mastodon API, and what each does in its own way.

A server is recognised by what it says of itself. One that is not known is treated cautiously: what
it may not honour is not relied on, and what it may lack is tried.
"""

import re
from dataclasses import dataclass, replace
from enum import Enum

from app.upstreams.mastodon import wire


class TokenPlace(Enum):
    """Where the handshake of a stream has the token."""

    HEADER = "Authorization"
    SUBPROTOCOL = "Sec-WebSocket-Protocol"


@dataclass(frozen=True, slots=True, kw_only=True)
class Software:
    """One server software; the defaults are those of an unknown one, where None is "try it".

    `largest_chunk` is the most rows of one answer. `pages_upwards`: `min_id` gives the rows just
    above it. `lists_all_at_once`: there are never more rows than one answer holds, and `max_id`
    has to be one of them. `numbers_rows`: IDs are decimal numbers. `streams`: it may, where it
    names an address for that. `has_policy`: it keeps notifications apart, with requests for them.
    """

    largest_chunk: int = 20
    pages_upwards: bool = False
    lists_all_at_once: bool = False
    numbers_rows: bool = False
    shows_one: bool | None = None
    dismisses: bool | None = None
    dismisses_by_body: bool = False
    dismisses_at_singular: bool = False
    forbids_what_is_gone: bool = False
    clears: bool | None = None
    has_markers: bool | None = None
    takes_markers_as_json: bool = False
    counts_unread: bool | None = None
    answers_follow_requests: bool | None = None
    mutes_conversations: bool | None = None
    has_policy: bool | None = None
    tells_fallbacks: bool = False
    streams: bool = True
    token_place: TokenPlace = TokenPlace.HEADER


UNKNOWN = Software()

WITH_FALLBACKS = 10
"""Mastodon's API version from which on it has words for types that we do not know."""

_GOTOSOCIAL = Software(
    largest_chunk=80,
    pages_upwards=True,
    shows_one=True,
    dismisses=False,
    clears=True,
    has_markers=True,
    counts_unread=False,
    answers_follow_requests=True,
    mutes_conversations=True,
    has_policy=False,
)
_TAKAHE = Software(
    pages_upwards=True,
    numbers_rows=True,
    shows_one=True,
    dismisses=True,
    clears=True,
    has_markers=False,
    counts_unread=False,
    has_policy=False,
    streams=False,
)
_SNAC = Software(
    lists_all_at_once=True,
    numbers_rows=True,
    shows_one=False,
    dismisses=False,
    clears=True,
    has_markers=True,
    counts_unread=False,
    has_policy=False,
    streams=False,
)
_PLEROMA = Software(
    largest_chunk=40,
    pages_upwards=True,
    numbers_rows=True,
    shows_one=True,
    dismisses=True,
    forbids_what_is_gone=True,
    clears=True,
    has_markers=True,
    counts_unread=False,
    answers_follow_requests=True,
    mutes_conversations=True,
    has_policy=False,
    token_place=TokenPlace.SUBPROTOCOL,
)
_HOLLO = Software(
    largest_chunk=80,
    shows_one=False,
    dismisses=False,
    clears=False,
    has_markers=True,
    takes_markers_as_json=True,
    counts_unread=False,
    answers_follow_requests=True,
    has_policy=False,
)
_SHARKEY = Software(
    largest_chunk=80,
    shows_one=False,
    dismisses_at_singular=True,
    clears=False,
    has_markers=False,
    counts_unread=False,
    answers_follow_requests=True,
    mutes_conversations=False,
    has_policy=False,
    streams=False,
)
"""https://activitypub.software/TransFem-org/Sharkey, packages/backend/src/server/api/mastodon.

Whether it dismisses goes by its version: that of 2025.5 has the route, which fails. Clearing marks
as read, and takes nothing out.
"""
_ICESHRIMP = Software(
    largest_chunk=80,
    pages_upwards=True,
    shows_one=True,
    dismisses=False,
    clears=False,
    has_markers=False,
    counts_unread=False,
    answers_follow_requests=True,
    mutes_conversations=False,
    has_policy=False,
    token_place=TokenPlace.SUBPROTOCOL,
)
"""Iceshrimp-JS, packages/backend/src/server/api/mastodon: dismissing and clearing say that they are
done, and only mark as read: what was dismissed would be listed again."""
_FIREFISH = replace(_ICESHRIMP, has_markers=True)
_FRIENDICA = Software(
    largest_chunk=30,
    numbers_rows=True,
    shows_one=False,
    dismisses=True,
    clears=True,
    has_markers=True,
    counts_unread=False,
    answers_follow_requests=True,
    mutes_conversations=True,
    has_policy=False,
    streams=False,
)
"""https://github.com/friendica/friendica, src/Module/Api/Mastodon. Where it is asked for one it
shows what was dismissed too."""
_PIXELFED = Software(
    largest_chunk=40,
    numbers_rows=True,
    shows_one=False,
    dismisses=False,
    clears=False,
    has_markers=True,
    counts_unread=False,
    answers_follow_requests=True,
    mutes_conversations=False,
    has_policy=False,
    streams=False,
)
"""https://github.com/pixelfed/pixelfed, app/Http/Controllers/Api/ApiV1Controller.php"""
_SOFTWARE = {
    "akkoma": _PLEROMA,
    "firefish": _FIREFISH,
    "friendica": _FRIENDICA,
    "gotosocial": _GOTOSOCIAL,
    "hollo": _HOLLO,
    "iceshrimp": _ICESHRIMP,
    "pixelfed": _PIXELFED,
    "pleroma": _PLEROMA,
    "sharkey": _SHARKEY,
    "snac": _SNAC,
    "takahe": _TAKAHE,
}

_COMPATIBLE = re.compile(r"\(compatible; ([^\s/;)]+)[ /]([^\s;)]+)")
_NAMED = re.compile(r"(?:^|really )([A-Za-z]+)/([\w.+-]+)\)?$")
_NUMBERED = re.compile(r"[1-9]\d*\.\d+\.\d")
"""Mastodon's versions and its forks'; every other server that has such a number says who it is."""
_LONGEST_VERSION = 200


def name_software(instance: wire.Instance) -> tuple[str | None, str | None]:
    """The software in lower case and its version, by what an instance says of itself.

    As servers write it: `4.6.4`, `2.7.2 (compatible; Pleroma 2.6.0)`, `takahe/0.11.0`,
    `4.0.0 (not true; really snac/2.94)`. GoToSocial (`0.19.1+git-6574dc8`) and Hollo (`0.10.0`)
    are known by the link to their source.
    """
    version = (instance.version or "")[:_LONGEST_VERSION]
    compatible = _COMPATIBLE.search(version)
    if compatible:
        return compatible[1].lower(), compatible[2]
    project = (instance.source_url or "").rstrip("/").rpartition("/")[2].lower()
    named = _NAMED.search(version)
    if project in _SOFTWARE or project == "mastodon":
        return project, named[2] if named and project != "mastodon" else version or None
    if named:
        return named[1].lower(), named[2]
    if re.match(r"v?0\.\S*git-|git-", version):
        return "gotosocial", version
    return "mastodon" if _NUMBERED.match(version) else None, version or None


def recognise(software: str | None, version: str | None) -> Software:
    """How such a server behaves."""
    if software == "mastodon" and version:
        return _recognise_mastodon(version)
    return _SOFTWARE.get(software or "", UNKNOWN)


def recognise_instance(instance: wire.Instance) -> Software:
    """The same, by all that an instance says of itself."""
    software = recognise(*name_software(instance))
    api = instance.api_versions.mastodon if instance.api_versions else None
    return replace(software, tells_fallbacks=True) if (api or 0) >= WITH_FALLBACKS else software


def _recognise_mastodon(version: str) -> Software:
    """Its documentation says from which version on it can do what.

    https://docs.joinmastodon.org/methods/notifications/
    """
    numbers = [int(number) for number in re.findall(r"\d{1,9}", version)[:2]]
    if len(numbers) < 2:
        return UNKNOWN
    is_since_3 = numbers >= [3, 0]
    return Software(
        largest_chunk=80 if numbers >= [4, 1] else 30,
        pages_upwards=numbers >= [2, 6],
        numbers_rows=True,
        shows_one=True,
        dismisses=True,
        dismisses_by_body=not is_since_3,
        clears=True,
        has_markers=is_since_3,
        counts_unread=numbers >= [4, 3],
        answers_follow_requests=True,
        mutes_conversations=True,
        has_policy=numbers >= [4, 3],
    )
