"""THE SEAM, its second part: what a login of a social network does beside reading its list.

A wiki has none of it. What such a server cannot do is an `UpstreamError` with UNSUPPORTED here too.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from resolvers.seam.writes import Dismissal
from resolvers.types.filtered import NotificationPolicyRule, NotificationRequest, Policy
from resolvers.types.post import MastodonStatus


@dataclass(frozen=True, slots=True)
class RequestPage:
    """Some requests, newest first, each after its key, and whether more follow."""

    requests: Mapping[str, NotificationRequest]
    has_more: bool


class Social(Protocol):
    """Of one login. All raise UpstreamError."""

    async def answer_follow_request(self, key: str, *, accepts: bool) -> Dismissal:
        """Answers the request that a notification tells of; what left the list by it.

        Raises NotFound where either is gone, InvalidInput where the notification is of another
        kind.
        """

    async def mute_conversation(self, key: str, *, is_muted: bool) -> MastodonStatus:
        """Mutes the conversation of a notification's post, or ends that; the post as it is then.

        Raises NotFound where either is gone, InvalidInput where there is no post.
        """

    async def list_requests(self, limit: int, after: str | None) -> RequestPage:
        """Notification requests, from the newest or below that with the key `after`."""

    async def accept_requests(self, keys: Sequence[str]) -> None:
        """What these keep out of sight is listed, where it belongs by its time."""

    async def dismiss_requests(self, keys: Sequence[str]) -> None:
        """What these keep out of sight stays so."""

    async def ask_policy(self) -> Policy:
        """From whom notifications are taken at once."""

    async def set_policy(self, changes: Mapping[str, NotificationPolicyRule]) -> Policy:
        """Sets some rules by their names; the policy as it is then."""
