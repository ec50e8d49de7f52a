"""The mutations as a client sees them."""

import asyncio

import pytest
from support.worlds import Json, World, nodes

from resolvers.identity import make_id, parse_id

DISMISS = """mutation ($id: ID!) { dismissNotification(input: {notificationId: $id,
  clientMutationId: "c1"}) { dismissedNotificationIds inbox { name } clientMutationId
  userErrors { code message isOutcomeUnknown path inbox { name } failure { code isRetryable } }
  query { notifications { nodes { id } } } } }"""
CLEAR = """mutation ($ids: [ID!]!) { clearNotifications(input: {inboxIds: $ids}) {
  clearedInboxes { name } userErrors { code path inbox { name } failure { code } } } }"""
MARK = """mutation ($id: ID!) { markNotificationsRead(input: {upToNotificationId: $id}) {
  inbox { name } userErrors { code message path } } }"""
SET = """mutation ($input: SetNotificationTimestampInput!) {
  setNotificationTimestamp(input: $input) { inbox { name } notificationTimestamp
  pages { requested outcome page { title notificationTimestamp } }
  userErrors { code message path } } }"""


def two_inboxes() -> World:
    """One inbox of each platform, with some notifications each."""
    world = World()
    world.add_mastodon("home")
    world.add_wiki("wiki")
    for second in range(3):
        world.post("home", second)
        world.edit("wiki", 10 + second)
    return world


async def mutate(world: World, document: str, **variables: object) -> Json:
    """The payload of a mutation's only field."""
    answer = await world.ask(document, variables)
    assert "errors" not in answer, answer
    (payload,) = answer["data"].values()
    return dict(payload)


async def listed(world: World, name: str) -> list[str]:
    """The IDs that an inbox lists."""
    return [node["id"] for node in nodes(await world.page()) if node["inbox"]["name"] == name]


async def test_dismissing_at_mastodon() -> None:
    """The notification is gone, from the instance and from the answer's own query."""
    world = two_inboxes()
    newest, *others = await listed(world, "home")
    payload = await mutate(world, DISMISS, id=newest)
    assert payload["dismissedNotificationIds"] == [newest]
    assert payload["inbox"] == {"name": "home"}
    assert payload["clientMutationId"] == "c1"
    assert payload["userErrors"] == []
    assert newest not in [node["id"] for node in payload["query"]["notifications"]["nodes"]]
    assert await listed(world, "home") == others


async def test_dismissing_at_a_wiki_names_what_left_with_it() -> None:
    """The earlier changes of the page that the gateway holds are named too, for `@deleteEdge`."""
    world = two_inboxes()
    newest, middle, oldest = await listed(world, "wiki")
    payload = await mutate(world, DISMISS, id=middle)
    assert payload["dismissedNotificationIds"][0] == middle
    assert set(payload["dismissedNotificationIds"]) == {middle, oldest}
    assert await listed(world, "wiki") == [newest]


async def test_dismissing_twice_is_a_success() -> None:
    """What is gone already is named again, so that a client's edge goes."""
    world = two_inboxes()
    for name in ("home", "wiki"):
        newest = (await listed(world, name))[0]
        for _ in range(2):
            payload = await mutate(world, DISMISS, id=newest)
            assert newest in payload["dismissedNotificationIds"]
            assert payload["userErrors"] == []


@pytest.mark.parametrize(
    "node_id",
    [
        "",
        "nonsense",
        make_id("Inbox", "home"),
        make_id("MastodonNotification", "unknown", "1"),
        make_id("MastodonNotification", "wiki", "1"),
        make_id("MastodonNotification", "home", ".."),
        make_id("WatchlistNotification", "wiki", "1"),
        make_id("WatchlistNotification", "wiki", "0|1767312007|edit|0|1|Bob|A|B"),
        make_id("WatchlistNotification", "home", "0|1767312007|edit|0|1|Bob|A"),
    ],
)
@pytest.mark.parametrize("document", [DISMISS, MARK], ids=["dismiss", "mark"])
async def test_ids_that_cannot_be(document: str, node_id: str) -> None:
    """Unknown, damaged and foreign IDs are a user error at their field, and nothing is sent."""
    world = two_inboxes()
    payload = await mutate(world, document, id=node_id)
    (error,) = payload["userErrors"]
    assert error["code"] == "NOT_FOUND"
    field = "notificationId" if document is DISMISS else "upToNotificationId"
    assert error["path"] == ["input", field]
    assert not world.wikis["wiki"].writes
    assert len(world.mastodons["home"].mailboxes["token-of-home"].notifications) == 3


