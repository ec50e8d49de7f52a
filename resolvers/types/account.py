"""An account at a Mastodon-API server: https://docs.joinmastodon.org/entities/Account/"""

from datetime import datetime

import strawberry

from resolvers.types import html
from resolvers.types.notification import Actor
from resolvers.types.scalars import HTML, URL


@strawberry.type(description="A picture that stands for a shortcode, such as `:blobcat:`, in text.")
class CustomEmoji:
    """https://docs.joinmastodon.org/entities/CustomEmoji/"""

    shortcode: str = strawberry.field(description="What stands between the colons in the text.")
    url: URL = strawberry.field(description="The picture, possibly animated.")
    static_url: URL = strawberry.field(description="The picture, never animated.")


@strawberry.type(description="A person, a group or a bot, as one instance knows it.")
class MastodonAccount(Actor):
    """https://docs.joinmastodon.org/entities/Account/"""

    database_id: str = strawberry.field(
        description="The ID at the instance, as its own API takes it."
    )
    username: str = strawberry.field(description="The name without the server: `zed`.")
    acct: str = strawberry.field(
        description="As the instance writes it: `zed` for its own accounts, `zed@example.social` "
        "for others. `handle` always has the server."
    )
    header_url: URL | None = strawberry.field(description="The banner above the profile.")
    is_locked: bool | None = strawberry.field(
        description="Whether follows have to be approved by hand."
    )
    followers_count: int | None = strawberry.field(
        description="As the instance knows it, which for accounts of other servers is a guess."
    )
    following_count: int | None = strawberry.field(
        description="As the instance knows it, which for accounts of other servers is a guess."
    )
    statuses_count: int | None = strawberry.field(
        description="Posts, as the instance knows it; a guess for accounts of other servers."
    )
    created_at: datetime | None = strawberry.field(
        description="When the account was made; for accounts of other servers possibly when "
        "the instance first saw it, and often only the day."
    )
    emojis: list[CustomEmoji] = strawberry.field(
        description="The custom emoji that `displayName` and `note` use."
    )
    note_markup: strawberry.Private[str]

    @strawberry.field(description="What they say about themselves; null where they say nothing.")
    def note(self) -> HTML | None:
        return html.clean(self.note_markup) if self.note_markup else None
