"""From the JSON of a list to its rows, each of which is read and mapped once.

A chunk that is renewed mostly repeats what it held. So rows are remembered by a digest of their
JSON, as long as a copy or a page holds them: whatever is the same again is the same value again.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from weakref import WeakValueDictionary

import msgspec

from app.upstreams.mastodon import wire
from app.upstreams.mastodon.mapping import Accounts, NotificationMapper
from app.upstreams.mastodon.rows import encode_row, is_id
from app.upstreams.reading.values import read_instant, read_json
from resolvers.types.mastodon import MastodonNotification

KnownRows = WeakValueDictionary[bytes, MastodonNotification]
"""The rows of one inbox that are held anywhere, by the SHA-256 of what the instance sent.

All logins of the inbox may share them: a row is made of its own JSON and of the inbox's name and
address alone, so that nobody is shown by it what was not sent to them.
"""


@dataclass(frozen=True, slots=True)
class Sent:
    """What a list holds: its rows, the IDs of all, as far as these can be read, and the others."""

    rows: Sequence[MastodonNotification]
    ids: Sequence[str]
    unreadable: int


class RowDecoder:
    """Decodes for one inbox."""

    def __init__(self, mapper: NotificationMapper, known: KnownRows) -> None:
        self._mapper = mapper
        self._known = known

    def decode(self, texts: Sequence[msgspec.Raw]) -> Sent:
        """The members of a list; those without an ID or a date have no place in it.

        Each ID is one row, the first that has it: Sharkey sends a reaction as a favourite too.
        """
        rows: list[MastodonNotification] = []
        ids: dict[str, None] = {}
        unreadable = 0
        accounts: Accounts = {}
        host = self._mapper.host.encode()  # on which handles depend, and it may come late
        for text in texts:
            hashed = sha256(text)
            hashed.update(host)
            digest = hashed.digest()
            row = self._known.get(digest)
            if row is None and (notification := _read(text)):
                row = self.map(notification, accounts)
                if row is not None:
                    self._known[digest] = row
                elif notification.id:
                    ids[notification.id] = None
            if row is None:
                unreadable += 1
            elif row.database_id not in ids:
                rows.append(row)
                ids[row.database_id] = None
        return Sent(rows, [*ids], unreadable)

    def map(
        self, notification: wire.Notification, accounts: Accounts
    ) -> MastodonNotification | None:
        """None for one that has no place in a list: without an ID, or without a date."""
        created_at = read_instant(notification.created_at)
        if created_at is None or not is_id(notification.id):
            return None
        row = encode_row(notification.id)
        return self._mapper.map(notification, row, created_at, accounts)


def _read(text: msgspec.Raw) -> wire.Notification | None:
    try:
        return read_json(bytes(text), wire.Notification)
    except ValueError:
        return None
