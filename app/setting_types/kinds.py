"""The kinds of values that settings have, each with what is checked of it."""

import re
import ssl
from collections.abc import Mapping
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationInfo,
)
from pydantic_core import PydanticCustomError

from app.setting_types.keys import KEY, digest_key
from app.setting_types.manifest import read_manifest
from app.setting_types.secrets import SecretSources, resolve_reference
from app.setting_types.store_url import StoreUrl, parse_store_url

_HOST = r"[a-z0-9_-]+(\.[a-z0-9_-]+)*|[0-9a-f:.]*:[0-9a-f:.]*"
"""A host name in ASCII (an international one as its `xn--` form), or an address."""
EVERYWHERE = {"0.0.0.0", "::"}  # noqa: S104 - addresses that stand for all of a machine's
INBOX_NAME = r"^[A-Za-z0-9][A-Za-z0-9._-]{0,39}$"


class Section(BaseModel):
    """A table of the configuration: every key in it is known, and none changes."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


def _check_url(url: str) -> str:
    try:
        parts = urlsplit(url)
        port_is_fine = parts.port is None or parts.port > 0
    except ValueError:
        parts, port_is_fine = urlsplit(""), False
    is_plain = parts.username is None and not parts.query and not parts.fragment
    is_http = parts.scheme in ("http", "https") and port_is_fine and url.isprintable()
    if not is_http or not re.fullmatch(_HOST, parts.hostname or "") or " " in url:
        raise PydanticCustomError("url", "expected an address such as https://example.social")
    if not is_plain:
        raise PydanticCustomError(
            "url", "expected an address without a user name, a password, a query or a fragment"
        )
    return url.rstrip("/")


def _check_streaming_url(url: str) -> str:
    scheme, _, rest = url.partition("://")
    schemes = {"wss": "https", "ws": "http"}
    refusal = PydanticCustomError(
        "url", "expected an address such as wss://streaming.example.social, by TLS"
    )
    try:
        checked = _check_url(f"{schemes.get(scheme, scheme)}://{rest}")
    except PydanticCustomError:
        raise refusal from None
    parts = urlsplit(checked)
    if parts.scheme == "http" and not is_loopback(parts.hostname or ""):
        raise refusal
    return checked


def is_loopback(host: str) -> bool:
    """Whether a name or an address is this machine's own."""
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def _check_contact(contact: str) -> str:
    if not contact.isascii() or not contact.isprintable() or not re.search(r"\S[@:/.]\S", contact):
        raise PydanticCustomError(
            "contact",
            "expected an e-mail address or a web page where instances' operators can reach you",
        )
    return contact


def _check_certificates(name: object, info: ValidationInfo) -> object:
    directory = info.context.directory if isinstance(info.context, SecretSources) else Path()
    try:
        path = directory / str(name)
        ssl.create_default_context(cafile=path)
    except (OSError, ValueError):  # ssl.SSLError is an OSError
        raise PydanticCustomError(
            "certificates", "expected a file that can be read and holds PEM certificates"
        ) from None
    return path


def _check_store(value: object, info: ValidationInfo) -> object:
    try:
        return parse_store_url(resolve_reference(value, info))
    except ValueError:
        raise PydanticCustomError(
            "store",
            "expected an address such as redis://127.0.0.1:6379/0, rediss://, valkey:// or "
            "unix:///run/redis.sock",
        ) from None


def _check_host(host: str) -> str:
    parts = re.fullmatch(r"([a-z0-9._-]+|\[[0-9a-f:.]+\])(?::(\d{1,5}))?", host.lower())
    if parts is None or not 0 < int(parts[2] or 1) < 65536:
        raise PydanticCustomError(
            "host", "expected a host such as tidings.example.org, 192.0.2.1:8000 or [::1]:8000"
        )
    return host.lower()


def _check_origin(origin: str) -> str:
    checked = _check_url(origin)
    if urlsplit(checked).path:
        raise PydanticCustomError("origin", "expected an origin such as https://app.example.org")
    return checked.lower()


def _check_manifest(name: object, info: ValidationInfo) -> Mapping[str, str]:
    directory = info.context.directory if isinstance(info.context, SecretSources) else Path()
    try:
        return read_manifest(directory / str(name))
    except ValueError as error:
        raise PydanticCustomError(
            "manifest", "expected {problem}", {"problem": str(error)}
        ) from None


def _check_key(value: object, info: ValidationInfo) -> bytes:
    """A client's key as its SHA-256, whichever of the two the configuration has."""
    sources = info.context if isinstance(info.context, SecretSources) else None
    text = resolve_reference(value, info)
    digest = re.fullmatch(r"sha256:([0-9a-f]{64})", text.lower())
    if digest:
        return bytes.fromhex(digest[1])
    if text.startswith("sha256:") or not re.fullmatch(KEY, text):
        raise PydanticCustomError(
            "key", "expected `sha256:` and 64 hexadecimal digits, or a key that `tidings key` made"
        )
    if sources is not None and text == value:
        sources.literals.append(f"client {info.data.get('name', '?')}")
    return digest_key(text)


StoreAddress = Annotated[StoreUrl, BeforeValidator(_check_store)]
CertificateFile = Annotated[Path, BeforeValidator(_check_certificates)]
Address = Annotated[str, AfterValidator(_check_url)]
StreamingAddress = Annotated[str, AfterValidator(_check_streaming_url)]
Host = Annotated[str, AfterValidator(_check_host)]
Origin = Annotated[str, AfterValidator(_check_origin)]
Manifest = Annotated[Mapping[str, str], BeforeValidator(_check_manifest)]
Contact = Annotated[str, AfterValidator(_check_contact)]
Age = Annotated[float, Field(ge=0, le=30 * 86400, allow_inf_nan=False)]
Seconds = Annotated[float, Field(gt=0, le=3600, allow_inf_nan=False)]
KeyDigest = Annotated[bytes, BeforeValidator(_check_key), Field(repr=False)]
Count = Annotated[int, Field(ge=1, le=1_000_000)]