async def test_dismissing_where_the_instance_is_down() -> None:
    """Certainly unsent: the failure's code, and no word of an unknown outcome."""
    world = two_inboxes()
    newest = (await listed(world, "home"))[0]
    world.instances["home"].is_down = True
    payload = await mutate(world, DISMISS, id=newest)
    (error,) = payload["userErrors"]
    assert error["code"] == "UPSTREAM_FAILED"
    assert error["failure"] == {"code": "UNREACHABLE", "isRetryable": True}
    assert "not known" not in error["message"] and not error["isOutcomeUnknown"]
    assert payload["dismissedNotificationIds"] == []


async def test_an_unknown_outcome_says_so() -> None:
    """Where the instance may have acted, the message says that nobody knows."""
    world = two_inboxes()
    for name in ("home", "wiki"):
        newest = (await listed(world, name))[0]
        world.wikis["wiki"].hangs_after_writing = True
        world.instances["home"].seconds = 60
        payload = await mutate(world, DISMISS, id=newest)
        (error,) = payload["userErrors"]
        assert error["code"] == "UPSTREAM_FAILED"
        assert error["failure"]["code"] == "TIMEOUT"
        assert "It is not known whether it was done" in error["message"]
        assert error["isOutcomeUnknown"] is True
        assert payload["dismissedNotificationIds"] == []


async def test_clearing_only_what_is_named() -> None:
    """One inbox is empty afterwards, the other as before; naming it twice is naming it once."""
    world = two_inboxes()
    before = await listed(world, "wiki")
    home = make_id("Inbox", "home")
    payload = await mutate(world, CLEAR, ids=[home, home])
    assert payload == {"clearedInboxes": [{"name": "home"}], "userErrors": []}
    assert await listed(world, "home") == []
    assert await listed(world, "wiki") == before


async def test_one_inbox_that_fails_does_not_stop_the_others() -> None:
    """Each that was not cleared is a user error with the place of its ID."""
    world = two_inboxes()
    await listed(world, "home")
    world.instances["home"].is_down = True
    ids = [make_id("Inbox", "unknown"), make_id("Inbox", "home"), make_id("Inbox", "wiki")]
    payload = await mutate(world, CLEAR, ids=ids)
    assert payload["clearedInboxes"] == [{"name": "wiki"}]
    assert [(each["code"], each["path"]) for each in payload["userErrors"]] == [
        ("NOT_FOUND", ["input", "inboxIds", "0"]),
        ("UPSTREAM_FAILED", ["input", "inboxIds", "1"]),
    ]


async def test_clearing_nothing() -> None:
    """An empty list is refused, not taken for all."""
    world = two_inboxes()
    payload = await mutate(world, CLEAR, ids=[])
    assert payload["userErrors"][0]["code"] == "INVALID_INPUT"
    assert payload["userErrors"][0]["path"] == ["input", "inboxIds"]
    assert len(await listed(world, "home")) == 3


async def test_the_marker_never_moves_backwards() -> None:
    """The instance would let it: the gateway looks first."""
    world = two_inboxes()
    newest, middle, oldest = await listed(world, "home")
    mailbox = world.mastodons["home"].mailboxes["token-of-home"]
    for marked in (middle, oldest):
        payload = await mutate(world, MARK, id=marked)
        assert payload == {"inbox": {"name": "home"}, "userErrors": []}
        assert mailbox.marker is not None
        assert mailbox.marker["last_read_id"] == mailbox.notifications[1]["id"]
    await mutate(world, MARK, id=newest)
    assert mailbox.marker and mailbox.marker["last_read_id"] == mailbox.notifications[0]["id"]
    assert len(await listed(world, "home")) == 3


