"""action=setnotificationtimestamp of a wiki in memory, with all the traps of the real one.

https://www.mediawiki.org/wiki/API:Setnotificationtimestamp
"""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from app.sandbox.wiki_pages import Page, Title, User, WikiPages, read_title
from resolvers.types.scalars import format_instant

Answer = dict[str, Any]
MOST_VALUES = 50


class BadRequest(Exception):
    """An error of the API, with its code."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def set_timestamps(
    wiki: WikiPages, user: User, params: Mapping[str, str], now: datetime
) -> Answer | list[Answer]:
    """Sets marks; a parameter that is there at all counts as given, as in MediaWiki."""
    means = [name for name in ("timestamp", "torevid", "newerthanrevid") if name in params]
    names = [name for name in ("titles", "pageids", "revids") if name in params]
    if len(means) > 1:
        raise BadRequest("invalidparammix")
    if len(names) + ("entirewatchlist" in params) > 1:
        raise BadRequest("multisource")
    if "entirewatchlist" in params:
        return _set_all(user, params, now)
    titles, rows = _find(wiki, names[0], params[names[0]]) if names else ([], [])
    existing = [title for title in titles if title in wiki.pages]
    if len(existing) > 1 and means in (["torevid"], ["newerthanrevid"]):
        raise BadRequest("multpages")
    mark = _mark(wiki, params, existing)
    ordered = sorted(existing) + [title for title in titles if title not in wiki.pages]
    return rows + [_set_one(wiki, user, title, mark) for title in ordered]


def _set_all(user: User, params: Mapping[str, str], now: datetime) -> Answer:
    """With a timestamp every page gets it; without, marks of the current second stay."""
    if "torevid" in params or "newerthanrevid" in params:
        raise BadRequest("multpages")
    to = datetime.fromisoformat(params["timestamp"]) if "timestamp" in params else None
    for title, mark in user.marks.items():
        if to is not None or (mark is not None and mark < now.replace(microsecond=0)):
            user.marks[title] = to
    return {"notificationtimestamp": format_instant(to) if to else ""}


def _find(wiki: WikiPages, name: str, value: str) -> tuple[list[Title], list[Answer]]:
    """The titles meant, each once, and the rows of what cannot be meant; some are left out."""
    values = list(dict.fromkeys(value.split("|")))
    if len(values) > MOST_VALUES:
        raise BadRequest("toomanyvalues")
    titles: list[Title] = []
    rows: list[Answer] = []
    for each in values:
        title = find_title(wiki, name, each)
        if title is not None and title not in titles:
            titles.append(title)
        elif title is None and name == "titles" and not is_left_out(each):
            rows.append({"title": each, "invalidreason": {"code": "title"}, "invalid": True})
        elif title is None and name != "titles":
            rows.append({name.removesuffix("s"): int(each), "missing": True, "notwatched": True})
    return titles, rows


def find_title(wiki: WikiPages, name: str, value: str) -> Title | None:
    """What a value of `titles`, `pageids` or `revids` stands for."""
    if name == "titles":
        return None if is_invalid(value) or is_left_out(value) else read_title(normalize(value))
    number = int(value)
    for title, page in wiki.pages.items():
        revisions = [revision.revision_id for revision in page.revisions]
        if number in ([page.page_id] if name == "pageids" else revisions):
            return title
    return None


_DIRECTION = re.compile("[\u200e\u200f\u202a-\u202e]")


def normalize(title: str) -> str:
    """Underscores, outer blanks and marks of direction go, the first letter is a capital, a section
    is left out.
    """
    plain = _DIRECTION.sub("", title.split("#", maxsplit=1)[0].replace("_", " ")).strip()
    prefix, colon, rest = plain.partition(":")
    if colon and prefix.capitalize() in ("Talk", "User", "Category"):
        return f"{prefix.capitalize()}:{rest[:1].upper()}{rest[1:]}"
    return plain[:1].upper() + plain[1:]


def is_invalid(title: str) -> bool:
    """Whether no page can be called so."""
    return not title or any(character in "<>[]{}|" for character in title) or len(title) > 255


def is_left_out(title: str) -> bool:
    """Special pages and other wikis' pages are not even answered."""
    return title.lower().startswith(("special:", "wikipedia:")) or not normalize(title)


def _mark(wiki: WikiPages, params: Mapping[str, str], existing: list[Title]) -> datetime | None:
    """The mark to set. A revision that is not there silently means that all is seen."""
    if "timestamp" in params:
        return datetime.fromisoformat(params["timestamp"])
    if "torevid" in params:
        every = (each for page in wiki.pages.values() for each in page.revisions)
        wanted = int(params["torevid"])
        return next((each.at for each in every if each.revision_id == wanted), None)
    if "newerthanrevid" in params and existing:
        return _next_revision(wiki.pages[existing[0]], int(params["newerthanrevid"]))
    return None


def _next_revision(page: Page, revision_id: int) -> datetime | None:
    ids = [revision.revision_id for revision in page.revisions]
    if revision_id not in ids or revision_id == ids[-1]:
        return None
    return page.revisions[ids.index(revision_id) + 1].at


def _set_one(wiki: WikiPages, user: User, title: Title, mark: datetime | None) -> Answer:
    row: Answer = {"ns": title.ns, "title": title.text}
    if title not in wiki.pages:
        row["missing"] = True
    if title not in user.marks:
        return {**row, "notwatched": True}
    user.marks[title] = mark
    return {**row, "notificationtimestamp": format_instant(mark) if mark else ""}
