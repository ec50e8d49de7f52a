"""What every inbox has in the configuration, whatever its platform."""

from collections.abc import Sequence
from typing import Annotated, Literal, Self

from pydantic import Field, SecretStr, model_validator
from pydantic_core import PydanticCustomError

from app.setting_types.kinds import INBOX_NAME, Address, Age, Section
from app.setting_types.secrets import Secret
from resolvers.platforms import Platform, feeds_of
from resolvers.types.feed import Feed

FeedName = Literal["notifications", "watchlist"]


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
    feeds: Annotated[Sequence[FeedName], Field(min_length=1)] | None = Field(
        None,
        description="Which of the login's lists are read: `notifications`, and at a wiki "
        "`watchlist` too. Left out: all that the instance has. One that is named and is not there "
        "is a failure.",
    )

    @property
    def read_feeds(self) -> frozenset[Feed]:
        """The lists of it that are to be read."""
        if self.feeds is None:
            return feeds_of(Platform[self.platform.upper()])
        return frozenset(Feed[each.upper()] for each in self.feeds)

    @model_validator(mode="after")
    def _has_its_feeds(self) -> Self:
        has = feeds_of(Platform[self.platform.upper()])
        if not self.read_feeds <= has:
            names = " and ".join(sorted(feed.name.lower() for feed in has))
            raise PydanticCustomError(
                "feeds", "expected nothing but {names} in feeds", {"names": names}
            )
        return self

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
