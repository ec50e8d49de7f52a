"""Who may do what: every root field and every Node type, by everybody who may ask.

Made from the schema: a field that is new and is not in `ARGUMENTS` fails here.
"""

import json
from typing import Any

import pytest
from graphql import GraphQLInterfaceType, GraphQLObjectType
from support.keys import CLIENTS, HOME_ONLY, READER, WRITER, bearer
from support.worlds import Json, World

from resolvers.identity import make_id
from resolvers.schema import build_schema

SCHEMA = build_schema()._schema  # noqa: SLF001 - graphql-core's


def fields_of(name: str) -> list[str]:
    """The fields of a root type."""
    kind = SCHEMA.type_map[name]
    assert isinstance(kind, GraphQLObjectType)
    return [*kind.fields]


NODE = SCHEMA.type_map["Node"]
assert isinstance(NODE, GraphQLInterfaceType)
NODE_TYPES = [each.name for each in SCHEMA.get_possible_types(NODE)]
QUERIES, MUTATIONS = fields_of("Query"), fields_of("Mutation")
FIELDS = [*QUERIES, *MUTATIONS]

GUEST = "token-of-a-guest"
BROUGHT = {"inbox-authorization": f"guest=Bearer {GUEST}"}


def id_in(kind: str, inbox: str) -> str:
    """The ID of something of a type in an inbox, or at its instance."""
    keys = {
        "MastodonNotification": ("MastodonNotification", inbox, "115000000000065537"),
        "WatchlistNotification": ("WatchlistNotification", inbox, "0|1767312007|edit|0|1|Bob|Page"),
        "EchoNotification": ("EchoNotification", inbox, "1767312007|7"),
        "Inbox": ("Inbox", inbox),
        "Instance": ("Instance", "", f"https://{inbox}.wiki.test/w/api.php"),
    }
    return make_id(*keys[kind])


def arguments(field: str, inbox: str) -> str:
    """Arguments with which a root field is about one inbox."""
    own, row = id_in("Inbox", inbox), id_in("WatchlistNotification", inbox)
    request = make_id("NotificationRequest", inbox, "1")
    pages = 'pages: {titles: ["Page"]}, unseenFrom: {nothing: true}'
    return {
        "notifications": f'filter: {{inboxIds: ["{own}"]}}',
        "notificationGroups": f'filter: {{inboxIds: ["{own}"]}}',
        "inboxes": "",
        "inbox": f'name: "{inbox}"',
        "node": f'id: "{row}"',
        "nodes": f'ids: ["{row}", "{own}", "{id_in("Instance", inbox)}"]',
        "dismissNotification": f'input: {{notificationId: "{row}"}}',
        "dismissNotifications": f'input: {{notificationIds: ["{row}"]}}',
        "answerFollowRequest": f'input: {{notificationId: "{row}", answer: ACCEPT}}',
        "muteConversation": f'input: {{notificationId: "{row}", isMuted: true}}',
        "acceptNotificationRequests": f'input: {{requestIds: ["{request}"]}}',
        "dismissNotificationRequests": f'input: {{requestIds: ["{request}"]}}',
        "setNotificationPolicy": f'input: {{inboxId: "{own}", forNewAccounts: DROP}}',
        "clearNotifications": f'input: {{inboxIds: ["{own}"]}}',
        "markNotificationsRead": f'input: {{upToNotificationId: "{row}"}}',
        "setNotificationTimestamp": f'input: {{inboxId: "{own}", {pages}}}',
    }[field]


SELECTIONS = {
    "notifications": "nodes { id inbox { name } } sources { inbox { name } failure { code } }",
    "notificationGroups": "nodes { id latest { inbox { name } } } sources { inbox { name } }",
    "inboxes": "id name instance { url }",
    "inbox": "id name instance { url } notifications { nodes { id } }",
    "node": "id",
    "nodes": "id",
}
PAYLOAD = "userErrors { code message path inbox { name } } query { inboxes { name } }"


def document(field: str, inbox: str) -> str:
    """An operation with one root field, about an inbox."""
    kind = "query" if field in QUERIES else "mutation"
    given = arguments(field, inbox)
    selection = SELECTIONS[field] if kind == "query" else PAYLOAD
    return f"{kind} {{ {field}{f'({given})' if given else ''} {{ {selection} }} }}"


