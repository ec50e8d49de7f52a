"""What every notification has, whatever network it comes from."""

from base64 import urlsafe_b64encode
from collections.abc import Sequence
from dataclasses import field
from datetime import datetime
from hashlib import blake2b
from typing import Any, ClassVar, Self

import strawberry

from resolvers.types.cacheable import NOT_CACHEABLE
from resolvers.types.group_kind import GroupKind
from resolvers.types.inbox import Inbox, ShownInbox
from resolvers.types.node import Node
from resolvers.types.notification_type import NotificationType
from resolvers.types.scalars import URL

_OF_A_GROUP = 12
"""Bytes of the hash that names a group: four characters for each three of them."""


@strawberry.interface(description="Somebody who causes notifications.")
class Actor:
    """A MastodonAccount or a WikiUser."""

    id: strawberry.ID = strawberry.field(
        description="Global, for normalised caches; the same person seen by two inboxes has two."
    )
    handle: str = strawberry.field(
        description="As people write it: `@zed@example.social`, `User:Bob`."
    )
    display_name: str = strawberry.field(
        description="What to show for the name; the user name where there is no other. Plain text."
    )
    url: URL | None = strawberry.field(description="Their page, for a person to read.")
    avatar_url: URL | None = strawberry.field(
        description="Their picture; null where the network has none."
    )
    is_bot: bool | None = strawberry.field(
        description="Whether the account says that it is automated; null where the network "
        "does not tell it of accounts."
    )


def _remembered() -> Any:
    """A field for what is made of a value once: it is no part of it."""
    return field(default=None, init=False, repr=False, compare=False)


@strawberry.interface(description="Something that happened and that an inbox was told of.")
class Notification(Node):
    """One row of the list. `row` names it inside its inbox, for places and cursors.

    A row is shown many times before it changes, and then it is another value. So it remembers
    for which selection it was last completed, and how it stands in the answers since then; by
    what its cursor was last written, and the cursor; and its group.
    """

    group_kinds: ClassVar[frozenset[GroupKind]] = frozenset()
    completed: strawberry.Private[tuple[object, object] | None] = _remembered()
    last_cursor: strawberry.Private[tuple[object, str] | None] = _remembered()
    known_group_id: strawberry.Private[strawberry.ID | None] = _remembered()
    row: strawberry.Private[bytes]
    inbox: Inbox = strawberry.field(
        graphql_type=ShownInbox, description="The login that received it."
    )
    type: NotificationType = strawberry.field(
        description="What happened, in terms that all networks share."
    )
    raw_type: str = strawberry.field(
        description="The type as the instance names it; tells apart what `OTHER` hides."
    )
    created_at: datetime = strawberry.field(
        description="When it happened, by the instance's clock; what the list is ordered by. "
        "Where its date cannot be read it is that of the notification listed next to it."
    )
    is_unread: bool | None = strawberry.field(
        description="Not yet seen, by what the instance says: a wiki's mark, Mastodon's marker. "
        "True where no marker was ever set; null where there is none, or the login may not read "
        "it.",
        metadata=NOT_CACHEABLE,  # it goes by a marker that is renewed apart from the list
    )
    actor: Actor | None = strawberry.field(
        description="Who did it; null where nobody did, or the instance hides who."
    )
    url: URL | None = strawberry.field(description="Where a person reads it.")
    summary: str = strawberry.field(
        description="One plain line: `Zed mentioned you`, `Bob edited Page 2`."
    )

    @strawberry.field(
        description="Equal for notifications that belong together: likes of one post, new "
        "followers, changes of one page … on one day (UTC) in one inbox. It is the same on every "
        "page and in every event, and made the same for every network. What belongs to nothing "
        "has one of its own."
    )
    def group_id(self) -> strawberry.ID:
        return self.group

    @property
    def group(self) -> strawberry.ID:
        """Its `groupId`."""
        if self.known_group_id is None:
            self.known_group_id = self._make_group_id()
        return self.known_group_id

    def _make_group_id(self) -> strawberry.ID:
        together = self.grouped_by
        key: tuple[str, ...] = (self.inbox.name, self.id)
        if together is not None:
            kind, about = together
            key = (self.inbox.name, kind.name, about, self.created_at.date().isoformat())
        digest = blake2b(repr(key).encode(), digest_size=_OF_A_GROUP).digest()
        return strawberry.ID(urlsafe_b64encode(digest).decode())

    @property
    def grouped_by(self) -> tuple[GroupKind, str] | None:
        """What it shares with others that belong to it: a kind, and the object that it is about.

        None where it stands alone.
        """
        return None

    @property
    def about(self) -> object | None:
        """The post or the page that it is about, as the API shows it; None where there is none."""
        return None

    @property
    def is_of_bot(self) -> bool:
        """Whether whoever did it says that it was done by itself."""
        return self.actor is not None and self.actor.is_bot is True

    @property
    def people(self) -> Sequence[Actor]:
        """Everybody who is in it: rows of one chunk share them."""
        return () if self.actor is None else (self.actor,)

    @property
    def subject(self) -> str | None:
        """What else leaves the list when it is dismissed: the earlier ones of the same subject.

        None where it goes alone.
        """
        return None

    def seen_before(self, instant: datetime) -> Self:
        """The same, as its instance shows it once its subject is seen up to then (UTC)."""
        raise NotImplementedError  # of what has a subject
