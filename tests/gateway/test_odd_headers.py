"""Headers as nobody should send them: an answer in JSON with a code, and never a 500."""

import random

import httpx
import pytest
from support.worlds import mixed_world

GRAPHQL_JSON = "application/graphql-response+json"
JSON = "application/json"
QUERY = {"query": "{ __typename }"}
DISMISS = {
    "query": 'mutation { dismissNotification(input: {notificationId: "x"}) { clientMutationId } }'
}
READ_BY_SOMETHING = [
    *("accept", "accept-encoding", "access-control-request-headers", "authorization", "connection"),
    *("access-control-request-method", "content-encoding", "content-length", "content-type"),
    *("cookie", "date", "expect", "forwarded", "host", "if-match", "if-modified-since"),
    *("if-none-match", "if-range", "inbox-authorization", "origin", "range", "referer"),
    *("sec-fetch-site", "transfer-encoding", "upgrade", "x-forwarded-for", "x-forwarded-proto"),
]
ODD = [
    *("", " ", ",", ";", "=", "*", "[", "http://[", "http://[::1", "http://x:port", "%", "%00"),
    *("bytes=0-", "bytes=5-1", "bytes=x", "rows=1-2", "bytes=" + "0-1," * 500, "9" * 5000, "-1"),
    *("q=x", ";q=", "text/html;q=1e9", "\xff\xfe", "\x7f", "Sun, 99 Foo 99999 99:99:99 GMT"),
    *('W/"', '"' * 100, "Basic x", "Bearer", "home=Bearer", "a" * 8000, "null", "http://\u00e9"),
]


def client(**server: object) -> httpx.AsyncClient:
    """Of a gateway that lets one origin's pages ask."""
    world = mixed_world()
    world.sections = {"server": {"allowed_origins": ["https://app.example"], **server}}
    return world.client()


def raw(name: str, value: str) -> tuple[bytes, bytes]:
    """A header with these very bytes."""
    return name.encode(), value.encode("latin-1", "replace")


def check(response: httpx.Response) -> None:
    """A client's mistake is told with a code, and what is none is answered."""
    assert response.status_code < 500 or response.status_code == 501, response.text
    if response.status_code >= 400:
        assert response.json()["errors"][0]["extensions"]["code"]


@pytest.mark.parametrize("name", READ_BY_SOMETHING)
async def test_no_header_breaks_anything(name: str) -> None:
    """Every header that something reads, with every odd value, to each address."""
    speaks = client()
    for value in ODD:
        headers = [raw(name, value)]
        check(await speaks.post("/graphql", json=QUERY, headers=headers))
        check(await speaks.post("/graphql", json=DISMISS, headers=headers))
        check(await speaks.get("/graphql", params=QUERY, headers=headers))
        check(await speaks.get("/graphiql/page.js", headers=headers))
        check(await speaks.options("/graphql", headers=[raw("origin", "https://a.b"), *headers]))


@pytest.mark.parametrize("path", ["/%00", "/graphiql/%00", "/graphiql/..%2f..%2fapp", "/graphiql/"])
async def test_odd_addresses(path: str) -> None:
    """Nothing is there."""
    response = await client().get(path)
    check(response)
    assert response.status_code == 404


async def test_random_headers() -> None:
    """2,000 requests with several of them at once."""
    speaks, chance = client(), random.Random(1)  # noqa: S311 - a seed
    for _ in range(2000):
        names = chance.sample(READ_BY_SOMETHING, 4)
        headers = [raw(name, chance.choice(ODD)) for name in names]
        path = chance.choice(["/graphql", "/graphiql/page.css", "/", "/nowhere"])
        method = chance.choice(["GET", "POST", "HEAD", "OPTIONS", "DELETE"])
        response = await speaks.request(method, path, json=DISMISS, headers=headers)
        assert response.status_code < 500 or response.status_code == 501


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"authorization": "Bearer wrong"}, 401),
        ({"host": "evil.example"}, 421),
        ({"content-type": "text/plain"}, 415),
        ({"content-encoding": "gzip"}, 415),
        ({"inbox-authorization": "nonsense"}, 400),
        ({"origin": "https://evil.example"}, 403),
        ({"origin": "http://["}, 403),
    ],
)
async def test_a_refusal_has_the_media_type_that_is_preferred(
    headers: dict[str, str], status: int
) -> None:
    """So that Apollo Client shows its code and message, and not the status alone."""
    world = mixed_world()
    if status == 401:
        world.sections = {"clients": [{"name": "it", "key": "a" * 43}]}
    for accept, expected in (
        (f"{GRAPHQL_JSON}, application/json;q=0.9", GRAPHQL_JSON),
        ("application/json", JSON),
        ("*/*", JSON),
    ):
        given = {"accept": accept, **headers}
        response = await world.client().post("/graphql", json=DISMISS, headers=given)
        assert response.status_code == status
        assert response.headers["content-type"] == f"{expected}; charset=utf-8"
        assert response.json()["errors"][0]["extensions"]["code"]


async def test_a_content_coding() -> None:
    """Is refused with what would be taken."""
    response = await client().post("/graphql", json=QUERY, headers={"content-encoding": "gzip"})
    assert response.status_code == 415 and response.headers["accept-encoding"] == "identity"


async def test_two_origins() -> None:
    """Are no origin of ours, also where one of them is."""
    headers = [("origin", "https://app.example"), ("origin", "http://localhost:8000")]
    response = await client().post("/graphql", json=DISMISS, headers=headers)
    assert response.status_code == 403


@pytest.mark.parametrize("origin", ["HTTP://LOCALHOST:8000", "https://localhost:8000"])
async def test_an_origin_in_capitals(origin: str) -> None:
    """Host and Origin are compared alike."""
    headers = {"origin": origin, "host": "LocalHost:8000"}
    assert (await client().post("/graphql", json=DISMISS, headers=headers)).status_code == 200


async def test_a_preflight_that_is_refused() -> None:
    """In JSON, with a code."""
    preflight = {"access-control-request-method": "POST", "origin": "https://evil.example"}
    response = await client().options("/graphql", headers=preflight)
    assert response.status_code == 403
    assert response.json()["errors"][0]["extensions"]["code"] == "FORBIDDEN_ORIGIN"
    assert "access-control-allow-origin" not in response.headers


async def test_parts_of_a_file() -> None:
    """Are not given: whoever asks for one gets all of it."""
    whole = await client().get("/graphiql/page.js")
    for value in ("bytes=0-3", "rows=1-2", "bytes=x"):
        part = await client().get("/graphiql/page.js", headers={"range": value})
        assert (part.status_code, part.content) == (200, whole.content)


async def test_head_is_get_without_a_body() -> None:
    """With the same tag, which answers `If-None-Match` in the same way."""
    speaks, asked = client(), {"query": "{ inboxes { name } }"}
    got = await speaks.get("/graphql", params=asked)
    for known, status in (("", 200), (got.headers["etag"], 304)):
        head = await speaks.head("/graphql", params=asked, headers={"if-none-match": known})
        assert (head.status_code, head.content) == (status, b"")
        assert head.headers["etag"] == got.headers["etag"]
