"""GraphQL over HTTP: https://graphql.github.io/graphql-over-http/draft/"""

import json

import httpx
import pytest
from support.worlds import Json, World, mixed_world

JSON = "application/json"
GRAPHQL_JSON = "application/graphql-response+json"
REQUIRED = "query ($n: Int!) { notifications(first: $n) { isIncomplete } }"
TWO = "query A { inboxes { name } } query B { __typename }"
DISMISS = 'mutation { dismissNotification(input: {notificationId: "x"}) { clientMutationId } }'


async def post(body: Json, world: World | None = None, **headers: str) -> httpx.Response:
    """The response to a POST of JSON."""
    client = (world or World()).client()
    return await client.post("/graphql", json=body, headers=headers)


async def get(**parameters: str) -> httpx.Response:
    """The response to a GET."""
    return await World().client().get("/graphql", params=parameters)


@pytest.mark.parametrize(
    ("accept", "media_type"),
    [
        (None, JSON),
        ("*/*", JSON),
        ("application/*", JSON),
        (JSON, JSON),
        (GRAPHQL_JSON, GRAPHQL_JSON),
        (f"{GRAPHQL_JSON}, {JSON};q=0.9", GRAPHQL_JSON),
        (f"{JSON}, {GRAPHQL_JSON};q=0.9", JSON),
        (f"{JSON}, {GRAPHQL_JSON}", GRAPHQL_JSON),
        (f"{GRAPHQL_JSON}; charset=utf-8", GRAPHQL_JSON),
        (f"{JSON};q=0, {GRAPHQL_JSON}", GRAPHQL_JSON),
        (f"{JSON};q=0, */*", GRAPHQL_JSON),
        (f"text/event-stream, {GRAPHQL_JSON}, {JSON}", GRAPHQL_JSON),
        (f"{GRAPHQL_JSON}, {JSON}, text/event-stream, multipart/mixed", GRAPHQL_JSON),
        ("text/event-stream, */*;q=0.1", JSON),
        ("TEXT/HTML, Application/JSON", JSON),
    ],
)
async def test_the_media_type_is_one_that_is_accepted(accept: str | None, media_type: str) -> None:
    """By quality; an event stream is never sent to somebody who takes JSON as well."""
    headers = {} if accept is None else {"accept": accept}
    client = World().client()
    if accept is None:
        del client.headers["accept"]
    response = await client.post("/graphql", json={"query": "{ __typename }"}, headers=headers)
    assert response.status_code == 200
    assert response.headers["content-type"] == f"{media_type}; charset=utf-8"
    assert response.json()["data"] == {"__typename": "Query"}


@pytest.mark.parametrize(
    "accept",
    ["text/event-stream;q=0", "text/plain", f"{JSON};q=0", "multipart/mixed, image/*", "x"],
)
async def test_what_is_not_accepted_is_406(accept: str) -> None:
    """Nothing is executed for somebody who cannot read the answer."""
    response = await post({"query": "{ __typename }"}, accept=accept)
    assert response.status_code == 406
    assert response.json()["errors"][0]["extensions"] == {"code": "NOT_ACCEPTABLE"}


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"query": "{"}, 400, "GRAPHQL_PARSE_FAILED"),
        ({"query": "{ nope }"}, 422, "GRAPHQL_VALIDATION_FAILED"),
        ({"query": "query ($a: Int) { __typename }"}, 400, "UNUSED_VARIABLE"),
        ({"query": REQUIRED}, 422, "BAD_USER_INPUT"),
        ({"query": TWO}, 422, "OPERATION_RESOLUTION_FAILURE"),
        ({"query": TWO, "operationName": "C"}, 422, "OPERATION_RESOLUTION_FAILURE"),
        ({"query": "fragment F on Query { __typename }"}, 422, "GRAPHQL_VALIDATION_FAILED"),
        ({"query": "{ a: __typename" + " ...F" * 9 + "}"}, 422, "GRAPHQL_VALIDATION_FAILED"),
        ({"query": "{" + "inboxes { instance { url } }" * 60 + "}"}, 422, "LIMIT_EXCEEDED"),
        ({"query": "subscription { x }"}, 422, "GRAPHQL_VALIDATION_FAILED"),
    ],
    ids=lambda value: str(value)[:50],
)
async def test_what_is_not_executed_has_no_data(body: Json, status: int, code: str) -> None:
    """It is a 4xx without `data` that is not kept; old clients expect 200, and get it."""
    response = await post(body, accept=GRAPHQL_JSON)
    assert response.status_code == status
    assert list(response.json()) == ["errors"]
    assert {error["extensions"]["code"] for error in response.json()["errors"]} == {code}
    assert response.headers["cache-control"] == "no-store"
    old = await post(body, accept=JSON)
    assert (old.status_code, old.json()) == (200, response.json())


