"""Objects by ID: `node` and `nodes`."""

import asyncio

import httpx
import pytest
from starlette.types import Receive, Scope, Send
from support.worlds import BOT_PASSWORD, NO_COPIES, UNTIL_ASKED_AGAIN, World, nodes

from resolvers.identity import make_id

NODE = "query ($id: ID!) { node(id: $id) { id __typename } }"
NODES = "query ($ids: [ID!]!) { nodes(ids: $ids) { id __typename } }"


def two_inboxes() -> World:
    """One inbox of each platform, with one notification each."""
    world = World()
    world.add_mastodon("home")
    world.add_wiki("wiki")
    world.post("home", 1)
    world.edit("wiki", 2)
    return world


async def test_every_kind_of_node_is_found_again() -> None:
    """Notifications of both platforms, inboxes and instances come back by their IDs."""
    world = two_inboxes()
    listed = [node["id"] for node in nodes(await world.page())]
    answer = await world.ask("{ inboxes { id instance { id } } }")
    for inbox in answer["data"]["inboxes"]:
        listed += [inbox["id"], inbox["instance"]["id"]]
    found = (await world.ask(NODES, {"ids": listed}))["data"]["nodes"]
    assert [node["id"] for node in found] == listed
    assert [node["__typename"] for node in found] == [
        *("WatchlistNotification", "MastodonNotification"),
        *("Inbox", "Instance", "Inbox", "Instance"),
    ]


async def test_ids_survive_a_restart() -> None:
    """Another process with the same configuration finds what the first one listed."""
    world = two_inboxes()
    listed = [node["id"] for node in nodes(await world.page())]
    world.restart()
    found = (await world.ask(NODES, {"ids": listed}))["data"]["nodes"]
    assert [node["id"] for node in found] == listed


async def test_a_seen_change_is_still_a_node() -> None:
    """What left a wiki's list can still be looked at by its ID."""
    world = two_inboxes()
    change = nodes(await world.page(first=1))[0]
    marks = world.wikis["wiki"].pages.users["Alice"].marks
    marks.update(dict.fromkeys(marks))
    answer = await world.ask(NODE, {"id": change["id"]})
    assert answer["data"]["node"]["id"] == change["id"]


@pytest.mark.parametrize(
    "node_id",
    [
        "",
        "nonsense",
        make_id("Inbox", "unknown"),
        make_id("Inbox", "home", "more"),
        make_id("Actor", "home", "1"),
        make_id("MastodonAccount", "home", "1"),
        make_id("WikiPage", "wiki", "0:Page"),
        make_id("Instance", "", "https://elsewhere.test"),
        make_id("MastodonNotification", "home", "404"),
        make_id("MastodonNotification", "home", "../accounts/verify_credentials"),
        make_id("MastodonNotification", "wiki", "1"),
        make_id("WatchlistNotification", "wiki", "0|99999999999999999999|edit|0|1|Bob|Page"),
        make_id("WatchlistNotification", "wiki", "0|nonsense"),
        make_id("WatchlistNotification", "wiki", "0|1767312007|edit|0|1|Bob|Page"),
    ],
)
async def test_what_is_not_there_is_null_with_an_error(node_id: str) -> None:
    """Unknown, damaged and foreign IDs look the same: null and NOT_FOUND."""
    answer = await two_inboxes().ask(NODE, {"id": node_id})
    assert answer["data"] == {"node": None}
    assert answer["errors"][0]["extensions"]["code"] == "NOT_FOUND"


async def test_one_bad_id_leaves_the_others() -> None:
    """In `nodes` every ID has its own place, and its own error."""
    ids = [make_id("Inbox", "home"), "nonsense", make_id("Inbox", "wiki")]
    answer = await two_inboxes().ask(NODES, {"ids": ids})
    assert [node and node["id"] for node in answer["data"]["nodes"]] == [ids[0], None, ids[2]]
    (error,) = answer["errors"]
    assert error["path"] == ["nodes", 1]
    assert error["extensions"]["code"] == "NOT_FOUND"


