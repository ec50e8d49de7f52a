"""Each server software differs in its own way, as measured; each way is handled."""

from collections.abc import Mapping
from datetime import datetime
from itertools import pairwise
from typing import Any

import httpx
import msgspec
import pytest
from support.virtual_time import START, LoopClock
from support.worlds import World, instant

from app.sandbox.mailbox import Mailbox
from app.sandbox.mastodon import SandboxMastodon
from app.sandbox.played_software import SOFTWARE
from app.upstreams.http.client import Http
from app.upstreams.http.over_httpx import OverHttpx
from app.upstreams.mastodon import wire
from app.upstreams.mastodon.rows import encode_row, order_of
from app.upstreams.mastodon.software import UNKNOWN, name_software, recognise
from app.upstreams.mastodon.upstream import MastodonUpstream
from app.upstreams.mastodon.wire import Instance
from resolvers.errors import UpstreamError, UpstreamFailureCode
from resolvers.identity import parse_id
from resolvers.seam.chunk import BOTTOM, TOP, Anchor, ChunkRequest, Direction
from resolvers.seam.login import UnreadTally
from resolvers.types.mastodon import MastodonNotification
from resolvers.types.notification_type import NotificationType

URL = "https://home.mastodon.test"
TOKEN = "token-of-home"
every_software = pytest.mark.parametrize("software", sorted(SOFTWARE))
known_software = sorted(software for software in SOFTWARE if not software.startswith("unknown"))


class Home:
    """An inbox at a sandbox of one software, with three mentions."""

    def __init__(self, software: str, posts: int = 3) -> None:
        self.world = World()
        self.sandbox: SandboxMastodon = self.world.add_mastodon("home", software)
        for second in range(posts):
            self.world.post("home", second)
        self.mailbox: Mailbox = self.sandbox.mailboxes[TOKEN]
        self.asked: list[str] = []
        self.upstream = self.open(TOKEN)

    def open(self, token: str) -> MastodonUpstream:
        """The upstream of a token."""
        http = Http(URL, OverHttpx(httpx.ASGITransport(self._answer)), "test", 4, token)
        return MastodonUpstream("home", URL, http, LoopClock())

    async def _answer(self, scope: Any, receive: Any, send: Any) -> None:
        self.asked.append(scope["path"])
        await self.sandbox.app(scope, receive, send)

    async def read_top(self) -> list[MastodonNotification]:
        """The newest rows."""
        rows = (await self.upstream.read(ChunkRequest(TOP, 40))).rows
        return [row for row in rows if isinstance(row, MastodonNotification)]

    async def keys(self) -> list[str]:
        """The keys of the newest rows."""
        return [parse_id(row.id).key for row in await self.read_top()]


async def attempt(write: Any) -> str:
    """What became of a write."""
    try:
        await write
    except UpstreamError as error:
        return error.failure_code.name
    return "done"


@every_software
async def test_a_make_is_recognised_by_what_it_says_of_itself(software: str) -> None:
    """Whatever a server writes as its version, the software is named, or nothing is made up."""
    profile = await Home(software).upstream.ask_profile()
    expected = None if software.startswith("unknown") else software.partition("-")[0]
    assert profile.software == expected


@pytest.mark.parametrize(
    ("version", "source", "software", "shown"),
    [
        ("4.6.4", None, "mastodon", "4.6.4"),
        ("4.3.0+glitch", "https://github.com/glitch-soc/mastodon", "mastodon", "4.3.0+glitch"),
        ("4.5.0+hometown-1.1.2", None, "mastodon", "4.5.0+hometown-1.1.2"),
        ("git-57cb4fe", None, "gotosocial", "git-57cb4fe"),
        ("4.3.0+git-abc", None, "mastodon", "4.3.0+git-abc"),
        ("4.3.0+feature/x", None, "mastodon", "4.3.0+feature/x"),
        ("main-abc", "https://github.com/mastodon/mastodon", "mastodon", "main-abc"),
        ("0.19.1", "https://github.com/superseriousbusiness/gotosocial", "gotosocial", "0.19.1"),
        ("3.0.0 (compatible; Sharkey 2025.4; like Akkoma)", None, "sharkey", "2025.4"),
        ("4.2.1 (compatible; Iceshrimp.NET/2024.1)", None, "iceshrimp.net", "2024.1"),
        ("0.10.0", None, None, "0.10.0"),
        (None, None, None, None),
    ],
)
async def test_versions_as_servers_write_them(
    version: str | None, source: str | None, software: str | None, shown: str | None
) -> None:
    """Forks of Mastodon are Mastodon; what only speaks its API says in brackets what it is."""
    assert name_software(Instance(version=version, source_url=source)) == (software, shown)


