"""Accounts and posts as Mastodon 4.6 shows them: https://docs.joinmastodon.org/entities/"""

from datetime import datetime

from app.sandbox.listing import Entity


def account_entity(account_id: str, acct: str, url: str, display_name: str, bot: bool) -> Entity:
    """An account; `acct` has a host if it is not a local one."""
    username = acct.partition("@")[0]
    return {
        "id": account_id,
        "username": username,
        "acct": acct,
        "url": url,
        "uri": url,
        "display_name": display_name,
        "note": f"<p>I am {username}.</p>",
        "bot": bot,
        "locked": False,
        "discoverable": None,
        "indexable": False,
        "group": False,
        "avatar": f"{url}/avatar.png",
        "avatar_static": f"{url}/avatar.png",
        "header": f"{url}/header.png",
        "header_static": f"{url}/header.png",
        "created_at": "2022-11-04T00:00:00.000Z",
        "last_status_at": "2026-11-01",
        "followers_count": 12,
        "following_count": 34,
        "statuses_count": 56,
        "emojis": [],
        "fields": [],
        "roles": [],
        "hide_collections": None,
    }


def status_entity(status_id: str, account: Entity, content: str, at: datetime) -> Entity:
    """A public post."""
    url = f"{account['url']}/{status_id}"
    return {
        "id": status_id,
        "created_at": write_instant(at),
        "edited_at": None,
        "uri": url,
        "url": url,
        "content": content,
        "spoiler_text": "",
        "sensitive": False,
        "visibility": "public",
        "language": "en",
        "account": account,
        "reblog": None,
        "in_reply_to_id": None,
        "in_reply_to_account_id": None,
        "application": None,
        "replies_count": 0,
        "reblogs_count": 0,
        "favourites_count": 0,
        "quotes_count": 0,
        "favourited": False,
        "reblogged": False,
        "muted": False,
        "bookmarked": False,
        "media_attachments": [],
        "mentions": [],
        "tags": [],
        "emojis": [],
        "card": None,
        "poll": None,
        "quote": None,
    }


def write_instant(instant: datetime, *, milliseconds: bool = True) -> str:
    """ISO 8601 with or without milliseconds, as servers differ."""
    fraction = f".{instant.microsecond // 1000:03d}" if milliseconds else ""
    return instant.strftime("%Y-%m-%dT%H:%M:%S") + f"{fraction}Z"
