"""What notifications are grouped as, and the line that tells of several."""

from enum import Enum


class GroupKind(Enum):
    """Each with its line: `who` are those who did it, `page` what it was done to."""

    FAVOURITE = "{who} liked your post"
    REBLOG = "{who} boosted your post"
    REACTION = "{who} reacted to your post"
    FOLLOW = "{who} followed you"
    ADMIN_SIGN_UP = "{who} signed up"
    CHANGES = "{who}: {count} changes of {page}"
    PAGE_LINKED = "{who} linked to {page}"
    THANKS = "{who} thanked you for edits of {page}"
