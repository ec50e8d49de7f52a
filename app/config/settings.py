"""What can be configured. docs/configuration.md has the same in words."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError
from pydantic_settings import BaseSettings, SettingsConfigDict

from app.config.front_door import (
    ClientSettings,
    DocumentSettings,
    LimitSettings,
    ServerSettings,
)
from app.config.secrets import Secret
from app.config.values import (
    INBOX_NAME,
    Address,
    Age,
    CertificateFile,
    Contact,
    Seconds,
    Section,
    StoreAddress,
)

LARGEST_CHUNK_BYTES = 1024 * 1024
"""What 100 long posts take, mapped."""


class UpstreamSettings(Section):
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
    connections_per_host: int = Field(
        80, ge=1, le=10_000, description="Of these the most that are in use to one host."
    )
    client: Literal["pool", "httpx"] = Field(
        "pool",
        description="What speaks HTTP with instances: `pool`, the gateway's own client, or "
        "`httpx`, which opens a connection for each request and carries what goes by a proxy.",
    )


class CacheOverrides(Section):
    """`[cache.mastodon]` and `[cache.mediawiki]`: other times for one platform."""

    fresh: Age | None = Field(None, description="In place of `cache.fresh`.")
    stale: Age | None = Field(None, description="In place of `cache.stale`.")
    keep: Age | None = Field(None, description="In place of `cache.keep`.")


class CacheSettings(Section):
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
    logins: int = Field(
        1000,
        ge=1,
        le=1_000_000,
        description="Logins whose credential came with a request that are remembered; the least "
        "used go first.",
    )
    responses: int = Field(
        8 * 1024 * 1024,
        ge=0,
        description="Bytes of whole responses that are kept while all that they show is fresh; 0 "
        "for none.",
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


def _needs_no_credential() -> PydanticCustomError:
    return PydanticCustomError(
        "credential", 'expected no credential beside credentials = "request"'
    )


class _InboxSettings(Section):
    name: str = Field(
        pattern=INBOX_NAME,
        description="What queries call it: letters, digits, `.`, `_` and `-`. Keep it: IDs and "
        "cursors hold it.",
    )
    url: Address = Field(description="Where the instance is; of a wiki any page, or its api.php.")
    credentials: Literal["config", "request"] = Field(
        "config",
        description="`config`: there is one login, with the credential below. `request`: each "
        "request brings a token of its own, in `Inbox-Authorization`.",
    )


class MastodonInbox(_InboxSettings):
    """`[[inboxes]]` with `platform = "mastodon"`."""

    platform: Literal["mastodon"] = Field(description="Any server that speaks the Mastodon API.")
    token: Secret | None = Field(
        None,
        description="An access token from the instance's Preferences, Development, with the scope "
        "`read` and, for mutations, `write:notifications` and `write:statuses`.",
    )

    @model_validator(mode="after")
    def _has_one_credential(self) -> Self:
        if self.credentials == "config" and self.token is None:
            raise PydanticCustomError("credential", "expected a token")
        if self.credentials == "request" and self.token is not None:
            raise _needs_no_credential()
        return self


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
        if self.credentials == "request":
            if has_one or self.token is not None:
                raise _needs_no_credential()
            return self
        if has_both != has_one or has_both == (self.token is not None):
            raise PydanticCustomError(
                "credential", "expected either username and password, or token"
            )
        return self


InboxSettings = Annotated[MastodonInbox | MediaWikiInbox, Field(discriminator="platform")]


class Settings(Section):
    """The whole configuration, checked. It cannot be changed."""

    server: ServerSettings = ServerSettings()
    limits: LimitSettings = LimitSettings()
    documents: DocumentSettings = DocumentSettings()
    upstream: UpstreamSettings = UpstreamSettings()
    cache: CacheSettings = CacheSettings()
    clients: tuple[ClientSettings, ...] = Field(
        (), description="One `[[clients]]` table for each; without any, everybody is let in."
    )
    inboxes: tuple[InboxSettings, ...] = Field(
        (), description="One `[[inboxes]]` table for each login, in the order to show them in."
    )


class EnvironmentSettings(Settings, BaseSettings):
    """The same settings as variables: `TIDINGS_SERVER__PORT`."""

    model_config = SettingsConfigDict(env_prefix="TIDINGS_", env_nested_delimiter="__")
