"""The main job on the real thing: a real MediaWiki and a Mastodon API in one list."""

from datetime import UTC, datetime

import httpx
import pytest
from conftest import REAL_TIME
from support.real_wiki.server import BOT_PASSWORD, Operation, RealWiki
from support.wiki_client import WikiClient
from support.worlds import NO_COPIES, Json, World, instant, names, nodes

from app.clock import SystemClock
from app.main import build_app
from app.upstreams.http.connections.opening import open_transport
from app.upstreams.http.over_httpx import TransportByHost


@pytest.fixture
def anyio_backend() -> tuple[str, dict[str, object]]:
    """The wiki answers in real time."""
    return REAL_TIME


class RealGateway(World):
    """A gateway over the real wiki and a sandbox Mastodon whose posts lie between its changes."""

    def __init__(self, wiki: RealWiki) -> None:
        super().__init__()
        self.add_mastodon("home")
        self.tables.append(
            {
                "name": "wiki",
                "platform": "mediawiki",
                "url": wiki.api_url,
                "username": "W1@gw",
                "password": BOT_PASSWORD,
            }
        )
        self.sections = {"cache": NO_COPIES}
        self._real = open_transport(10)

    def client(self) -> httpx.AsyncClient:
        """As a world's, but with sockets to the wiki."""
        if self._client is None:
            mastodon = httpx.ASGITransport(self.instances["home"])
            transport = TransportByHost({"home.mastodon.test": mastodon}, self._real)
            gateway = build_app(self.settings(), SystemClock(), transport)
            self._client = httpx.AsyncClient(
                transport=httpx.ASGITransport(gateway), base_url="http://localhost:8000"
            )
        return self._client

    async def close(self) -> None:
        """Ends the connections to the wiki."""
        await self._real.aclose()


async def test_pages_through_both(real_wiki: RealWiki) -> None:
    """Every pending change and every post once, in order, on pages of any size."""
    gateway = RealGateway(real_wiki)
    truth = await WikiClient(real_wiki.api_url, "W1@gw").watchlist()
    oldest_change = datetime.fromisoformat(truth[-1]["timestamp"])
    for number in range(60):
        seconds = (oldest_change - instant(0)).total_seconds() + number * 0.5
        gateway.post("home", seconds)
    whole = await gateway.page(first=100)
    created = [datetime.fromisoformat(node["createdAt"]) for node in nodes(whole)]
    assert created == sorted(created, reverse=True)
    assert names(whole).count("wiki") == len(truth)
    assert names(whole).count("home") == 60
    for size in (1, 7):
        assert nodes(*await gateway.walk(size)) == nodes(whole)
    await gateway.close()


async def test_a_wiki_that_is_taken_away(real_wiki: RealWiki) -> None:
    """Without the wiki there is still a page, with a report; with it back, what was missed."""
    gateway = RealGateway(real_wiki)
    gateway.post("home", 1)
    away = f"{real_wiki.api_url.rsplit(':', 1)[0]}:1/w/api.php"
    gateway.tables[1]["url"] = away
    page = await gateway.page(first=5)
    assert names(page) == ["home"]
    assert page["sources"][1]["failure"]["code"] == "UNREACHABLE"
    assert page["pageInfo"]["hasNextPage"]
    gateway.tables[1]["url"] = real_wiki.api_url
    gateway.restart()
    late = await gateway.page(first=5, after=page["pageInfo"]["endCursor"])
    assert set(names(late)) == {"wiki"}
    await gateway.close()


async def test_a_change_as_the_wiki_has_it(real_wiki: RealWiki) -> None:
    """The fields of a real change: page, revisions, sizes, comment, links, user."""
    gateway = RealGateway(real_wiki)
    answer: Json = await gateway.ask(
        """{ notifications(first: 100) { nodes { summary ... on WatchlistNotification {
          createdAt rawType url diffUrl revisionId previousRevisionId oldLength newLength
          lengthDelta comment commentHtml isMinor isBot isNewPage tags logEntry { logId }
          page { title namespace pageId url notificationTimestamp }
          actor { handle displayName isBot url ... on WikiUser { isAnonymous } } } } } }"""
    )
    assert "errors" not in answer, answer
    site = real_wiki.api_url.removesuffix("/w/api.php")
    changes = answer["data"]["notifications"]["nodes"]
    second = next(each for each in changes if each["comment"] == "second [[Page 2|link]]")
    assert second == {
        "summary": "Bob edited Page 1",
        "createdAt": "2026-01-02T00:00:01Z",
        "rawType": "edit",
        "url": f"{site}/w/index.php?diff=10&oldid=2",
        "diffUrl": f"{site}/w/index.php?diff=10&oldid=2",
        "revisionId": "10",
        "previousRevisionId": "2",
        "oldLength": 15,
        "newLength": 22,
        "lengthDelta": 7,
        "comment": "second [[Page 2|link]]",
        "commentHtml": (
            f'second <a href="{site}/w/index.php/Page_2" title="Page 2" '
            'rel="nofollow noopener noreferrer">link</a>'
        ),
        "isMinor": False,
        "isBot": False,
        "isNewPage": False,
        "tags": [],
        "logEntry": None,
        "page": {
            "title": "Page 1",
            "namespace": 0,
            "pageId": "2",
            "url": f"{site}/w/index.php/Page_1",
            "notificationTimestamp": "2026-01-02T00:00:01Z",
        },
        "actor": {
            "handle": "User:Bob",
            "displayName": "Bob",
            "isBot": None,
            "url": f"{site}/w/index.php/User:Bob",
            "isAnonymous": False,
        },
    }
    anonymous = next(each for each in changes if each["comment"] == "anon edit")
    assert anonymous["actor"]["isAnonymous"]
    assert anonymous["summary"] == "203.0.113.9 edited Page 5"
    await gateway.close()


