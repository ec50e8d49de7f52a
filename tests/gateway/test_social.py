"""What a login does beside reading: follow requests, conversations, and what is kept apart."""

import asyncio
from typing import Any

import pytest
from support.listening import LiveGateway
from support.worlds import World, instant, nodes

from app.sandbox.mastodon import SandboxMastodon
from resolvers.identity import make_id

Json = dict[str, Any]
TOKEN = "token-of-home"
ERRORS = "userErrors { code message path inbox { name } failure { code } }"
ANSWER = f"""mutation ($id: ID!, $answer: FollowRequestAnswer!) {{
  answerFollowRequest(input: {{notificationId: $id, answer: $answer}}) {{
    dismissedNotificationIds inbox {{ name }} {ERRORS}
    query {{ notifications {{ nodes {{ id type }} }} }} }} }}"""
MUTE = f"""mutation ($id: ID!, $muted: Boolean!) {{
  muteConversation(input: {{notificationId: $id, isMuted: $muted}}) {{
    status {{ isMuted text }} inbox {{ name }} {ERRORS}
    query {{ notifications {{ nodes {{
      ... on MastodonNotification {{ status {{ isMuted }} }} }} }} }} }} }}"""
FILTERED = """query ($first: Int, $after: String) { inbox(name: "home") {
  notificationPolicy { forNotFollowing forNotFollowers forNewAccounts forPrivateMentions
    forLimitedAccounts pendingRequestsCount pendingNotificationsCount failure { code message } }
  notificationRequests(first: $first, after: $after) {
    nodes { id account { handle } count createdAt updatedAt lastStatus { text } }
    edges { cursor } pageInfo { hasNextPage endCursor } failure { code message } } } }"""
REQUESTS = f"""mutation ($ids: [ID!]!) {{ %s(input: {{requestIds: $ids}}) {{
  requestIds inboxes {{ name }} {ERRORS} }} }}"""
SET = f"""mutation ($input: SetNotificationPolicyInput!) {{ setNotificationPolicy(input: $input) {{
  notificationPolicy {{ forNewAccounts forNotFollowing }} inbox {{ name }} {ERRORS} }} }}"""


async def do(world: World, document: str, **variables: object) -> Json:
    """The only payload of a mutation, or the only inbox of a query."""
    answer = await world.ask(document, variables)
    assert answer.get("errors") is None, answer
    (payload,) = answer["data"].values()
    found: Json = payload
    return found


async def listed(world: World, document_filter: str = "") -> list[str]:
    """The IDs of what is listed, newest first."""
    document = f"{{ notifications(first: 100{document_filter}) {{ edges {{ node {{ id }} }} }} }}"
    answer = await world.ask(document)
    return [node["id"] for node in nodes(answer["data"]["notifications"])]


def ask_to_follow(sandbox: SandboxMastodon, second: float = 1) -> str:
    """The ID of the notification of a follow request."""
    account = sandbox.make_account("fan@elsewhere.test", "Fan")
    row = sandbox.notify("token-of-home", "follow_request", account, instant(second))
    return make_id("MastodonNotification", "home", row["id"])


def home(software: str = "mastodon") -> tuple[World, SandboxMastodon]:
    """One inbox."""
    world = World()
    return world, world.add_mastodon("home", software)


@pytest.mark.parametrize("answer", ["ACCEPT", "REJECT"])
async def test_a_follow_request_is_answered(answer: str) -> None:
    """Its notification leaves with it, at once in all that is shown."""
    world, sandbox = home()
    world.post("home", 0)
    asked = ask_to_follow(sandbox)
    assert len(await listed(world)) == 2
    payload = await do(world, ANSWER, id=asked, answer=answer)
    assert payload["dismissedNotificationIds"] == [asked]
    assert (payload["inbox"], payload["userErrors"]) == ({"name": "home"}, [])
    assert [each["type"] for each in payload["query"]["notifications"]["nodes"]] == ["MENTION"]
    verb = {"ACCEPT": "authorize", "REJECT": "reject"}[answer]
    assert sandbox.writes[-1].endswith(verb)


