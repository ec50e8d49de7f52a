"""What can be configured. docs/configuration.md has the same in words."""

from typing import TYPE_CHECKING, Annotated, Literal, Union

from pydantic import Field, create_model
from pydantic_settings import BaseSettings, SettingsConfigDict

from app.config.server import (
    ClientSettings,
    DocumentSettings,
    LimitSettings,
    ServerSettings,
)
from app.platforms.registry import PLATFORMS
from app.setting_types.inbox import CacheOverrides, InboxSettings
from app.setting_types.kinds import (
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


class _CacheSettings(Section):
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

    def ages_for(self, platform: str) -> tuple[float, float, float]:
        """`fresh`, `stale` and `keep` in seconds for the instances of a platform."""
        own: CacheOverrides = getattr(self, platform)
        ages = ((own.fresh, self.fresh), (own.stale, self.stale), (own.keep, self.keep))
        fresh, stale, keep = (general if other is None else other for other, general in ages)
        return fresh, stale, keep


if TYPE_CHECKING:
    CacheSettings = _CacheSettings
    AnyInbox = InboxSettings
else:  # made of the platforms, of which no type checker can know
    _OVERRIDES = {each.name: (each.cache, each.cache()) for each in PLATFORMS.values()}
    CacheSettings = create_model("CacheSettings", __base__=_CacheSettings, **_OVERRIDES)
    _INBOXES = tuple(each.settings for each in PLATFORMS.values())
    AnyInbox = Annotated[Union[_INBOXES], Field(discriminator="platform")]  # noqa: UP007


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
    inboxes: tuple[AnyInbox, ...] = Field(
        (), description="One `[[inboxes]]` table for each login, in the order to show them in."
    )


class EnvironmentSettings(Settings, BaseSettings):
    """The same settings as variables: `TIDINGS_SERVER__PORT`."""

    model_config = SettingsConfigDict(env_prefix="TIDINGS_", env_nested_delimiter="__")
