"""What Mastodon-API servers notify of: https://docs.joinmastodon.org/entities/Notification/"""

from collections.abc import Sequence
from datetime import datetime
from typing import ClassVar

import strawberry

from resolvers.types import html
from resolvers.types.account import MastodonAccount
from resolvers.types.group_kind import GroupKind
from resolvers.types.notification import Actor, Notification
from resolvers.types.notification_type import NotificationType
from resolvers.types.post import MastodonStatus
from resolvers.types.scalars import HTML, URL


@strawberry.type(description="A report to the moderators.")
class MastodonReport:
    """https://docs.joinmastodon.org/entities/Report/"""

    database_id: str = strawberry.field(
        description="The ID at the instance, as its own API takes it."
    )
    category: str = strawberry.field(
        description="`spam`, `legal`, `violation` or `other`; empty before Mastodon 4.0."
    )
    comment: str = strawberry.field(description="What the reporter wrote, plain.")
    target_account: MastodonAccount | None = strawberry.field(description="Who was reported.")
    created_at: datetime = strawberry.field(description="When it was reported.")
    is_action_taken: bool = strawberry.field(
        description="Whether a moderator has dealt with it already."
    )


@strawberry.type(description="Follows that were cut by a block or a suspension.")
class MastodonSeverance:
    """https://docs.joinmastodon.org/entities/RelationshipSeveranceEvent/"""

    database_id: str = strawberry.field(
        description="The ID at the instance, as its own API takes it."
    )
    type: str = strawberry.field(
        description="`domain_block`, `user_domain_block` or `account_suspension`."
    )
    target_name: str = strawberry.field(
        description="The server or the account that was blocked or suspended."
    )
    is_purged: bool = strawberry.field(
        description="Whether the list of lost follows is gone, so that it cannot be downloaded."
    )
    followers_count: int | None = strawberry.field(description="Followers lost.")
    following_count: int | None = strawberry.field(description="Followed accounts lost.")
    created_at: datetime = strawberry.field(description="When they were cut.")


@strawberry.type(description="An instance's own words for a notification of a type of its own.")
class NotificationFallback:
    """https://docs.joinmastodon.org/entities/NotificationFallback/"""

    title: str = strawberry.field(description="What happened, on one plain line.")
    summary_markup: strawberry.Private[str]

    @strawberry.field(description="More of it; null where there is no more.")
    def summary(self) -> HTML | None:
        return html.clean(self.summary_markup) if self.summary_markup else None


@strawberry.type(description="What somebody reacted to a post with.")
class Reaction:
    """Of Pleroma, Sharkey, Mitra and others: Mastodon itself has none."""

    emoji: str = strawberry.field(
        description="A character, or a custom emoji as `:blobcat:`, which `imageUrl` shows."
    )
    image_url: URL | None = strawberry.field(description="The picture of a custom emoji.")


@strawberry.type(description="What a moderator did about an account.")
class MastodonModerationWarning:
    """https://docs.joinmastodon.org/entities/AccountWarning/"""

    database_id: str = strawberry.field(
        description="The ID at the instance, as its own API takes it."
    )
    action: str = strawberry.field(
        description="`none` for a warning alone, else what was done: `disable`, `sensitive`, "
        "`silence`, `suspend` …"
    )
    text: str = strawberry.field(description="What the moderator wrote to you; may be empty.")
    created_at: datetime = strawberry.field(description="When it was done.")


_OF_AN_ACCOUNT = {
    NotificationType.FOLLOW: GroupKind.FOLLOW,
    NotificationType.ADMIN_SIGN_UP: GroupKind.ADMIN_SIGN_UP,
}
_OF_A_POST = {
    NotificationType.FAVOURITE: GroupKind.FAVOURITE,
    NotificationType.REBLOG: GroupKind.REBLOG,
    NotificationType.REACTION: GroupKind.REACTION,
}


@strawberry.type(description="A notification of a Mastodon-API server.")
class MastodonNotification(Notification):
    """https://docs.joinmastodon.org/entities/Notification/"""

    group_kinds: ClassVar = frozenset({*_OF_AN_ACCOUNT.values(), *_OF_A_POST.values()})
    database_id: str = strawberry.field(
        description="The ID at the instance, as its own API takes it."
    )
    account: MastodonAccount | None = strawberry.field(
        description="The account that the instance names: whoever acted, but yourself where a "
        "moderator or nobody did. `actor` is null in those cases."
    )
    status: MastodonStatus | None = strawberry.field(
        description="The post that it is about; null where it is about none, or it is gone."
    )
    report: MastodonReport | None = strawberry.field(description="With ADMIN_REPORT.")
    severance: MastodonSeverance | None = strawberry.field(
        description="With SEVERED_RELATIONSHIPS."
    )
    moderation_warning: MastodonModerationWarning | None = strawberry.field(
        description="With MODERATION_WARNING."
    )
    group_key: str | None = strawberry.field(
        description="How the instance groups them, from Mastodon 4.3 on: equal for likes of one "
        "post within hours. The gateway goes by `groupId`."
    )
    is_filtered: bool = strawberry.field(
        description="Whether the user's notification policy keeps it out of sight."
    )
    fallback: NotificationFallback | None = strawberry.field(
        description="What the instance itself says of a type that this API does not know, from "
        "Mastodon 4.6 on; `summary` is its title then."
    )
    reaction: Reaction | None = strawberry.field(description="With REACTION.")

    @property
    def grouped_by(self) -> tuple[GroupKind, str] | None:
        """Likes, boosts and reactions of a post, each by itself; follows, and sign-ups."""
        if self.type in _OF_AN_ACCOUNT:
            return _OF_AN_ACCOUNT[self.type], ""
        kind = _OF_A_POST.get(self.type)
        return (kind, self.status.database_id) if kind and self.status else None

    @property
    def about(self) -> MastodonStatus | None:
        return self.status

    @property
    def people(self) -> Sequence[Actor]:
        authors = () if self.status is None else (self.status.account,)
        return (*super().people, *authors)
