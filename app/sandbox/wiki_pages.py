"""What a wiki in memory holds: pages, changes, users, and what each of them watches."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import NamedTuple

NAMESPACES = {"": 0, "Talk": 1, "User": 2, "User talk": 3, "Category": 14}


class Title(NamedTuple):
    """A namespace's number and the title with its prefix."""

    ns: int
    text: str


def read_title(text: str) -> Title:
    """`Talk:Page 1` as its namespace and itself."""
    prefix, colon, _ = text.partition(":")
    return Title(NAMESPACES.get(prefix if colon else "", 0), text)


@dataclass
class Page:
    """A page that exists, with its latest revision."""

    page_id: int
    revision_id: int
    length: int


@dataclass(frozen=True)
class Change:
    """A row of recent changes; `rc_id` orders the changes of one second."""

    rc_id: int
    at: datetime
    type: str
    title: Title
    page_id: int
    revision_id: int
    old_revision_id: int
    user: str
    comment: str
    old_length: int
    new_length: int
    is_minor: bool = False
    is_bot: bool = False
    log_id: int = 0
    log_type: str = ""
    log_action: str = ""

    @property
    def is_anonymous(self) -> bool:
        return self.user.replace(".", "").isdecimal()


@dataclass
class User:
    """A user, their bot passwords (`app` to password and grants) and their marks.

    A watched page has a mark: from that instant on its changes are unseen; None: all is seen.
    """

    name: str
    bot_passwords: dict[str, tuple[str, frozenset[str]]] = field(default_factory=dict)
    marks: dict[Title, datetime | None] = field(default_factory=dict)


class WikiPages:
    """The wiki's content and its changes, newest last."""

    def __init__(self) -> None:
        self.users: dict[str, User] = {}
        self.pages: dict[Title, Page] = {}
        self.changes: list[Change] = []
        self._last_id = 0

    def make_user(self, name: str, app: str, password: str, *grants: str) -> User:
        user = self.users.setdefault(name, User(name))
        user.bot_passwords[app] = (password, frozenset(grants))
        return user

    def watch(self, user: str, *titles: str) -> None:
        for title in titles:
            self.users[user].marks.setdefault(read_title(title), None)

    def edit(
        self,
        text: str,
        user: str,
        comment: str,
        at: datetime,
        *,
        delta: int = 1,
        is_minor: bool = False,
        is_bot: bool = False,
    ) -> Change:
        """An edit, or a new page where there is none."""
        title = read_title(text)
        page = self.pages.get(title)
        is_new = page is None
        if page is None:
            page = self.pages[title] = Page(self._next_id(), 0, 0)
        old_revision, old_length = page.revision_id, page.length
        page.revision_id, page.length = self._next_id(), max(0, page.length + delta)
        change = Change(
            rc_id=self._next_id(),
            at=at.astimezone(UTC).replace(microsecond=0),
            type="new" if is_new else "edit",
            title=title,
            page_id=page.page_id,
            revision_id=page.revision_id,
            old_revision_id=old_revision,
            user=user,
            comment=comment,
            old_length=old_length,
            new_length=page.length,
            is_minor=is_minor,
            is_bot=is_bot,
        )
        return self._record(change)

    def log(
        self, text: str, user: str, log_type: str, action: str, comment: str, at: datetime
    ) -> Change:
        """A log entry about a page, such as ("protect", "protect")."""
        title = read_title(text)
        page = self.pages.get(title)
        change = Change(
            rc_id=self._next_id(),
            at=at.astimezone(UTC).replace(microsecond=0),
            type="log",
            title=title,
            page_id=page.page_id if page else 0,
            revision_id=0,
            old_revision_id=0,
            user=user,
            comment=comment,
            old_length=0,
            new_length=0,
            log_id=self._next_id(),
            log_type=log_type,
            log_action=action,
        )
        return self._record(change)

    def categorize(self, text: str, user: str, comment: str, at: datetime) -> Change:
        """A row that says that some page entered or left a category; equal rows are possible."""
        change = Change(
            rc_id=self._next_id(),
            at=at.astimezone(UTC).replace(microsecond=0),
            type="categorize",
            title=read_title(text),
            page_id=0,
            revision_id=0,
            old_revision_id=0,
            user=user,
            comment=comment,
            old_length=0,
            new_length=0,
        )
        return self._record(change)

    def watchlist(self, user: User, *, only_unread: bool) -> Iterator[Change]:
        """The changes of the pages that a user watches, newest first."""
        for change in reversed(self.changes):
            if change.title in user.marks and (not only_unread or self.is_unread(change, user)):
                yield change

    def is_unread(self, change: Change, user: User) -> bool:
        mark = user.marks[change.title]
        return mark is not None and change.at >= mark

    def _record(self, change: Change) -> Change:
        """Adds a change; the first unseen one by somebody else sets a watcher's mark."""
        self.changes.append(change)
        self.changes.sort(key=lambda each: (each.at, each.rc_id))
        for user in self.users.values():
            if user.name != change.user and user.marks.get(change.title, change.at) is None:
                user.marks[change.title] = change.at
        return change

    def _next_id(self) -> int:
        self._last_id += 1
        return self._last_id
