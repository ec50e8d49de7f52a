"""Echo in memory: a wiki's own notifications, as Echo of MediaWiki 1.43 answers for them.

https://www.mediawiki.org/wiki/Notifications/API
"""

import html
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from app.sandbox.wiki_marks import BadRequest
from app.sandbox.wiki_pages import Title, User, read_title
from resolvers.types.scalars import format_instant

Answer = dict[str, Any]
"""A JSON object as the action API sends it."""

RIGHT = "echo-read-notifications"
PARAMS = {
    *("notprop", "notfilter", "notformat", "notlimit", "notcontinue", "notgroupbysection"),
    *("action", "list", "all", "token"),
}
_CROSS_WIKI = "notcrosswikisummary"
_LARGEST_LIMIT, _WITH_HIGH_LIMITS = 50, 500
_MOST_COUNTED = 100
_MOST_MARKED = 50
_MESSAGES = {"edit-thank", "page-linked", "thank-you-edit", "welcome"}
_CATEGORIES = {"page-linked": "article-linked"}
_SENTENCES = {
    "mention": "{who} mentioned you on <strong>\u202a{page}\u202c</strong>.",
    "edit-user-talk": "{who} left a message on <strong>your talk page</strong>.",
    "edit-thank": "{who} thanked you for your edit on <strong>\u202a{page}\u202c</strong>.",
    "page-linked": "A link was made to <strong>\u202a{page}\u202c</strong>.",
    "reverted": "Your edits on <strong>\u202a{page}\u202c</strong> were reverted.",
}


@dataclass
class EchoEvent:
    """One notification of one user; `is_renderable` is whether the wiki finds words for it."""

    number: int
    at: datetime
    kind: str
    title: Title | None
    agent: str | None
    revision_id: int
    body: str = ""
    is_renderable: bool = True
    read_at: datetime | None = None

    @property
    def order(self) -> tuple[int, int]:
        """By which the list is ordered, and `notcontinue` is compared."""
        return int(self.at.timestamp()), self.number

    @property
    def section(self) -> str:
        """Where the wiki shows it."""
        return "message" if self.kind in _MESSAGES else "alert"


