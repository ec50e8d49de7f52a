"""A post at a Mastodon-API server: https://docs.joinmastodon.org/entities/Status/"""

from datetime import datetime
from enum import Enum

import strawberry

from resolvers.types import html
from resolvers.types.account import CustomEmoji, MastodonAccount
from resolvers.types.markup import drop_quote_line
from resolvers.types.scalars import HTML, URL


@strawberry.enum(description="Who may see a post.")
class StatusVisibility(Enum):
    """https://docs.joinmastodon.org/entities/Status/#visibility"""

    PUBLIC = strawberry.enum_value("PUBLIC", description="Everybody, also in public timelines.")
    UNLISTED = strawberry.enum_value(
        "UNLISTED", description="Everybody, but not in public timelines or search."
    )
    PRIVATE = strawberry.enum_value("PRIVATE", description="Followers only.")
    DIRECT = strawberry.enum_value("DIRECT", description="Only who is mentioned in it.")
    OTHER = strawberry.enum_value(
        "OTHER", description="A kind that only some servers know: show it to nobody else."
    )


@strawberry.enum(description="What kind of file an attachment is.")
class MediaType(Enum):
    """https://docs.joinmastodon.org/entities/MediaAttachment/#type"""

    IMAGE = strawberry.enum_value("IMAGE", description="A still picture.")
    GIFV = strawberry.enum_value("GIFV", description="A short silent video that loops.")
    VIDEO = strawberry.enum_value("VIDEO", description="A video with or without sound.")
    AUDIO = strawberry.enum_value("AUDIO", description="Sound alone.")
    UNKNOWN = strawberry.enum_value(
        "UNKNOWN", description="The instance could not tell, or has not fetched it: link to it."
    )


@strawberry.type(description="A file that belongs to a post.")
class MediaAttachment:
    """https://docs.joinmastodon.org/entities/MediaAttachment/"""

    database_id: str = strawberry.field(
        description="The ID at the instance, as its own API takes it."
    )
    type: MediaType = strawberry.field(description="How to show it.")
    url: URL | None = strawberry.field(
        description="The file; null while the instance is still working on it."
    )
    preview_url: URL | None = strawberry.field(description="A small still picture of it.")
    description: str | None = strawberry.field(
        description="What its author says it shows, for those who cannot see or hear it."
    )
    blurhash: str | None = strawberry.field(
        description="A blurred placeholder to paint while it loads: https://blurha.sh/"
    )


@strawberry.type(description="Somebody who is named in a post.")
class Mention:
    """https://docs.joinmastodon.org/entities/Status/#Mention"""

    username: str = strawberry.field(description="The name without the server: `zed`.")
    acct: str = strawberry.field(description="`zed`, or `zed@example.social` for other servers.")
    url: URL | None = strawberry.field(description="Their page, for a person to read.")


@strawberry.type(description="A hashtag of a post.")
class Tag:
    """https://docs.joinmastodon.org/entities/Tag/"""

    name: str = strawberry.field(description="Without the `#`.")
    url: URL | None = strawberry.field(description="Posts with this tag, for a person to read.")


@strawberry.type(description="One answer that a poll offers.")
class PollOption:
    """https://docs.joinmastodon.org/entities/Poll/#Option"""

    title: str = strawberry.field(description="The answer's text, plain.")
    votes_count: int | None = strawberry.field(
        description="Votes so far; null where they are hidden until the end."
    )


@strawberry.type(description="A question with answers to choose from.")
class Poll:
    """https://docs.joinmastodon.org/entities/Poll/"""

    database_id: str = strawberry.field(
        description="The ID at the instance, as its own API takes it."
    )
    expires_at: datetime | None = strawberry.field(
        description="When voting ends; null where it never does."
    )
    is_expired: bool = strawberry.field(description="Whether voting has ended.")
    is_multiple: bool = strawberry.field(description="Whether more than one answer may be chosen.")
    votes_count: int | None = strawberry.field(description="All votes so far.")
    options: list[PollOption] = strawberry.field(description="In the order of the question.")


@strawberry.type(description="What a link in a post leads to, in short.")
class PreviewCard:
    """https://docs.joinmastodon.org/entities/PreviewCard/"""

    url: URL | None = strawberry.field(description="The page that is linked to.")
    title: str = strawberry.field(description="Its title, plain; empty where it has none.")
    description: str = strawberry.field(description="What it says of itself, plain; or empty.")
    image_url: URL | None = strawberry.field(description="A picture of it.")


@strawberry.enum(description="How far a quote has come. Show the quoted post with ACCEPTED alone.")
class QuoteState(Enum):
    """https://docs.joinmastodon.org/entities/Quote/#state"""

    ACCEPTED = strawberry.enum_value("ACCEPTED", description="Its author has let it be quoted.")
    PENDING = strawberry.enum_value("PENDING", description="Its author has not decided yet.")
    REJECTED = strawberry.enum_value("REJECTED", description="Its author does not want it.")
    REVOKED = strawberry.enum_value("REVOKED", description="Its author does not want it any more.")
    DELETED = strawberry.enum_value("DELETED", description="The quoted post is gone.")
    BLOCKED_ACCOUNT = strawberry.enum_value(
        "BLOCKED_ACCOUNT", description="This inbox's user blocks its author."
    )
    BLOCKED_DOMAIN = strawberry.enum_value(
        "BLOCKED_DOMAIN", description="This inbox's user blocks its author's server."
    )
    MUTED_ACCOUNT = strawberry.enum_value(
        "MUTED_ACCOUNT", description="This inbox's user has muted its author."
    )
    UNAUTHORIZED = strawberry.enum_value(
        "UNAUTHORIZED", description="It may not be shown, or for a reason that is newer than this."
    )


