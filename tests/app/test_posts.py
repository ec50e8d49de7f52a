"""What posts and notifications of newer servers tell: quotes, keyword filters, their own words."""

from typing import Any

import pytest
from support.worlds import World, instant

from app.upstreams.mastodon.mapping import TOLD_TYPES
from resolvers.platforms import PLATFORMS, Platform
from resolvers.types.feed import Feed

Json = dict[str, Any]
DOCUMENT = """{ notifications { nodes { type rawType summary ... on MastodonNotification {
  fallback { title summary } reaction { emoji imageUrl }
  status { text content quote { state status { text quote { state status { text } } } }
    matchedFilters { title action keywords } } } } sources { failure { message } } } }"""
LINK = '<a href="https://far.example/1"><span class="invisible">https://</span>far.example/1</a>'


async def show(kind: str = "mention", status: Json | None = None, **parts: Any) -> Json:
    """The only notification of an inbox, with some parts of its own."""
    world = World()
    add(world, kind, status, **parts)
    answer = await world.ask(DOCUMENT)
    (node,) = answer["data"]["notifications"]["nodes"]
    assert answer["data"]["notifications"]["sources"][0]["failure"] is None
    found: Json = node
    return found


def add(world: World, kind: str, status: Json | None = None, **parts: Any) -> None:
    """A notification in the inbox `home`, which is made with it."""
    sandbox = world.mastodons.get("home") or world.add_mastodon("home")
    zed = sandbox.make_account("zed@elsewhere.test", "Zed")
    post = sandbox.make_status(zed, "<p>hello</p>", instant(0)) | (status or {})
    sandbox.notify("token-of-home", kind, zed, instant(1), status=post, **parts)


def quoting(state: str, quoted: Json | None) -> Json:
    """A post that quotes."""
    content = f'<p class="quote-inline">RE: {LINK}</p><p>Look at this</p>'
    return {"content": content, "quote": {"state": state, "quoted_status": quoted}}


def quoted(text: str = "<p>far away</p>", **parts: Any) -> Json:
    """The post that is quoted."""
    account = {"id": "7", "username": "ann", "acct": "ann@far.example"}
    return {"id": "1", "account": account, "content": text, **parts}


async def test_a_quote_is_shown() -> None:
    """With its post, and without the line that stands for it in the text."""
    node = await show("quote", quoting("accepted", quoted()))
    assert node["status"]["quote"] == {
        "state": "ACCEPTED",
        "status": {"text": "far away", "quote": None},
    }
    assert node["status"]["text"] == "Look at this"
    assert node["status"]["content"].startswith('<p class="quote-inline">')  # to be hidden by that


async def test_a_quote_in_a_quote_ends() -> None:
    """Of it the state is told alone, however deep an instance sends it."""
    inner = quoted(quote={"state": "accepted", "quoted_status": quoted("<p>deeper</p>")})
    node = await show("quote", quoting("accepted", inner))
    assert node["status"]["quote"]["status"]["quote"] == {"state": "ACCEPTED", "status": None}


@pytest.mark.parametrize(
    ("state", "shown"),
    [
        ("pending", "PENDING"),
        ("blocked_account", "BLOCKED_ACCOUNT"),
        ("unauthorized", "UNAUTHORIZED"),
        ("some day", "UNAUTHORIZED"),
        (None, "UNAUTHORIZED"),
    ],
)
async def test_states_of_quotes(state: str, shown: str) -> None:
    """One that nobody knew means that it may not be shown."""
    node = await show("quote", quoting(state, None))
    assert node["status"]["quote"] == {"state": shown, "status": None}


@pytest.mark.parametrize(
    ("content", "text"),
    [
        (f'<p class="quote-inline">RE: {LINK}</p><p>mine</p>', "mine"),
        (f'<p>mine<span class="quote-inline"><br/><br/>RE: {LINK}</span></p>', "mine"),
        (f'<p>a</p><p class="x quote-inline">RE: {LINK}</p><p>b</p>', "a\n\nb"),
        ('<p class="quote-inline">RE: never closed', "RE: never closed"),
        ("<p>quote-inline is a class</p>", "quote-inline is a class"),
    ],
)
async def test_the_line_that_stands_for_a_quote(content: str, text: str) -> None:
    """Is left out of the text, as Mastodon and as others write it, and nothing else is."""
    status = {"content": content, "quote": {"state": "pending", "quoted_status": None}}
    assert (await show("mention", status))["status"]["text"] == text


