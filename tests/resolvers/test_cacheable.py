"""Which fields an answer may have that is kept."""

from collections.abc import Iterator
from dataclasses import fields

import strawberry
from graphql import (
    GraphQLField,
    GraphQLInterfaceType,
    GraphQLObjectType,
    get_introspection_query,
)
from strawberry import Schema
from strawberry.types import Info
from support.asking import make_api

from resolvers.context import Context
from resolvers.executing.cacheable import is_cacheable, lasts
from resolvers.schema import build_schema
from resolvers.types.cacheable import CACHEABLE, NOT_CACHEABLE


def fields_of(schema: Schema) -> Iterator[tuple[str, GraphQLField]]:
    """All fields of our types, as `Inbox.handle`."""
    for name, kind in schema._schema.type_map.items():  # noqa: SLF001 - there is no other way
        if isinstance(kind, GraphQLObjectType | GraphQLInterfaceType) and name[:2] != "__":
            yield from ((f"{name}.{field}", made) for field, made in kind.fields.items())


def test_what_passes() -> None:
    """What is asked of an instance, changes by itself, or goes by a marker; and every write."""
    passing = {name for name, field in fields_of(build_schema()) if not lasts(field)}
    assert {name for name in passing if not name.startswith("Mutation.")} == {
        *("Query.node", "Query.nodes", "Inbox.status", "Inbox.unreadCount", "Inbox.handle"),
        *("Inbox.capabilities", "Instance.title", "Instance.software", "Instance.version"),
        *("Notification.isUnread", "MastodonNotification.isUnread", "NotificationGroup.isUnread"),
        *("EchoNotification.isUnread", "Inbox.feeds", "InboxFeed.unreadCount", "Inbox.elsewhere"),
        *("Inbox.notificationPolicy", "Inbox.notificationRequests"),
        *("WatchlistNotification.isUnread", "Subscription.notificationEvents"),
    }
    assert {"Mutation.dismissNotification", "Mutation.clearNotifications"} <= passing


@strawberry.type
class Added:
    """Fields that somebody adds."""

    value: int
    marked: int = strawberry.field(metadata=NOT_CACHEABLE)

    @strawberry.field
    def made_of_values(self) -> int:
        return self.value

    @strawberry.field
    def made_by_the_context(self, info: Info[Context, None]) -> int:
        return len(info.context.upstreams)

    @strawberry.field(metadata=CACHEABLE)  # type: ignore[untyped-decorator] # of Strawberry
    def made_of_lists(self, info: Info[Context, None]) -> int:
        return len(info.context.touched)


def test_a_field_that_is_added_is_not_kept_unasked() -> None:
    """What reaches the context has to say that it lasts; nobody has to think of a list."""
    known = {name: lasts(field) for name, field in fields_of(Schema(query=Added))}
    assert known == {
        "Added.value": True,
        "Added.marked": False,
        "Added.madeOfValues": True,
        "Added.madeByTheContext": False,
        "Added.madeOfLists": True,
    }


def test_introspection_lasts() -> None:
    """The query that tools send, whose fragments are on types of GraphQL's own."""
    api = make_api()
    operation = api.documents.read(get_introspection_query()).choose(None)
    assert is_cacheable(operation, api.schema)


def test_whatever_a_context_is_made_with_is_known_to_the_response_cache() -> None:
    """A new part of it is the same for all callers, or belongs into `ResponseKey`."""
    in_the_key = {"upstreams"}
    of_all_callers = {"page_seconds", "limits", "report", "to_wall", "to_come", "wall"}
    of_writes = {"may_write"}
    of_what_is_made_anew = {"not_before"}
    of_subscriptions = {"watch", "resume_from", "watches", "has_failed", "gone"}
    of_the_operation = {
        *("tells_unread", "snapshot", "failures", "excesses", "touched", "open_span"),
    }
    known = (
        in_the_key
        | of_all_callers
        | of_writes
        | of_the_operation
        | of_subscriptions
        | of_what_is_made_anew
    )
    assert {field.name for field in fields(Context)} == known
