"""What can be configured of the server: who may ask, how, and for how much."""

from urllib.parse import urlsplit

from pydantic import Field

from app.setting_types.kinds import (
    EVERYWHERE,
    Address,
    Age,
    Host,
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
    pid_file: str | None = Field(
        None,
        description="A file that the process writes its ID into, for `tidings reload`.",
    )
    drain: Age = Field(
        5,
        description="Seconds after SIGTERM for which connections are still taken, while "
        "`/health/ready` says no already: as long as a load balancer needs to notice.",
    )
    grace: Seconds = Field(
        20,
        description="Seconds after SIGTERM by which the process has ended. At least `drain` and "
        "`page_timeout` and 2 together.",
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
    page: bool = Field(
        True, description="Whether `/` is the page that shows all inboxes; see page.md."
    )
    page_images: bool = Field(
        False,
        description="Whether the page loads avatars and pictures from instances, which then learn "
        "the address of whoever looks. Left out: initials.",
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
        1000,
        ge=1,
        le=100_000,
        description="Connections of clients at once, without live ones; others get 503.",
    )
    sockets: int = Field(
        2000,
        ge=1,
        le=100_000,
        description="Live connections at once, which are WebSockets and event streams; others are "
        "told to come again later.",
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