async def test_what_a_platform_cannot_do() -> None:
    """A wiki has no marker and Mastodon no timestamps: NOT_SUPPORTED, and nothing is sent."""
    world = two_inboxes()
    change = (await listed(world, "wiki"))[0]
    marked = await mutate(world, MARK, id=change)
    assert marked["userErrors"][0]["code"] == "NOT_SUPPORTED"
    everything = {"pages": {"entireWatchlist": True}, "unseenFrom": {"nothing": True}}
    done = await mutate(world, SET, input={"inboxId": make_id("Inbox", "home"), **everything})
    assert done["userErrors"][0]["code"] == "NOT_SUPPORTED"
    assert "https://home.mastodon.test" in done["userErrors"][0]["message"]


def of_wiki(pages: Json, unseen_from: Json) -> Json:
    """An input of setNotificationTimestamp."""
    return {"inboxId": make_id("Inbox", "wiki"), "pages": pages, "unseenFrom": unseen_from}


async def test_setting_a_timestamp() -> None:
    """Pages come back as asked, with their marks; the entire watchlist with what it was set to."""
    world = two_inboxes()
    when = "2026-11-24T11:00:10Z"
    titles = {"titles": ["page", "Elsewhere"]}
    done = await mutate(world, SET, input=of_wiki(titles, {"timestamp": when}))
    assert done["pages"] == [
        {
            "requested": "page",
            "outcome": "UPDATED",
            "page": {"title": "Page", "notificationTimestamp": when},
        },
        {"requested": "Elsewhere", "outcome": "NO_SUCH_PAGE",
         "page": {"title": "Elsewhere", "notificationTimestamp": None}},
    ]  # fmt: skip
    everything = of_wiki({"entireWatchlist": True}, {"nothing": True})
    done = await mutate(world, SET, input=everything)
    assert done["notificationTimestamp"] is None and done["userErrors"] == []
    assert await listed(world, "wiki") == []
    back = of_wiki({"entireWatchlist": True}, {"timestamp": when})
    assert (await mutate(world, SET, input=back))["notificationTimestamp"] == when
    assert len(await listed(world, "wiki")) == 3


@pytest.mark.parametrize(
    ("pages", "unseen_from", "path"),
    [
        ({"entireWatchlist": False}, {"nothing": True}, ["pages", "entireWatchlist"]),
        ({"titles": []}, {"nothing": True}, ["pages", "titles"]),
        ({"titles": ["A"] * 501}, {"nothing": True}, ["pages", "titles"]),
        ({"titles": ["Page"]}, {"nothing": False}, ["unseenFrom", "nothing"]),
        ({"titles": ["Page"]}, {"timestamp": "1066-10-14T09:00:00Z"}, ["unseenFrom", "timestamp"]),
        ({"titles": ["Page", "B"]}, {"toRevisionId": "1"}, ["unseenFrom", "toRevisionId"]),
        (
            {"entireWatchlist": True},
            {"newerThanRevisionId": "1"},
            ["unseenFrom", "newerThanRevisionId"],
        ),
        ({"titles": ["Page"]}, {"toRevisionId": "0"}, ["unseenFrom", "toRevisionId"]),
        ({"titles": ["Page"]}, {"toRevisionId": "-5"}, ["unseenFrom", "toRevisionId"]),
        ({"titles": ["Page"]}, {"toRevisionId": "99999"}, ["unseenFrom", "toRevisionId"]),
        ({"notificationIds": ["nonsense"]}, {"nothing": True}, ["pages", "notificationIds", "0"]),
        (
            {"notificationIds": [make_id("MastodonNotification", "home", "1")]},
            {"nothing": True},
            ["pages", "notificationIds", "0"],
        ),
    ],
)
async def test_inputs_that_are_refused(pages: Json, unseen_from: Json, path: list[str]) -> None:
    """Each is INVALID_INPUT at its field, and nothing is written."""
    world = two_inboxes()
    done = await mutate(world, SET, input=of_wiki(pages, unseen_from))
    (error,) = done["userErrors"]
    assert (error["code"], error["path"]) == ("INVALID_INPUT", ["input", *path])
    assert done["pages"] == []
    assert not world.wikis["wiki"].writes