async def test_the_operation_is_the_one_that_is_named() -> None:
    """Of several; and the empty name, like null, means the only one."""
    named = await post({"query": TWO, "operationName": "B"})
    assert named.json()["data"] == {"__typename": "Query"}
    for name in ("", None):
        only = await post({"query": "query A { __typename }", "operationName": name})
        assert only.json()["data"] == {"__typename": "Query"}


async def test_errors_beside_data_are_a_success() -> None:
    """One field that fails is no reason for another status than 200."""
    query = "{ bad: notifications(first: 0) { isIncomplete } good: inboxes { name } }"
    response = await post({"query": query}, accept=GRAPHQL_JSON)
    assert response.status_code == 200
    assert response.json()["data"] == {"bad": None, "good": []}


async def test_get_is_for_queries() -> None:
    """With variables, an operation's name, and empty parameters that count as left out."""
    query = "query A($name: String!) { inbox(name: $name) { name } } query B { __typename }"
    answer = await get(query=query, operationName="A", variables='{"name": "x"}', extensions="")
    assert answer.json()["data"] == {"inbox": None}
    plain = await get(query="{ __typename }", operationName="", variables="")
    assert plain.json()["data"] == {"__typename": "Query"}


async def test_no_mutation_by_get() -> None:
    """A link must not change anything; not even the operation of a name in a longer document."""
    query = f"{DISMISS.replace('mutation', 'mutation M')} query Q {{ __typename }}"
    for parameters in ({"query": DISMISS}, {"query": query, "operationName": "M"}):
        response = await get(**parameters)
        assert (response.status_code, response.headers["allow"]) == (405, "POST")
        assert response.json()["errors"][0]["extensions"] == {"code": "METHOD_NOT_ALLOWED"}
    assert (await get(query=query, operationName="Q")).status_code == 200


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "OPTIONS", "QUERY", "BREW"])
async def test_other_methods_are_told_which_work(method: str) -> None:
    """405 names the methods."""
    response = await World().client().request(method, "/graphql", json={"query": "{ __typename }"})
    assert (response.status_code, response.headers["allow"]) == (405, "GET, HEAD, POST")


@pytest.mark.parametrize(
    "path", ["/nothing", "/graphql/x", "/graphiql/nothing.js", "/graphiql/../x"]
)
async def test_an_address_that_is_none_is_json_too(path: str) -> None:
    """There is no page of HTML for programs to stumble over."""
    response = await World().client().get(path)
    assert response.status_code == 404
    assert response.json()["errors"][0]["extensions"] == {"code": "NOT_FOUND"}


async def test_every_answer_says_its_cost() -> None:
    """And the limit, so that a client knows before it is refused."""
    query = "{ notifications(first: 10) { nodes { id summary } pageInfo { hasNextPage } } }"
    answer = (await post({"query": query}, mixed_world())).json()
    assert answer["extensions"]["cost"] == {"value": 1 + 2 + 10 * 3, "limit": 20_000}


async def test_nothing_is_guessed_about_an_answer() -> None:
    """`nosniff` is on answers, refusals and files alike."""
    client = World().client()
    for response in (
        await client.get("/graphql", params={"query": "{ __typename }"}),
        await client.get("/graphql"),
        await client.get("/graphql", headers={"accept": "text/html"}),
        await client.get("/graphiql/page.js"),
        await client.get("/nothing"),
    ):
        assert response.headers["x-content-type-options"] == "nosniff"


async def test_what_is_asked_with_null_is_the_same_as_left_out() -> None:
    """Clients that send every key get an answer, and unknown keys do not matter."""
    body = {"query": "{ __typename }", "variables": None, "extensions": None, "operationName": None}
    response = await post({**body, "documentId": None, "x": json.dumps(body)})
    assert response.json()["data"] == {"__typename": "Query"}