def test_a_version_without_a_number_is_treated_cautiously() -> None:
    """Nothing is known of what such a server can do."""
    assert recognise("mastodon", "main-abc") is UNKNOWN


@every_software
async def test_a_list_is_asked_for_plainly(software: str) -> None:
    """A limit is always named (snac would give one row); no filter, no `since_id`, no token."""
    home = Home(software, posts=50)
    rows = await home.read_top()
    for anchor in (Anchor(Direction.DOWN, rows[5].row), Anchor(Direction.UP, rows[5].row), BOTTOM):
        await home.upstream.read(ChunkRequest(anchor, 40))
    for params in home.sandbox.requests:
        assert params.keys() <= {"limit", "max_id", "min_id"}
        assert 1 <= int(params["limit"]) <= 80


@every_software
async def test_one_that_is_gone_is_none(software: str) -> None:
    """404 as JSON or HTML, 403, or no such route at all: what is not there is None."""
    home = Home(software)
    (key, *_) = await home.keys()
    assert await home.upstream.find(key) is not None
    del home.mailbox.notifications[0]
    assert await home.upstream.find(key) is None


@pytest.mark.parametrize("software", ["mastodon", "takahe", "snac", "pleroma"])
async def test_ids_that_a_make_cannot_have_are_not_sent(software: str) -> None:
    """Takahe answers 500 to text for a number, and Mastodon takes its first digits."""
    home = Home(software)
    assert await home.upstream.find("01G65Z755AFWAKHE12NY0CQ9FH") is None
    assert home.mailbox.requests == 0


DISMISSES = {
    **dict.fromkeys(SOFTWARE, "done"),
    **dict.fromkeys(("gotosocial", "snac", "hollo", "unknown-bare"), "UNSUPPORTED"),
    **dict.fromkeys(("sharkey", "firefish", "iceshrimp", "pixelfed"), "UNSUPPORTED"),
}
CLEARS = {
    **dict.fromkeys(SOFTWARE, "done"),
    **dict.fromkeys(("hollo", "unknown-bare", "sharkey", "firefish", "iceshrimp"), "UNSUPPORTED"),
    "pixelfed": "UNSUPPORTED",
}
TRIED = {"sharkey"}
"""Software of which some versions dismiss, and others only say that they could."""
NO_MARKERS = ("mastodon-2.4", "takahe", "unknown-bare", "sharkey", "iceshrimp")
MARKS = {
    **dict.fromkeys(SOFTWARE, "done"),
    **dict.fromkeys(NO_MARKERS, "UNSUPPORTED"),
}


@every_software
async def test_dismissing(software: str) -> None:
    """By the path, by the body, or not at all; what is gone is a success where it is possible."""
    home = Home(software)
    (key, *_) = await home.keys()
    assert await attempt(home.upstream.dismiss(key)) == DISMISSES[software]
    is_done = DISMISSES[software] == "done"
    assert len(home.mailbox.notifications) == (2 if is_done else 3)
    assert not is_done or await attempt(home.upstream.dismiss(key)) == "done"


@every_software
async def test_clearing(software: str) -> None:
    """Everywhere but where there is no such call."""
    home = Home(software)
    assert await attempt(home.upstream.clear()) == CLEARS[software]
    assert bool(home.mailbox.notifications) == (CLEARS[software] != "done")


@every_software
async def test_marking(software: str) -> None:
    """The marker is set, as a form or as JSON, and tells the unread from the read."""
    home = Home(software)
    newest, middle, oldest = await home.read_top()
    key = parse_id(middle.id).key
    assert await attempt(home.upstream.mark_read(key)) == MARKS[software]
    if MARKS[software] == "done":
        assert home.mailbox.marker and home.mailbox.marker["last_read_id"] == key
        tell = await home.upstream.ask_read_state()
        assert [tell(row).is_unread for row in (newest, middle, oldest)] == [True, False, False]


COUNTS: Mapping[str, UnreadTally | None] = {
    **dict.fromkeys(SOFTWARE, UnreadTally(3, is_capped=False)),
    **dict.fromkeys(NO_MARKERS),
}


