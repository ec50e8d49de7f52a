"""Reads the configuration and tells every problem of it at once."""

import os
import tomllib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any, get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from app.config.cache import CacheSettings
from app.config.environment import BadVariables, read_variables
from app.config.server import ServerSettings
from app.config.settings import Settings
from app.platforms.registry import PLATFORMS
from app.setting_types.kinds import EVERYWHERE
from app.setting_types.secrets import SecretSources
from resolvers.live.cut import longest_live_cursor

Table = dict[str, Any]
"""A TOML table; its values are checked by pydantic and nowhere else."""

_LOOPBACK = {"127.0.0.1", "localhost", "::1"}


class BadConfiguration(Exception):
    """A configuration that the gateway does not start with; one line for each problem."""

    def __init__(self, source: str, problems: Sequence[str]) -> None:
        self.problems = problems
        lines = "\n".join(f"  {problem}" for problem in problems)
        super().__init__(f"{source} cannot be used:\n{lines}")


@dataclass(frozen=True, slots=True)
class Configuration:
    """Settings that were found good, and what an operator should know about them."""

    settings: Settings
    warnings: Sequence[str] = ()


def read_table(path: Path) -> Table:
    """What a file says, unchecked. Raises BadConfiguration where it is no TOML, or not there."""
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        problem = "there is no such file: name one with --config, or try tidings serve --demo."
    except (OSError, UnicodeDecodeError):
        problem = "it cannot be read: check its permissions and that it is UTF-8 text."
    except tomllib.TOMLDecodeError as error:
        problem = f"it is not TOML: {error}."
    raise BadConfiguration(str(path), [problem])


def check_configuration(
    table: Table, overrides: Table, source: str, directory: Path, *, is_open: bool = False
) -> Configuration:
    """A table as settings. The environment wins over it, and the command line over both.

    `source` is what messages call it; `file:` references start from `directory`. `is_open` lets
    everybody in. Raises BadConfiguration.
    """
    merged = _merge(_merge(table, _read_environment()), overrides)
    sources = SecretSources(os.environ, directory)
    problems = _duplicate_names(merged, "inboxes") + _duplicate_names(merged, "clients")
    try:
        settings = Settings.model_validate(merged, context=sources)
    except ValidationError as error:
        problems += [_describe(detail) for detail in error.errors(include_url=False)]
        raise BadConfiguration(source, problems) from None
    problems += check_whole(settings, is_open=is_open)
    if problems:
        raise BadConfiguration(source, problems)
    warnings = [
        f"The secret of {owner} stands in the configuration itself: "
        "put it into the environment (env:NAME) or a file of its own (file:PATH)."
        for owner in sources.literals
    ]
    return Configuration(settings, [*warnings, *_warn_of_names(settings.server)])


def _read_environment() -> Table:
    try:
        return read_variables(os.environ, [*Settings.model_fields])
    except BadVariables as error:
        raise BadConfiguration("The environment", error.problems) from None


def _merge(below: Table, above: Table) -> Table:
    merged = dict(below)
    for key, value in above.items():
        under = merged.get(key)
        if isinstance(value, dict) and isinstance(under, dict):
            merged[key] = _merge(under, value)
        else:
            merged[key] = value
    return merged


def _duplicate_names(table: Table, section: str) -> list[str]:
    given = table.get(section)
    tables = given if isinstance(given, list) else []
    names = [each.get("name") for each in tables if isinstance(each, dict)]
    counts = Counter(name for name in names if isinstance(name, str))
    return [
        f"{section}: {count} of them are called {name!r}; expected a name of its own for each."
        for name, count in counts.items()
        if count > 1
    ]


def check_whole(settings: Settings, *, is_open: bool) -> list[str]:
    """What can only be seen once every part is good."""
    problems = _check_clients(settings)
    if is_open and settings.clients:
        problems.append("clients: expected none beside --open, which lets everybody in.")
    if settings.server.host not in _LOOPBACK and not settings.clients and not is_open:
        problems.append(
            "server.host: expected a loopback address (127.0.0.1, ::1, localhost): without "
            "[[clients]] everybody who reaches another could read and change these inboxes. "
            "tidings serve --open is for where that is meant."
        )
    problems += _check_grace(settings.server)
    problems += _check_ages(settings.cache)
    problems += _check_sizes(settings)
    if not settings.inboxes:
        problems.append("inboxes: expected at least one [[inboxes]] table.")
    elif settings.upstream.contact is None:
        problems.append(
            "upstream.contact: missing; expected an e-mail address or a web page where instances' "
            "operators can reach you."
        )
    return problems


def _check_clients(settings: Settings) -> list[str]:
    """Every client has a key of its own, and sees inboxes that there are."""
    known = [inbox.name for inbox in settings.inboxes]
    problems = []
    keys: dict[bytes, str] = {}
    for index, client in enumerate(settings.clients):
        other = keys.setdefault(client.key, client.name)
        if other != client.name:
            problems.append(f"clients[{index}].key: expected another than that of {other}.")
        for name in client.inboxes or ():
            if name not in known:
                close = get_close_matches(name, known, n=1)
                meant = f": did you mean {close[0]}?" if close else "."
                problems.append(f"clients[{index}].inboxes: there is no inbox {name!r}{meant}")
    return problems


