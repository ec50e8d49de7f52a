"""What can be configured of the way to instances: `[upstream]`."""

from typing import Literal

from pydantic import Field

from app.setting_types.kinds import (
    CertificateFile,
    Contact,
    Seconds,
    Section,
)


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
