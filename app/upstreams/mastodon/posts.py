"""Turns accounts and posts of a Mastodon-API server into the types of the API."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, TypeVar

from app.upstreams.http.client import host_of
from app.upstreams.mastodon import wire
from app.upstreams.mastodon.facts import InstanceFacts
from app.upstreams.reading.values import read_count, read_instant, read_url
from resolvers.identity import make_id
from resolvers.types.account import CustomEmoji, MastodonAccount
from resolvers.types.inbox import Inbox
from resolvers.types.names import read_name
from resolvers.types.post import (
    FilterAction,
    MastodonQuote,
    MastodonStatus,
    MatchedFilter,
    MediaAttachment,
    MediaType,
    Mention,
    Poll,
    PollOption,
    PreviewCard,
    QuoteState,
    StatusVisibility,
    Tag,
)

Sent = TypeVar("Sent")
Shown = TypeVar("Shown")

_VISIBILITIES = {each.name.lower(): each for each in StatusVisibility}
_QUOTE_STATES = {each.name.lower(): each for each in QuoteState}
_FILTER_ACTIONS = {each.name.lower(): each for each in FilterAction}
_MEDIA_TYPES = {each.name.lower(): each for each in MediaType}


Accounts = dict[str, tuple[wire.Account, MastodonAccount]]
"""The accounts of one answer by their IDs, each as it was sent and as it was mapped."""


class PostMapper:
    """Maps for one inbox: IDs and handles depend on where something was seen."""

    def __init__(self, inbox: Inbox, facts: InstanceFacts | None = None) -> None:
        self.inbox = inbox
        self._facts = facts or InstanceFacts()

    @property
    def host(self) -> str:
        """Of the handles of the instance's own accounts."""
        return self._facts.domain or host_of(self.inbox.instance.url)

    def map_status(
        self, status: wire.Status, seen_at: datetime, known: Accounts | None = None
    ) -> MastodonStatus:
        """A post; `seen_at` is for one whose date cannot be read, `known` as in `map_account`."""
        return self._status(status, seen_at, {} if known is None else known)

    def handle(self, acct: str) -> str:
        """An account's name with its server, as people write it."""
        return f"@{acct}" if "@" in acct else f"@{acct}@{self.host}"

    def map_account(self, account: wire.Account, known: Accounts) -> MastodonAccount:
        """An account; `known` are those of the same answer: what is equal is made once."""
        sent, made = known.get(account.id, (None, None))
        if made is None or sent != account:
            made = self._make_account(account)
            known[account.id] = account, made
        return made

    def _make_account(self, account: wire.Account) -> MastodonAccount:
        return MastodonAccount(
            id=make_id("MastodonAccount", self.inbox.name, account.id),
            handle=self.handle(account.acct or account.username or account.id),
            display_name=read_name(account.display_name) or account.username,
            url=read_url(account.url),
            avatar_url=read_url(account.avatar),
            is_bot=account.bot,
            database_id=account.id,
            username=account.username,
            acct=account.acct,
            header_url=read_url(account.header),
            is_locked=account.locked,
            followers_count=read_count(account.followers_count),
            following_count=read_count(account.following_count),
            statuses_count=read_count(account.statuses_count),
            created_at=read_instant(account.created_at),
            emojis=_emojis(account.emojis),
            note_markup=account.note or "",
        )

    def _status(
        self,
        status: wire.Status,
        seen_at: datetime,
        known: Accounts,
        *,
        is_quoted: bool = False,
    ) -> MastodonStatus:
        return MastodonStatus(
            id=make_id("MastodonStatus", self.inbox.name, status.id),
            database_id=status.id,
            uri=status.uri,
            url=read_url(status.url),
            created_at=read_instant(status.created_at) or seen_at,
            edited_at=read_instant(status.edited_at),
            spoiler_text=status.spoiler_text or "",
            is_sensitive=bool(status.sensitive),
            visibility=_VISIBILITIES.get(status.visibility or "", StatusVisibility.OTHER),
            language=status.language,
            account=self.map_account(status.account, known),
            in_reply_to_database_id=status.in_reply_to_id,
            replies_count=read_count(status.replies_count) or 0,
            reblogs_count=read_count(status.reblogs_count) or 0,
            favourites_count=read_count(status.favourites_count) or 0,
            is_favourited=status.favourited,
            is_reblogged=status.reblogged,
            is_bookmarked=status.bookmarked,
            is_muted=status.muted,
            media_attachments=_each(_media, status.media_attachments),
            mentions=_each(_mention, status.mentions),
            tags=_each(_tag, status.tags),
            emojis=_emojis(status.emojis),
            poll=_poll(status.poll) if status.poll else None,
            card=_card(status.card) if status.card else None,
            quote=self._quote(status.quote, seen_at, known, is_inside=is_quoted),
            matched_filters=_each(_matched, status.filtered),
            markup=status.content or "",
        )

    def _quote(
        self, quote: wire.Quote | None, seen_at: datetime, known: Accounts, *, is_inside: bool
    ) -> MastodonQuote | None:
        """A quote in a quote has no post of its own, so that there is an end."""
        if quote is None:
            return None
        quoted = None if is_inside else quote.quoted_status
        return MastodonQuote(
            state=_QUOTE_STATES.get(quote.state or "", QuoteState.UNAUTHORIZED),
            status=self._status(quoted, seen_at, known, is_quoted=True) if quoted else None,
        )


_NONE: list[Any] = []
"""What most posts have of everything: shared, as values are never changed."""


def _each(shown: Callable[[Sent], Shown], sent: Sequence[Sent] | None) -> list[Shown]:
    return [shown(each) for each in sent] if sent else _NONE


def _matched(result: wire.FilterResult) -> MatchedFilter:
    told = result.filter or wire.Filter()
    return MatchedFilter(
        title=read_name(told.title) or "",
        action=_FILTER_ACTIONS.get(told.filter_action or "", FilterAction.OTHER),
        keywords=[*(result.keyword_matches or ())],
    )


def _mention(mention: wire.StatusMention) -> Mention:
    return Mention(username=mention.username, acct=mention.acct, url=read_url(mention.url))


def _tag(tag: wire.StatusTag) -> Tag:
    return Tag(name=tag.name, url=read_url(tag.url))


def _emojis(emojis: list[wire.Emoji] | None) -> list[CustomEmoji]:
    shown: list[CustomEmoji] = []
    for emoji in emojis or ():
        if url := read_url(emoji.url):
            static_url = read_url(emoji.static_url) or url
            shown.append(CustomEmoji(shortcode=emoji.shortcode, url=url, static_url=static_url))
    return shown or _NONE


def _media(media: wire.Media) -> MediaAttachment:
    return MediaAttachment(
        database_id=media.id,
        type=_MEDIA_TYPES.get(media.type, MediaType.UNKNOWN),
        url=read_url(media.url),
        preview_url=read_url(media.preview_url),
        description=media.description,
        blurhash=media.blurhash,
    )


def _poll(poll: wire.Poll) -> Poll:
    return Poll(
        database_id=poll.id,
        expires_at=read_instant(poll.expires_at),
        is_expired=poll.expired,
        is_multiple=poll.multiple,
        votes_count=read_count(poll.votes_count),
        options=[
            PollOption(title=option.title, votes_count=read_count(option.votes_count))
            for option in poll.options or ()
        ],
    )


def _card(card: wire.Card) -> PreviewCard:
    return PreviewCard(
        url=read_url(card.url),
        title=card.title or "",
        description=card.description or "",
        image_url=read_url(card.image),
    )