def make_world() -> World:
    """Three configured inboxes and one whose credential comes with requests; clients with keys."""
    world = World()
    world.add_mastodon("home")
    world.add_wiki("wiki")
    world.add_mastodon("work")
    world.add_mastodon("guest")
    world.bring_credentials("guest", GUEST)
    world.post("home", 1)
    world.edit("wiki", 2)
    world.post("work", 3)
    world.post("guest", 4, token=GUEST)
    world.sections = {"clients": CLIENTS}
    return world


async def status_of(world: World, text: str, headers: dict[str, str]) -> int:
    """The status of an answer; 401 says how to ask."""
    response = await world.client().post("/graphql", json={"query": text}, headers=headers)
    if response.status_code == 401:
        assert response.headers["www-authenticate"].startswith('Bearer realm="tidings"')
        assert response.json()["errors"][0]["extensions"] == {"code": "UNAUTHORIZED"}
    return response.status_code


@pytest.mark.parametrize("field", FIELDS)
async def test_nobody_gets_in_without_a_key(field: str) -> None:
    """No key and a wrong one: 401, and no instance is asked. A bad document changes nothing."""
    world = make_world()
    wrong = bearer("x" * 43)
    for text in (document(field, "home"), "{"):
        for headers in ({}, wrong, {**wrong, **BROUGHT}):
            assert await status_of(world, text, headers) == 401
    assert world.list_requests() == 0


@pytest.mark.parametrize("field", FIELDS)
async def test_what_a_client_may_not_see_does_not_exist(field: str) -> None:
    """A forbidden inbox and one that is not there have the same answer in everything."""
    world = make_world()
    forbidden = await world.ask(document(field, "wiki"), headers=bearer(HOME_ONLY))
    unknown = await world.ask(document(field, "none"), headers=bearer(HOME_ONLY))
    assert strip(forbidden, "wiki") == strip(unknown, "none")
    assert '"wiki"' not in json.dumps(forbidden).replace(' "wiki"]', "")
    assert not world.wikis["wiki"].requests


def strip(answer: Json, inbox: str) -> Json:
    """An answer without what says which inbox was asked for, and when."""
    text = json.dumps(answer)
    for kind in ("Inbox", "WatchlistNotification", "Instance"):
        text = text.replace(id_in(kind, inbox), "ID")
    stripped: Json = json.loads(text)
    for error in stripped.get("errors", ()):
        del error["locations"]
    return stripped


@pytest.mark.parametrize("kind", NODE_TYPES)
async def test_no_node_of_a_forbidden_inbox(kind: str) -> None:
    """Of each type that is a Node, by everybody who may not see it: null, and NOT_FOUND."""
    world = make_world()
    text = f'{{ node(id: "{id_in(kind, "wiki")}") {{ id }} }}'
    answer = await world.ask(text, headers=bearer(HOME_ONLY))
    assert answer["data"] == {"node": None}
    assert [error["extensions"]["code"] for error in answer["errors"]] == ["NOT_FOUND"]


@pytest.mark.parametrize("field", FIELDS)
async def test_a_reader_changes_nothing(field: str) -> None:
    """Who may read gets what a writer gets from a query, and FORBIDDEN from every mutation."""
    world = make_world()
    text = document(field, "wiki")
    answer = await world.ask(text, headers=bearer(READER))
    if field in QUERIES:
        assert strip(answer, "wiki") == strip(await world.ask(text, headers=bearer(WRITER)), "wiki")
        return
    errors = answer["data"][field]["userErrors"]
    assert [error["code"] for error in errors] == ["FORBIDDEN"]
    assert world.wikis["wiki"].writes == [] and world.mastodons["home"].writes == []


@pytest.mark.parametrize("field", MUTATIONS)
async def test_a_writer_is_not_forbidden(field: str) -> None:
    """Write implies read, and is for all inboxes that the client sees."""
    answer = await make_world().ask(document(field, "wiki"), headers=bearer(WRITER))
    codes = [error["code"] for error in answer["data"][field]["userErrors"]]
    assert "FORBIDDEN" not in codes