async def test_where_a_request_becomes_a_follow() -> None:
    """GoToSocial keeps the row and calls it another type: nothing was dismissed."""
    world, sandbox = home("gotosocial")
    asked = ask_to_follow(sandbox)
    await listed(world)
    payload = await do(world, ANSWER, id=asked, answer="ACCEPT")
    assert (payload["dismissedNotificationIds"], payload["userErrors"]) == ([], [])
    assert payload["query"]["notifications"]["nodes"] == [{"id": asked, "type": "FOLLOW"}]


async def test_what_is_no_follow_request() -> None:
    """Another notification, one that is gone, and one of a wiki: each said as what it is."""
    world, sandbox = home()
    world.add_wiki("wiki")
    mention = make_id("MastodonNotification", "home", world.post("home", 0)["id"])
    gone = ask_to_follow(sandbox)
    sandbox.mailboxes["token-of-home"].notifications.pop(0)
    change = make_id("WatchlistNotification", "wiki", "0|1767312007|edit|0|1|Bob|Page")
    for asked, code in ((mention, "INVALID_INPUT"), (gone, "NOT_FOUND"), (change, "NOT_SUPPORTED")):
        payload = await do(world, ANSWER, id=asked, answer="ACCEPT")
        (error,) = payload["userErrors"]
        assert (error["code"], error["path"]) == (code, ["input", "notificationId"])
    assert not sandbox.writes


async def test_a_scope_that_is_missing() -> None:
    """The failure names it, and nothing else of the inbox fails by it."""
    world, sandbox = home()
    sandbox.mailboxes["token-of-home"].scopes = {"read", "write:notifications"}
    asked = ask_to_follow(sandbox)
    muted = make_id("MastodonNotification", "home", world.post("home", 2)["id"])
    (error,) = (await do(world, ANSWER, id=asked, answer="ACCEPT"))["userErrors"]
    assert error["code"] == "UPSTREAM_FAILED" and "write:follows" in error["message"]
    (error,) = (await do(world, MUTE, id=muted, muted=True))["userErrors"]
    assert "write:mutes" in error["message"]
    assert len(await listed(world)) == 2


async def test_a_conversation_is_muted() -> None:
    """And heard again; what is listed says so."""
    world, _ = home()
    asked = make_id("MastodonNotification", "home", world.post("home", 0)["id"])
    await listed(world)
    for is_muted in (True, False):
        payload = await do(world, MUTE, id=asked, muted=is_muted)
        assert payload["status"] == {"isMuted": is_muted, "text": "hello"}
        assert payload["query"]["notifications"]["nodes"] == [{"status": {"isMuted": is_muted}}]


async def test_what_cannot_be_muted() -> None:
    """A notification without a post, and a wiki's."""
    world, sandbox = home()
    world.add_wiki("wiki")
    change = make_id("WatchlistNotification", "wiki", "0|1767312007|edit|0|1|Bob|Page")
    asked = ask_to_follow(sandbox)
    for each, code in ((asked, "INVALID_INPUT"), (change, "NOT_SUPPORTED")):
        payload = await do(world, MUTE, id=each, muted=True)
        assert [error["code"] for error in payload["userErrors"]] == [code]
        assert payload["status"] is None


def keep_apart(sandbox: SandboxMastodon, people: int, each: int = 2) -> None:
    """Notifications of strangers that the policy keeps out of sight."""
    for number in range(people):
        stranger = sandbox.make_account(f"stranger{number}@elsewhere.test")
        for second in range(each):
            status = sandbox.make_status(stranger, f"<p>psst {second}</p>", instant(second))
            at = instant(10 * number + second)
            sandbox.notify("token-of-home", "mention", stranger, at, status=status, filtered=True)


