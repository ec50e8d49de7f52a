"""What nobody should send: a status, a code, a small answer, and the gateway goes on."""

import json
from dataclasses import dataclass, field
from typing import Any

import pytest
from support.worlds import small_world

PARSE, VALIDATION = "GRAPHQL_PARSE_FAILED", "GRAPHQL_VALIDATION_FAILED"
UNKNOWN = "OPERATION_RESOLUTION_FAILURE"
BAD = "BAD_REQUEST"
LARGEST_ANSWER = 4096
CLEAR = "mutation{clearNotifications(input:{inboxIds:[]}){clientMutationId}}"
LIST = "{ notifications%s { isIncomplete } }"


def body(query: object, **more: object) -> bytes:
    """A request's body."""
    return json.dumps({"query": query, **more}).encode()


def variables(value: object, kind: str = "Int!") -> bytes:
    """A query with one variable, which is used as `first`, and its value."""
    query = f"query ($v: {kind}) {{ notifications(first: $v) {{ isIncomplete }} }}"
    return body(query, variables={"v": value})


def filtered(value: object) -> bytes:
    """A query with a filter as its variable."""
    query = "query ($v: NotificationFilter) { notifications(filter: $v) { isIncomplete } }"
    return body(query, variables={"v": value})


def nest(opening: str, inner: str, closing: str, times: int) -> str:
    """A text around itself."""
    return opening * times + inner + closing * times


QUERY = body("{ __typename }")
SUBSCRIPTION = body("subscription { notificationEvents { cursor } }")


@dataclass(frozen=True)
class Case:
    """A request, and what it gets."""

    name: str
    status: int
    code: str
    content: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    method: str = "POST"
    url: str = "/graphql"


def cases(status: int, code: str, contents: dict[str, bytes]) -> list[Case]:
    """Cases that end in the same way."""
    return [Case(name, status, code, content) for name, content in contents.items()]


def many(text: str, count: int) -> str:
    """A text many times, with a number in each."""
    return " ".join(text.format(number) for number in range(count))


def bodies() -> list[Case]:
    """Bodies that are no request."""
    contents = {
        "no body": b"",
        "a space": b" ",
        "no JSON": b"query",
        "JSON cut off": b'{"query": "{ __typename',
        "JSON and more": QUERY + b"x",
        "NaN": b'{"query": NaN}',
        "not UTF-8": b'{"query": "\xff\xfe"}',
        "UTF-16": '{"query": "{ __typename }"}'.encode("utf-16"),
        "half a surrogate": b'{"query": "\\ud800"}',
        "a null byte": b"\x00",
        "null": b"null",
        "a number": b"1",
        "a text": b'"{ __typename }"',
        "a list": b"[]",
        "a batch": b"[" + QUERY + b"," + QUERY + b"]",
        "an empty object": b"{}",
        "deep lists": nest("[", "", "]", 20_000).encode(),
        "deep variables": b'{"variables": ' + nest('{"a":', "1", "}", 5000).encode() + b"}",
        "deep extensions": b'{"extensions": ' + nest("[", "", "]", 3000).encode() + b"}",
    }
    sizes = {
        "too large": body("{ __typename }" + " " * 131_072),
        "far too large": b"[" * 5_000_000,
        "too large, no JSON": b"\xff" * 200_000,
    }
    return [*cases(400, BAD, contents), *cases(413, "PAYLOAD_TOO_LARGE", sizes)]


def media_types() -> list[Case]:
    """Bodies that are said to be something else than JSON in UTF-8."""
    types = {
        "a form": "application/x-www-form-urlencoded",
        "a file": "multipart/form-data; boundary=x",
        "GraphQL as such": "application/graphql",
        "plain text": "text/plain",
        "no media type": "",
        "JSON in Latin-1": "application/json; charset=latin1",
        "half a media type": "application",
    }
    return [
        Case(name, 415, "UNSUPPORTED_MEDIA_TYPE", QUERY, {"content-type": each})
        for name, each in types.items()
    ]


def parameters() -> list[Case]:
    """Parameters of the wrong kind."""
    query = "{ __typename }"
    contents = {
        "query a number": body(1),
        "query a list": body(["{ __typename }"]),
        "query an object": body({}),
        "query false": body(query=False),
        "query null": body(None),
        "query empty": body(""),
        "variables a list": body(query, variables=[1]),
        "variables a text": body(query, variables='{"a": 1}'),
        "variables zero": body(query, variables=0),
        "extensions a text": body(query, extensions="x"),
        "operationName a number": body(query, operationName=1),
        "operationName a list": body(query, operationName=["A"]),
        "documentId a list": body(None, documentId=["x"]),
    }
    unknown = {"an unknown hash": body(None, documentId="x" * 50_000)}
    return [*cases(400, BAD, contents), *cases(400, "PERSISTED_QUERY_NOT_FOUND", unknown)]


