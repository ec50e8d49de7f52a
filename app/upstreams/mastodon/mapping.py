"""Turns what a Mastodon-API server sends into the types of the API."""

from datetime import datetime
from urllib.parse import quote

from app.upstreams.mastodon import wire
from app.upstreams.mastodon.posts import Accounts, PostMapper
from app.upstreams.mastodon.summary import read_emoji, summarise
from app.upstreams.reading.values import read_count, read_instant, read_url
from resolvers.identity import make_id
from resolvers.platforms import PLATFORMS, Platform
from resolvers.seam.chunk import Row
from resolvers.types.account import MastodonAccount
from resolvers.types.feed import Feed
from resolvers.types.filtered import NotificationRequest
from resolvers.types.html import plain_text
from resolvers.types.mastodon import (
    MastodonModerationWarning,
    MastodonNotification,
    MastodonReport,
    MastodonSeverance,
    NotificationFallback,
    Reaction,
)
from resolvers.types.names import read_name
from resolvers.types.notification_type import NotificationType
from resolvers.types.post import MastodonStatus
from resolvers.types.scalars import URL

_SHOWN = PLATFORMS[Platform.MASTODON].feeds[Feed.NOTIFICATIONS].kinds
_TYPES = {
    **{each.name.lower(): each for each in _SHOWN},
    "admin.sign_up": NotificationType.ADMIN_SIGN_UP,
    "admin.report": NotificationType.ADMIN_REPORT,
    "emoji_reaction": NotificationType.REACTION,
    "pleroma:emoji_reaction": NotificationType.REACTION,
}
TOLD_TYPES = (
    *sorted(each.name.lower() for each in _SHOWN if not each.name.startswith("ADMIN_")),
    *("admin.report", "admin.sign_up"),
)
"""Of which an instance need not say more than their fields do."""
_NOBODY_ACTED = {
    NotificationType.SEVERED_RELATIONSHIPS,
    NotificationType.MODERATION_WARNING,
    NotificationType.ANNUAL_REPORT,
}
"""There Mastodon names the receiver as the account."""


class NotificationMapper(PostMapper):
    """The same of notifications, and of what else a login is told."""

    def map(
        self, notification: wire.Notification, row: Row, created_at: datetime, known: Accounts
    ) -> MastodonNotification:
        """One notification; `row` and `created_at` are its own, which the caller has read.

        `known` are the accounts of the same answer: what is equal is made once and shared.
        """
        kind = _kind_of(notification)
        account = self.map_account(notification.account, known) if notification.account else None
        status = (
            self.map_status(notification.status, created_at, known) if notification.status else None
        )
        fallback = _fallback(notification) if kind is NotificationType.OTHER else None
        return MastodonNotification(
            id=make_id("MastodonNotification", self.inbox.name, notification.id),
            row=row,
            inbox=self.inbox,
            type=kind,
            raw_type=notification.type,
            created_at=created_at,
            is_unread=None,  # the marker tells, where it is asked for
            actor=None if kind in _NOBODY_ACTED else account,
            url=self._url(notification, account, status),
            summary=fallback.title if fallback else summarise(kind, notification),
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
            fallback=fallback,
            reaction=_reaction(notification) if kind is NotificationType.REACTION else None,
        )

    def map_request(
        self, request: wire.NotificationRequest, count: int, now: datetime
    ) -> NotificationRequest:
        """One notification request; `now` is for one whose dates cannot be read."""
        created_at = read_instant(request.created_at) or read_instant(request.updated_at) or now
        status = request.last_status
        return NotificationRequest(
            id=make_id(NotificationRequest.__name__, self.inbox.name, request.id),
            account=self.map_account(request.account, {}),
            created_at=created_at,
            updated_at=read_instant(request.updated_at) or created_at,
            count=count,
            last_status=self.map_status(status, created_at) if status else None,
        )

    def _report(self, report: wire.Report, seen_at: datetime, known: Accounts) -> MastodonReport:
        target = report.target_account or report.account  # the latter at Pleroma
        return MastodonReport(
            database_id=report.id,
            category=report.category or "",
            comment=report.comment or report.content or "",
            target_account=self.map_account(target, known) if target else None,
            created_at=read_instant(report.created_at) or seen_at,
            is_action_taken=report.action_taken,
        )

    def _url(
        self, row: wire.Notification, account: MastodonAccount | None, status: MastodonStatus | None
    ) -> URL | None:
        """The post, else Mastodon's page for such a thing, else whoever did it."""
        base = self.inbox.instance.url
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


def _fallback(row: wire.Notification) -> NotificationFallback | None:
    told = row.fallback
    title = read_name(plain_text(told.title)) if told and told.title else None
    if told is None or title is None:
        return None
    return NotificationFallback(title=title, summary_markup=told.summary or "")


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
