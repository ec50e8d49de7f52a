"""What can happen, in terms that all networks share."""

from enum import Enum

import strawberry


@strawberry.enum(
    description="What happened. New members may be added: treat an unknown one as OTHER."
)
class NotificationType(Enum):
    """The union of what the platforms tell; their own names are in `rawType`."""

    MENTION = strawberry.enum_value(
        "MENTION", description="Somebody mentioned you in a post, or on a page of a wiki."
    )
    STATUS = strawberry.enum_value(
        "STATUS", description="Somebody whose posts you asked to be told of has posted."
    )
    REBLOG = strawberry.enum_value("REBLOG", description="Somebody boosted a post of yours.")
    FOLLOW = strawberry.enum_value("FOLLOW", description="Somebody follows you now.")
    FOLLOW_REQUEST = strawberry.enum_value(
        "FOLLOW_REQUEST", description="Somebody asks to follow you: your account is locked."
    )
    FAVOURITE = strawberry.enum_value("FAVOURITE", description="Somebody liked a post of yours.")
    REACTION = strawberry.enum_value(
        "REACTION", description="Somebody reacted to a post of yours with an emoji: see `reaction`."
    )
    POLL = strawberry.enum_value("POLL", description="A poll that you made or voted in has ended.")
    UPDATE = strawberry.enum_value("UPDATE", description="A post that you boosted was edited.")
    QUOTE = strawberry.enum_value("QUOTE", description="Somebody quoted a post of yours.")
    QUOTED_UPDATE = strawberry.enum_value(
        "QUOTED_UPDATE", description="A post that you quoted was edited."
    )
    ADMIN_SIGN_UP = strawberry.enum_value(
        "ADMIN_SIGN_UP", description="For moderators: somebody made an account at the instance."
    )
    ADMIN_REPORT = strawberry.enum_value(
        "ADMIN_REPORT", description="For moderators: somebody reported an account."
    )
    SEVERED_RELATIONSHIPS = strawberry.enum_value(
        "SEVERED_RELATIONSHIPS",
        description="You lost followers or followed accounts to a block or a suspension.",
    )
    MODERATION_WARNING = strawberry.enum_value(
        "MODERATION_WARNING", description="A moderator warned you or acted on your account."
    )
    ANNUAL_REPORT = strawberry.enum_value(
        "ANNUAL_REPORT", description="Your year at the instance is ready to be looked at."
    )
    ADDED_TO_COLLECTION = strawberry.enum_value(
        "ADDED_TO_COLLECTION", description="Somebody put you into a collection of accounts."
    )
    COLLECTION_UPDATE = strawberry.enum_value(
        "COLLECTION_UPDATE", description="A collection that you are in has changed."
    )
    PAGE_EDITED = strawberry.enum_value(
        "PAGE_EDITED", description="A page on the watchlist has a new revision."
    )
    PAGE_CREATED = strawberry.enum_value(
        "PAGE_CREATED", description="A page on the watchlist came into being."
    )
    PAGE_LOGGED = strawberry.enum_value(
        "PAGE_LOGGED",
        description="A page on the watchlist was moved, deleted, protected …: see `logEntry`.",
    )
    PAGE_CATEGORIZED = strawberry.enum_value(
        "PAGE_CATEGORIZED", description="A page entered or left a category on the watchlist."
    )
    EXTERNAL_CHANGE = strawberry.enum_value(
        "EXTERNAL_CHANGE", description="A change elsewhere, such as at Wikidata, shows on the page."
    )
    TALK = strawberry.enum_value(
        "TALK", description="Somebody wrote on your talk page or your user page at a wiki."
    )
    REPLY = strawberry.enum_value(
        "REPLY", description="Somebody replied in a discussion that you follow at a wiki."
    )
    THANKS = strawberry.enum_value("THANKS", description="Somebody thanked you for an edit.")
    REVERTED = strawberry.enum_value("REVERTED", description="Somebody undid an edit of yours.")
    PAGE_LINKED = strawberry.enum_value(
        "PAGE_LINKED", description="Somebody linked to a page that you made, or connected it."
    )
    USER_RIGHTS = strawberry.enum_value(
        "USER_RIGHTS", description="Your rights at a wiki have changed, or you were blocked."
    )
    EMAIL = strawberry.enum_value(
        "EMAIL", description="Somebody sent you an e-mail through the wiki."
    )
    MILESTONE = strawberry.enum_value(
        "MILESTONE", description="Your first, tenth, hundredth … edit at a wiki, or a welcome."
    )
    OTHER = strawberry.enum_value(
        "OTHER", description="Something newer or rarer than this list: `rawType` names it."
    )
