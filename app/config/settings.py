"""What can be configured. docs/configuration.md has the same in words."""

from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError
from pydantic_settings import BaseSettings, SettingsConfigDict

from app.config.secrets import Secret
from app.config.values import (
    INBOX_NAME,
    Address,
    Age,
    CertificateFile,
    Contact,
    Count,
    Host,
    Manifest,
    Origin,
    Seconds,
    StoreAddress,
)

LARGEST_CHUNK_BYTES = 1024 * 1024
"""What 100 long posts take, mapped."""


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


class ServerSettings(_Section):
    """`[server]`: where the gateway listens, and how long a page may take."""

    host: str = Field("127.0.0.1", description="The address to listen on: a loopback one.")
    port: int = Field(8000, ge=1, le=65535, description="The port to listen on.")
    page_timeout: Seconds = Field(
        5, description="Seconds that a page waits for the instances; what is late is reported."
    )
    public_url: Address | None = Field(
        None,
        description="Where callers find the gateway if that is another address, such as a proxy's: "
        "`https://tidings.example.org`.",
    )
    allowed_hosts: tuple[Host, ...] | None = Field(
        None,
        description="The names that the gateway answers to, each with its port, or without one for "
        "any port. Left out: `localhost`, `127.0.0.1` and `[::1]` with `port`, and the host of "
        "`public_url`.",
    )
    allowed_origins: tuple[Origin, ...] = Field(
        (),
        description="The origins of web pages that may ask, besides the gateway's own: "
        "`https://app.example.org`.",
    )
    graphiql: bool = Field(True, description="Whether browsers get GraphiQL.")
    introspection: bool = Field(
        True,
        description="Whether the schema can be asked for, and mistakes are answered with "
        "suggestions. GraphiQL needs it.",
    )
    head_timeout: Seconds = Field(
        10, description="Seconds that a request's line and headers may take to arrive."
    )
    body_timeout: Seconds = Field(10, description="Seconds that its body may take.")
    reading_timeout: Seconds = Field(
        30, description="Seconds for which a client may leave an answer unread."
    )
    connections: int = Field(
        1000, ge=1, le=100_000, description="Connections of clients at once; others get 503."
    )
    operations: int = Field(
        256, ge=1, le=100_000, description="Operations that are executed at once; others get 503."
    )

    @property
    def hosts(self) -> tuple[str, ...]:
        """The names that the gateway answers to."""
        if self.allowed_hosts is not None:
            return self.allowed_hosts
        public = (urlsplit(self.public_url).netloc,) if self.public_url else ()
        own = (f"{name}:{self.port}" for name in ("localhost", "127.0.0.1", "[::1]"))
        return (*own, *public)

    @property
    def origins(self) -> tuple[str, ...]:
        """The origins that may change something, besides that of the `Host` asked."""
        if self.public_url is None:
            return self.allowed_origins
        parts = urlsplit(self.public_url)
        return (*self.allowed_origins, f"{parts.scheme}://{parts.netloc}".lower())


class LimitSettings(_Section):
    """`[limits]`: what one operation may ask for at most."""

    mode: Literal["enforce", "log"] = Field(
        "enforce",
        description="`enforce` refuses what exceeds a limit; `log` lets it pass and logs it, save "
        "for `body`.",
    )
    depth: Count = Field(12, description="Fields within fields.")
    aliases: Count = Field(30, description="Aliases.")
    root_fields: Count = Field(10, description="Fields at the top.")
    tokens: Count = Field(2000, description="Names, numbers, texts and signs in the document.")
    directives: Count = Field(50, description="Directives.")
    overlaps: Count = Field(
        1000, description="Pairs of fields with the same name in the answer, which are compared."
    )
    cost: Count = Field(20_000, description="Fields that the answer may have; see limits.md.")
    page_size: Count = Field(100, description="`first` and `last`.")
    node_ids: Count = Field(100, description="`ids` of `nodes`.")
    body: Annotated[int, Field(ge=1024, le=64 * 1024 * 1024)] = Field(
        128 * 1024, description="Bytes of a request's body."
    )


class DocumentSettings(_Section):
    """`[documents]`: trusted documents."""

    mode: Literal["off", "log", "enforce"] = Field(
        "off",
        description="`off` executes every document, `log` logs those that the manifest does not "
        "have, `enforce` refuses them.",
    )
    manifest: Manifest = Field(
        {},
        description="The file that Relay's compiler (`persistConfig`) or Apollo's "
        "`generate-persisted-query-manifest` has written, from the configuration's folder on.",
    )

    @model_validator(mode="after")
    def _has_a_manifest(self) -> Self:
        if self.mode != "off" and not self.manifest:
            raise PydanticCustomError("manifest", "expected a manifest with at least one document")
        return self


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
        pattern=INBOX_NAME,
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
    limits: LimitSettings = LimitSettings()
    documents: DocumentSettings = DocumentSettings()
    upstream: UpstreamSettings = UpstreamSettings()
    cache: CacheSettings = CacheSettings()
    inboxes: tuple[InboxSettings, ...] = Field(
        (), description="One `[[inboxes]]` table for each login, in the order to show them in."
    )


class EnvironmentSettings(Settings, BaseSettings):
    """The same settings as variables: `TIDINGS_SERVER__PORT`."""

    model_config = SettingsConfigDict(env_prefix="TIDINGS_", env_nested_delimiter="__")