def ways() -> list[Case]:
    """Other ways to ask than by POST, as JSON, for JSON."""
    urls = {
        "GET without anything": ("", 400, BAD),
        "GET with bad variables": ("?query={__typename}&variables={", 400, BAD),
        "GET with a list": ("?query={__typename}&variables=[]", 400, BAD),
        "GET that is no UTF-8": ("?query=%ff%fe", 400, PARSE),
        "GET of a mutation": (f"?query={CLEAR}", 405, "METHOD_NOT_ALLOWED"),
    }
    by_get = [
        Case(name, status, code, method="GET", url=f"/graphql{query}")
        for name, (query, status, code) in urls.items()
    ]
    host = {"host": "evil.example"}
    return [
        *by_get,
        Case("DELETE", 405, "METHOD_NOT_ALLOWED", QUERY, method="DELETE"),
        Case("a subscription without a stream", 400, "SUBSCRIPTION_NEEDS_STREAM", SUBSCRIPTION),
        Case("another host", 421, "MISDIRECTED_REQUEST", QUERY, host),
    ]


def unparsable() -> list[Case]:
    """Documents that do not parse."""
    documents = {
        "an open brace": "{",
        "no selection": "query",
        "a control character": "{ \x00 }",
        "an open text": '{ inbox(name: "',
        "a bad escape": '{ inbox(name: "\\u{110000}") { name } }',
        "a long name that is none": "{" + "é" * 20_000 + "}",
        "deep selections": nest("{a", "", "}", 500),
        "deep lists in it": f"{{ nodes(ids: {nest('[', '1', ']', 700)}) {{ id }} }}",
        "comments without end": "#\n" * 30_000 + "{ __typename }",
    }
    return cases(400, PARSE, {name: body(text) for name, text in documents.items()})


def invalid() -> list[Case]:
    """Documents that parse, and that no server of this schema can execute."""
    circles = nest("fields { type { ", "name", " } }", 4)
    documents = {
        "a schema": "type Query { a: Int }",
        "an unknown field": "{ notification }",
        "a very long unknown field": "{ " + "x" * 100_000 + " }",
        "a thousand unknown fields": f"{{ inboxes {{ {many('x{}', 1000)} }} }}",
        "no subfields": "{ notifications }",
        "subfields of a text": "{ __typename { x } }",
        "an unknown argument": LIST % "(x: 1)",
        "a missing argument": "{ node { id } }",
        "a text for a number": LIST % '(first: "1")',
        "a number with 5000 digits": LIST % f"(first: {'9' * 5000})",
        "an unknown enum value": LIST % "(filter: {types: [NOPE]})",
        "a circle of fragments": "{ ...A } fragment A on Query { ...A }",
        "an unknown fragment": "{ ...A }",
        "an unknown directive": "{ __typename @x }",
        "@defer": "{ ... @defer { __typename } }",
        "a subscription": "subscription { notifications { id } }",
        "fields that conflict": "{ a: __typename a: inboxes { id } }",
        "two of one name": "query A { __typename } query A { __typename }",
        "two unnamed": "{ __typename } { __typename }",
        "introspection in circles": f"{{ __schema {{ types {{ {circles} }} }} }}",
    }
    return cases(422, VALIDATION, {name: body(text) for name, text in documents.items()})


def excessive() -> list[Case]:
    """Valid documents that ask for too much."""
    page = "notifications(first: 100)"
    inner = f"inbox {{ {page} {{ nodes {{ id }} }} }}"
    documents = {
        "deep introspection": nest("{ __schema { queryType ", "{ name }", " } }", 1).replace(
            "{ name }", nest("{ ofType ", "{ name }", " }", 40)
        ),
        "many tokens": "{" + " __typename" * 2000 + "}",
        "many aliases": f"{{ inboxes {{ {many('a{}: name', 31)} }} }}",
        "many root fields": f"{{ {many('a{}: __typename', 11)} }}",
        "many directives": "{ __typename" + " @include(if: true)" * 51 + "}",
        "far too deep": nest("{ inboxes { notifications { nodes { inbox ", "{ id }", " } } } }", 4),
        "an expensive one": f"{{ inboxes {{ {page} {{ nodes {{ {inner} }} }} }} }}",
        "one field many times": "{" + " inboxes { id }" * 100 + "}",
    }
    return cases(422, "LIMIT_EXCEEDED", {name: body(text) for name, text in documents.items()})


