"""A gateway of hundreds of inboxes."""

from support.worlds import Json, World

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
