"""docs/errors.md has a table of what becomes of what goes wrong: each row of it is tried here."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from support.worlds import NO_COPIES, Json, World

from app.web.answering import status_of
from app.web.refusal import Refusal
from resolvers.errors import RefusalCode
from resolvers.identity import make_id

PAGE = Path(__file__).parents[2] / "docs" / "errors.md"

HOME, WIKI = make_id("Inbox", "home"), make_id("Inbox", "wiki")
INSTANCE = make_id("Instance", "", "https://home.mastodon.test")
GONE = make_id("MastodonNotification", "home", "1")
NEVER = make_id("WatchlistNotification", "wiki", "0|1767312007|edit|0|1|Bob|Page")
USER_ERRORS = "userErrors { code failure { code } }"


def make_world() -> World:
    """Two inboxes with one notification each, and three that cannot do everything."""
    world = World()
    world.sections = {"cache": NO_COPIES}
    world.add_mastodon("home")
    world.add_wiki("wiki")
    world.add_mastodon("gotosocial", "gotosocial")
    world.add_mastodon("hollo", "hollo")
    world.add_mastodon("takahe", "takahe")
    world.post("home", 1)
    world.edit("wiki", 2)
    world.post("gotosocial", 3)
    return world


def in_order(world: World) -> None:
    """Nothing is wrong with the instances."""


def down(world: World) -> None:
    """No instance answers."""
    for instance in world.instances.values():
        instance.is_down = True


def unauthorized(world: World) -> None:
    """Every instance refuses the credential."""
    for sandbox in world.mastodons.values():
        sandbox.mailboxes.clear()
    for wiki in world.wikis.values():
        wiki.pages.make_user("Alice", "gw", "another password" * 2)
        wiki.end_sessions()


SITUATIONS: dict[str, Callable[[World], None]] = {
    "instance down": down,
    "unauthorized": unauthorized,
}


def listing(arguments: str) -> str:
    """A list with its reports."""
    return f"{{ notifications{arguments} {{ nodes {{ id }} sources {{ failure {{ code }} }} }} }}"


def by_id(node_id: str) -> str:
    """One object."""
    return f'{{ node(id: "{node_id}") {{ id }} }}'


def change(name: str, given: str) -> str:
    """A mutation and what it refuses."""
    return f"mutation {{ {name}(input: {{{given}}}) {{ {USER_ERRORS} }} }}"


def post_id(name: str) -> str:
    """The notification of a Mastodon inbox of `make_world`."""
    (row,) = make_world().mastodons[name].mailboxes[f"token-of-{name}"].notifications
    return make_id("MastodonNotification", name, row["id"])


POST, GTS_POST = post_id("home"), post_id("gotosocial")
OWN = '{ inbox(name: "home") { notifications { sources { failure { code } } } } }'
COUNT = '{{ inbox(name: "{}") {{ unreadCount {{ count failure {{ code }} }} }} }}'
PAGES = 'pages: {titles: ["Page"]}, unseenFrom: {nothing: true}'

ROWS = [
    ("`notifications`", "instance down", listing("")),
    ("`notifications`", "unauthorized", listing("")),
    (
        "`notifications`",
        "unsupported: `unreadOnly` without markers",
        listing(f'(filter: {{unreadOnly: true, inboxIds: ["{make_id("Inbox", "takahe")}"]}})'),
    ),
    ("`notifications`", "unknown ID in `inboxIds`", listing('(filter: {inboxIds: ["x"]})')),
    ("`notifications`", "bad input: `first: 0`", listing("(first: 0)")),
    ("`notifications`", "a cursor that is none", listing('(after: "x")')),
    ("`Inbox.notifications`", "instance down", OWN),
    ("`Inbox.notifications`", "unauthorized", OWN),
    ("`Inbox.handle`", "instance down", '{ inbox(name: "home") { handle } }'),
    ("`Inbox.unreadCount`", "instance down", COUNT.format("home")),
    ("`Inbox.unreadCount`", "unauthorized", COUNT.format("home")),
    ("`Inbox.unreadCount`", "unsupported: no marker and no count", COUNT.format("takahe")),
    ("`inboxes`", "instance down", "{ inboxes { id } }"),
    ("`inbox`", "unknown name", '{ inbox(name: "x") { id } }'),
    ("`node` of a notification", "instance down", by_id(POST)),
    ("`node` of a notification", "unauthorized", by_id(POST)),
    ("`node` of a notification", "unknown ID", by_id(GONE)),
    ("`node` of a change", "instance down", by_id(NEVER)),
    ("`node` of a change", "unauthorized", by_id(NEVER)),
    ("`node` of a change", "unknown ID", by_id(NEVER)),
    ("`node` of an inbox", "instance down", by_id(HOME)),
    ("`node` of an inbox", "unknown ID", by_id(make_id("Inbox", "x"))),
    ("`node` of an instance", "instance down", by_id(INSTANCE)),
    ("`node` of an instance", "unknown ID", by_id(make_id("Instance", "", "https://x.test"))),
    ("`node`", "bad input: no ID at all", by_id("nonsense")),
    ("`nodes`", "unknown ID", f'{{ nodes(ids: ["{HOME}", "x"]) {{ id }} }}'),
    ("`nodes`", "bad input: 101 IDs", f"{{ nodes(ids: {json.dumps([HOME] * 101)}) {{ id }} }}"),
    *(
        (f"`{name}`", when, change(name, given))
        for name, when, given in (
            ("dismissNotification", "instance down", f'notificationId: "{POST}"'),
            ("dismissNotification", "unauthorized", f'notificationId: "{POST}"'),
            ("dismissNotification", "unsupported: GoToSocial", f'notificationId: "{GTS_POST}"'),
            ("dismissNotification", "unknown ID", 'notificationId: "x"'),
            ("dismissNotification", "gone already", f'notificationId: "{GONE}"'),
            ("clearNotifications", "instance down", f'inboxIds: ["{HOME}"]'),
            ("clearNotifications", "unauthorized", f'inboxIds: ["{WIKI}"]'),
            (
                "clearNotifications",
                "unsupported: Hollo",
                f'inboxIds: ["{make_id("Inbox", "hollo")}"]',
            ),
            ("clearNotifications", "unknown ID", 'inboxIds: ["x"]'),
            ("clearNotifications", "bad input: no inbox", "inboxIds: []"),
            ("markNotificationsRead", "instance down", f'upToNotificationId: "{POST}"'),
            ("markNotificationsRead", "unauthorized", f'upToNotificationId: "{POST}"'),
            ("markNotificationsRead", "unsupported: a wiki", f'upToNotificationId: "{NEVER}"'),
            ("markNotificationsRead", "unknown ID", 'upToNotificationId: "x"'),
            ("setNotificationTimestamp", "instance down", f'inboxId: "{WIKI}", {PAGES}'),
            ("setNotificationTimestamp", "unauthorized", f'inboxId: "{WIKI}", {PAGES}'),
            ("setNotificationTimestamp", "unsupported: Mastodon", f'inboxId: "{HOME}", {PAGES}'),
            ("setNotificationTimestamp", "unknown ID", f'inboxId: "x", {PAGES}'),
            (
                "setNotificationTimestamp",
                "bad input: no page",
                f'inboxId: "{WIKI}", pages: {{titles: []}}, unseenFrom: {{nothing: true}}',
            ),
        )
    ),
]


async def table_row(ask: str, when: str, document: str) -> str:
    """What the gateway does, as a row of the table."""
    world = make_world()
    SITUATIONS.get(when, in_order)(world)
    headers = {"accept": "application/graphql-response+json"}
    response = await world.client().post("/graphql", json={"query": document}, headers=headers)
    answer = response.json()
    facts = (response.status_code, describe_data(answer), describe_codes(answer))
    return f"| {ask} | {when} | {' | '.join(map(str, facts))} |"


def describe_data(answer: Json) -> str:
    """Whether there is data for the field."""
    (value,) = (answer["data"] or {"": None}).values()
    if value is None:
        return "null"
    if isinstance(value, list):
        return "null in its place" if None in value else "as ever"
    if "userErrors" in value:
        return "a payload"
    if "sources" in value or "notifications" in value:
        return "a page"
    inner = value.get("unreadCount") or value
    return "null in it" if None in inner.values() else "as ever"


def describe_codes(answer: Json) -> str:
    """Where a code is, and which."""
    codes = [f"`errors`: {each['extensions']['code']}" for each in answer.get("errors", ())]
    (value,) = (answer["data"] or {"": None}).values()
    codes += [f"`{where}`: {code}" for where, code in find_codes(value)]
    return ", ".join(dict.fromkeys(codes)) or "none"


def find_codes(value: Any, where: str = "") -> list[tuple[str, str]]:
    """Codes of failures and user errors, wherever they are."""
    if isinstance(value, list):
        return [found for each in value for found in find_codes(each, where)]
    if not isinstance(value, dict):
        return []
    own = [(where, value["code"])] if "code" in value else []
    inner = [(f"{where}.{key}".lstrip("."), each) for key, each in value.items()]
    return own + [found for path, each in inner for found in find_codes(each, path)]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row[0]} {row[1]}"[:60])
async def test_what_goes_wrong_is_as_documented(row: tuple[str, str, str]) -> None:
    """The row that the page has for this field and this trouble is what happens."""
    assert await table_row(*row) in PAGE.read_text(encoding="utf-8").splitlines()


def test_the_page_has_no_other_rows() -> None:
    """Every row of the page's first table is tried."""
    table = PAGE.read_text(encoding="utf-8").split("<!-- tried -->")[1]
    rows = [line for line in table.splitlines() if line.startswith("| `")]
    assert len(rows) == len(ROWS)


def status_rows() -> list[str]:
    """The page's second table, as the code has it."""
    rows = [
        f"| `{refusal.name}` | {refusal.status.value} | {refusal.meaning} |" for refusal in Refusal
    ]
    return rows + [
        f"| *`{code.name}`* | {status_of(code).value} | {code.value} |" for code in RefusalCode
    ]


def test_the_page_has_every_status() -> None:
    """Each code of a request that is not executed, and no other."""
    table = PAGE.read_text(encoding="utf-8").split("<!-- statuses -->")[1]
    rows = [line for line in table.splitlines() if "`" in line]
    assert rows == status_rows()
