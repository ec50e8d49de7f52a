"""Who edits a wiki, as the API shows them."""

from contextlib import suppress
from ipaddress import ip_address

from app.upstreams.mediawiki.addresses import SiteAddresses
from resolvers.identity import make_id
from resolvers.types.inbox import Inbox
from resolvers.types.mediawiki import WikiUser


def make_user(
    inbox: Inbox,
    addresses: SiteAddresses,
    name: str,
    *,
    is_anonymous: bool | None = None,
    has_page: bool | None = None,
) -> WikiUser:
    """The user of a name. What the wiki does not tell of them is taken from the name."""
    if is_anonymous is None:
        is_anonymous = _is_address(name)
    if has_page is None:
        has_page = not is_anonymous and not name.startswith(_TEMPORARY)
    title = f"User:{name}" if has_page else f"Special:Contributions/{name}"
    return WikiUser(
        id=make_id(WikiUser.__name__, inbox.name, name),
        handle=name if is_anonymous else f"User:{name}",
        display_name=name,
        url=addresses.page(title),
        avatar_url=None,
        is_bot=None,
        name=name,
        is_anonymous=is_anonymous,
    )


_TEMPORARY = "~2"
"""How accounts are called that a wiki makes for who is not logged in:
https://www.mediawiki.org/wiki/Help:Temporary_accounts"""


def _is_address(name: str) -> bool:
    with suppress(ValueError):
        return bool(ip_address(name))
    return False
