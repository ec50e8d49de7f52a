"""What a login may do at a wiki, by its rights, and how much it has not seen.

https://www.mediawiki.org/wiki/API:Userinfo
"""

from collections.abc import Awaitable, Callable

from app.upstreams.mediawiki import wire
from app.upstreams.mediawiki.reading import EVERY_TYPE
from app.upstreams.mediawiki.session import Params
from app.upstreams.reading.values import read_count, read_number
from resolvers.seam.login import Profile, UnreadTally
from resolvers.seam.writes import Inspection
from resolvers.types.inbox import InboxCapabilities

Query = Callable[[Params], Awaitable[wire.Answer]]

_RIGHTS = {
    "viewmywatchlist": "read",
    "editmywatchlist": "dismiss, clear and set timestamps",
}
_GRANTS = {
    "viewmywatchlist": "'View your watchlist'",
    "editmywatchlist": "'Edit your watchlist'",
}
"""What Special:BotPasswords calls them: https://www.mediawiki.org/wiki/Manual:$wgGrantPermissions"""

_NO_MARKS = (
    "nothing is unseen, though the watchlist has changes of others. If that is not so, the wiki "
    "keeps no marks: its $wgShowUpdatedMarker has to be true, which its API does not tell"
)


def read_capabilities(user: wire.UserInfo) -> InboxCapabilities:
    """By the rights of the login; null where the wiki does not tell them."""
    can_write = None if user.rights is None else "editmywatchlist" in user.rights
    return InboxCapabilities(
        can_dismiss=can_write,
        can_clear=can_write,
        can_set_timestamp=can_write,
        can_mark_read=False,
        can_answer_follow_requests=False,
        can_mute_conversations=False,
        can_filter_notifications=False,
        can_count_unread=True,
        can_page_upwards=True,
    )


def read_tally(user: wire.UserInfo | None) -> UnreadTally | None:
    """A number, or `1000+` where the wiki stops counting."""
    count = user.unreadcount if user else None
    is_capped = isinstance(count, str)
    number = read_number(count.removesuffix("+")) if isinstance(count, str) else count
    shown = read_count(number)
    return UnreadTally(shown, is_capped=is_capped) if shown is not None else None


async def inspect_rights(query: Query, profile: Profile) -> Inspection:
    """What is granted to a login that can read, and what is missing. Raises UpstreamError."""
    answer = await query({"meta": "userinfo", "uiprop": "rights|unreadcount"})
    user = answer.query.userinfo
    rights = (user and user.rights) or []
    abilities = [ability for right, ability in _RIGHTS.items() if right in rights]
    missing = [
        f"cannot {ability}: the login lacks the right {right}; grant it {_GRANTS[right]}"
        for right, ability in _RIGHTS.items()
        if right not in rights
    ]
    unread = read_tally(user)
    if user and unread and unread.count == 0 and "viewmywatchlist" in rights:
        missing += [_NO_MARKS] if await _has_changes_of_others(query, user.name) else []
    return Inspection(profile, unread, abilities, missing)


async def _has_changes_of_others(query: Query, name: str) -> bool:
    answer = await query(
        {
            "list": "watchlist",
            "wlallrev": "1",
            "wltype": EVERY_TYPE,
            "wlexcludeuser": name,
            "wllimit": "1",
        }
    )
    return bool(answer.query.watchlist)
