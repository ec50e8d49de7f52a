"""A gateway of hundreds of inboxes."""

from support.asking import make_api
from support.listening import LiveGateway
from support.worlds import Json, World

from resolvers.limits import Limits

PAGE = """query ($after: String) { notifications(first: 40, after: $after) {
  nodes { id } pageInfo { endCursor hasNextPage } } }"""
HUGE = {"cost": 1_000_000, "inboxes": 1000, "body": 1024 * 1024}


async def test_800_inboxes_page_through() -> None:
    """The gateway takes its own cursors, and each notification is there once."""
    world = World(sections={"limits": HUGE})
    sandbox = world.add_mastodon("home")
    sandbox.allowed_requests = sandbox.allowed_paging = 1_000_000
    table = world.tables[0]
    for second in range(3):
        world.post("home", second)
    world.tables = [{**table, "name": f"home-{number}"} for number in range(800)]
    world.instances["home-0"] = world.instances["home"]
    seen: list[str] = []
    after = None
    for _ in range(2):
        page: Json = (await world.ask(PAGE, {"after": after}))["data"]["notifications"]
        seen += [each["id"] for each in page["nodes"]]
        after = page["pageInfo"]["endCursor"]
    assert len(str(after)) > 16 * 1024
    assert len(seen) == len(set(seen)) == 80


async def test_wikis_with_two_lists_each() -> None:
    """As many as there may be: the gateway takes its own cursors, also those of events."""
    world = World(sections={"limits": {"inboxes": 40}})
    world.add_wiki("wiki")
    world.add_echo("wiki")
    for second in range(3):
        world.edit("wiki", second, page=f"Page {second}")
        world.tell("wiki", second)
    world.tables = [{**world.tables[0], "name": f"wiki-{number}"} for number in range(40)]
    world.instances["wiki-0"] = world.instances["wiki"]
    seen: list[str] = []
    after = None
    for _ in range(6):
        page: Json = (await world.ask(PAGE, {"after": after}))["data"]["notifications"]
        seen += [each["id"] for each in page["nodes"]]
        after = page["pageInfo"]["endCursor"]
    assert len(seen) == len(set(seen)) == 240 and not page["pageInfo"]["hasNextPage"]
    assert len(str(after)) < 40 * 2 * 80
    gateway = LiveGateway(world, make_api(Limits(inboxes=40)))
    async with gateway.listen() as heard:
        pass
    async with gateway.listen(cursor=heard.cursor) as again:
        assert again.events[0]["__typename"] == "LiveStarted"