async def test_a_line_that_stands_for_nothing_stays() -> None:
    """Where a server sends no quote, the line is all that is told of it."""
    node = await show("mention", {"content": f'<p class="quote-inline">RE: {LINK}</p>'})
    assert node["status"]["text"] == "RE: https://far.example/1"


async def test_keyword_filters_are_told() -> None:
    """With what was found; the row is there all the same."""
    found = {"title": "Spoilers", "filter_action": "hide", "id": "1", "context": ["notifications"]}
    odd = {"filter": {"filter_action": "shout"}, "keyword_matches": None}
    filtered = [{"filter": found, "keyword_matches": ["ending"], "status_matches": []}, odd]
    node = await show("mention", {"filtered": filtered})
    assert node["status"]["matchedFilters"] == [
        {"title": "Spoilers", "action": "HIDE", "keywords": ["ending"]},
        {"title": "", "action": "OTHER", "keywords": []},
    ]


async def test_a_type_of_the_future_in_the_instances_words() -> None:
    """Its title is the summary, as text; of a type that is known they are not even asked for."""
    words = {"title": "Ann <b>waved</b> at you", "summary": "<p>Update your app.</p>"}
    node = await show("wave", fallback=words)
    assert (node["type"], node["rawType"]) == ("OTHER", "wave")
    assert node["summary"] == "Ann waved at you"
    assert node["fallback"] == {"title": "Ann waved at you", "summary": "<p>Update your app.</p>"}
    known = await show("mention", fallback=words)
    assert (known["fallback"], known["summary"]) == (None, "Zed mentioned you")


async def test_words_are_asked_for_where_there_are_some() -> None:
    """By the first list that holds such a type, which is read again, and by those that follow."""
    world = World()
    for number in range(3):
        add(world, "wave", fallback={"title": f"wave {number}"})
    sandbox = world.mastodons["home"]
    page = (await world.ask(DOCUMENT))["data"]["notifications"]["nodes"]
    assert [each["summary"] for each in page] == ["wave 2", "wave 1", "wave 0"]
    assert ["supported_types[]" in each for each in sandbox.requests[:2]] == [False, True]


def test_types_that_need_no_words() -> None:
    """Are all that this API knows, as Mastodon calls them."""
    known = PLATFORMS[Platform.MASTODON].feeds[Feed.NOTIFICATIONS].kinds
    assert len(TOLD_TYPES) == len(known)
    assert {"mention", "added_to_collection", "admin.sign_up", "admin.report"} <= {*TOLD_TYPES}


@pytest.mark.parametrize("software", ["mastodon-3.5", "gotosocial", "unknown"])
async def test_words_are_asked_of_nobody_else(software: str) -> None:
    """A server of before ignores or refuses what it does not know."""
    world = World()
    sandbox = world.add_mastodon("home", software)
    add(world, "wave", fallback={"title": "a wave"})
    (node,) = (await world.ask(DOCUMENT))["data"]["notifications"]["nodes"]
    assert (node["summary"], node["fallback"]) == ("Zed: wave", None)
    assert not any("supported_types[]" in each for each in sandbox.requests)


async def test_of_one_id_the_reaction_stays() -> None:
    """Whichever of the two comes first."""
    for kinds in (["reaction", "favourite"], ["favourite", "reaction"]):
        world = World()
        add(world, kinds[0], emoji="🎉")
        add(world, kinds[1], emoji="🎉")
        rows = world.mastodons["home"].mailboxes["token-of-home"].notifications
        rows[0]["id"] = rows[1]["id"]
        (node,) = (await world.ask(DOCUMENT))["data"]["notifications"]["nodes"]
        assert (node["type"], node["reaction"]["emoji"]) == ("REACTION", "🎉")
