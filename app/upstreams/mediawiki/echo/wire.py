"""What Echo sends, as far as it is used (formatversion 2).

https://www.mediawiki.org/wiki/Notifications/API
"""

from typing import Any

import msgspec


class _Part(msgspec.Struct, gc=False, kw_only=True):
    pass


class Time(_Part):
    """When something happened; the other forms of it are in the user's own time zone."""

    utciso8601: str


class Title(_Part, rename={"namespace_key": "namespace-key"}):
    """The page that it is about, as it is called now."""

    full: str
    namespace_key: int = 0


class Agent(_Part):
    """Who did it; without a name where that is hidden."""

    id: int = 0
    name: str | None = None


class Link(_Part):
    """A link to a page, or nothing."""

    url: str = ""
    label: str = ""


class Links(_Part):
    """The main one is an empty array where there is none."""

    primary: Link | list[Any] = []
    secondary: list[Link | None] = []


class Text(_Part, rename={"icon_url": "iconUrl"}):
    """A row in the wiki's own words (`notformat=model`): markup, with directional marks."""

    header: str = ""
    body: str = ""
    icon_url: str | None = None
    links: Links | list[Any] = []


class Source(_Part):
    """Another wiki of the farm, in a summary; `base` is where its pages are, with `$1`."""

    title: str = ""
    url: str = ""
    base: str = ""
    ts: str | None = None


class Row(_Part, rename={"text": "*"}):
    """A notification. `read` is when it was read, in 14 digits; a summary has `sources`."""

    id: int | str
    type: str
    timestamp: Time
    category: str = ""
    section: str = ""
    title: Title | None = None
    agent: Agent | None = None
    revid: int | None = None
    read: str | None = None
    text: Text | None = None
    count: int = 0
    sources: dict[str, Source | None] = {}


class Counted(_Part):
    """How much of a section is unread: 100 where it is that or more."""

    rawcount: int = 0


class Notifications(_Part, rename={"rows": "list", "continuation": "continue"}):
    """meta=notifications. `continuation` is where its next page begins; None at the end.

    Rows that cannot be read are None.
    """

    rows: list[Row | None] = []
    continuation: str | None = None
    alert: Counted | None = None
    message: Counted | None = None


class Marked(_Part):
    """action=echomarkread; `rawcount` is how many were unread before, as the wiki remembers it."""

    result: str = ""
    rawcount: int | None = None
