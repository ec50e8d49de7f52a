"""What mutations answer with. A refusal is data, in `userErrors`, so that a form can show it."""

from datetime import datetime
from enum import Enum

import strawberry

from resolvers.fields.inbox import InboxFields
from resolvers.query import Query
from resolvers.types.failure import UpstreamFailure
from resolvers.types.inbox import Inbox
from resolvers.types.mediawiki import WatchedPageResult


@strawberry.enum(description="Why something was not done.")
class UserErrorCode(Enum):
    """The codes of `userErrors`: public and never renamed."""

    NOT_FOUND = strawberry.enum_value(
        "NOT_FOUND", description="No notification or inbox has this ID."
    )
    INVALID_INPUT = strawberry.enum_value(
        "INVALID_INPUT", description="The input cannot be meant so: `path` leads to the field."
    )
    NOT_SUPPORTED = strawberry.enum_value(
        "NOT_SUPPORTED", description="Such an instance cannot do this; asking again is no use."
    )
    UPSTREAM_FAILED = strawberry.enum_value(
        "UPSTREAM_FAILED",
        description="The instance did not do it: see `failure`. Unless "
        "`isOutcomeUnknown` says that it may have.",
    )
    FORBIDDEN = strawberry.enum_value(
        "FORBIDDEN", description="The caller may read this inbox and not change it."
    )


@strawberry.type(description="Why something was not done, for the caller to act on.")
class UserError:
    """One refusal."""

    code: UserErrorCode = strawberry.field(description="What kind, for a program to act on.")
    message: str = strawberry.field(description="One or two sentences for a person.")
    is_outcome_unknown: bool = strawberry.field(
        description="Whether it may have been done all the same: show it as not known, and read it "
        "anew before you ask again."
    )
    path: list[str] | None = strawberry.field(
        description='The input field, outermost first: `["input", "pages", "titles", "3"]`.'
    )
    inbox: Inbox | None = strawberry.field(
        graphql_type=InboxFields | None, description="The inbox that it happened with."
    )
    failure: UpstreamFailure | None = strawberry.field(description="With UPSTREAM_FAILED.")


@strawberry.type
class Payload:
    """What all payloads have; only those are in the API."""

    user_errors: list[UserError] = strawberry.field(
        description="Why something was not done; empty where all was."
    )
    client_mutation_id: str | None = strawberry.field(
        description="What the caller sent as `clientMutationId`, for clients that match by it."
    )

    @strawberry.field(description="All root fields, to read anew in the same request.")
    def query(self) -> Query:
        return Query()


@strawberry.type(description="What became of a dismissal.")
class DismissNotificationPayload(Payload):
    """Of dismissNotification."""

    dismissed_notification_ids: list[strawberry.ID] = strawberry.field(
        description="What left the list: the notification, and on a watchlist the earlier changes "
        "of its page that the gateway holds. For Relay's `@deleteEdge`. One that was gone already "
        "is in it too; empty where nothing was dismissed."
    )
    inbox: Inbox | None = strawberry.field(
        graphql_type=InboxFields | None, description="The inbox that it was in."
    )


@strawberry.type(description="What became of dismissing several.")
class DismissNotificationsPayload(Payload):
    """Of dismissNotifications."""

    dismissed_notification_ids: list[strawberry.ID] = strawberry.field(
        description="What left the lists: those that were named, as far as they were dismissed or "
        "gone already, and on a watchlist the earlier changes of their pages that the gateway "
        "holds. For each of the others that were named there is a user error."
    )
    inboxes: list[Inbox] = strawberry.field(
        graphql_type=list[InboxFields], description="The inboxes that they were in, each once."
    )


@strawberry.type(description="What became of clearing.")
class ClearNotificationsPayload(Payload):
    """Of clearNotifications."""

    cleared_inboxes: list[Inbox] = strawberry.field(
        graphql_type=list[InboxFields],
        description="Those of which all lists that were meant are empty now; for each list that is "
        "not there is a user error.",
    )


@strawberry.type(description="What became of marking as read.")
class MarkNotificationsReadPayload(Payload):
    """Of markNotificationsRead."""

    inbox: Inbox | None = strawberry.field(
        graphql_type=InboxFields | None, description="The inbox whose marker was set."
    )


@strawberry.type(description="What became of setting a timestamp.")
class SetNotificationTimestampPayload(Payload):
    """Of setNotificationTimestamp."""

    inbox: Inbox | None = strawberry.field(
        graphql_type=InboxFields | None, description="The wiki's inbox."
    )
    notification_timestamp: datetime | None = strawberry.field(
        description="With `entireWatchlist`: what every page was set to; null means seen."
    )
    pages: list[WatchedPageResult] = strawberry.field(
        description="One for each page named, in that order. If the wiki failed in the middle, "
        "those that it had done, and a user error."
    )