async def test_lists_are_of_the_inboxes_seen() -> None:
    """Lists, reports, cursors and costs are those of a gateway that has these inboxes alone."""
    world = make_world()
    text = "{ inboxes { name } notifications { nodes { summary } sources { inbox { name } } } }"
    answer = await world.ask(text, headers=bearer(HOME_ONLY))
    assert answer["data"]["inboxes"] == [{"name": "home"}]
    assert answer["data"]["notifications"] == {
        "nodes": [{"summary": "Zed mentioned you"}],
        "sources": [{"inbox": {"name": "home"}}],
    }
    everything = await world.ask(text, headers=bearer(WRITER))
    assert [each["name"] for each in everything["data"]["inboxes"]] == ["home", "wiki", "work"]
    assert answer["extensions"]["cost"]["value"] < everything["extensions"]["cost"]["value"]


async def test_anothers_cursor_opens_nothing() -> None:
    """With the cursor of somebody who sees all, a client goes on in its own inboxes alone."""
    world = make_world()
    text = (
        "query ($a: String) { notifications(first: 1, after: $a) { nodes { inbox { name } } %s } }"
    )
    all_of_it = await world.ask(text % "pageInfo { endCursor }", headers=bearer(WRITER))
    cursor = all_of_it["data"]["notifications"]["pageInfo"]["endCursor"]
    answer = await world.ask(
        text % "sources { inbox { name } }", {"a": cursor}, headers=bearer(HOME_ONLY)
    )
    assert answer["data"]["notifications"] == {
        "nodes": [{"inbox": {"name": "home"}}],
        "sources": [{"inbox": {"name": "home"}}],
    }


async def test_an_inbox_is_there_for_those_who_bring_its_credential() -> None:
    """And not for the others, who may all the same see it; nor for who may not see it."""
    world = make_world()
    text = "{ inboxes { name } }"
    without = await world.ask(text, headers=bearer(WRITER))
    assert {"name": "guest"} not in without["data"]["inboxes"]
    with_it = await world.ask(text, headers={**bearer(WRITER), **BROUGHT})
    assert with_it["data"]["inboxes"][-1] == {"name": "guest"}
    refused = await world.ask(text, headers={**bearer(HOME_ONLY), **BROUGHT})
    assert refused["errors"][0]["extensions"] == {"code": "BAD_INBOX_AUTHORIZATION"}


@pytest.mark.parametrize("field", FIELDS)
async def test_a_brought_credential_gives_no_right_beyond_the_key(field: str) -> None:
    """A reader's token of an instance could write there; by this gateway it does not."""
    world = make_world()
    row = make_id("MastodonNotification", "guest", "115000000000065537")
    text = document(field, "guest").replace(id_in("WatchlistNotification", "guest"), row)
    if "unseenFrom" in text:
        return  # wikis have none of these
    answer = await world.ask(text, headers={**bearer(READER), **BROUGHT})
    payload: Any = answer["data"][field]
    if field in MUTATIONS:
        assert [error["code"] for error in payload["userErrors"]] == ["FORBIDDEN"]
    assert world.mastodons["guest"].writes == []


async def test_a_token_that_is_refused_is_that_logins_matter() -> None:
    """UNAUTHORIZED for it alone: others at the same inbox go on."""
    world = make_world()
    text = "{ notifications { sources { inbox { name } failure { code } } } }"
    bad = {"inbox-authorization": "guest=Bearer refused"}
    refused = await world.ask(text, headers={**bearer(WRITER), **bad})
    sources = refused["data"]["notifications"]["sources"]
    assert [each["failure"] for each in sources] == [None, None, None, {"code": "UNAUTHORIZED"}]
    good = await world.ask(text, headers={**bearer(WRITER), **BROUGHT})
    assert all(each["failure"] is None for each in good["data"]["notifications"]["sources"])


async def test_the_page_needs_no_key() -> None:
    """GraphiQL asks for it; its files hold nothing that is secret."""
    client = make_world().client()
    for path in ("/graphql", "/graphiql/page.js"):
        response = await client.get(path, headers={"accept": "text/html"})
        assert response.status_code == 200