@strawberry.enum(description="What a keyword filter asks a frontend to do.")
class FilterAction(Enum):
    """https://docs.joinmastodon.org/entities/Filter/#filter_action"""

    WARN = strawberry.enum_value("WARN", description="Fold the post behind the filter's title.")
    HIDE = strawberry.enum_value("HIDE", description="Do not show the post.")
    BLUR = strawberry.enum_value("BLUR", description="Hide its attachments behind the title.")
    OTHER = strawberry.enum_value(
        "OTHER", description="Something newer than this list: treat it as WARN."
    )


@strawberry.type(description="A keyword filter of this inbox's user that a post matches.")
class MatchedFilter:
    """https://docs.joinmastodon.org/entities/FilterResult/"""

    title: str = strawberry.field(description="What the user calls it.")
    action: FilterAction = strawberry.field(
        description="What it asks for. The gateway leaves that to you: no row is ever hidden."
    )
    keywords: list[str] = strawberry.field(
        description="The words that were found; empty where the post itself is in the filter."
    )


@strawberry.type(description="What a post quotes.")
class MastodonQuote:
    """https://docs.joinmastodon.org/entities/Quote/"""

    state: QuoteState = strawberry.field(description="Whether it may be shown.")
    status: "MastodonStatus | None" = strawberry.field(
        description="The quoted post; null where it may not be shown, and for a quote in a quote."
    )


@strawberry.type(description="A post.")
class MastodonStatus:
    """https://docs.joinmastodon.org/entities/Status/"""

    id: strawberry.ID = strawberry.field(
        description="Global, for normalised caches; not one that `node` takes."
    )
    database_id: str = strawberry.field(
        description="The ID at the instance, as its own API takes it."
    )
    uri: str = strawberry.field(description="The post's name in the whole network: not a link.")
    url: URL | None = strawberry.field(description="Where a person reads it.")
    created_at: datetime = strawberry.field(description="When it was posted.")
    edited_at: datetime | None = strawberry.field(
        description="When it was last edited; null where it never was."
    )
    spoiler_text: str = strawberry.field(
        description="The content warning to show in place of the content; empty where there is "
        "none. Plain text."
    )
    is_sensitive: bool = strawberry.field(
        description="Whether its attachments are to be hidden until asked for."
    )
    visibility: StatusVisibility = strawberry.field(description="Who may see it.")
    language: str | None = strawberry.field(description="ISO 639 code, as its author set it.")
    account: MastodonAccount = strawberry.field(description="Who wrote it.")
    in_reply_to_database_id: str | None = strawberry.field(
        description="The `databaseId` of the post that it answers; null where it answers none."
    )
    replies_count: int = strawberry.field(description="Answers that the instance knows of.")
    reblogs_count: int = strawberry.field(description="Boosts that the instance knows of.")
    favourites_count: int = strawberry.field(description="Likes that the instance knows of.")
    is_favourited: bool | None = strawberry.field(description="Whether this inbox's user likes it.")
    is_reblogged: bool | None = strawberry.field(
        description="Whether this inbox's user boosted it."
    )
    is_bookmarked: bool | None = strawberry.field(
        description="Whether this inbox's user bookmarked it."
    )
    is_muted: bool | None = strawberry.field(
        description="Whether this inbox's user has muted its conversation: `muteConversation`."
    )
    media_attachments: list[MediaAttachment] = strawberry.field(
        description="Its files, in its author's order."
    )
    mentions: list[Mention] = strawberry.field(description="Who is named in it.")
    tags: list[Tag] = strawberry.field(description="Its hashtags.")
    emojis: list[CustomEmoji] = strawberry.field(
        description="The custom emoji that `content` and `spoilerText` use."
    )
    poll: Poll | None = strawberry.field(description="The poll that is part of it.")
    card: PreviewCard | None = strawberry.field(description="A preview of the link in it.")
    quote: MastodonQuote | None = strawberry.field(
        description="What it quotes; null where it quotes nothing, or the server does not tell."
    )
    matched_filters: list[MatchedFilter] = strawberry.field(
        description="The user's keyword filters that it matches, by what the instance says."
    )
    markup: strawberry.Private[str]

    @strawberry.field(
        description="What it says; null where it says nothing, as a picture may. With a `quote` it "
        "may hold a link to the quoted post, of the class `quote-inline`: hide that."
    )
    def content(self) -> HTML | None:
        return html.clean(self.markup) if self.markup else None

    @strawberry.field(
        description="The content without markup, and without the line that stands for a `quote`."
    )
    def text(self) -> str:
        if self.quote is None:
            return html.plain_text(self.markup)
        return html.plain_text(drop_quote_line(self.markup))
