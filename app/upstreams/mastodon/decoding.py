"""From the JSON of a list to its rows, each of which is read and mapped once.

A chunk that is renewed mostly repeats what it held. So rows are remembered by a digest of their
JSON, as long as a copy or a page holds them: whatever is the same again is the same value again.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from weakref import WeakValueDictionary

import msgspec

from app.clock import Clock
from app.upstreams.mastodon import wire
from app.upstreams.mastodon.mapping import NotificationMapper
from app.upstreams.mastodon.posts import Accounts
from app.upstreams.mastodon.rows import encode_row, is_id
from app.upstreams.reading.values import read_instant, read_json
from resolvers.types.mastodon import MastodonNotification
from resolvers.types.notification_type import NotificationType

KnownRows = WeakValueDictionary[bytes, MastodonNotification]
"""The rows of one inbox that are held anywhere, by the SHA-256 of what the instance sent.

All logins of the inbox may share them: a row is made of its own JSON and of the inbox's name and
address alone, so that nobody is shown by it what was not sent to them.
"""


@dataclass(frozen=True, slots=True)
class Sent:
    """What a list holds: its rows, and how many that cannot be read."""

    rows: Sequence[MastodonNotification]
    unreadable: int


class RowDecoder:
    """Decodes for one inbox."""

    def __init__(self, mapper: NotificationMapper, known: KnownRows, clock: Clock) -> None:
        self._mapper = mapper
        self._known = known
        self._clock = clock

    def decode(self, texts: Sequence[msgspec.Raw]) -> Sent:
        """The members of a list; those without an ID have no place in it.

        Each ID is one row, the first that has it, or the reaction: Sharkey sends one as a favourite
        too.
        """
        rows: list[MastodonNotification] = []
        seen: dict[str, int] = {}
        unreadable = 0
        accounts: Accounts = {}
        host = self._mapper.host.encode()  # on which handles depend, and it may come late
        for index, text in enumerate(texts):
            hashed = sha256(text)
            hashed.update(host)
            digest = hashed.digest()
            row = self._known.get(digest)
            if row is None and (notification := _read(text)):
                at = read_instant(notification.created_at) or _date_near(rows, texts[index + 1 :])
                row = self._known[digest] = self.map(notification, accounts, at)
            if row is None:
                unreadable += 1
            elif row.database_id not in seen:
                seen[row.database_id] = len(rows)
                rows.append(row)
            elif row.type is NotificationType.REACTION:
                rows[seen[row.database_id]] = row
        return Sent(rows, unreadable)

    def map(
        self, notification: wire.Notification, accounts: Accounts, at: datetime | None
    ) -> MastodonNotification:
        """One that has an ID; without a date it is taken for a new one."""
        row = encode_row(notification.id)
        return self._mapper.map(notification, row, at or self._clock.now(), accounts)


def _date_near(
    above: Sequence[MastodonNotification], below: Sequence[msgspec.Raw]
) -> datetime | None:
    """What a row without a date of its own is listed by: its neighbour's, where one has any."""
    if above:
        return above[-1].created_at
    read = (_read(text) for text in below)
    dates = (read_instant(each.created_at) for each in read if each is not None)
    return next((date for date in dates if date is not None), None)


def _read(text: msgspec.Raw) -> wire.Notification | None:
    """None for what has no place in a list, as it has no ID."""
    try:
        notification = read_json(bytes(text), wire.Notification)
    except ValueError:
        return None
    return notification if is_id(notification.id) else None