async def test_what_is_kept_apart() -> None:
    """By account, with how much there is; the list does not have it."""
    world, sandbox = home()
    keep_apart(sandbox, 3)
    world.post("home", 99)
    inbox = await do(world, FILTERED, first=2)
    policy, requests = inbox["notificationPolicy"], inbox["notificationRequests"]
    assert (policy["pendingRequestsCount"], policy["pendingNotificationsCount"]) == (3, 6)
    assert (policy["forNewAccounts"], policy["failure"]) == ("ACCEPT", None)
    first = requests["nodes"][0]
    assert (first["account"]["handle"], first["count"]) == ("@stranger2@elsewhere.test", 2)
    assert first["lastStatus"] == {"text": "psst 1"} and first["createdAt"] < first["updatedAt"]
    assert requests["pageInfo"]["hasNextPage"] and requests["failure"] is None
    after = requests["pageInfo"]["endCursor"]
    assert after == requests["edges"][-1]["cursor"]
    rest = (await do(world, FILTERED, first=2, after=after))["notificationRequests"]
    assert (len(rest["nodes"]), rest["pageInfo"]["hasNextPage"]) == (1, False)
    assert len(await listed(world)) == 1


async def test_a_filtered_list_is_another_one() -> None:
    """With what is kept apart, by copies of its own; a wiki has nothing more to show by it."""
    world, sandbox = home()
    world.add_wiki("wiki")
    world.edit("wiki", 1)
    keep_apart(sandbox, 2)
    world.post("home", 99)
    assert len(await listed(world)) == 2
    with_filtered = await listed(world, ", filter: {includeFiltered: true}")
    assert len(with_filtered) == 6
    assert len(await listed(world)) == 2
    asked = world.list_requests()
    await listed(world, ", filter: {includeFiltered: true}")
    assert world.list_requests() == asked


async def test_what_is_accepted_comes_back_where_it_was() -> None:
    """Below what has come since; what is dismissed stays away."""
    world, sandbox = home()
    keep_apart(sandbox, 2)
    newest = make_id("MastodonNotification", "home", world.post("home", 99)["id"])
    assert await listed(world) == [newest]
    found = (await do(world, FILTERED))["notificationRequests"]["nodes"]
    accepted, dismissed = found[0]["id"], found[1]["id"]
    payload = await do(world, REQUESTS % "acceptNotificationRequests", ids=[accepted])
    assert (payload["requestIds"], payload["userErrors"]) == ([accepted], [])
    assert payload["inboxes"] == [{"name": "home"}]
    payload = await do(world, REQUESTS % "dismissNotificationRequests", ids=[dismissed])
    assert payload["requestIds"] == [dismissed]
    rows = await listed(world)
    assert (rows[0], len(rows)) == (newest, 3)
    assert (await do(world, FILTERED))["notificationRequests"]["nodes"] == []


async def test_requests_that_cannot_be() -> None:
    """Each says where it stood; the others are answered."""
    world, sandbox = home()
    world.add_wiki("wiki")
    keep_apart(sandbox, 1)
    (found,) = (await do(world, FILTERED))["notificationRequests"]["nodes"]
    at_wiki = make_id("NotificationRequest", "wiki", "1")
    ids = ["nonsense", found["id"], at_wiki, make_id("Inbox", "home")]
    payload = await do(world, REQUESTS % "acceptNotificationRequests", ids=ids)
    assert payload["requestIds"] == [found["id"]]
    told = [(each["code"], each["path"][-1]) for each in payload["userErrors"]]
    assert told == [("NOT_FOUND", "0"), ("NOT_SUPPORTED", "2"), ("NOT_FOUND", "3")]
    for count in (0, 101):
        payload = await do(world, REQUESTS % "acceptNotificationRequests", ids=["x"] * count)
        assert [each["code"] for each in payload["userErrors"]] == ["INVALID_INPUT"]


async def test_rules_are_set() -> None:
    """Those that are given; the others stay as they are."""
    world, sandbox = home()
    inbox = make_id("Inbox", "home")
    payload = await do(world, SET, input={"inboxId": inbox, "forNewAccounts": "FILTER"})
    policy = {"forNewAccounts": "FILTER", "forNotFollowing": "ACCEPT"}
    assert (payload["notificationPolicy"], payload["userErrors"]) == (policy, [])
    assert sandbox.mailboxes["token-of-home"].rules["for_new_accounts"] == "filter"


@pytest.mark.parametrize(
    ("rules", "path"), [({}, None), ({"forNewAccounts": "OTHER"}, ["input", "forNewAccounts"])]
)
async def test_rules_that_cannot_be_set(rules: Json, path: list[str] | None) -> None:
    """None at all, and one that is only read."""
    world, sandbox = home()
    payload = await do(world, SET, input={"inboxId": make_id("Inbox", "home"), **rules})
    (error,) = payload["userErrors"]
    assert (error["code"], error["path"]) == ("INVALID_INPUT", path)
    assert not sandbox.writes


