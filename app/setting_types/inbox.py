"""What every inbox has in the configuration, whatever its platform."""

from collections.abc import Sequence
from typing import Literal

from pydantic import Field, SecretStr
from pydantic_core import PydanticCustomError

from app.setting_types.kinds import INBOX_NAME, Address, Age, Section
from app.setting_types.secrets import Secret


class CacheOverrides(Section):
    """`[cache.…]`: other times for the inboxes of one platform."""

    fresh: Age | None = Field(None, description="In place of `cache.fresh`.")
    stale: Age | None = Field(None, description="In place of `cache.stale`.")
    keep: Age | None = Field(None, description="In place of `cache.keep`.")


class InboxSettings(Section):
    """`[[inboxes]]`, of which each platform has a model of its own."""

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
    platform: str
    token: Secret | None = None

    @property
    def secrets(self) -> Sequence[SecretStr]:
        """All that makes up the credential."""
        return (self.token,) if self.token is not None else ()

    def needs_credential(self, *given: object) -> bool:
        """Whether a credential has to stand here; where none may, what was given is refused."""
        if self.credentials == "request" and any(each is not None for each in given):
            raise PydanticCustomError(
                "credential", 'expected no credential beside credentials = "request"'
            )
        return self.credentials == "config"
