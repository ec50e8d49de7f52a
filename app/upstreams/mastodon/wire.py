"""What Mastodon-API servers send, as far as it is shown: https://docs.joinmastodon.org/entities/

Tolerant on purpose: what real servers leave out or send as null has a default here. Which ones
do is measured; a field without a default was there on every server.
"""

from typing import Any

import msgspec


class _Entity(msgspec.Struct, gc=False, kw_only=True):
    pass


class Emoji(_Entity):
    shortcode: str
    url: str
    static_url: str | None = None


class Account(_Entity):
    id: str
    username: str
    acct: str
    display_name: str | None = None
    url: str | None = None
    avatar: str | None = None
    header: str | None = None
    note: str | None = None
    bot: bool | None = None
    locked: bool | None = None
    created_at: str | None = None
    followers_count: int | None = None
    following_count: int | None = None
    statuses_count: int | None = None
    emojis: list[Emoji] | None = None


class Media(_Entity):
    id: str
    type: str = "unknown"
    url: str | None = None
    preview_url: str | None = None
    description: str | None = None
    blurhash: str | None = None


class StatusMention(_Entity):
    username: str
    acct: str
    url: str | None = None


class StatusTag(_Entity):
    name: str
    url: str | None = None


class PollOption(_Entity):
    title: str
    votes_count: int | None = None


class Poll(_Entity):
    id: str
    expires_at: str | None = None
    expired: bool = False
    multiple: bool = False
    votes_count: int | None = None
    options: list[PollOption] | None = None


class Card(_Entity):
    url: str | None = None
    title: str | None = None
    description: str | None = None
    image: str | None = None


class Filter(_Entity):
    title: str | None = None
    filter_action: str | None = None


class FilterResult(_Entity):
    filter: Filter | None = None
    keyword_matches: list[str] | None = None


class Quote(_Entity):
    """`quoted_status` is left out of a quote in a quote."""

    state: str | None = None
    quoted_status: "Status | None" = None


class Status(_Entity):
    id: str
    account: Account
    uri: str = ""
    url: str | None = None
    created_at: str | None = None
    edited_at: str | None = None
    content: str | None = None
    spoiler_text: str | None = None
    sensitive: bool | None = None
    visibility: str | None = None
    language: str | None = None
    in_reply_to_id: str | None = None
    replies_count: int | None = None
    reblogs_count: int | None = None
    favourites_count: int | None = None
    favourited: bool | None = None
    reblogged: bool | None = None
    bookmarked: bool | None = None
    muted: bool | None = None
    media_attachments: list[Media] | None = None
    mentions: list[StatusMention] | None = None
    tags: list[StatusTag] | None = None
    emojis: list[Emoji] | None = None
    poll: Poll | None = None
    card: Card | None = None
    quote: Quote | None = None
    filtered: list[FilterResult] | None = None


class Report(_Entity):
    id: str
    category: str | None = None
    comment: str | None = None
    target_account: Account | None = None
    account: Account | None = None
    content: str | None = None
    created_at: str | None = None
    action_taken: bool = False


class SeveranceEvent(_Entity):
    id: str
    type: str = ""
    target_name: str | None = None
    purged: bool = False
    followers_count: int | None = None
    following_count: int | None = None
    created_at: str | None = None


class ModerationWarning(_Entity):
    id: str
    action: str = "none"
    text: str | None = None
    created_at: str | None = None


class EmojiReaction(_Entity):
    """As Mitra and others send it; Pleroma, Sharkey and Iceshrimp have `emoji` and `emoji_url`."""

    name: str | None = None
    url: str | None = None


class Fallback(_Entity):
    """Both are HTML: https://docs.joinmastodon.org/entities/NotificationFallback/"""

    title: str | None = None
    summary: str | None = None


class Notification(_Entity):
    id: str
    created_at: str | int | float | None = None
    type: str = ""
    account: Account | None = None
    status: Status | None = None
    report: Report | None = None
    event: SeveranceEvent | None = None
    moderation_warning: ModerationWarning | None = None
    group_key: str | None = None
    filtered: bool = False
    emoji: str | None = None
    emoji_url: str | None = None
    emoji_reaction: EmojiReaction | None = None
    fallback: Fallback | None = None


class Relationship(_Entity):
    id: str


class PolicySummary(_Entity):
    pending_requests_count: int | None = None
    pending_notifications_count: int | None = None


class Policy(_Entity):
    for_not_following: str | None = None
    for_not_followers: str | None = None
    for_new_accounts: str | None = None
    for_private_mentions: str | None = None
    for_limited_accounts: str | None = None
    summary: PolicySummary | None = None


class NotificationRequest(_Entity):
    """`notifications_count` is a text at Mastodon."""

    id: str
    account: Account
    created_at: str | None = None
    updated_at: str | None = None
    notifications_count: int | str | None = None
    last_status: Status | None = None


NotificationRequests = list[NotificationRequest | None]


class InstanceUrls(_Entity):
    streaming: str | None = None
    streaming_api: str | None = None


class InstanceConfiguration(_Entity):
    urls: InstanceUrls | None = None


class StreamMessage(_Entity):
    """What comes by a stream: https://docs.joinmastodon.org/methods/streaming/#events"""

    event: str | None = None
    payload: Any = None
    error: str | None = None
    status: int | None = None


class ApiVersions(_Entity):
    """https://docs.joinmastodon.org/entities/Instance/#api-versions"""

    mastodon: int | None = None


class Instance(_Entity):
    """Version 1 and version 2 of the instance's information in one."""

    title: str | None = None
    version: str | None = None
    source_url: str | None = None
    domain: str | None = None
    account_domain: str | None = None
    uri: str | None = None
    urls: InstanceUrls | None = None
    configuration: InstanceConfiguration | None = None
    api_versions: ApiVersions | None = None

    @property
    def streaming_url(self) -> str | None:
        """Where it says that it streams, in version 1 or 2."""
        configured = self.configuration.urls if self.configuration else None
        named = (
            configured.streaming if configured else None,
            self.urls and self.urls.streaming_api,
        )
        return next((url for url in named if url), None)


class Marker(_Entity):
    last_read_id: str | None = None


class Markers(_Entity):
    notifications: Marker | None = None


class UnreadCount(_Entity):
    count: int


Notifications = list[Notification | None]

NotificationTexts = list[msgspec.Raw]
"""The same, each as the JSON that it was sent as."""
"""A list whose members that cannot be read are None."""