async def test_too_many_ids() -> None:
    """More than 100 IDs are refused as a whole."""
    answer = await two_inboxes().ask(NODES, {"ids": [make_id("Inbox", "home")] * 101})
    assert answer["data"] == {"nodes": None}
    assert answer["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"


async def test_an_instance_that_is_down() -> None:
    """The node is null, with the failure's code."""
    world = two_inboxes()
    listed = nodes(await world.page())[1]["id"]
    world.instances["home"].is_down = True
    answer = await world.ask(NODE, {"id": listed})
    assert answer["data"] == {"node": None}
    assert answer["errors"][0]["extensions"]["code"] == "UNREACHABLE"


async def test_inboxes_and_their_instances() -> None:
    """Inboxes come in the configuration's order and say who is logged in where."""
    fields = "name handle instance { platform title software version url }"
    answer = await two_inboxes().ask(
        f'{{ inboxes {{ {fields} }} inbox(name: "home") {{ name }} '
        'none: inbox(name: "x") { id } }'
    )
    home, wiki = answer["data"]["inboxes"]
    assert home == {
        "name": "home",
        "handle": "@me@home.mastodon.test",
        "instance": {
            "platform": "MASTODON",
            "title": "Sandbox social",
            "software": "mastodon",
            "version": "4.6.4",
            "url": "https://home.mastodon.test",
        },
    }
    assert wiki["handle"] == "User:Alice"
    assert wiki["instance"]["software"] == "mediawiki"
    assert answer["data"]["inbox"] == {"name": "home"}
    assert answer["data"]["none"] is None


async def test_an_instance_that_is_down_tells_nothing_of_itself() -> None:
    """Its title is null and its inbox is still listed."""
    world = two_inboxes()
    world.instances["wiki"].is_down = True
    answer = await world.ask("{ inboxes { name handle instance { title url } } }")
    assert answer["data"]["inboxes"][1] == {
        "name": "wiki",
        "handle": None,
        "instance": {"title": None, "url": "https://wiki.wiki.test/w/api.php"},
    }


async def test_a_profile_is_asked_once_for_all() -> None:
    """However many notifications show their inbox, and also where the instance does not tell."""
    world = two_inboxes()
    for second in range(60):
        world.post("home", second)
    world.mastodons["home"].mailboxes["token-of-home"].scopes = {"read:notifications"}
    began = world.mastodons["home"].mailboxes["token-of-home"].requests
    answer = await world.ask(
        "{ notifications(first: 50) { nodes { inbox { name handle instance { title } } } } }"
    )
    shown = [node["inbox"] for node in answer["data"]["notifications"]["nodes"]]
    home = next(inbox for inbox in shown if inbox["name"] == "home")
    assert home == {"name": "home", "handle": None, "instance": {"title": "Sandbox social"}}
    assert world.mastodons["home"].mailboxes["token-of-home"].requests - began <= 3


async def test_a_node_is_unread_as_the_list_says() -> None:
    """The same notification shows the same `isUnread` by its ID and in the list, before the marker
    and after it."""
    world = two_inboxes()
    world.post("home", 5)
    mailbox = world.mastodons["home"].mailboxes["token-of-home"]
    mailbox.marker = {"last_read_id": mailbox.notifications[1]["id"], "version": 1}
    answer = await world.ask("{ notifications { nodes { id isUnread } } }")
    shown = answer["data"]["notifications"]["nodes"]
    assert [node["isUnread"] for node in shown] == [True, True, False]
    by_id = "query ($ids: [ID!]!) { nodes(ids: $ids) { ... on Notification { id isUnread } } }"
    found = await world.ask(by_id, {"ids": [node["id"] for node in shown]})
    assert found["data"]["nodes"] == shown


UNREAD = "{ inboxes { name unreadCount { count isCapped failure { code message } } } }"


async def test_how_many_are_unread() -> None:
    """Mastodon counts notifications, a wiki pages with a mark, and each says where it stops."""
    world = two_inboxes()
    world.post("home", 3)
    world.edit("wiki", 4)
    home, wiki = (await world.ask(UNREAD))["data"]["inboxes"]
    assert home["unreadCount"] == {"count": 2, "isCapped": False, "failure": None}
    assert wiki["unreadCount"] == {"count": 1, "isCapped": False, "failure": None}


async def test_a_wiki_that_stops_counting() -> None:
    """MediaWiki writes `1000+`."""
    world = two_inboxes()
    world.wikis["wiki"].unread_cap = 1
    _, wiki = (await world.ask(UNREAD))["data"]["inboxes"]
    assert wiki["unreadCount"] == {"count": 1, "isCapped": True, "failure": None}


async def test_a_failure_to_count_says_why() -> None:
    """No null without a word, and no error that would spoil the other inboxes' numbers."""
    world = World()
    world.add_mastodon("down")
    world.add_mastodon("takahe", "takahe")
    world.add_mastodon("fine")
    world.instances["down"].is_down = True
    answer = await world.ask(UNREAD)
    assert "errors" not in answer
    counts = {each["name"]: each["unreadCount"] for each in answer["data"]["inboxes"]}
    assert counts["down"]["failure"]["code"] == "UNREACHABLE"
    assert counts["takahe"]["failure"]["code"] == "UNSUPPORTED"
    assert "takahe.mastodon.test" in counts["takahe"]["failure"]["message"]
    assert counts["down"]["count"] is counts["takahe"]["count"] is None
    assert counts["fine"] == {"count": 0, "isCapped": False, "failure": None}


async def test_what_can_be_done_with_an_inbox() -> None:
    """By the server's software, at a wiki by the login's rights; null where it is not known."""
    world = two_inboxes()
    world.add_mastodon("odd", "unknown-bare")
    world.wikis["wiki"].pages.make_user("Alice", "gw", BOT_PASSWORD, "viewmywatchlist")
    fields = "canDismiss canClear canSetTimestamp canMarkRead canCountUnread canPageUpwards"
    answer = await world.ask(f"{{ inboxes {{ capabilities {{ {fields} }} }} }}")
    home, wiki, odd = (list(each["capabilities"].values()) for each in answer["data"]["inboxes"])
    assert home == [True, True, False, True, True, True]
    assert wiki == [False, False, False, False, True, True]
    assert odd == [None, None, False, None, None, False]


async def test_one_object_shows_one_value_in_an_answer() -> None:
    """What changes at the instance meanwhile shows in the next answer, not in half of this one."""
    world = two_inboxes()
    world.sections = {"cache": NO_COPIES}
    listed = nodes(await world.page())[1]["id"]
    world.instances["home"].before_each = lambda: _count_up(world)
    part = "... on MastodonNotification { id account { followersCount } }"
    answer = await world.ask(
        f"query ($id: ID!) {{ a: node(id: $id) {{ {part} }} b: node(id: $id) {{ {part} }} "
        f"nodes(ids: [$id]) {{ {part} }} notifications {{ nodes {{ {part} }} }} "
        f"again: notifications(first: 3) {{ nodes {{ {part} }} }} "
        "inboxes { unreadCount { count } twice: unreadCount { count } } }",
        {"id": listed},
    )
    data = answer["data"]
    shown = [data["a"], data["b"], *data["nodes"]]
    shown += [n for k in ("notifications", "again") for n in data[k]["nodes"] if n]
    assert len(shown) == 5
    assert {node["account"]["followersCount"] for node in shown} == {
        data["a"]["account"]["followersCount"]
    }
    assert all(each["unreadCount"] == each["twice"] for each in data["inboxes"])


def _count_up(world: World) -> None:
    """The instance says something else each time."""
    row = world.mastodons["home"].mailboxes["token-of-home"].notifications[0]
    row["account"]["followers_count"] += 1


async def test_is_unread_is_the_same_wherever_it_is_selected() -> None:
    """A field that does not select it does not make another one's null."""
    world = two_inboxes()
    listed = nodes(await world.page())[1]["id"]
    answer = await world.ask(
        "query ($id: ID!) { plain: notifications { nodes { id } } "
        "node(id: $id) { ... on Notification { isUnread } } }",
        {"id": listed},
    )
    assert answer["data"]["node"] == {"isUnread": True}


async def test_a_mutations_payload_shows_what_it_has_changed() -> None:
    """Each mutation of an operation begins a new snapshot."""
    world = two_inboxes()
    world.post("home", 3)
    first, second = (
        make_id("MastodonNotification", "home", row["id"])
        for row in world.mastodons["home"].mailboxes["token-of-home"].notifications
    )
    payload = "inbox { unreadCount { count } } query { notifications { nodes { id } } }"
    answer = await world.ask(
        "mutation ($a: ID!, $b: ID!) { "
        f"a: dismissNotification(input: {{notificationId: $a}}) {{ {payload} }} "
        f"b: dismissNotification(input: {{notificationId: $b}}) {{ {payload} }} }}",
        {"a": first, "b": second},
    )
    a, b = answer["data"]["a"], answer["data"]["b"]
    assert [a["inbox"]["unreadCount"]["count"], b["inbox"]["unreadCount"]["count"]] == [1, 0]
    assert [len(each["query"]["notifications"]["nodes"]) for each in (a, b)] == [2, 1]


STATUS = """{ inboxes { name status {
  health lastSuccessAt lastFailureAt retryAt lastFailure { code message retryAt } } } }"""


async def test_how_instances_answer() -> None:
    """Told without asking them: not asked yet, well, failing, suspended, with when and why."""
    world = two_inboxes()
    told = (await world.ask(STATUS))["data"]["inboxes"]
    assert [each["status"]["health"] for each in told] == ["UNKNOWN", "UNKNOWN"]
    await world.page()
    world.instances["wiki"].is_down = True
    await asyncio.sleep(100)
    await world.page()
    home, wiki = (each["status"] for each in (await world.ask(STATUS))["data"]["inboxes"])
    assert home["health"] == "HEALTHY" and home["lastFailure"] is None
    assert wiki["health"] == "SUSPENDED" and wiki["retryAt"] > wiki["lastFailureAt"]
    assert wiki["lastFailure"]["code"] == "UNREACHABLE"
    assert wiki["lastFailureAt"] > wiki["lastSuccessAt"] > "2026-11-24T12:00"
    asked = world.list_requests()
    await world.ask(STATUS)
    assert world.list_requests() == asked
    await asyncio.sleep(UNTIL_ASKED_AGAIN)
    _, wiki = (each["status"] for each in (await world.ask(STATUS))["data"]["inboxes"])
    assert wiki["health"] == "DEGRADED" and wiki["retryAt"] is None
    world.instances["wiki"].is_down = False
    await world.page()
    _, wiki = (each["status"] for each in (await world.ask(STATUS))["data"]["inboxes"])
    assert wiki["health"] == "HEALTHY" and wiki["lastFailure"]["code"] == "UNREACHABLE"


async def test_when_to_try_again_is_to_come() -> None:
    """A time that has passed is not told, also of a failure that still is the last one."""
    world = two_inboxes()
    world.mastodons["home"].allowed_requests = 0
    await world.page()
    home, _ = (each["status"] for each in (await world.ask(STATUS))["data"]["inboxes"])
    assert home["lastFailure"]["retryAt"] > home["lastFailureAt"]
    await asyncio.sleep(1000)
    home, _ = (each["status"] for each in (await world.ask(STATUS))["data"]["inboxes"])
    assert home["lastFailure"]["code"] == "RATE_LIMITED" and home["lastFailure"]["retryAt"] is None


async def test_what_an_instance_cannot_do_says_nothing_of_its_health() -> None:
    """UNSUPPORTED is an answer."""
    world = World()
    world.add_mastodon("takahe", "takahe")
    await world.ask(UNREAD)
    (told,) = (await world.ask(STATUS))["data"]["inboxes"]
    assert told["status"]["lastFailure"] is None


async def test_a_handle_is_not_lost_for_one_bad_moment() -> None:
    """What could not be told once is asked again."""
    world = two_inboxes()
    app = world.mastodons["home"].app
    broken = True

    async def flaky(scope: Scope, receive: Receive, send: Send) -> None:
        if broken and scope["path"].endswith("/verify_credentials"):
            raise httpx.ReadError("reset")
        await app(scope, receive, send)

    world.instances["home"].replace(flaky)
    ask = '{ inbox(name: "home") { handle instance { title } } }'
    told = (await world.ask(ask))["data"]["inbox"]
    assert (told["handle"], told["instance"]["title"]) == (None, "Sandbox social")
    broken = False
    await asyncio.sleep(16)
    assert (await world.ask(ask))["data"]["inbox"]["handle"] == "@me@home.mastodon.test"


async def test_rights_are_known_whatever_is_asked_first() -> None:
    """Capabilities do not depend on what a client asks before them."""
    world = two_inboxes()
    await world.ask(UNREAD)
    answer = await world.ask('{ inbox(name: "wiki") { capabilities { canDismiss } } }')
    assert answer["data"]["inbox"]["capabilities"] == {"canDismiss": True}


async def test_an_operation_has_an_end() -> None:
    """A node, a count and a dismissal wait five seconds for an instance that hangs, and no more."""
    world = two_inboxes()
    listed = nodes(await world.page())[1]["id"]
    world.sections = {"upstream": {"timeout": 100}}
    world.restart()
    world.instances["home"].seconds = 1000
    loop = asyncio.get_running_loop()
    dismiss = f'mutation {{ dismissNotification(input: {{notificationId: "{listed}"}}) '
    for document, code in (
        (f'{{ node(id: "{listed}") {{ id }} }}', "TIMEOUT"),
        ('{ inbox(name: "home") { unreadCount { failure { code } } } }', "TIMEOUT"),
        (dismiss + "{ userErrors { message failure { code } } } }", "TIMEOUT"),
    ):
        began = loop.time()
        assert code in str(await world.ask(document))
        assert round(loop.time() - began, 6) == 5
