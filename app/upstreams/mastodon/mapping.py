"""Turns what a Mastodon-API server sends into the types of the API."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, TypeVar
from urllib.parse import quote

from app.upstreams.http.client import host_of
from app.upstreams.mastodon import wire
from app.upstreams.mastodon.facts import InstanceFacts
from app.upstreams.mastodon.summary import read_emoji, summarise
from app.upstreams.reading.values import read_count, read_instant, read_url
from resolvers.identity import make_id
from resolvers.platforms import PLATFORMS, Platform
from resolvers.seam.chunk import Row
from resolvers.types.account import CustomEmoji, MastodonAccount
from resolvers.types.feed import Feed
from resolvers.types.filtered import NotificationRequest
from resolvers.types.inbox import Inbox
from resolvers.types.mastodon import (
    MastodonModerationWarning,
    MastodonNotification,
    MastodonReport,
    MastodonSeverance,
    Reaction,
)
from resolvers.types.names import read_name
from resolvers.types.notification_type import NotificationType
from resolvers.types.post import (
    MastodonStatus,
    MediaAttachment,
    MediaType,
    Mention,
    Poll,
    PollOption,
    PreviewCard,
    StatusVisibility,
    Tag,
)
from resolvers.types.scalars import URL

_SHOWN = PLATFORMS[Platform.MASTODON].feeds[Feed.NOTIFICATIONS].kinds
_TYPES = {
    **{each.name.lower(): each for each in _SHOWN},
    "admin.sign_up": NotificationType.ADMIN_SIGN_UP,
    "admin.report": NotificationType.ADMIN_REPORT,
    "emoji_reaction": NotificationType.REACTION,
    "pleroma:emoji_reaction": NotificationType.REACTION,
}
_NOBODY_ACTED = {
    NotificationType.SEVERED_RELATIONSHIPS,
    NotificationType.MODERATION_WARNING,
    NotificationType.ANNUAL_REPORT,
}
"""There Mastodon names the receiver as the account."""

Sent = TypeVar("Sent")
Shown = TypeVar("Shown")

_VISIBILITIES = {each.name.lower(): each for each in StatusVisibility}
_MEDIA_TYPES = {each.name.lower(): each for each in MediaType}


Accounts = dict[str, tuple[wire.Account, MastodonAccount]]
"""The accounts of one answer by their IDs, each as it was sent and as it was mapped."""


class NotificationMapper:
    """Maps for one inbox: IDs and handles depend on where something was seen."""

    def __init__(self, inbox: Inbox, facts: InstanceFacts | None = None) -> None:
        self._inbox = inbox
        self._facts = facts or InstanceFacts()

    @property
    def host(self) -> str:
        """Of the handles of the instance's own accounts."""
        return self._facts.domain or host_of(self._inbox.instance.url)

    def map(
        self, notification: wire.Notification, row: Row, created_at: datetime, known: Accounts
    ) -> MastodonNotification:
        """One notification; `row` and `created_at` are its own, which the caller has read.

        `known` are the accounts of the same answer: what is equal is made once and shared.
        """
        kind = _kind_of(notification)
        account = self._account(notification.account, known) if notification.account else None
        status = (
            self._status(notification.status, created_at, known) if notification.status else None
        )
        return MastodonNotification(
            id=make_id("MastodonNotification", self._inbox.name, notification.id),
            row=row,
            inbox=self._inbox,
            type=kind,
            raw_type=notification.type,
            created_at=created_at,
            is_unread=None,  # the marker tells, where it is asked for
            actor=None if kind in _NOBODY_ACTED else account,
            url=self._url(notification, account, status),
            summary=summarise(kind, notification),
            database_id=notification.id,
            account=account,
            status=status,
            report=self._report(notification.report, created_at, known)
            if notification.report
            else None,
            severance=_severance(notification.event, created_at) if notification.event else None,
            moderation_warning=_warning(notification.moderation_warning, created_at),
            group_key=notification.group_key,
            is_filtered=notification.filtered,
            reaction=_reaction(notification) if kind is NotificationType.REACTION else None,
        )

    def map_status(self, status: wire.Status, seen_at: datetime) -> MastodonStatus:
        """A post by itself; `seen_at` is for one whose date cannot be read."""
        return self._status(status, seen_at, {})

    def map_request(
        self, request: wire.NotificationRequest, count: int, now: datetime
    ) -> NotificationRequest:
        """One notification request; `now` is for one whose dates cannot be read."""
        created_at = read_instant(request.created_at) or read_instant(request.updated_at) or now
        status = request.last_status
        return NotificationRequest(
            id=make_id(NotificationRequest.__name__, self._inbox.name, request.id),
            account=self._account(request.account, {}),
            created_at=created_at,
            updated_at=read_instant(request.updated_at) or created_at,
            count=count,
            last_status=self.map_status(status, created_at) if status else None,
        )

    def handle(self, acct: str) -> str:
        """An account's name with its server, as people write it."""
        return f"@{acct}" if "@" in acct else f"@{acct}@{self.host}"

    def _account(self, account: wire.Account, known: Accounts) -> MastodonAccount:
        sent, made = known.get(account.id, (None, None))
        if made is None or sent != account:
            made = self._make_account(account)
            known[account.id] = account, made
        return made

    def _make_account(self, account: wire.Account) -> MastodonAccount:
        return MastodonAccount(
            id=make_id("MastodonAccount", self._inbox.name, account.id),
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

    def _status(self, status: wire.Status, seen_at: datetime, known: Accounts) -> MastodonStatus:
        return MastodonStatus(
            id=make_id("MastodonStatus", self._inbox.name, status.id),
            database_id=status.id,
            uri=status.uri,
            url=read_url(status.url),
            created_at=read_instant(status.created_at) or seen_at,
            edited_at=read_instant(status.edited_at),
            spoiler_text=status.spoiler_text or "",
            is_sensitive=bool(status.sensitive),
            visibility=_VISIBILITIES.get(status.visibility or "", StatusVisibility.OTHER),
            language=status.language,
            account=self._account(status.account, known),
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
            markup=status.content or "",
        )

    def _report(self, report: wire.Report, seen_at: datetime, known: Accounts) -> MastodonReport:
        target = report.target_account or report.account  # the latter at Pleroma
        return MastodonReport(
            database_id=report.id,
            category=report.category or "",
            comment=report.comment or report.content or "",
            target_account=self._account(target, known) if target else None,
            created_at=read_instant(report.created_at) or seen_at,
            is_action_taken=report.action_taken,
        )

    def _url(
        self, row: wire.Notification, account: MastodonAccount | None, status: MastodonStatus | None
    ) -> URL | None:
        """The post, else Mastodon's page for such a thing, else whoever did it."""
        base = self._inbox.instance.url
        if status:
            return status.url
        if row.report and row.type == "admin.report":  # Pleroma's has no such page
            return read_url(f"{base}/admin/reports/{quote(row.report.id, safe='')}")
        if row.moderation_warning:
            return read_url(f"{base}/disputes/strikes/{quote(row.moderation_warning.id, safe='')}")
        if row.event:
            return read_url(f"{base}/severed_relationships")
        return account.url if account else None


def _kind_of(row: wire.Notification) -> NotificationType:
    """By its type, or else by what it has: every server has a name of its own for reactions."""
    told = read_emoji(row) if row.type not in _TYPES else None
    return _TYPES.get(row.type, NotificationType.REACTION if told else NotificationType.OTHER)


def _reaction(row: wire.Notification) -> Reaction | None:
    emoji = read_emoji(row)
    if emoji is None:
        return None
    told = row.emoji_url or (row.emoji_reaction and row.emoji_reaction.url)
    return Reaction(emoji=emoji, image_url=read_url(told) if told else None)


_NONE: list[Any] = []
"""What most posts have of everything: shared, as values are never changed."""


def _each(shown: Callable[[Sent], Shown], sent: Sequence[Sent] | None) -> list[Shown]:
    return [shown(each) for each in sent] if sent else _NONE


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


def _severance(event: wire.SeveranceEvent, seen_at: datetime) -> MastodonSeverance:
    return MastodonSeverance(
        database_id=event.id,
        type=event.type,
        target_name=event.target_name or "",
        is_purged=event.purged,
        followers_count=read_count(event.followers_count),
        following_count=read_count(event.following_count),
        created_at=read_instant(event.created_at) or seen_at,
    )


def _warning(
    warning: wire.ModerationWarning | None, seen_at: datetime
) -> MastodonModerationWarning | None:
    if warning is None:
        return None
    return MastodonModerationWarning(
        database_id=warning.id,
        action=warning.action,
        text=warning.text or "",
        created_at=read_instant(warning.created_at) or seen_at,
    )