BACK = """query ($last: Int, $before: String) { notifications(last: $last, before: $before) {
  edges { cursor node { id summary createdAt inbox { name } } }
  pageInfo { hasPreviousPage startCursor } } }"""
DISMISS = """mutation ($id: ID!) { dismissNotification(input: {notificationId: $id}) {
  dismissedNotificationIds userErrors { message } } }"""


def make_300_changes(wiki: RealWiki, user: str, name: str) -> None:
    """Of ten pages that a user watches, some of them in the same second."""
    start = int(datetime(2026, 3, 1, tzinfo=UTC).timestamp())
    titles = [f"{name} {number}" for number in range(10)]
    watches: list[Operation] = [("watch", title, user, start) for title in titles]
    edits = [("edit", titles[n * 7 % 10], start + n - n % 3) for n in range(300)]
    wiki.apply([*watches, *edits])


async def truth(wiki: RealWiki, user: str) -> list[tuple[str, str]]:
    """What the wiki itself lists as unseen: title and time, newest first."""
    changes = await WikiClient(wiki.api_url, f"{user}@gw").watchlist()
    return [(str(change["title"]), str(change["timestamp"])) for change in changes]


def told(*pages: Json) -> list[tuple[str, str]]:
    """The same of what the gateway lists."""
    found = nodes(*pages)
    return [(str(n["summary"]).split(" ", 2)[2], str(n["createdAt"])) for n in found]


async def test_300_changes_up_and_down(real_wiki: RealWiki) -> None:
    """Pages of any size, in both directions, are what the wiki itself lists; also while changes
    are dismissed on the way."""
    everything_seen = {"action": "setnotificationtimestamp", "entirewatchlist": "1"}
    await WikiClient(real_wiki.api_url, "W2@gw").write(everything_seen)
    make_300_changes(real_wiki, "W2", "Long")
    gateway = RealGateway(real_wiki)
    gateway.tables = [{**gateway.tables[1], "username": "W2@gw"}]
    gateway.sections = {}
    expected = await truth(real_wiki, "W2")
    assert len(expected) == 300
    for size in (1, 7, 100):
        assert told(*await gateway.walk(size)) == expected
        assert told(*await walk_up(gateway, size)) == expected
    shown, gone = [await gateway.page(first=20)], set[str]()
    for _ in range(3):
        chosen = nodes(shown[-1])[10]["id"]
        done = (await gateway.ask(DISMISS, {"id": chosen}))["data"]["dismissNotification"]
        gone |= set(done["dismissedNotificationIds"])
        after = shown[-1]["pageInfo"]["endCursor"]
        shown.append(await gateway.page(first=20, after=after))
    rest = await gateway.walk(100, after=shown[-1]["pageInfo"]["endCursor"])
    ids = [node["id"] for node in nodes(*shown, *rest)]
    assert len(ids) == len(set(ids))
    left = await truth(real_wiki, "W2")
    assert [told({"edges": [{"node": n}]})[0] for n in nodes(*rest)] == left[-len(nodes(*rest)) :]
    await gateway.close()


async def walk_up(gateway: RealGateway, size: int) -> list[Json]:
    """All pages up from the oldest, in the order of the list."""
    pages: list[Json] = []
    before = None
    while before is None or pages[0]["pageInfo"]["hasPreviousPage"]:
        answer = await gateway.ask(BACK, {"last": size, "before": before})
        pages.insert(0, answer["data"]["notifications"])
        before = pages[0]["pageInfo"]["startCursor"]
    return pages


async def test_300_changes_of_a_busy_user(real_wiki: RealWiki) -> None:
    """A watchlist longer than any chunk comes whole, though many changes share a second."""
    gateway = RealGateway(real_wiki)
    gateway.tables[1]["username"] = "Busy@gw"
    truth = await WikiClient(real_wiki.api_url, "Busy@gw").watchlist()
    shown = nodes(*await gateway.walk(23))
    assert [node["createdAt"] for node in shown] == [each["timestamp"] for each in truth]
    assert len({node["id"] for node in shown}) == len(truth)
    await gateway.close()