@pytest.mark.parametrize(
    ("pages", "unseen_from"),
    [
        ({}, {"nothing": True}),
        ({"titles": ["A"], "pageIds": ["1"]}, {"nothing": True}),
        ({"titles": None}, {"nothing": True}),
        ({"titles": ["A"]}, {}),
        ({"titles": ["A"]}, {"nothing": True, "timestamp": "2026-01-01T00:00:00Z"}),
        ({"titles": ["A"]}, {"timestamp": "2026-01-01T00:00:00"}),
        ({"titles": ["A"]}, {"timestamp": "2026-13-01T00:00:00Z"}),
        ({"titles": ["A"]}, {"timestamp": "today"}),
    ],
)
async def test_inputs_that_graphql_refuses(pages: Json, unseen_from: Json) -> None:
    """Contradicting one-ofs and times that are none do not even reach the mutation."""
    world = two_inboxes()
    answer = await world.ask(SET, {"input": of_wiki(pages, unseen_from)})
    assert answer["errors"] and not answer.get("data")
    assert not world.wikis["wiki"].writes


async def test_mutations_run_one_after_the_other() -> None:
    """In one operation the second sees what the first did."""
    world = two_inboxes()
    first, second, third = await listed(world, "home")
    answer = await world.ask(
        """mutation ($a: ID!, $b: ID!) {
          a: dismissNotification(input: {notificationId: $a}) { query { notifications {
            nodes { id } } } }
          b: dismissNotification(input: {notificationId: $b}) { query { notifications {
            nodes { id } } } } }""",
        {"a": first, "b": second},
    )
    ids = [
        [node["id"] for node in answer["data"][alias]["query"]["notifications"]["nodes"]]
        for alias in ("a", "b")
    ]
    assert first not in ids[0] and second in ids[0]
    assert second not in ids[1] and third in ids[1]


async def test_pages_are_told_by_what_they_were_named_by() -> None:
    """Named by notifications, each has the ID that was given, and no key of the gateway's own."""
    world = two_inboxes()
    ids = await listed(world, "wiki")
    wanted = {"inboxId": make_id("Inbox", "wiki"), "pages": {"notificationIds": ids}}
    answer = await world.ask(SET, {"input": {**wanted, "unseenFrom": {"nothing": True}}})
    pages = answer["data"]["setNotificationTimestamp"]["pages"]
    assert [page["requested"] for page in pages] == ids


async def test_what_was_not_pending_takes_nothing_along() -> None:
    """A change that never was is a success by itself; what is pending of its page is not named."""
    world = two_inboxes()
    before = await listed(world, "wiki")
    parsed = parse_id(before[0])
    number, second, kind, namespace, _, *rest = parsed.key.split("|")
    key = "|".join([number, second, kind, namespace, "999999", *rest])
    made_up = make_id(parsed.type_name, "wiki", key)
    payload = await mutate(world, DISMISS, id=made_up)
    assert payload["dismissedNotificationIds"] == [made_up]
    assert await listed(world, "wiki") == before


async def test_writes_of_a_login_go_one_at_a_time() -> None:
    """Dismissals of one page at once: the latest change stays dismissed, whatever their order."""
    world = two_inboxes()
    newest, middle, oldest = await listed(world, "wiki")
    world.instances["wiki"].seconds = 0.1
    await asyncio.gather(*(mutate(world, DISMISS, id=each) for each in (oldest, newest, middle)))
    assert await listed(world, "wiki") == []
