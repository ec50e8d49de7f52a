"""What a caller gets for asking something that cannot be: a code, and nothing is sent upstream."""

import pytest
from support.worlds import small_world

from resolvers.identity import make_id
from resolvers.merging.cursor import encode_cursor
from resolvers.merging.filter import Filter
from resolvers.seam.chunk import TOP, Place

PLAIN = Filter().digest
FORGED = {
    "a row that no wiki gives": {"wiki": Place(TOP, b"1234567", None)},
    "a row that no Mastodon gives": {"home": Place(TOP, b"a\nb", b"c")},
}
ARGUMENTS = {
    "first: 0": "BAD_USER_INPUT",
    "first: 101": "BAD_USER_INPUT",
    "first: -1": "BAD_USER_INPUT",
    "last: 0": "BAD_USER_INPUT",
    "last: 101": "BAD_USER_INPUT",
    "first: 5, last: 5": "BAD_USER_INPUT",
    'first: 5, before: "x"': "BAD_USER_INPUT",
    'last: 5, after: "x"': "BAD_USER_INPUT",
    'after: "x", before: "x"': "BAD_USER_INPUT",
    'before: "x"': "BAD_USER_INPUT",
    'last: 5, before: ""': "BAD_CURSOR",
    'last: 5, before: "nonsense"': "BAD_CURSOR",
    'after: ""': "BAD_CURSOR",
    'after: "nonsense"': "BAD_CURSOR",
    f'after: "{encode_cursor({}, b"abcd")}"': "BAD_CURSOR",
    f'after: "{"A" * 20_000}"': "BAD_CURSOR",
    **{f'after: "{encode_cursor(cut, PLAIN)}"': "BAD_CURSOR" for cut in FORGED.values()},
    "filter: {inboxIds: []}": "BAD_USER_INPUT",
    "filter: {platforms: []}": "BAD_USER_INPUT",
    'filter: {inboxIds: ["nonsense"]}': "BAD_USER_INPUT",
    f'filter: {{inboxIds: ["{make_id("Inbox", "unknown")}"]}}': "BAD_USER_INPUT",
    f'filter: {{inboxIds: ["{make_id("MastodonNotification", "home", "1")}"]}}': "BAD_USER_INPUT",
    f'filter: {{inboxIds: ["{make_id("Inbox", "home")}"], platforms: [MEDIAWIKI]}}': (
        "BAD_USER_INPUT"
    ),
}


@pytest.mark.parametrize(("arguments", "code"), ARGUMENTS.items())
async def test_notifications_refuses(arguments: str, code: str) -> None:
    """A wrong argument is a short error with a code; the field is null and no instance is asked."""
    world = small_world()
    answer = await world.ask(f"{{ notifications({arguments}) {{ isIncomplete }} }}")
    (error,) = answer["errors"]
    assert answer["data"] == {"notifications": None}
    assert error["extensions"]["code"] == code
    assert error["path"] == ["notifications"]
    assert len(str(error)) < 1024
    assert world.list_requests() == 0


async def test_a_cursor_is_bound_to_its_filter() -> None:
    """A cursor of one filter is refused with another, so that nothing is left out silently."""
    world = small_world()
    page = await world.page(first=1)
    asked = await world.ask(
        "query ($after: String) { notifications(after: $after, "
        "filter: {watchlist: {includeSeen: true}}) { isIncomplete } }",
        {"after": page["pageInfo"]["endCursor"]},
    )
    assert asked["errors"][0]["extensions"]["code"] == "BAD_CURSOR"


async def test_null_is_the_same_as_left_out() -> None:
    """Clients that send null for every variable that is not set get the plain list."""
    page = await small_world().page(first=None, after=None, filter=None)
    assert len(page["edges"]) == 1
    filters = {"inboxIds": None, "platforms": None, "watchlist": {"includeSeen": None}}
    assert len((await small_world().page(filter=filters))["edges"]) == 1


async def test_neighbours_stay() -> None:
    """A root field that fails does not take its neighbours along."""
    answer = await small_world().ask(
        "{ bad: notifications(first: 0) { isIncomplete } good: notifications { isIncomplete } }"
    )
    assert answer["data"] == {"bad": None, "good": {"isIncomplete": False}}