@dataclass
class SandboxEcho:
    """Echo of one wiki. `requests` are the lists that it answered.

    `forgets_counts`: its cached count of the unread is 0, so that it marks nothing and says that it
    did. `others` are wikis of the same farm by name, if it is in one: title, count and newest.
    `marks_at_once` is how many `all` marks.
    """

    origin: str
    needs_grant: bool = True
    forgets_counts: bool = False
    marks_at_once: int = 10_000
    events: dict[str, list[EchoEvent]] = field(default_factory=dict)
    others: Mapping[str, tuple[str, int, datetime]] | None = None
    requests: list[Mapping[str, str]] = field(default_factory=list)
    _last: int = 0

    def notify(
        self,
        user: str,
        kind: str,
        at: datetime,
        page: str | None = None,
        agent: str | None = "Bob",
        *,
        body: str = "",
        is_renderable: bool = True,
    ) -> EchoEvent:
        """Something happens that a user is told of; a job may do so late, with an earlier time."""
        self._last += 1
        title = read_title(page) if page else None
        revision = 1000 + self._last if page else 0
        event = EchoEvent(self._last, at, kind, title, agent, revision, body, is_renderable)
        self.events.setdefault(user, []).append(event)
        return event

    def of(self, user: str, wanted: str = "") -> Sequence[EchoEvent]:
        """A user's, newest first, read and unread or as `notfilter` has it."""
        events = sorted(self.events.get(user, ()), key=lambda each: each.order, reverse=True)
        if wanted not in ("read", "!read"):
            return events
        return [each for each in events if (each.read_at is not None) == (wanted == "read")]

    def query(self, params: Mapping[str, str], user: User | None, grants: frozenset[str]) -> Answer:
        """meta=notifications."""
        user = self._check_right(user, grants)
        props = params.get("notprop", "list").split("|")
        answer: Answer = {}
        if "list" in props:
            self.requests.append(params)
            most = _WITH_HIGH_LIMITS if "apihighlimits" in grants else _LARGEST_LIMIT
            answer |= self._list(params, user, most)
        if "count" in props:
            counts = self._count(user)
            answer["rawcount"] = sum(counts.values())
            if "notgroupbysection" in params:
                answer |= {name: {"rawcount": count} for name, count in counts.items()}
        return answer

    def mark(
        self, params: Mapping[str, str], user: User | None, grants: frozenset[str], now: datetime
    ) -> Answer:
        """action=echomarkread; the counts are those of before."""
        user = self._check_right(user, grants)
        counts = dict.fromkeys(("alert", "message"), 0)
        numbers = [each for each in params.get("list", "").split("|") if each]
        if len(numbers) > _MOST_MARKED:
            raise BadRequest("toomanyvalues")
        if not self.forgets_counts:
            counts = self._count(user)
            meant = [each for each in self.of(user.name, "!read") if str(each.number) in numbers]
            if not numbers and "all" in params:
                meant = [*self.of(user.name, "!read")][: self.marks_at_once]
            for each in meant:
                each.read_at = now
        sections = {name: {"rawcount": count} for name, count in counts.items()}
        return {"result": "success", **sections, "rawcount": sum(counts.values())}

    def known_params(self) -> set[str]:
        """What it takes; who is in no farm knows nothing of other wikis."""
        return PARAMS | ({_CROSS_WIKI} if self.others is not None else set())

    def _check_right(self, user: User | None, grants: frozenset[str]) -> User:
        if user is None:
            raise BadRequest("login-required")
        if self.needs_grant and RIGHT not in grants:
            raise BadRequest("permissiondenied")
        return user

    def _count(self, user: User) -> dict[str, int]:
        counts = dict.fromkeys(("alert", "message"), 0)
        for each in self.of(user.name, "!read"):
            counts[each.section] = min(_MOST_COUNTED, counts[each.section] + 1)
        return counts

    def _list(self, params: Mapping[str, str], user: User, most: int) -> Answer:
        """A page; rows that cannot be rendered are left out when it has been cut off."""
        start = _read_continuation(params.get("notcontinue"))
        events = [
            each
            for each in self.of(user.name, params.get("notfilter", ""))
            if start is None or each.order <= start
        ]
        limit = min(int(params.get("notlimit", "20")), most)
        page, following = events[:limit], events[limit : limit + 1]
        if "notformat" in params:
            page = [each for each in page if each.is_renderable]
        page = sorted(page, key=lambda each: (each.order[0], -each.order[1]))
        rows = [self._row(each) for each in page]
        if _CROSS_WIKI in params and self.others:
            rows.insert(0, self._summary(self.others))
        following_at = "|".join(map(str, following[0].order)) if following else None
        return {"list": rows, "continue": following_at}

    def _row(self, event: EchoEvent) -> Answer:
        row: Answer = {
            "wiki": "sandbox",
            "id": event.number,
            "type": event.kind,
            "category": _CATEGORIES.get(event.kind, event.kind),
            "section": event.section,
            "timestamp": {"utciso8601": format_instant(event.at), "utcunix": event.order[0]},
            "targetpages": [],
            "*": self._text(event),
        }
        if event.title is not None:
            row["title"] = {"full": event.title.text, "namespace-key": event.title.ns}
            row["revid"] = event.revision_id
        if event.agent is not None:
            row["agent"] = {"id": 2, "name": event.agent}
        if event.read_at is not None:
            row["read"] = event.read_at.strftime("%Y%m%d%H%M%S")
        return row

    def _text(self, event: EchoEvent) -> Answer:
        page = event.title.text if event.title is not None else ""
        sentence = _SENTENCES.get(event.kind, "{who}: {kind}")
        who = f"\u202a{html.escape(event.agent or 'Somebody')}\u202c"
        url = f"{self.origin}/wiki/{page.replace(' ', '_')}?markasread={event.number}"
        return {
            "header": sentence.format(who=who, page=html.escape(page), kind=event.kind),
            "body": html.escape(event.body),
            "icon": event.kind,
            "iconUrl": f"/w/extensions/Echo/modules/icons/{event.kind}.svg",
            "links": {"primary": {"url": url, "label": "View"} if page else [], "secondary": []},
        }

    def _summary(self, others: Mapping[str, tuple[str, int, datetime]]) -> Answer:
        """The row of other wikis, which is made anew each time and stands for none of them."""
        newest = max(at for _, _, at in others.values())
        return {
            "id": -1,
            "type": "foreign",
            "category": "other",
            "section": "all",
            "timestamp": {"utciso8601": format_instant(newest)},
            "count": sum(count for _, count, _ in others.values()),
            "sources": {
                name: {
                    "title": title,
                    "url": f"https://{name}.wiki.test/w/api.php",
                    "base": f"https://{name}.wiki.test/wiki/$1",
                    "ts": format_instant(at),
                }
                for name, (title, _, at) in others.items()
            },
        }


def _read_continuation(text: str | None) -> tuple[int, int] | None:
    """Where to begin; None for the top, from where it also answers where a half is 0 or missing."""
    if text is None:
        return None
    found = re.fullmatch(r"(\d+)\|(\d*)", text)
    if found is None:
        raise BadRequest("internal_api_error_InvalidArgumentException")
    second, number = int(found[1]), int(found[2] or 0)
    return (second, number) if second and number else None
