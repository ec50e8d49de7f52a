"""Secrets by reference: `env:NAME`, `file:PATH`, or as they are (with a warning)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated

from pydantic import BeforeValidator, SecretStr, ValidationInfo
from pydantic_core import PydanticCustomError


@dataclass(frozen=True, slots=True)
class SecretSources:
    """Where references lead, and how many secrets stood in the open."""

    environment: Mapping[str, str]
    directory: Path
    literal_inboxes: list[str] = field(default_factory=list)


def _resolve(value: object, info: ValidationInfo) -> object:
    sources = info.context
    if not isinstance(value, str) or not isinstance(sources, SecretSources):
        return value
    kind, _, name = value.partition(":")
    if kind == "env":
        secret = sources.environment.get(name, "")
        where = f"the environment variable {name}"
    elif kind == "file":
        secret, where = _read_file(sources.directory / name), f"the file {name}"
    else:
        sources.literal_inboxes.append(str(info.data.get("name", "?")))
        secret, where = value, "the configuration"
    secret = secret.strip()
    if not secret:
        raise PydanticCustomError("secret", "{where} holds no secret", {"where": where})
    if not secret.isascii() or not secret.isprintable():
        raise PydanticCustomError(
            "secret", "the secret in {where} has characters that no token has", {"where": where}
        )
    return secret


def _read_file(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return ""


Secret = Annotated[SecretStr, BeforeValidator(_resolve)]
"""A setting that holds a secret: its repr and its JSON show stars."""
