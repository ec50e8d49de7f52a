"""What can be configured of a client: `[[clients]]`."""

from typing import Literal

from pydantic import Field

from app.setting_types.kinds import (
    INBOX_NAME,
    KeyDigest,
    Section,
)


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
