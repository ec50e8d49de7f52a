"""What a wiki in memory tells about pages: prop=info, prop=revisions, list=recentchanges.

https://www.mediawiki.org/wiki/API:Info · https://www.mediawiki.org/wiki/API:Revisions
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from app.sandbox.wiki_marks import (
    MOST_VALUES,
    BadRequest,
    find_title,
    is_invalid,
    is_left_out,
    normalize,
)
from app.sandbox.wiki_pages import Title, User, WikiPages
from resolvers.types.scalars import format_instant

Answer = dict[str, Any]


def list_recent_changes(wiki: WikiPages, params: Mapping[str, str]) -> list[Answer]:
    """list=recentchanges of one title, from an instant on, oldest first."""
    kinds = params["rctype"].split("|")
    found = [
        {"type": change.type, "timestamp": format_instant(change.at)}
        for change in wiki.changes
        if change.title.text == params["rctitle"]
        and change.type in kinds
        and change.at.timestamp() >= seconds_of(params["rcstart"])
    ]
    return found[: int(params["rclimit"])]


def look_up(wiki: WikiPages, params: Mapping[str, str], user: User) -> Answer:
    """prop=info and prop=revisions of titles, page IDs or revision IDs."""
    name = next((each for each in ("titles", "pageids", "revids") if each in params), None)
    if name is None:
        return {}
    values = list(dict.fromkeys(params[name].split("|")))
    if len(values) > MOST_VALUES:
        raise BadRequest("toomanyvalues")
    found = {value: find_title(wiki, name, value) for value in values}
    titles = dict.fromkeys(title for title in found.values() if title)
    pages = [_page_info(wiki, title, params, user) for title in titles]
    pages += [_not_found(name, value) for value in values if _is_told_missing(name, value, found)]
    renamed = {value: normalize(value) for value in values if name == "titles"}
    return {
        "pages": pages,
        "normalized": [
            {"fromencoded": False, "from": value, "to": to}
            for value, to in renamed.items()
            if value != to and not is_invalid(value)
        ],
    }


def _page_info(wiki: WikiPages, title: Title, params: Mapping[str, str], user: User) -> Answer:
    page, mark = wiki.pages.get(title), user.marks.get(title)
    info: Answer = {
        "ns": title.ns,
        "title": title.text,
        "watched": title in user.marks,
        "notificationtimestamp": format_instant(mark) if mark else "",
    }
    if page is None:
        return {**info, "missing": True}
    info |= {"pageid": page.page_id, "lastrevid": page.revision_id}
    if "revisions" in params.get("prop", ""):
        info["revisions"] = [
            {"revid": revision.revision_id, "timestamp": format_instant(revision.at)}
            for revision in page.revisions
            if ("revids" in params and str(revision.revision_id) in params["revids"].split("|"))
            or ("rvstart" in params and revision.at.timestamp() >= seconds_of(params["rvstart"]))
        ][: int(params.get("rvlimit", "500"))]
    return info


def _is_told_missing(name: str, value: str, found: Mapping[str, Title | None]) -> bool:
    """Page IDs that nothing has, and titles that none can be; other things are left out."""
    if found[value] is not None or name == "revids":
        return False
    return name == "pageids" or value.lower().startswith("special:") or not is_left_out(value)


def _not_found(name: str, value: str) -> Answer:
    if name == "pageids":
        return {"pageid": int(value), "missing": True}
    if value.lower().startswith("special:"):
        return {"ns": -1, "title": value, "special": True}
    return {"title": value, "invalidreason": {"code": "title"}, "invalid": True}


def seconds_of(timestamp: str) -> float:
    """A timestamp of the API as Unix seconds."""
    return datetime.fromisoformat(timestamp).timestamp()
