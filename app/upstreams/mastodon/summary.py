"""One plain line for each notification of a Mastodon-API server."""

from app.upstreams.mastodon import wire
from resolvers.types.names import isolate, read_name
from resolvers.types.notification_type import NotificationType as Type

_LINES = {
    Type.MENTION: "{who} mentioned you",
    Type.STATUS: "{who} posted",
    Type.REBLOG: "{who} boosted your post",
    Type.FOLLOW: "{who} followed you",
    Type.FOLLOW_REQUEST: "{who} asks to follow you",
    Type.FAVOURITE: "{who} liked your post",
    Type.REACTION: "{who} reacted with {emoji}",
    Type.POLL: "A poll by {who} has ended",
    Type.UPDATE: "{who} edited a post that you boosted",
    Type.QUOTE: "{who} quoted your post",
    Type.QUOTED_UPDATE: "{who} edited a post that you quoted",
    Type.ADMIN_SIGN_UP: "{who} signed up",
    Type.ADMIN_REPORT: "{who} reported {target}",
    Type.SEVERED_RELATIONSHIPS: "You lost follows because of {target}",
    Type.MODERATION_WARNING: "A moderator warned you or acted on your account",
    Type.ANNUAL_REPORT: "Your year is ready to be looked at",
    Type.ADDED_TO_COLLECTION: "{who} added you to a collection",
    Type.COLLECTION_UPDATE: "{who} changed a collection that you are in",
}
_LONGEST_TYPE = 60
_OTHER = "{who}: {raw_type}"
_REACTED = "{who} reacted to your post"
_LONGEST_EMOJI = 100


def summarise(kind: Type, row: wire.Notification) -> str:
    """What happened, in the words of `_LINES`, on one line."""
    emoji = read_emoji(row)
    line = _REACTED if kind is Type.REACTION and emoji is None else _LINES.get(kind, _OTHER)
    line = line.format(
        who=_name(row.account) if row.account else "Somebody",
        target=_target(row),
        emoji=emoji,
        raw_type=read_name(row.type[:_LONGEST_TYPE]) or "something",
    )
    return " ".join(line.split())


def read_emoji(row: wire.Notification) -> str | None:
    """What somebody reacted with: a character, or a custom one as `:blobcat:`."""
    told = row.emoji or (row.emoji_reaction and row.emoji_reaction.name)
    emoji = read_name(told[:_LONGEST_EMOJI]) if told else None
    if emoji is None or not emoji.isascii():
        return emoji
    return f":{emoji.strip(':').partition('@')[0]}:"


def _target(row: wire.Notification) -> str:
    reported = row.report and (row.report.target_account or row.report.account)
    if reported:
        return _name(reported)
    target = row.event.target_name if row.event else None
    return isolate(read_name(target) or "an account")


def _name(account: wire.Account) -> str:
    return isolate(read_name(account.display_name) or read_name(account.username) or "Somebody")
