"""What can be configured of the server: who may ask, how, and for how much."""

from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from app.setting_types.kinds import (
    EVERYWHERE,
    INBOX_NAME,
    Address,
    Count,
    Host,
    KeyDigest,
    Manifest,
    Origin,
    Seconds,
    Section,
)


class ServerSettings(Section):
    """`[server]`: where the gateway listens, and how long a page may take."""

    host: str = Field(
        "127.0.0.1",
        description="The address to listen on. Another than a loopback one needs clients, or "
        "`tidings serve --open`.",
    )
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
        "any port. Left out: `localhost`, `127.0.0.1`, `[::1]` and `host` with `port`, and the "
        "host of `public_url`.",
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
    trusted_proxies: tuple[str, ...] = Field(
        ("127.0.0.1", "::1"),
        description="Addresses and networks of proxies whose `X-Forwarded-For` is believed.",
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
        names = ("localhost", "127.0.0.1", "[::1]", *self._addresses)
        return (*(f"{name}:{self.port}" for name in dict.fromkeys(names)), *public)

    @property
    def _addresses(self) -> tuple[str, ...]:
        """Where it listens, if that is one place."""
        if self.host in EVERYWHERE:
            return ()
        return (f"[{self.host}]" if ":" in self.host else self.host,)

    @property
    def origins(self) -> tuple[str, ...]:
        """The origins that may change something, besides that of the `Host` asked."""
        if self.public_url is None:
            return self.allowed_origins
        parts = urlsplit(self.public_url)
        return (*self.allowed_origins, f"{parts.scheme}://{parts.netloc}".lower())


class LimitSettings(Section):
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


class DocumentSettings(Section):
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


class ClientSettings(Section):
    """`[[clients]]`: who may ask, and what."""

    name: str = Field(pattern=INBOX_NAME, description="What the log calls it.")
    key: KeyDigest = Field(
        description="`sha256:` and the SHA-256 of its key in hexadecimal, or a reference to the "
        "key itself. `tidings key` makes a pair."
    )
    inboxes: tuple[str, ...] | None = Field(
        None, description="The names of those that it sees; all where it is left out."
    )
    access: Literal["read", "write"] = Field("read", description="`write` may change things too.")
