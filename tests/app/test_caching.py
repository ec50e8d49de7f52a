"""What callers may keep of an answer: https://www.rfc-editor.org/rfc/rfc9111"""

import pytest
from support.worlds import World, mixed_world

LIST = "{ notifications(first: 3) { nodes { id } } }"


async def test_an_answer_may_be_kept_and_asked_about() -> None:
    """It has a tag; who sends that with a GET gets 304 and no body while the answer is the same."""
    world = mixed_world()
    client = world.client()
    first = await client.get("/graphql", params={"query": LIST})
    assert first.headers["cache-control"] == "private, no-cache"
    assert "Accept" in first.headers["vary"] and "Authorization" in first.headers["vary"]
    tag = first.headers["etag"]
    for header in (tag, f'"other", W/{tag}', "*"):
        headers = {"if-none-match": header}
        again = await client.get("/graphql", params={"query": LIST}, headers=headers)
        assert (again.status_code, again.content) == (304, b"")
        assert again.headers["etag"] == tag
    other = await client.get(
        "/graphql", params={"query": "{ inboxes { name } }"}, headers={"if-none-match": tag}
    )
    assert other.status_code == 200 and other.headers["etag"] != tag


async def test_a_post_has_no_tag_and_always_a_body() -> None:
    """Asking whether something is still the same is for GET alone."""
    client = mixed_world().client()
    first = await client.get("/graphql", params={"query": LIST})
    for _ in range(2):
        headers = {"if-none-match": first.headers["etag"]}
        response = await client.post("/graphql", json={"query": LIST}, headers=headers)
        assert (response.status_code, response.json()) == (200, first.json())
        assert "etag" not in response.headers


@pytest.mark.parametrize(
    "document",
    [
        "{ notifications(first: 0) { nodes { id } } }",
        "{ nothing }",
        "{",
        'mutation { dismissNotification(input: {notificationId: "x"}) { clientMutationId } }',
    ],
)
async def test_what_is_not_the_whole_truth_is_not_kept(document: str) -> None:
    """Errors, and mutations: nobody is to keep those."""
    response = await mixed_world().client().post("/graphql", json={"query": document})
    assert response.headers["cache-control"] == "no-store"
    assert "etag" not in response.headers


async def test_an_answer_with_a_failure_is_not_kept() -> None:
    """Neither where an inbox is missing, nor where its old copy is shown."""
    world: World = mixed_world()
    world.instances["wiki"].is_down = True
    count = "{ inboxes { unreadCount { failure { code } } } }"
    for document in (LIST, count):
        response = await world.client().post("/graphql", json={"query": document})
        assert response.headers["cache-control"] == "no-store"
        failed = response.json()["extensions"]["failedInboxes"]
        assert failed in ({"wiki": "UNREACHABLE"}, {"wiki": "SUSPENDED"})


async def test_the_page_of_graphiql_is_a_page() -> None:
    """What browsers get at the same address differs by what they accept."""
    headers = {"accept": "text/html"}
    response = await mixed_world().client().get("/graphql", headers=headers)
    assert "Accept" in response.headers["vary"]