@every_software
async def test_counting_the_unread(software: str) -> None:
    """By the instance's own count, else by the marker; else it is UNSUPPORTED and no guess."""
    home = Home(software)
    expected = COUNTS[software]
    if expected is None:
        assert await attempt(home.upstream.count_unread()) == "UNSUPPORTED"
        return
    assert await home.upstream.count_unread() == expected
    newest, *_ = await home.keys()
    await home.upstream.mark_read(newest)
    assert (await home.upstream.count_unread()).count == 0


@pytest.mark.parametrize(
    ("software", "count", "is_capped"),
    [
        ("mastodon", 100, False),
        ("mastodon-3.5", 30, True),
        ("gotosocial", 80, True),
        ("snac", 64, False),
        ("pleroma", 40, True),
        ("unknown", 40, True),
    ],
)
async def test_a_count_says_where_it_stops(software: str, count: int, is_capped: bool) -> None:
    """100 unread: what one answer of a software cannot hold is not counted, and that is told."""
    assert await Home(software, posts=100).upstream.count_unread() == UnreadTally(count, is_capped)


@pytest.mark.parametrize("software", [software for software in known_software if COUNTS[software]])
async def test_a_count_that_fits_an_answer_is_not_capped(software: str) -> None:
    """25 unread are 25 where it is known that an answer can hold more."""
    tally = await Home(software, posts=25).upstream.count_unread()
    assert tally == UnreadTally(25, is_capped=False)


@pytest.mark.parametrize("software", known_software)
async def test_a_known_make_is_not_asked_for_what_it_lacks(software: str) -> None:
    """One request finds out that a row is gone; a count is one, or marker and list, or nothing."""
    home = Home(software)
    (key, *_) = await home.keys()
    await home.upstream.ask_profile()
    del home.mailbox.notifications[0], home.asked[:]
    await home.upstream.find(key)
    assert len(home.asked) == 1
    await attempt(home.upstream.count_unread())
    assert len(home.asked) - 1 == (1 if software == "mastodon" else 2 if COUNTS[software] else 0)


@every_software
async def test_a_bad_token_is_unauthorized(software: str) -> None:
    """401 with or without a body, 403, or Takahe's 400 in plain text."""
    stranger = Home(software).open("wrong")
    assert await attempt(stranger.read(ChunkRequest(TOP, 40))) == "UNAUTHORIZED"
    if DISMISSES[software] == "done":
        assert await attempt(stranger.dismiss("1")) == "UNAUTHORIZED"


async def test_a_page_of_an_error_is_not_about_the_token() -> None:
    """Whatever words it has, a 500 in HTML is a trouble of the server's: nothing held is lost."""

    async def failing(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 500, "headers": []})
        await send({"type": "http.response.body", "body": b"<p>Unauthenticated? Sorry!"})

    http = Http(URL, OverHttpx(httpx.ASGITransport(failing)), "test", 4, TOKEN)
    upstream = MastodonUpstream("home", URL, http, LoopClock())
    assert await attempt(upstream.read(ChunkRequest(TOP, 40))) == "UNAVAILABLE"


@every_software
async def test_a_missing_scope_is_unauthorized(software: str) -> None:
    """Not taken for something that is gone, also where that is a 403 too."""
    home = Home(software)
    (key, *_) = await home.keys()
    home.mailbox.scopes = {"read"}
    is_sent = DISMISSES[software] == "done" or software in TRIED
    wanted = "UNAUTHORIZED" if is_sent else "UNSUPPORTED"
    assert await attempt(home.upstream.dismiss(key)) == wanted
    home.mailbox.scopes = set()
    assert await attempt(home.upstream.find(key)) == "UNAUTHORIZED"


@every_software
async def test_inspecting_changes_nothing(software: str) -> None:
    """What a login may do is found out for every software, and says what the server cannot."""
    home = Home(software)
    found = await home.upstream.inspect()
    is_certain = not software.startswith("unknown")
    assert ("dismiss" in found.abilities) == (is_certain and DISMISSES[software] == "done")
    assert ("mark as read" in found.abilities) == (MARKS[software] == "done")
    assert len(home.mailbox.notifications) == 3 and home.mailbox.marker is None


async def test_capabilities_say_what_would_fail() -> None:
    """What is promised works, what is denied is UNSUPPORTED, and null is tried."""
    for software in SOFTWARE:
        can = (await Home(software).upstream.ask_profile()).capabilities
        for told, outcome in (
            (can.can_dismiss, DISMISSES[software]),
            (can.can_clear, CLEARS[software]),
            (can.can_mark_read, MARKS[software]),
            (can.can_count_unread, "done" if COUNTS[software] else "UNSUPPORTED"),
        ):
            assert told is None or told == (outcome == "done"), software
        assert can.can_set_timestamp is False
        is_open = software.startswith("unknown") or software in TRIED
        assert (can.can_dismiss is None) == is_open


