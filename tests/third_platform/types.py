"""A forum's notifications: what the core has to know."""

import strawberry

from resolvers.types.notification import Actor, Notification


@strawberry.type(description="Who writes in a forum.")
class ForumMember(Actor):
    """Nothing but what every actor has."""


@strawberry.type(description="Something in a forum.")
class ForumNotification(Notification):
    """With the thread that it is about."""

    thread: str = strawberry.field(description="The thread's title.")