def _check_sizes(settings: Settings) -> list[str]:
    """No more inboxes than a cursor may name, and no longer cursor than may be sent."""
    limits, inboxes, problems = settings.limits, len(settings.inboxes), list[str]()
    if inboxes > limits.inboxes:
        problems.append(
            f"inboxes: expected at most limits.inboxes ({limits.inboxes}) of them, not {inboxes}."
        )
    needed = longest_live_cursor(sum(len(each.read_feeds) for each in settings.inboxes))
    if limits.body < needed:
        problems.append(
            f"limits.body: expected at least {needed}, which the cursor of an event takes with "
            f"{inboxes} inboxes, not {limits.body}."
        )
    return problems


def _check_grace(server: ServerSettings) -> list[str]:
    """A request that begins last still ends before the process does."""
    needed = server.drain + server.page_timeout + 2
    if server.grace >= needed:
        return []
    return [
        f"server.grace: expected at least drain, page_timeout and 2 together ({needed:g}), "
        f"not {server.grace:g}."
    ]


def _warn_of_names(server: ServerSettings) -> list[str]:
    """What listens everywhere is called by names that nobody here can know."""
    is_known = server.allowed_hosts is not None or server.public_url is not None
    if server.host not in EVERYWHERE or is_known:
        return []
    return [
        "Only requests to localhost are answered: set server.public_url or server.allowed_hosts to "
        "the names that others use."
    ]


def _check_ages(cache: CacheSettings) -> list[str]:
    """A copy becomes stale after it was fresh, and is kept no shorter than it is stale."""
    problems = []
    ages = {"cache": (cache.fresh, cache.stale, cache.keep)}
    for platform in PLATFORMS:
        if cache.ages_for(platform) != ages["cache"]:
            ages[f"cache.{platform}"] = cache.ages_for(platform)
    for section, (fresh, stale, keep) in ages.items():
        if stale < fresh:
            problems.append(f"{section}.stale: expected at least fresh ({fresh:g}), not {stale:g}.")
        if keep < stale:
            problems.append(f"{section}.keep: expected at least stale ({stale:g}), not {keep:g}.")
    return problems


def _describe(detail: ErrorDetails) -> str:
    """One problem in one line: where it is, what is expected, and what may have been meant.

    pydantic's own message is used only where it cannot hold what was written in the file.
    """
    location = [*detail["loc"]]
    if location[:1] == ["inboxes"] and len(location) > 2:
        del location[2]  # the platform, by which pydantic chose what to check
    kind = detail["type"]
    if kind == "missing":
        what = f"missing: {_expectation(detail)}"
    elif kind == "extra_forbidden":
        what = f"there is no such setting{_suggestion(detail)}"
    elif kind.startswith("union_tag"):
        location.append("platform")
        what = f"expected {' or '.join(PLATFORMS)}{_misspelt('platform', detail['input'])}."
    elif kind == "string_pattern_mismatch":
        what = "expected up to 40 letters, digits, '.', '_' and '-', a letter or digit first."
    else:
        what = detail["msg"].removeprefix("Input should be ").removeprefix("Value error, ")
        if what != detail["msg"]:
            what = f"expected {what}"
        what += "."
    return f"{_path(location)}: {what}"


def _path(location: Sequence[int | str]) -> str:
    shown = ""
    for part in location:
        shown += f"[{part}]" if isinstance(part, int) else f".{part}"
    return shown.removeprefix(".") or "the file"


def _expectation(detail: ErrorDetails) -> str:
    model = _model_at(detail["loc"][:-1])
    field = model.model_fields.get(str(detail["loc"][-1])) if model else None
    return field.description if field and field.description else "it has no default."


def _misspelt(name: str, table: object) -> str:
    """The key of a table that may have been meant by a name which is missing there."""
    keys = [str(key) for key in table] if isinstance(table, dict) and name not in table else []
    close = get_close_matches(name, keys, n=1)
    return f"; there is no such setting as {close[0]}" if close else ""


def _suggestion(detail: ErrorDetails) -> str:
    model = _model_at(detail["loc"][:-1])
    known = list(model.model_fields) if model else []
    close = get_close_matches(str(detail["loc"][-1]), known, n=1)
    if close:
        return f": did you mean {close[0]}?"
    return f": there are {', '.join(known)}." if known else "."


def _model_at(location: Sequence[int | str]) -> type[BaseModel] | None:
    """The part of the settings that a location lies in."""
    model: type[BaseModel] | None = Settings
    for part in location:
        if isinstance(part, int):
            continue
        if part in PLATFORMS and location[0] == "inboxes":
            model = PLATFORMS[part].settings
        else:
            field = model.model_fields.get(part) if model else None
            kinds = (field.annotation, *get_args(field.annotation)) if field else ()
            model = next(
                (k for k in kinds if isinstance(k, type) and issubclass(k, BaseModel)), model
            )
    return model
