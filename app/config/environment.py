"""Settings as variables of the environment: `TIDINGS_SERVER__PORT` is `port` in `[server]`."""

from collections.abc import Collection, Mapping
from typing import Any

import orjson

_PREFIX, _BETWEEN = "TIDINGS_", "__"


class BadVariables(Exception):
    """Variables that cannot be settings; one sentence for each."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__(*problems)
        self.problems = problems


def read_variables(environ: Mapping[str, str], sections: Collection[str]) -> dict[str, Any]:
    """The variables of these sections as tables. A list or a table is written in JSON.

    Raises BadVariables.
    """
    tables: dict[str, Any] = {}
    problems = []
    for name, text in environ.items():
        if not name.upper().startswith(_PREFIX):
            continue
        section, *keys = name.upper().removeprefix(_PREFIX).lower().split(_BETWEEN)
        if section in sections:
            value = _read_value(text)
            if not keys and isinstance(value, str):
                problems.append(f"{name}: expected JSON, as it is a whole section.")
            _put(tables, [section, *keys], value)
        elif keys:
            problems.append(f"{name}: there is no such section: there are {', '.join(sections)}.")
    if problems:
        raise BadVariables(problems)
    return tables


def _read_value(text: str) -> Any:
    if text[:1] in ("[", "{"):
        try:
            return orjson.loads(text)
        except orjson.JSONDecodeError:
            return text
    return text


def _put(table: dict[str, Any], keys: list[str], value: Any) -> None:
    """Puts a value into tables within tables; what is there already stays beside it."""
    *above, last = keys
    for key in above:
        inner = table.setdefault(key, {})
        if not isinstance(inner, dict):
            return
        table = inner
    known = table.get(last)
    if isinstance(known, dict) and isinstance(value, dict):
        table[last] = {**value, **known}
    else:
        table[last] = value
