"""What MediaWiki's action API sends, as far as it is used (formatversion 2, errorformat plaintext).

https://www.mediawiki.org/wiki/API:Data_formats
"""

import msgspec

from app.upstreams.mediawiki.echo.wire import Marked, Notifications


class _Part(msgspec.Struct, gc=False, kw_only=True):
    pass


class Message(_Part):
    """An error or a warning: https://www.mediawiki.org/wiki/API:Errors_and_warnings"""

    code: str
    module: str = ""


class Change(_Part):
    """A row of list=watchlist: https://www.mediawiki.org/wiki/API:Watchlist"""

    type: str
    timestamp: str
    ns: int = 0
    title: str = ""
    pageid: int = 0
    revid: int = 0
    old_revid: int = 0
    user: str | None = None
    anon: bool = False
    temp: bool = False
    bot: bool = False
    new: bool = False
    minor: bool = False
    oldlen: int | None = None
    newlen: int | None = None
    comment: str | None = None
    parsedcomment: str | None = None
    notificationtimestamp: str = ""
    tags: list[str] = []
    logid: int = 0
    logtype: str | None = None
    logaction: str | None = None


class General(_Part):
    """meta=siteinfo, siprop=general: https://www.mediawiki.org/wiki/API:Siteinfo"""

    server: str
    articlepath: str
    script: str
    sitename: str | None = None
    generator: str = ""


class UserInfo(_Part):
    """meta=userinfo: https://www.mediawiki.org/wiki/API:Userinfo"""

    name: str
    rights: list[str] | None = None
    unreadcount: int | str | None = None


class Tokens(_Part):
    """meta=tokens: https://www.mediawiki.org/wiki/API:Tokens"""

    logintoken: str | None = None
    csrftoken: str | None = None


class Revision(_Part):
    """prop=revisions: https://www.mediawiki.org/wiki/API:Revisions"""

    revid: int
    timestamp: str = ""


class Page(_Part):
    """prop=info: https://www.mediawiki.org/wiki/API:Info

    `title` is not there for a page ID that nothing has.
    """

    title: str = ""
    ns: int = 0
    pageid: int = 0
    lastrevid: int = 0
    missing: bool = False
    invalid: bool = False
    special: bool = False
    watched: bool = False
    notificationtimestamp: str = ""
    revisions: list[Revision] = []


class Normalized(_Part, rename={"original": "from"}):
    """How a title was read; `fromencoded` where the original is percent-encoded."""

    original: str
    to: str
    fromencoded: bool = False


class TimestampRow(_Part):
    """A row of action=setnotificationtimestamp, or all of it for the entire watchlist.

    https://www.mediawiki.org/wiki/API:Setnotificationtimestamp
    """

    title: str = ""
    ns: int = 0
    notificationtimestamp: str | None = None
    notwatched: bool = False
    invalid: bool = False


class Query(_Part):
    """action=query: https://www.mediawiki.org/wiki/API:Query

    Changes that cannot be read are None.
    """

    watchlist: list[Change | None] | None = None
    pages: list[Page] = []
    normalized: list[Normalized] = []
    recentchanges: list[Change] = []
    badrevids: dict[str, Revision] = {}
    general: General | None = None
    userinfo: UserInfo | None = None
    tokens: Tokens | None = None
    notifications: Notifications | None = None
    echomarkread: Marked | None = None


class Login(_Part):
    """action=login: https://www.mediawiki.org/wiki/API:Login"""

    result: str
    reason: Message | None = None


class Answer(_Part, rename={"continuation": "continue"}):
    """Any answer: what was asked for, or errors. A query's is `batchcomplete` or goes on."""

    batchcomplete: bool = False
    errors: list[Message] = []
    warnings: list[Message] = []
    continuation: dict[str, str] = {}
    query: Query = msgspec.field(default_factory=Query)
    login: Login | None = None
    setnotificationtimestamp: list[TimestampRow] | TimestampRow | None = None

    @property
    def says_what_it_wrote(self) -> bool:
        """Whether it is the answer to a write that was carried out."""
        return self.setnotificationtimestamp is not None or self.query.echomarkread is not None
