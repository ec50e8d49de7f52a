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


class Revision(NamedTuple):
    """A version of a page."""

    revision_id: int
    at: datetime


@dataclass
class Page:
    """A page that exists, with its revisions, the latest last."""

    page_id: int
    length: int = 0
    revisions: list[Revision] = field(default_factory=list)
    is_protected: bool = False

    @property
    def revision_id(self) -> int:
        """The latest revision's; 0 before there is one."""
        return self.revisions[-1].revision_id if self.revisions else 0


@dataclass(frozen=True)
class Change:
    """A row of recent changes; `rc_id` orders the changes of one second."""

    rc_id: int
    at: datetime
    type: str
    title: Title
    page_id: int
    user: str
    comment: str
    revision_id: int = 0
    old_revision_id: int = 0
    old_length: int = 0
    new_length: int = 0
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
        is_new = title not in self.pages
        page = self.pages.setdefault(title, Page(self._next_id()))
        old_revision, old_length = page.revision_id, page.length
        page.length = max(0, page.length + delta)
        self._add_revision(page, at)
        change = Change(
            rc_id=self._next_id(),
            at=_in_seconds(at),
            type="new" if is_new else "edit",
            title=title,
            page_id=page.page_id,
            user=user,
            comment=comment,
            revision_id=page.revision_id,
            old_revision_id=old_revision,
            old_length=old_length,
            new_length=page.length,
            is_minor=is_minor,
            is_bot=is_bot,
        )
        return self._record(change)

    def protect(self, text: str, user: str, comment: str, at: datetime) -> None:
        """Protects a page or ends that: a log entry, and a revision that changes nothing."""
        page = self.pages.get(read_title(text))
        if page is not None:
            page.is_protected = not page.is_protected
            action = "protect" if page.is_protected else "unprotect"
            revision_id = self._add_revision(page, at)
            self._log(text, page, user, ("protect", action), comment, at, revision_id)

    def move(self, text: str, to: str, user: str, comment: str, at: datetime) -> None:
        """The page with its revisions goes to another title; a redirect stays at the old one, which
        is protected as the page is.

        Whoever watches the old title watches the new one too, with the same mark.
        """
        title, target = read_title(text), read_title(to)
        page = self.pages.pop(title)
        self.pages[target] = page
        revision_id = self._add_revision(page, at)
        redirect = self.pages[title] = Page(self._next_id())
        redirect.is_protected = page.is_protected
        self._add_revision(redirect, at)
        for each in self.users.values():
            if title in each.marks:
                each.marks[target] = each.marks[title]
        self._log(text, page, user, ("move", "move"), comment, at, revision_id)
        if page.is_protected:
            self._log(to, page, user, ("protect", "move_prot"), comment, at)

    def delete(self, text: str, user: str, comment: str, at: datetime) -> None:
        """The page is gone, and so are its edits from the list of changes; its log stays.

        That includes edits from when the page had another title, and earlier ones of another page
        that had this title; those of the deletion's own second stay.
        """
        title = read_title(text)
        page = self.pages.pop(title)

        def is_gone(change: Change) -> bool:
            had_title = change.title == title and change.at < _in_seconds(at)
            return change.type != "log" and (had_title or change.page_id == page.page_id)

        self.changes = [change for change in self.changes if not is_gone(change)]
        self._log(text, page, user, ("delete", "delete"), comment, at)

    def categorize(self, text: str, user: str, comment: str, at: datetime) -> Change:
        """A row that says that some page entered or left a category; equal rows are possible."""
        return self._change_beside("categorize", text, user, comment, at)

    def change_elsewhere(self, text: str, user: str, comment: str, at: datetime) -> Change:
        """A row about an item of Wikidata that a page shows."""
        return self._change_beside("external", text, user, comment, at)

    def _change_beside(self, kind: str, text: str, user: str, comment: str, at: datetime) -> Change:
        """A row of a page of which nothing itself changes."""
        change = Change(
            rc_id=self._next_id(),
            at=_in_seconds(at),
            type=kind,
            title=read_title(text),
            page_id=0,
            user=user,
            comment=comment,
        )
        return self._record(change)

    def _log(
        self,
        text: str,
        page: Page,
        user: str,
        kind: tuple[str, str],
        comment: str,
        at: datetime,
        revision_id: int = 0,
    ) -> None:
        change = Change(
            rc_id=self._next_id(),
            at=_in_seconds(at),
            type="log",
            title=read_title(text),
            page_id=page.page_id,
            user=user,
            comment=comment,
            revision_id=revision_id,
            log_id=self._next_id(),
            log_type=kind[0],
            log_action=kind[1],
        )
        self._record(change)

    def watchlist(
        self, user: User, *, only_unread: bool, only_latest: bool = False
    ) -> Iterator[Change]:
        """The changes of the pages that a user watches, newest first.

        The latest are those whose revision is the page's latest, and every log entry.
        """
        for change in reversed(self.changes):
            is_wanted = change.title in user.marks and not (
                only_latest and change.type != "log" and not self._is_latest(change)
            )
            if is_wanted and (not only_unread or self.is_unread(change, user)):
                yield change

    def _is_latest(self, change: Change) -> bool:
        page = self.pages.get(change.title)
        return page is not None and page.revision_id == change.revision_id

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

    def _add_revision(self, page: Page, at: datetime) -> int:
        page.revisions.append(Revision(self._next_id(), _in_seconds(at)))
        return page.revision_id

    def _next_id(self) -> int:
        self._last_id += 1
        return self._last_id


def _in_seconds(at: datetime) -> datetime:
    return at.astimezone(UTC).replace(microsecond=0)