@pytest.mark.parametrize("software", ["mastodon-3.5", "gotosocial", "pleroma", "unknown"])
async def test_servers_without_a_policy(software: str) -> None:
    """Say so as data, and whoever asks for the inbox gets the rest of it."""
    world, _ = home(software)
    inbox = await do(world, FILTERED)
    for part in ("notificationPolicy", "notificationRequests"):
        assert inbox[part]["failure"]["code"] == "UNSUPPORTED"
    payload = await do(
        world, SET, input={"inboxId": make_id("Inbox", "home"), "forNewAccounts": "DROP"}
    )
    assert [each["code"] for each in payload["userErrors"]] == ["NOT_SUPPORTED"]


async def test_a_wiki_has_none_of_it() -> None:
    """The same, without a question to the wiki."""
    world = World()
    wiki = world.add_wiki("home")
    inbox = await do(world, FILTERED)
    assert inbox["notificationPolicy"]["failure"]["code"] == "UNSUPPORTED"
    assert inbox["notificationRequests"]["failure"]["code"] == "UNSUPPORTED"
    assert not wiki.requests


async def test_what_an_inbox_can_do() -> None:
    """A frontend need not find out by failing."""
    document = """{ inboxes { name capabilities {
      canAnswerFollowRequests canMuteConversations canFilterNotifications } } }"""
    world = World()
    for name, software in (("new", "mastodon"), ("old", "mastodon-3.5"), ("odd", "unknown")):
        world.add_mastodon(name, software)
    world.add_wiki("wiki")
    found = {
        each["name"]: [*each["capabilities"].values()]
        for each in (await world.ask(document))["data"]["inboxes"]
    }
    assert found == {
        "new": [True, True, True],
        "old": [True, True, False],
        "odd": [None, None, None],
        "wiki": [False, False, False],
    }


@pytest.mark.parametrize("after", ["", "a b", "x" * 101, "../clear"])
async def test_cursors_of_requests_that_cannot_be(after: str) -> None:
    """Nothing that no instance has given is sent to one."""
    world, sandbox = home()
    answer = await world.ask(FILTERED, {"after": after})
    assert [each["extensions"]["code"] for each in answer["errors"]] == ["BAD_CURSOR"]
    assert not any("/requests" in path for path in world.instances["home"].asked)
    assert not sandbox.writes


async def test_subscribers_are_told_of_what_is_accepted() -> None:
    """What comes back far down is no arrival to ring for, and who listens reads anew."""
    world, sandbox = home()
    keep_apart(sandbox, 1)
    world.post("home", 99)
    gateway = LiveGateway(world)
    document = "subscription { notificationEvents { __typename } }"
    async with gateway.listen(document) as heard:
        request = make_id(
            "NotificationRequest", "home", sandbox.mailboxes[TOKEN].kept_apart[0]["id"]
        )
        accept = REQUESTS % "acceptNotificationRequests"
        answer = await gateway.ask(accept, ids=[request])
        assert answer["data"]["acceptNotificationRequests"]["userErrors"] == []
        await asyncio.sleep(60)
        kinds = [each["__typename"] for each in heard.events]
    assert "NotificationsChanged" in kinds


async def test_cursors_of_a_filtered_list() -> None:
    """Are for that alone, and those of the other list are not for it."""
    world, sandbox = home()
    keep_apart(sandbox, 1)
    world.post("home", 99)
    plain = (await world.page(first=1))["pageInfo"]["endCursor"]
    document = """query ($after: String, $all: Boolean) { notifications(
      first: 1, after: $after, filter: {includeFiltered: $all}) { pageInfo { endCursor } } }"""
    with_filtered = await world.ask(document, {"all": True})
    cursor = with_filtered["data"]["notifications"]["pageInfo"]["endCursor"]
    for after, is_all in ((plain, True), (cursor, False)):
        answer = await world.ask(document, {"after": after, "all": is_all})
        assert [each["extensions"]["code"] for each in answer["errors"]] == ["BAD_CURSOR"]
