"""What an operation costs, before it is executed."""

from typing import Any

import pytest
from graphql import GraphQLObjectType, get_named_type, is_leaf_type
from support.asking import make_api

from resolvers.executing.cost import (
    LISTS_OF_FEEDS,
    LISTS_OF_INBOXES,
    ROWS,
    TYPES_IN_INTROSPECTION,
    Pricing,
)
from resolvers.limits import Limits

INBOXES = 3


def cost(document: str, variables: dict[str, Any] | None = None) -> int:
    """The cost for a caller who may read three inboxes."""
    api = make_api()
    operation = api.documents.read(document).choose(None)
    schema = api.documents.schema
    pricing = Pricing(schema, operation.fragments, variables or {}, INBOXES, Limits())
    return pricing.price(operation.definition)


FRAGMENT = "fragment F on NotificationConnection { nodes { id type } pageInfo { endCursor } }"
SIZED = "query ($n: Int) { notifications(first: $n) { nodes { id } } }"


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        ("{ __typename }", 1),
        ("{ a: __typename b: __typename }", 2),
        ("{ notifications { isIncomplete } }", 1 + 1),
        ("{ notifications { nodes { id type } } }", 1 + 20 * (1 + 2)),
        ("{ notifications(first: 7) { edges { cursor node { id } } } }", 1 + 7 * (1 + 1 + 1 + 1)),
        ("{ notifications(last: 7) { nodes { id } isIncomplete } }", 1 + 1 + 7 * 2),
        (f"{{ notifications(first: 5) {{ ...F }} }} {FRAGMENT}", 1 + 2 + 5 * 3),
        ("{ notifications(first: 5) { ... on NotificationConnection { nodes { id } } } }", 11),
        ("{ notifications(first: 5) { nodes { ... on Node { id } ... { id } } } }", 1 + 5 * 3),
        ("{ inboxes { name } }", 1 + INBOXES),
        ("{ inboxes { notifications(first: 5) { nodes { id } } } }", 1 + INBOXES * (1 + 5 * 2)),
        ("{ notifications(first: 5) { sources { freshness } } }", 1 + 1 + INBOXES),
        ("{ notificationGroups(first: 3) { nodes { count target { __typename } } } }", 1 + 3 * 4),
        ("{ notificationGroups(first: 3) { nodes { actors { id } } } }", 1 + 3 * (1 + 1 + 10)),
        ("{ notificationGroups(first: 3) { nodes { actors(first: 2) { id } } } }", 1 + 3 * 4),
        (
            "{ notificationGroups(first: 1) { nodes { notifications(first: 9999) { id } } } }",
            1 + 1 + 1 + 500,
        ),
        ('{ nodes(ids: ["a", "b"]) { id ... on Inbox { name } } }', 1 + 2 * 2),
        ('{ node(id: "a") { id } }', 2),
        ("{ __schema { types { name } } }", 1 + TYPES_IN_INTROSPECTION * 2),
        ("{ notifications(first: 0) { nodes { id } } }", 1 + 2),
        ("{ notifications(first: 1000000) { nodes { id } } }", 1 + 100 * 2),
    ],
)
def test_a_field_costs_one_each_time(document: str, expected: int) -> None:
    """For each row of a page, each inbox, each ID; whichever way it is selected."""
    assert cost(document) == expected


@pytest.mark.parametrize(
    ("variables", "expected"),
    [({"n": 5}, 11), ({"n": None}, 41), ({}, 41), ({"n": 10**9}, 201), ({"n": -5}, 3)],
)
def test_a_page_size_may_be_a_variable(variables: dict[str, Any], expected: int) -> None:
    """What is refused later, above the limit or below 1, is not what makes it expensive."""
    assert cost(SIZED, variables) == expected


def test_ids_may_be_a_variable() -> None:
    """A list, which is never longer than is allowed."""
    document = "query ($ids: [ID!]!) { nodes(ids: $ids) { id } }"
    assert cost(document, {"ids": ["a", "b", "c"]}) == 1 + 3
    assert cost(document, {"ids": ["a"] * 500}) == 1 + 100


def test_a_fragment_is_priced_once() -> None:
    """However often it is spread, so that no document makes this slow."""
    links = [f"fragment F{n} on Inbox {{ ...F{n + 1} ...F{n + 1} }}" for n in range(60)]
    document = "{ inboxes { ...F0 } } " + " ".join(links) + " fragment F60 on Inbox { name }"
    assert cost(document) == 1 + INBOXES * 2**60


SHORT = {"mediaAttachments", "mentions", "tags", "emojis", "options", "userErrors"} | {
    *("links", "matchedFilters"),
    "elsewhere",
}
"""Lists that instances or the API itself keep short."""
BY_ARGUMENT = {
    *("Query.nodes", "SetNotificationTimestampPayload.pages"),
    *("NotificationGroup.actors", "NotificationGroup.notifications"),
}
"""As long as the caller makes them."""


def test_every_list_of_objects_is_priced_or_short() -> None:
    """One that is added has to be thought of: priced by what makes it long, or named here."""
    for name, kind in make_api().schema.type_map.items():
        if not isinstance(kind, GraphQLObjectType) or name.startswith("__"):
            continue
        for key, field in kind.fields.items():
            is_list = "[" in str(field.type) and not is_leaf_type(get_named_type(field.type))
            is_known = (
                key in LISTS_OF_INBOXES | LISTS_OF_FEEDS | ROWS | SHORT
                or f"{name}.{key}" in BY_ARGUMENT
            )
            assert is_known or not is_list, f"{name}.{key}"