@pytest.mark.parametrize("software", known_software)
async def test_a_known_make_leaves_nothing_open(software: str) -> None:
    """Every capability of software that is known is yes or no, and looking upwards is as told."""
    home = Home(software, posts=30)
    can = (await home.upstream.ask_profile()).capabilities
    told = (can.can_dismiss, can.can_clear, can.can_mark_read, can.can_count_unread)
    assert None not in (told if software not in TRIED else told[1:])
    by_scanning = {"mastodon-2.4", "hollo", "sharkey", "friendica", "pixelfed"}
    assert can.can_page_upwards == (software not in by_scanning)
    rows = await home.read_top()
    before = len(home.sandbox.requests)
    await home.upstream.read(ChunkRequest(Anchor(Direction.UP, rows[5].row), 20))
    if can.can_page_upwards:
        assert len(home.sandbox.requests) == before + 1


@every_software
async def test_rows_of_every_kind(software: str) -> None:
    """A follow without a post, and a type that only this software has, are rows like any other."""
    home = Home(software, posts=0)
    zed = home.sandbox.make_account("zed@elsewhere.test")
    home.sandbox.notify(TOKEN, "follow", zed, instant(1))
    home.sandbox.notify(TOKEN, "wave", zed, instant(2))
    wave, follow = await home.read_top()
    assert (wave.type, wave.raw_type) == (NotificationType.OTHER, "wave")
    assert follow.status is None and follow.actor is not None
    assert follow.actor.handle == "@zed@elsewhere.test"
    assert (follow.group_key is not None) == SOFTWARE[software].has_group_keys
    assert (await home.upstream.ask_profile()).handle == "@me@home.mastodon.test"


@every_software
async def test_what_real_servers_send_is_no_flaw(software: str) -> None:
    """Nulls and absent fields of each software are expected: nothing of it has to be salvaged."""
    home = Home(software, posts=0)
    zed = home.sandbox.make_account("zed@elsewhere.test")
    home.sandbox.notify(TOKEN, "follow", zed, instant(1))
    home.world.post("home", 2)
    body = msgspec.json.encode(home.mailbox.notifications)
    assert len(msgspec.json.decode(body, type=wire.Notifications)) == 2


MUTES = {
    **dict.fromkeys(SOFTWARE, "done"),
    **dict.fromkeys(("sharkey", "firefish", "iceshrimp", "pixelfed"), "UNSUPPORTED"),
}


@every_software
async def test_what_a_login_does_beside_reading(software: str) -> None:
    """Follow requests are answered everywhere; the rest where it is told to work, or tried."""
    home = Home(software)
    can = (await home.upstream.ask_profile()).capabilities
    social = home.upstream.social
    assert social is not None
    (mention, *_) = await home.keys()
    fan = home.sandbox.make_account("fan@elsewhere.test")
    asking = home.sandbox.notify(TOKEN, "follow_request", fan, instant(9))["id"]
    assert await attempt(social.answer_follow_request(asking, accepts=False)) == "done"
    assert len(home.mailbox.notifications) == 3
    assert await attempt(social.mute_conversation(mention, is_muted=True)) == MUTES[software]
    assert can.can_mute_conversations in (None, MUTES[software] == "done")
    has_policy = "done" if software == "mastodon" else "UNSUPPORTED"
    assert await attempt(social.ask_policy()) == has_policy
    assert can.can_filter_notifications in (None, has_policy == "done")


async def test_sharkey_lists_a_reaction_twice() -> None:
    """Under one ID: it is one row, the reaction, on pages of any size."""
    home = Home("sharkey", posts=1)
    zed = home.sandbox.make_account("zed@elsewhere.test")
    post = home.mailbox.notifications[0]["status"]
    for second in range(3):
        home.sandbox.notify(TOKEN, "reaction", zed, instant(2 + second), status=post)
    rows = await home.read_top()
    assert [row.type.name for row in rows] == ["REACTION"] * 3 + ["MENTION"]
    for above, row in pairwise(rows):
        below = await home.upstream.read(ChunkRequest(Anchor(Direction.DOWN, above.row), 1))
        assert below.rows[0].id == row.id


