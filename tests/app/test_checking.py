"""`tidings check` over every server software."""

from collections.abc import Callable

import pytest
from starlette.types import Receive, Scope, Send
from support.worlds import BOT_PASSWORD, World

from app.checking import inspect_all, print_as_table
from app.sandbox.played_software import SOFTWARE

PAGE = b"<!doctype html><title>Welcome</title>"


async def test_names_make_and_version_of_each() -> None:
    """One row for each inbox; software that is not known is called so."""
    world = World()
    for software in SOFTWARE:
        world.add_mastodon(software.replace(".", "-"), software)
    world.add_wiki("wiki")
    reports = await inspect_all(world.upstreams())
    rows = dict(zip([*SOFTWARE, "wiki"], print_as_table(reports).splitlines()[1:], strict=False))
    shown = {report.inbox: (report.software, report.version) for report in reports}
    assert shown["gotosocial"] == ("gotosocial", "0.20.0+git-57cb4fe")
    assert shown["snac"] == ("snac", "2.94")
    assert shown["pleroma"] == ("pleroma", "2.10.2")
    assert shown["akkoma"] == ("akkoma", "3.20.0")
    assert shown["takahe"] == ("takahe", "0.11.0")
    assert shown["hollo"] == ("hollo", "0.10.0")
    assert shown["mastodon-2-4"] == ("mastodon", "2.4.3")
    assert shown["wiki"] == ("mediawiki", "1.39.17")
    assert "mastodon 4.6.4" in rows["mastodon"]
    table = print_as_table(reports)
    assert "unknown nightly" in table
    assert all(report.failure is None for report in reports)


def answer_with_a_page(world: World, chosen: Callable[[Scope], bool], status: int = 200) -> None:
    """Where a request is chosen the instance of `home` answers with a web page."""
    app = world.mastodons["home"].app

    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        if not chosen(scope):
            await app(scope, receive, send)
            return
        await send({"type": "http.response.start", "status": status, "headers": []})
        await send({"type": "http.response.body", "body": PAGE})

    world.instances["home"].replace(answer)


@pytest.mark.parametrize("status", [200, 401, 404, 500])
async def test_an_inbox_that_serves_is_not_broken(status: int) -> None:
    """Though the instance does not say what it is."""
    world = World()
    world.add_mastodon("home")
    answer_with_a_page(world, lambda scope: scope["path"].endswith("/instance"), status)
    (report,) = await inspect_all(world.upstreams())
    assert report.failure is None and "read" in report.can
    assert any("cannot tell what runs there" in note for note in report.missing)


@pytest.mark.parametrize(
    ("url", "note"),
    [
        ("wss://elsewhere.test", "wss://elsewhere.test"),
        (None, "names no address of streams"),
    ],
)
async def test_why_there_is_no_stream(url: str | None, note: str) -> None:
    """It is said, with what can be done; the inbox works all the same."""
    world = World()
    world.add_mastodon("home", streams=True).streams.url = url
    (report,) = await inspect_all(world.upstreams())
    assert report.failure is None and "stream" not in report.can
    [said] = [each for each in report.missing if note in each]
    assert "streaming_url" in said
    assert not world.mastodons["home"].streams.opened


async def test_a_token_that_may_not_have_a_stream() -> None:
    """Mastodon says so on the open socket."""
    world = World()
    sandbox = world.add_mastodon("home", streams=True)
    sandbox.streams.refuses_scopes = True
    (report,) = await inspect_all(world.upstreams())
    assert "read" in report.can and "stream" not in report.can
    assert any("read:notifications" in note for note in report.missing)


SOCIAL = ["answer follow requests", "mute conversations", "filter notifications"]


async def test_scopes_that_not_everybody_needs() -> None:
    """Each that is missing is named with what it is for; servers without either are not blamed."""
    world = World()
    sandbox = world.add_mastodon("home", streams=True)
    sandbox.mailboxes["token-of-home"].scopes = {"read", "write:notifications", "write:statuses"}
    (report,) = await inspect_all(world.upstreams())
    assert [note.rpartition("scope ")[2] for note in report.missing] == [
        "write:follows too",
        "write:mutes too",
    ]
    (report,) = await inspect_all(world_of("takahe").upstreams())
    assert not any("write:follows" in note or "mute" in note for note in report.missing)


def world_of(software: str) -> World:
    """One inbox."""
    world = World()
    world.add_mastodon("home", software)
    return world


async def test_what_works_goes_by_answers() -> None:
    """A page with status 200 is no sign that a server has markers."""
    world = World()
    world.add_mastodon("home", streams=True)
    answer_with_a_page(world, lambda scope: scope["path"].endswith("/markers"))
    (report,) = await inspect_all(world.upstreams())
    assert report.can == ["read", "dismiss", "clear", *SOCIAL, "stream"]
    assert [note.partition(":")[0] for note in report.missing] == [
        "cannot see what is unread",
        "cannot mark as read",
    ]


async def test_a_watchlist_that_may_not_be_read() -> None:
    """Is a failure, also where the login itself works."""
    world = World()
    wiki = world.add_wiki("wiki")
    wiki.pages.make_user("Alice", "gw", BOT_PASSWORD, "editmywatchlist")
    (report,) = await inspect_all(world.upstreams())
    assert report.failure is not None and "viewmywatchlist" in report.failure


async def test_a_wiki_with_two_lists() -> None:
    """Is one inbox: what it can do with both, and which grant is missing for one of them."""
    world = World()
    world.add_wiki("wiki")
    world.add_echo("wiki")
    world.edit("wiki", 1)
    world.tell("wiki", 2)
    (report,) = await inspect_all(world.upstreams())
    assert report.failure is None and report.unread == "2" and not report.missing
    assert report.can[-1] == "read and dismiss the wiki's own notifications"
    world.add_echo("wiki", "viewmywatchlist", "editmywatchlist")
    (report,) = await inspect_all(world.upstreams())
    assert report.failure is None and report.unread == "1"
    assert [each for each in report.missing if "grant it 'Read my notifications'" in each]


async def test_how_far_it_has_come() -> None:
    """Is told from the start, for who waits half a minute."""
    world = World()
    for name in ("home", "work"):
        world.add_mastodon(name)
    told: list[str] = []
    await inspect_all(world.upstreams(), told.append)
    assert [each.split()[:3] for each in told] == [
        ["Asking", "2", "inboxes,"],
        ["1", "of", "2"],
        ["2", "of", "2"],
    ]
