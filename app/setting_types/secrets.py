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
    literals: list[str] = field(default_factory=list)


def _resolve(value: object, info: ValidationInfo) -> object:
    sources = info.context
    if not isinstance(value, str) or not isinstance(sources, SecretSources):
        return value
    referred = _follow(value, sources)
    if referred is None:
        sources.literals.append(f"inbox {info.data.get('name', '?')}")
    secret, where = referred or (value, "the configuration")
    secret = secret.strip()
    if not secret:
        raise PydanticCustomError("secret", "{where} holds no secret", {"where": where})
    if not secret.isascii() or not secret.isprintable():
        raise PydanticCustomError(
            "secret", "the secret in {where} has characters that no token has", {"where": where}
        )
    return secret


def resolve_reference(value: object, info: ValidationInfo) -> str:
    """What a setting says that may be a reference and need not be a secret. ValueError."""
    if not isinstance(value, str):
        raise ValueError("something that is no text")  # noqa: TRY004 - pydantic's way to refuse
    sources = info.context
    referred = _follow(value, sources) if isinstance(sources, SecretSources) else None
    return referred[0].strip() if referred else value


def _follow(value: str, sources: SecretSources) -> tuple[str, str] | None:
    """What a reference leads to, and where that is; None for what is no reference."""
    kind, _, name = value.partition(":")
    if kind == "env":
        return sources.environment.get(name, ""), f"the environment variable {name}"
    if kind == "file":
        return _read_file(sources.directory / name), f"the file {name}"
    return None


def _read_file(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return ""


Secret = Annotated[SecretStr, BeforeValidator(_resolve)]
"""A setting that holds a secret: its repr and its JSON show stars."""
