"""MediaWiki: a wiki's watchlist."""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal, Self

from pydantic import Field, SecretStr, model_validator
from pydantic_core import PydanticCustomError

from app.clock import Clock
from app.platforms.platform import DemoInbox, DemoInstance, NewLogin, PlatformEntry
from app.sandbox.demo_people import BOT_PASSWORD, WATCHER
from app.setting_types.inbox import InboxSettings
from app.setting_types.secrets import Secret
from app.upstreams.mediawiki.echo.upstream import EchoUpstream
from app.upstreams.mediawiki.read_state import AsItIs
from app.upstreams.mediawiki.session import BotPassword
from app.upstreams.mediawiki.watchlist_upstream import WatchlistUpstream
from app.upstreams.mediawiki.wiki_login import WikiLogin
from resolvers.seam.upstream import Upstream

_AT_ONCE = 3
"""Requests of one user: https://www.mediawiki.org/wiki/API:Etiquette asks for few."""


class MediaWikiInbox(InboxSettings):
    """`[[inboxes]]` with `platform = "mediawiki"`."""

    platform: Literal["mediawiki"] = Field(description="Any wiki that runs MediaWiki.")
    username: str | None = Field(
        None, description="With `password`: the name that Special:BotPasswords gave, `Alice@app`."
    )
    password: Secret | None = Field(
        None,
        description="The bot password, with the grants 'View your watchlist' and 'Read my "
        "notifications' and, for mutations of the watchlist, 'Edit your watchlist'.",
    )
    token: Secret | None = Field(
        None, description="In place of `username` and `password`: an OAuth 2 access token."
    )

    @property
    def secrets(self) -> Sequence[SecretStr]:
        return [secret for secret in (self.token, self.password) if secret is not None]

    @property
    def bot_password(self) -> BotPassword | None:
        """The two together; None where the login has a token."""
        if self.username is None or self.password is None:
            return None
        return BotPassword(self.username, self.password.get_secret_value())

    @model_validator(mode="after")
    def _has_one_credential(self) -> Self:
        username, password, token = self.username, self.password, self.token
        if not self.needs_credential(username, password, token):
            return self
        if (username is None) != (password is None) or (username is None) == (token is None):
            raise PydanticCustomError(
                "credential", "expected either username and password, or token"
            )
        return self


def _open(login: NewLogin) -> Sequence[Upstream]:
    """Of what happens in one second, its own notifications come before the watchlist's changes."""
    inbox = login.inbox
    assert isinstance(inbox, MediaWikiInbox)  # by the entry below
    http = login.connect(at_once=_AT_ONCE)
    share = login.session_share
    named = inbox.name, inbox.url
    wiki = WikiLogin(*named, http, login.clock, inbox.bot_password, share, inbox.read_feeds)
    lists = EchoUpstream(wiki, is_asked_for=inbox.feeds is not None), WatchlistUpstream(wiki)
    return [each for each in lists if each.feed in inbox.read_feeds]


def _make_instance(clock: Clock, now: datetime, origin: str, rows: int) -> DemoInstance:
    from app.sandbox.demo_wiki import let_wiki_happen, make_wiki

    wiki = make_wiki(clock, "wiki.sandbox", rows, now, origin)
    return DemoInstance(wiki.app, lambda: let_wiki_happen(wiki, clock.now()))


_DEMO = DemoInbox(
    {
        "name": "wiki",
        "platform": "mediawiki",
        "url": "https://wiki.sandbox/w/api.php",
        "username": f"{WATCHER}@tidings",
        "password": SecretStr(BOT_PASSWORD),
    },
    130,
    _make_instance,
)

MEDIAWIKI = PlatformEntry(
    name="mediawiki",
    settings=MediaWikiInbox,
    open=_open,
    read_states=(AsItIs,),
    demo=(_DEMO,),
)