async def test_gotosocial_wants_to_know_who_asks() -> None:
    """Without a User-Agent it is a teapot, and who wants HTML gets no JSON: we send both."""
    app = Home("gotosocial").sandbox.app
    headers = {"authorization": f"Bearer {TOKEN}", "accept": "application/json"}
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=URL) as client:
        del client.headers["user-agent"]
        assert (await client.get("/api/v1/notifications", headers=headers)).status_code == 418
        headers |= {"user-agent": "test", "accept": "text/html"}
        assert (await client.get("/api/v1/notifications", headers=headers)).status_code == 406
    assert len(await Home("gotosocial").read_top()) == 3


async def test_rows_that_share_a_moment_at_hollo() -> None:
    """IDs are compared by their time alone there: none of the same millisecond is passed over."""
    home = Home("hollo", posts=0)
    zed = home.sandbox.make_account("zed@elsewhere.test")
    for second in (1, 2, 3):
        home.sandbox.notify(TOKEN, "follow", zed, instant(second))
    rows = home.mailbox.notifications
    stamp = rows[1]["id"].partition("/")[0]
    for row in rows:
        row["created_at"], row["id"] = stamp, stamp + row["id"][len(stamp) :]
    listed = await home.read_top()
    below = await home.upstream.read(ChunkRequest(Anchor(Direction.DOWN, listed[0].row), 40))
    assert [row.id for row in below.rows] == [row.id for row in listed[1:]]


@pytest.mark.parametrize("software", ["mastodon-2.4", "hollo", "unknown"])
async def test_looking_upwards_has_an_end(software: str) -> None:
    """Where `min_id` gives the newest, rows are looked for in ten answers, else UNSUPPORTED."""
    home = Home(software, posts=1000)
    home.sandbox.allowed_requests = 10_000
    rows = await home.read_top()
    above = await home.upstream.read(ChunkRequest(Anchor(Direction.UP, rows[20].row), 40))
    assert [row.id for row in above.rows] == [row.id for row in rows[:20]]
    before = len(home.sandbox.requests)
    with pytest.raises(UpstreamError) as caught:
        await home.upstream.read(ChunkRequest(BOTTOM, 40))
    assert caught.value.failure_code is UpstreamFailureCode.UNSUPPORTED
    assert len(home.sandbox.requests) - before == 10


async def test_a_page_that_a_server_has_filtered_away() -> None:
    """GoToSocial may send no row and a link on: that is no end."""
    home = Home("gotosocial", posts=3)
    newest = home.mailbox.notifications[0]["id"]
    link = f'<https://localhost/api/v1/notifications?limit=40&max_id={newest}>; rel="next"'

    async def filtering(scope: Any, receive: Any, send: Any) -> None:
        if scope["path"] == "/api/v1/notifications" and b"max_id" not in scope["query_string"]:
            headers = [(b"link", link.encode()), (b"content-type", b"application/json")]
            await send({"type": "http.response.start", "status": 200, "headers": headers})
            await send({"type": "http.response.body", "body": b"[]"})
        else:
            await home.sandbox.app(scope, receive, send)

    http = Http(URL, OverHttpx(httpx.ASGITransport(filtering)), "test", 4, TOKEN)
    upstream = MastodonUpstream("home", URL, http, LoopClock())
    chunk = await upstream.read(ChunkRequest(TOP, 40))
    assert len(chunk.rows) == 2


@pytest.mark.parametrize(
    ("header", "reset"),
    [
        ("x-ratelimit-reset", "2026-11-24T12:04:59.248623Z"),
        ("X-Ratelimit-Reset", "2026-11-24T12:04:59.248Z"),
    ],
)
async def test_rate_limits_as_servers_write_them(header: str, reset: str) -> None:
    """The reset is ISO text with more or fewer digits, however the header is spelt."""

    async def limited(scope: Any, receive: Any, send: Any) -> None:
        headers = [(header.lower().encode(), reset.encode())]
        await send({"type": "http.response.start", "status": 429, "headers": headers})
        await send({"type": "http.response.body", "body": b'{"error":"rate limit reached"}'})

    http = Http(URL, OverHttpx(httpx.ASGITransport(limited)), "test", 4, TOKEN)
    upstream = MastodonUpstream("home", URL, http, Noon())
    with pytest.raises(UpstreamError) as caught:
        await upstream.read(ChunkRequest(TOP, 40))
    assert caught.value.retry_at and caught.value.retry_at.second == 59


