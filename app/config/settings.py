"""What can be configured. docs/configuration.md has the same in words."""

import re
import ssl
from pathlib import Path
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationInfo,
    model_validator,
)
from pydantic_core import PydanticCustomError
from pydantic_settings import BaseSettings, SettingsConfigDict

from app.config.secrets import Secret, SecretSources, resolve_reference
from app.config.store_url import StoreUrl, parse_store_url

_HOST = r"[a-z0-9_-]+(\.[a-z0-9_-]+)*|[0-9a-f:.]*:[0-9a-f:.]*"
"""A host name in ASCII (an international one as its `xn--` form), or an address."""
_NAME = r"^[A-Za-z0-9][A-Za-z0-9._-]{0,39}$"


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


StoreAddress = Annotated[StoreUrl, BeforeValidator(_check_store)]
CertificateFile = Annotated[Path, BeforeValidator(_check_certificates)]
Address = Annotated[str, AfterValidator(_check_url)]
Contact = Annotated[str, AfterValidator(_check_contact)]
LARGEST_CHUNK_BYTES = 1024 * 1024
"""What 100 long posts take, mapped."""
Age = Annotated[float, Field(ge=0, le=30 * 86400, allow_inf_nan=False)]
Seconds = Annotated[float, Field(gt=0, le=3600, allow_inf_nan=False)]


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


class ServerSettings(_Section):
    """`[server]`: where the gateway listens, and how long a page may take."""

    host: str = Field("127.0.0.1", description="The address to listen on: a loopback one.")
    port: int = Field(8000, ge=1, le=65535, description="The port to listen on.")
    page_timeout: Seconds = Field(
        5, description="Seconds that a page waits for the instances; what is late is reported."
    )


class UpstreamSettings(_Section):
    """`[upstream]`: how instances are spoken to."""

    contact: Contact | None = Field(
        None,
        description="An e-mail address or a web page, sent to every instance with each request. "
        "Needed as soon as there is an inbox.",
    )
    timeout: Seconds = Field(4, description="Seconds that one request to an instance may take.")
    ca_file: CertificateFile | None = Field(
        None,
        description="A file of PEM certificates, from the configuration's folder on: authorities "
        "that are trusted beside the system's.",
    )
    connections: int = Field(
        100, ge=1, le=10_000, description="Connections to all instances together."
    )


class CacheOverrides(_Section):
    """`[cache.mastodon]` and `[cache.mediawiki]`: other times for one platform."""

    fresh: Age | None = Field(None, description="In place of `cache.fresh`.")
    stale: Age | None = Field(None, description="In place of `cache.stale`.")
    keep: Age | None = Field(None, description="In place of `cache.keep`.")


class CacheSettings(_Section):
    """`[cache]`: how long what instances said is good, and how much of it is kept."""

    fresh: Age = Field(
        15, description="Seconds that a copy is served without asking; 0 for never unasked."
    )
    stale: Age = Field(
        60,
        description="Seconds up to which a copy is served if its renewal takes longer than "
        "`patience`. At least `fresh`.",
    )
    keep: Age = Field(
        86400,
        description="Seconds up to which a copy is served if the instance fails. At least `stale`.",
    )
    patience: Age = Field(
        0.3, description="Seconds that a caller waits for a renewal before the copy is served."
    )
    settling: Age = Field(
        2, description="Seconds after a write for which what an instance says is not kept."
    )
    settling_unknown: Age = Field(
        10, description="The same after a write of which nobody knows whether it was carried out."
    )
    memory: int = Field(
        32 * 1024 * 1024,
        ge=LARGEST_CHUNK_BYTES,
        description="Bytes that all copies together may take; the least used go first. At least "
        "1048576, which one chunk may take.",
    )
    url: StoreAddress | None = Field(
        None,
        description="A Redis or a Valkey by which several processes share what they keep: "
        "`redis://host:6379/0`, `rediss://` (TLS), `valkey://` or `unix:///path`. With a password "
        "in it, a reference (see Secrets).",
    )
    mastodon: CacheOverrides = CacheOverrides()
    mediawiki: CacheOverrides = CacheOverrides()

    def ages_for(self, platform: str) -> tuple[float, float, float]:
        """`fresh`, `stale` and `keep` in seconds for the instances of a platform."""
        own: CacheOverrides = getattr(self, platform)
        ages = ((own.fresh, self.fresh), (own.stale, self.stale), (own.keep, self.keep))
        fresh, stale, keep = (general if other is None else other for other, general in ages)
        return fresh, stale, keep


class _InboxSettings(_Section):
    name: str = Field(
        pattern=_NAME,
        description="What queries call it: letters, digits, `.`, `_` and `-`. Keep it: IDs and "
        "cursors hold it.",
    )
    url: Address = Field(description="Where the instance is; of a wiki any page, or its api.php.")


class MastodonInbox(_InboxSettings):
    """`[[inboxes]]` with `platform = "mastodon"`."""

    platform: Literal["mastodon"] = Field(description="Any server that speaks the Mastodon API.")
    token: Secret = Field(
        description="An access token from the instance's Preferences, Development, with the scope "
        "`read` and, for mutations, `write:notifications` and `write:statuses`."
    )


class MediaWikiInbox(_InboxSettings):
    """`[[inboxes]]` with `platform = "mediawiki"`."""

    platform: Literal["mediawiki"] = Field(description="Any wiki that runs MediaWiki.")
    username: str | None = Field(
        None, description="With `password`: the name that Special:BotPasswords gave, `Alice@app`."
    )
    password: Secret | None = Field(
        None,
        description="The bot password, with the grant 'View your watchlist' and, for mutations, "
        "'Edit your watchlist'.",
    )
    token: Secret | None = Field(
        None, description="In place of `username` and `password`: an OAuth 2 access token."
    )

    @model_validator(mode="after")
    def _has_one_credential(self) -> Self:
        has_both = self.username is not None and self.password is not None
        has_one = self.username is not None or self.password is not None
        if has_both != has_one or has_both == (self.token is not None):
            raise PydanticCustomError(
                "credential", "expected either username and password, or token"
            )
        return self


InboxSettings = Annotated[MastodonInbox | MediaWikiInbox, Field(discriminator="platform")]


class Settings(_Section):
    """The whole configuration, checked. It cannot be changed."""

    server: ServerSettings = ServerSettings()
    upstream: UpstreamSettings = UpstreamSettings()
    cache: CacheSettings = CacheSettings()
    inboxes: tuple[InboxSettings, ...] = Field(
        (), description="One `[[inboxes]]` table for each login, in the order to show them in."
    )


class EnvironmentSettings(Settings, BaseSettings):
    """The same settings as variables: `TIDINGS_SERVER__PORT`."""

    model_config = SettingsConfigDict(env_prefix="TIDINGS_", env_nested_delimiter="__")