def values() -> list[Case]:
    """Values of variables that cannot be."""
    dated = LIST % '(filter: {since: "2026-01-01T00:00:00"})'
    contents = {
        "null for a variable": variables(None),
        "no value for a variable": body("query ($v: Int!) " + LIST % "(first: $v)"),
        "a text for a variable": variables("1"),
        "half for a variable": variables(0.5),
        "true for a variable": variables(True),
        "2**31 for a variable": variables(2**31),
        "a long text for a variable": variables("x" * 100_000),
        "a deep variable": filtered(json.loads(nest('{"a":', "1", "}", 900))),
        "a list that is long and wrong": filtered({"types": ["NOPE"] * 5000}),
        "unknown keys": filtered({f"x{number}": number for number in range(3000)}),
        "a date that is none": filtered({"since": "2026-02-30T00:00:00Z"}),
        "a date without a zone": body(dated),
    }
    return [
        *cases(422, "BAD_USER_INPUT", contents),
        *cases(422, VALIDATION, {"a variable of an unknown type": variables(1, "Nope")}),
        Case("10**400 for a variable", 400, "BAD_REQUEST", variables(0)[:-2] + b"0" * 400 + b"}}"),
        Case(
            "an unknown operation", 422, UNKNOWN, body("{ __typename }", operationName="x" * 50_000)
        ),
        Case(
            "two, and no name", 422, UNKNOWN, body("query A { __typename } query B { __typename }")
        ),
    ]


CASES = [
    *bodies(),
    *media_types(),
    *parameters(),
    *ways(),
    *unparsable(),
    *invalid(),
    *excessive(),
    *values(),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
async def test_a_bad_request_is_answered(case: Case) -> None:
    """Status, a code in every error, no data, less than 4 KB, and no instance is asked."""
    world = small_world()
    client = world.client()
    accept = {"content-type": "application/json", "accept": "application/graphql-response+json"}
    headers = {**accept, **case.headers}
    response = await client.request(case.method, case.url, content=case.content, headers=headers)
    answer: dict[str, Any] = response.json()
    assert (response.status_code, list(answer)) == (case.status, ["errors"])
    assert [error["extensions"]["code"] for error in answer["errors"]] == [case.code] * len(
        answer["errors"]
    )
    assert 0 < len(answer["errors"]) <= 6
    assert len(response.content) < LARGEST_ANSWER
    assert world.list_requests() == 0
    healthy = await client.post("/graphql", json={"query": "{ __typename }"})
    assert healthy.json()["data"] == {"__typename": "Query"}


@pytest.mark.parametrize(
    "one_of",
    [
        "{}",
        "{toRevisionId: null}",
        '{toRevisionId: "1", newerThanRevisionId: "2"}',
        "{toRevisionId: $none}",
        "$nothing",
        "$two",
    ],
)
async def test_exactly_one_of_several_inputs(one_of: str) -> None:
    """Whether the document shows it or only the variables' values: the caller's mistake."""
    kinds = {"$none": "String", "$nothing": "UnseenFromInput!", "$two": "UnseenFromInput!"}
    declared = ", ".join(f"{name}: {kind}" for name, kind in kinds.items() if name in one_of)
    start = f"mutation ({declared})" if declared else "mutation"
    arguments = f'inboxId: "x", pages: {{titles: ["A"]}}, unseenFrom: {one_of}'
    query = f"{start} {{ setNotificationTimestamp(input: {{{arguments}}}) {{ clientMutationId }} }}"
    two = {"toRevisionId": "1", "newerThanRevisionId": "2"}
    answer = await small_world().ask(query, {"none": None, "nothing": {}, "two": two})
    (error,) = answer["errors"]
    assert "data" not in answer
    assert error["extensions"]["code"] in {"BAD_USER_INPUT", "GRAPHQL_VALIDATION_FAILED"}


async def test_null_where_none_may_be_is_the_callers_mistake() -> None:
    """graphql-core finds it while it executes: a variable that has a default, and is null."""
    query = 'query ($id: ID = "x") { node(id: $id) { id } }'
    answer = await small_world().ask(query, {"id": None})
    assert answer["data"] == {"node": None}
    assert answer["errors"][0]["extensions"] == {"code": "BAD_USER_INPUT"}
