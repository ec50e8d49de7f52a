"""The page for browsers."""

import re

import pytest
from strawberry.types.base import StrawberryObjectDefinition
from support.listening import LiveGateway
from support.worlds import World

from app.graphiql.page import FILES
from resolvers.identity import make_id
from resolvers.schema import build_schema

BROWSER = {"accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}


def empty_world() -> World:
    """A gateway without an inbox."""
    return World()


async def test_a_browser_gets_the_page() -> None:
    """A GET that prefers HTML is GraphiQL, under a policy that lets only our own scripts run."""
    response = await empty_world().client().get("/graphql", headers=BROWSER)
    assert response.status_code == 200
    assert response.headers["content-type"].startswith("text/html")
    policy = response.headers["content-security-policy"]
    assert "script-src 'self';" in policy and "frame-ancestors 'none'" in policy
    assert "http" not in policy
    assert response.headers["x-content-type-options"] == "nosniff"
    assert response.headers["vary"] == "Accept"


async def test_curl_gets_json() -> None:
    """`Accept: */*` is no browser."""
    client = empty_world().client()
    asked = await client.get("/graphql", params={"query": "{ inboxes { name } }"})
    assert asked.json()["data"] == {"inboxes": []}
    plain = await client.get("/graphql", headers={"accept": "*/*"})
    assert "text/html" not in plain.headers["content-type"]


async def test_the_page_can_be_switched_off() -> None:
    """Then a browser gets what everybody gets."""
    world = empty_world()
    world.sections = {"server": {"graphiql": False}}
    response = await world.client().get("/graphql", headers=BROWSER)
    assert response.status_code == 400
    assert response.headers["content-type"].startswith("application/json")


async def test_everything_comes_from_our_own_origin() -> None:
    """Each file that the page names is there, is not empty, and names no other origin's script."""
    client = empty_world().client()
    page = (await client.get("/graphql", headers=BROWSER)).text
    named = re.findall(r'(?:src|href)="([^"]+)"', page)
    files = [name for name in named if not name.startswith("data:")]
    assert len(files) == 6
    for name in files:
        assert name.startswith("/graphiql/")
        response = await client.get(name)
        assert response.status_code == 200 and len(response.content) > 50


def example_queries() -> list[str]:
    """The queries that the page opens with."""
    script = (FILES / "page.js").read_text(encoding="utf-8")
    return re.findall(r"= `(#.*?)`;", script, re.DOTALL)


HOME = make_id("Inbox", "home")
VARIABLES = {
    "first": 5,
    "name": "home",
    "id": HOME,
    "ids": [HOME],
    "inboxIds": [HOME],
    "input": {
        "inboxId": make_id("Inbox", "wiki"),
        "pages": {"titles": ["Page"]},
        "unseenFrom": {"timestamp": "2026-01-01T00:00:00Z"},
    },
}


@pytest.mark.parametrize("query", example_queries(), ids=lambda query: query.split("\n")[0][:40])
async def test_the_example_queries_work(query: str) -> None:
    """Every tab that the page opens with runs on any configuration."""
    world = empty_world()
    world.add_mastodon("home")
    world.add_wiki("wiki")
    world.post("home", 1)
    world.edit("wiki", 2)
    if "subscription " in query:
        async with LiveGateway(world).listen(query) as heard:
            assert heard.events[0]["__typename"] == "LiveStarted"
        return
    variables = {**VARIABLES, "answer": "ACCEPT", "isMuted": True}
    if "setNotificationPolicy" in query:
        variables["input"] = {"inboxId": HOME, "forNewAccounts": "FILTER"}
    for name in re.findall(r"^(?:query|mutation) (\w+)", query, re.MULTILINE):
        answer = await world.ask(query, variables, operation=name)
        assert "errors" not in answer, answer


def test_every_root_field_has_an_example() -> None:
    """Somebody who opens the page finds each query and each mutation in a tab."""
    schema = build_schema()
    queries = "\n".join(example_queries())
    for root in ("Query", "Mutation", "Subscription"):
        definition = schema.get_type_by_name(root)
        assert isinstance(definition, StrawberryObjectDefinition)
        for field in definition.fields:
            name = schema.config.name_converter.get_graphql_name(field)
            assert re.search(rf"^  {name}\b", queries, re.MULTILINE), name


def test_every_vendored_file_has_a_licence() -> None:
    """NOTICE.md names each file of others, its package, its version and its licence."""
    notice = (FILES / "NOTICE.md").read_text(encoding="utf-8")
    for path in FILES.iterdir():
        assert path.name == "NOTICE.md" or path.name in notice
