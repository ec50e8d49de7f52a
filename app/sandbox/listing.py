"""Which of a mailbox's notifications a server lists by its software, and how it links on."""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from starlette.datastructures import QueryParams
from starlette.responses import Response

from app.sandbox.software import Ids, Links, SandboxSoftware, refuse, server_error

Entity = dict[str, Any]
"""A JSON object as Mastodon sends it: https://docs.joinmastodon.org/entities/"""

_KEPT = ("account_id", "exclude_types[]", "include_filtered", "limit", "types[]")
_TYPES = ("types[]", "exclude_types[]")
_KNOWN_TYPES = {
    *("mention", "status", "reblog", "follow", "follow_request", "favourite", "poll", "update"),
}


class BadParameter(Exception):
    """The parameters are not taken; `response` is the answer."""

    def __init__(self, response: Response) -> None:
        super().__init__()
        self.response = response


def list_page(
    rows: Sequence[Entity], params: QueryParams, software: SandboxSoftware, largest: int
) -> list[Entity]:
    """One page of `rows`, newest first. Raises Refused."""
    limit = min(_read_limit(params.get("limit"), software), largest)
    wanted = _wanted(rows, params, software)
    lowest, below = params.get("min_id"), params.get("max_id")
    if below is not None:
        wanted = _older(wanted, below, software)
    if lowest is not None:
        wanted = _newer(wanted, lowest, software)
        if software.is_min_id_nearest:
            nearest = wanted[-limit:] if limit else []
            return nearest[::-1] if software.is_min_id_ascending else nearest
    elif (since := params.get("since_id")) is not None and software.ids is not Ids.MICROSECONDS:
        wanted = _newer(wanted, since, software)
    return wanted[:limit]


def double_reactions(page: Sequence[Entity]) -> list[Entity]:
    """As Sharkey lists them: each once more, as a favourite of the same ID."""
    shown = []
    for row in page:
        shown.append(row)
        if row["type"] == "reaction":
            shown.append({**row, "type": "favourite"})
    return shown


def show_fallback(row: Entity, params: QueryParams) -> Entity:
    """A row with the instance's own words for who does not know its type, if it has any."""
    if "fallback" not in row:
        return row
    supported = params.getlist("supported_types[]")
    if supported and row["type"] not in supported:
        return row
    return {name: value for name, value in row.items() if name != "fallback"}


def link_header(
    origin: str, params: QueryParams, page: Sequence[Entity], software: SandboxSoftware
) -> Mapping[str, str]:
    """Absolute by the instance's own idea of its address; nothing for an empty page."""
    if not page or software.links is Links.NONE:
        return {}
    dropped = () if software.links_keep_types else _TYPES
    kept = [(k, v) for k, v in sorted(params.multi_items()) if k in _KEPT and k not in dropped]
    base = f"{origin}/api/v1/notifications"
    if software.links is Links.NEXT_IF_FULL:
        is_full = len(page) >= _read_limit(params.get("limit"), software)
        older = urlencode([*kept, ("older_than", page[-1]["created_at"])])
        return {"link": f'<{base}?{older}>; rel="next"'} if is_full else {}
    older = urlencode([*kept, ("max_id", page[-1]["id"])])
    newer = urlencode([*kept, ("min_id", page[0]["id"])])
    return {"link": f'<{base}?{older}>; rel="next", <{base}?{newer}>; rel="prev"'}


def read_number(text: str) -> int:
    """As Ruby's `to_i` does: the digits in front, else 0."""
    digits = re.match(r"\s*[+-]?\d+", text)
    return int(digits[0]) if digits else 0


def _read_limit(text: str | None, software: SandboxSoftware) -> int:
    if text is None:
        return software.default_limit
    if software.ids is Ids.MICROSECONDS:  # snac reads 0 for nonsense, and 0 as 1
        return max(1, read_number(text))
    if software.refuses_bad_limits:
        if software.ids is Ids.PLAIN_NUMBERS and re.fullmatch(r"-\d+", text):
            raise BadParameter(server_error())
        if not re.fullmatch(r"-?\d+", text):
            raise BadParameter(refuse(400, "Bad Request: bad integer limit value"))
        return read_number(text) or software.default_limit if int(text) >= 0 else 1
    return abs(read_number(text))


def _wanted(rows: Sequence[Entity], params: QueryParams, software: SandboxSoftware) -> list[Entity]:
    """What the filters leave; those of types are taken only with brackets in their names."""
    types, excluded = params.getlist("types[]"), params.getlist("exclude_types[]")
    if software.ignores_unknown_types:
        types = [each for each in types if each in _KNOWN_TYPES]
    account_id = params.get("account_id") if software.honours_account else None
    shows_filtered = params.get("include_filtered") == "true" or account_id is not None
    return [
        row
        for row in rows
        if (shows_filtered or not row.get("filtered"))
        and (not types or row["type"] in types)
        and row["type"] not in excluded
        and (account_id is None or row["account"]["id"] == account_id)
    ]


def _older(rows: list[Entity], than: str, software: SandboxSoftware) -> list[Entity]:
    if software.ids is Ids.MICROSECONDS:
        index = next((i for i, row in enumerate(rows) if row["id"] == than), len(rows))
        return rows[index + 1 :]
    bound = _compared(than, software)
    return [row for row in rows if bound is None or _compared(row["id"], software) < bound]


def _newer(rows: list[Entity], than: str, software: SandboxSoftware) -> list[Entity]:
    bound = _compared(than, software)
    return [row for row in rows if bound is None or _compared(row["id"], software) > bound]


def _compared(database_id: str, software: SandboxSoftware) -> Any:
    """By what the server compares an ID; None where it leaves the bound out."""
    match software.ids:
        case Ids.NUMBERS:
            return read_number(database_id)
        case Ids.PLAIN_NUMBERS | Ids.CHECKED_NUMBERS if database_id.isdecimal():
            return int(database_id)
        case _ if not database_id:
            return None
        case Ids.PLAIN_NUMBERS:
            raise BadParameter(server_error())
        case Ids.CHECKED_NUMBERS:
            raise BadParameter(refuse(400, "can't be cast"))
        case Ids.TIMES:
            return _time_of(database_id)
    return database_id


def _time_of(database_id: str) -> datetime | None:
    try:
        return datetime.fromisoformat(database_id.split("/", maxsplit=1)[0])
    except ValueError:
        return None