class Noon:
    """A clock that stands still."""

    def now(self) -> datetime:
        return START

    def wall(self) -> datetime:
        return START


class Answering:
    """Answers as `home` does, save what is said here for a method; notes the paths as sent."""

    def __init__(self, home: Home, method: str, answers: list[tuple[int, bytes]]) -> None:
        self.paths: list[bytes] = []
        self._home = home
        self._method = method
        self._answers = answers
        http = Http(URL, OverHttpx(httpx.ASGITransport(self._answer)), "test", 4, TOKEN)
        self.upstream = MastodonUpstream("home", URL, http, LoopClock())

    async def _answer(self, scope: Any, receive: Any, send: Any) -> None:
        self.paths.append(scope["raw_path"])
        if scope["method"] != self._method or not self._answers:
            await self._home.sandbox.app(scope, receive, send)
            return
        status, body = self._answers.pop(0)
        await send({"type": "http.response.start", "status": status, "headers": []})
        await send({"type": "http.response.body", "body": body})


async def test_ids_are_quoted_in_paths() -> None:
    """Hollo's hold slashes and colons, and nothing says what another software's hold."""
    answering = Answering(Home("unknown"), "NONE", [])
    await answering.upstream.find("2025-11-15T10:00:00.000Z/follow/a?b")
    await attempt(answering.upstream.dismiss("a/../b"))
    assert b"/api/v1/notifications/2025-11-15T10%3A00%3A00.000Z%2Ffollow%2Fa%3Fb" in answering.paths
    assert b"/api/v1/notifications/a%2F..%2Fb/dismiss" in answering.paths


@pytest.mark.parametrize("body", [b"", b"<!DOCTYPE html>", b'{"error":"x"}', b"[]"])
async def test_a_write_is_believed_if_the_answer_says_so(body: bytes) -> None:
    """A page of something in between says nothing of what was done."""
    for write in ("dismiss", "clear", "mark_read"):
        home = Home("mastodon")
        (key, *_) = await home.keys()
        upstream = Answering(home, "POST", [(200, body)]).upstream
        with pytest.raises(UpstreamError) as caught:
            await (upstream.clear() if write == "clear" else getattr(upstream, write)(key))
        assert caught.value.failure_code is UpstreamFailureCode.BAD_RESPONSE
        assert caught.value.is_outcome_unknown


async def test_a_marker_that_another_client_moves_too() -> None:
    """Mastodon answers 409 where two write it at once, and takes it the second time."""
    home = Home("mastodon")
    (key, *_) = await home.keys()
    conflict = 409, b'{"error":"Conflict during update, please try again"}'
    await Answering(home, "POST", [conflict]).upstream.mark_read(key)
    assert home.mailbox.marker and home.mailbox.marker["last_read_id"] == key


async def test_nothing_but_the_row_itself_is_the_end() -> None:
    """One that gives the row itself again, where those below it are asked for, has no more."""
    home = Home("mastodon")
    newest, *_ = await home.read_top()
    again = f'[{{"id":"{newest.database_id}","created_at":"2026-11-24T11:00:00Z","type":"poll"}}]'
    upstream = Answering(home, "GET", [(200, b"{}"), (200, again.encode())]).upstream
    chunk = await upstream.read(ChunkRequest(Anchor(Direction.DOWN, newest.row), 40))
    assert (list(chunk.rows), chunk.is_last, chunk.flaw) == ([], True, None)


async def test_an_instance_that_does_not_say_what_it_is() -> None:
    """It is treated as an unknown one, and its list is read."""
    home = Home("mastodon")
    silent = [(500, b""), (500, b"")]
    upstream = Answering(home, "GET", silent).upstream
    (key, *_) = await home.keys()
    assert await upstream.find(key) is not None


def test_the_order_of_ids() -> None:
    """By length and then by text, as numbers are: more digits are newer."""
    assert order_of("99") < order_of("100") < order_of("101")
    assert len(encode_row(str(2**62))) == 9


async def test_a_marker_that_stands_there_is_not_written_again() -> None:
    """Nor one that stands beyond; an older place is never written."""
    home = Home("mastodon")
    rows = home.sandbox.mailboxes[TOKEN].notifications
    newest, older = str(rows[0]["id"]), str(rows[1]["id"])
    await home.upstream.mark_read(newest)
    written = len(home.sandbox.writes)
    for key in (newest, older):
        await home.upstream.mark_read(key)
    assert len(home.sandbox.writes) == written > 0
