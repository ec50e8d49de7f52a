"""Answers at the instances' side: lists by a grammar of what servers send, bent in every place."""

import asyncio
import copy
import json
import random
import time
from collections import Counter
from dataclasses import fields, is_dataclass
from typing import Any

from support.generated import rounds
from support.virtual_time import LoopClock, VirtualTimeLoop
from support.worlds import World

from app.upstreams.http.client import Http
from app.upstreams.http.rate_budget import RateBudget
from app.upstreams.http.reply import Reply
from app.upstreams.http.transport import Request, Transport
from app.upstreams.mastodon.upstream import MastodonUpstream
from app.upstreams.mediawiki.echo.upstream import EchoUpstream
from app.upstreams.mediawiki.watchlist_upstream import WatchlistUpstream
from app.upstreams.mediawiki.wiki_login import WikiLogin
from app.upstreams.reading.values import LARGEST
from resolvers.errors import UpstreamError
from resolvers.seam.chunk import TOP, Chunk, ChunkRequest
from resolvers.types.echo import EchoNotification
from resolvers.types.html import clean
from resolvers.types.mastodon import MastodonNotification
from resolvers.types.mediawiki import WatchlistNotification
from resolvers.types.scalars import show_url

Json = dict[str, Any]
LONG_NUMBER = "@@long@@"
ODD: list[Any] = [
    *(None, "", " ", "x", "\u202eevil", "\u05d0", "two\nlines", "a" * 5000, "<p>x</p>"),
    *(True, False, 0, -1, 2**31, 2**63, 2**70, 1.5, 1e300, LONG_NUMBER, "9" * 5000),
    *(
        [],
        {},
        [None],
        [[]],
        {"id": 3},
        [{"id": "1"}],
        "2026-13-99T00:00:00Z",
        "9999-12-31T23:59:59Z",
    ),
    *(
        "javascript:alert(1)",
        "http://[",
        "//x",
        "https://ok.test/",
        "https://ok.test/\nx",
        "data:,x",
    ),
    *('<a href="javascript:alert(1)">x</a>', '<a title="foo href=" href="/y">x</a>', "<script>"),
    *("<p" * 500, '<span class="fixed inset-0">x</span>', "\ud800"),
]
HEADERS = [
    ("link", ["<" * 60_000, '<https://a/?max_id=1>; rel="next"', "<x>; rel=", "<>;rel=next,<"]),
    ("x-ratelimit-limit", ["300", "9" * 5000, "-1", "x"]),
    ("x-ratelimit-remaining", ["5", "9" * 5000, ""]),
    ("x-ratelimit-reset", ["2026-11-24T13:00:00Z", "9999-12-31T00:00:00", "1e9", "9" * 5000, "x"]),
    ("retry-after", ["5", "9" * 5000, "Fri, 31 Dec 9999 23:59:59 GMT", "-1", "x"]),
]
INSTANCE = {"title": "x", "version": "4.4.0", "domain": "home.test"}
GENERAL = {
    "sitename": "x",
    "generator": "MediaWiki 1.43",
    "server": "//wiki.test",
    "articlepath": "/$1",
    "script": "/x",
}
CHANGE: Json = dict(
    type="edit",
    timestamp="2026-11-24T11:00:00Z",
    notificationtimestamp="2026-11-24T10:00:00Z",
    title="Page",
    user="Bob",
    comment="c",
    parsedcomment='<a href="/x">c</a>',
    tags=["x"],
    **dict.fromkeys(("ns", "logid"), 0),
    **dict.fromkeys(("pageid", "revid", "old_revid", "oldlen", "newlen"), 70),
    **dict.fromkeys(("bot", "minor", "new"), False),
)


MANY = [
    json.dumps(
        [{"id": str(n), "type": "x", "created_at": "2026-11-24"} for n in range(1500)]
    ).encode(),
    *(b"[" + b"0," * 1_000_000 + b"0]", b"[" + b"{}," * 300_000 + b"{}]", b"[" * 10_000, b'"x"'),
]
"""More than anybody reads, written beforehand."""


def rich_row() -> Json:
    """A notification with much in it."""
    world = World()
    world.add_mastodon("home")
    row = world.post("home", 1, "hello")
    poll = {"id": "6", "expired": False, "multiple": True, "options": [{"title": "yes"}]}
    media = [{"id": "5", "type": "image", "url": "https://x.test/1.png"}]
    row["status"] |= {"poll": poll, "media_attachments": media, "emojis": [], "tags": []}
    row["report"] = {"id": "4", "category": "spam", "comment": "look", "action_taken": False}
    made: Json = json.loads(json.dumps(row))
    return made


def places(value: Any) -> list[tuple[Any, Any]]:
    """Every member of a JSON value, as what holds it and its key."""
    found: list[tuple[Any, Any]] = []
    pairs = value.items() if isinstance(value, dict) else enumerate(value)
    for key, member in pairs:
        found.append((value, key))
        if isinstance(member, dict | list):
            found += places(member)
    return found


TOLD: Json = {
    "wiki": "wiki",
    "type": "mention",
    "category": "mention",
    "section": "alert",
    "timestamp": {"utciso8601": "2026-01-04T00:00:00Z", "utcunix": 1767484800},
    "title": {"full": "Talk:Moon", "namespace": "Talk", "namespace-key": 1, "text": "Moon"},
    "agent": {"id": 4, "name": "Bob"},
    "revid": 11,
    "read": "20260105000000",
    "*": {
        "header": "\u202aBob\u202c mentioned <strong>you</strong>.",
        "body": "words",
        "iconUrl": "/w/icon.svg",
        "links": {
            "primary": {"url": "https://wiki.test/wiki/Talk:Moon", "label": "View"},
            "secondary": [{"url": "https://wiki.test/wiki/User:Bob", "label": "Bob"}],
        },
    },
}


class Odd(Transport):
    """An instance of either platform that says anything."""

    def __init__(self, chance: random.Random) -> None:
        self._chance = chance
        self._row = rich_row()

    async def send(self, request: Request) -> Reply:
        chance = self._chance
        headers = {name: chance.choice(odd) for name, odd in HEADERS if chance.random() < 0.15}
        status = chance.choice([200] * 30 + [204, 301, 401, 403, 404, 429, 500, 503])
        if "/api/v" in request.url and "/instance" in request.url:
            return Reply(200, {}, self._write(self._bend(INSTANCE, 0.1)))
        if "notifications" in request.url.partition("?")[2]:
            body = self._write(self._answer_of_echo())
        else:
            wiki = "api.php" in request.url
            body = self._write(self._answer_of_wiki() if wiki else self._rows(self._row))
        if chance.random() < 0.012:
            body = chance.choice(MANY)
        if chance.random() < 0.05:
            at = chance.randrange(len(body) + 1)
            body = body[:at] + chance.randbytes(2) + body[at + 1 :]
        return Reply(status, headers, body)

    def _rows(self, row: Json) -> Any:
        chance = self._chance
        return [
            self._bend({**row, "id": str(10**6 - number)}, 0.4)
            for number in range(chance.choice([0, 1, 1, 2, 3]))
        ]

    def _answer_of_wiki(self) -> Any:
        query = {"general": self._bend(GENERAL, 0.2), "userinfo": {"name": "Alice", "rights": []}}
        return {"batchcomplete": True, "query": {**query, "watchlist": self._rows(CHANGE)}}

    def _answer_of_echo(self) -> Any:
        told = self._bend({"list": [], "continue": self._chance.choice([None, None, *ODD])}, 0.1)
        told["list"] = self._rows(TOLD)
        answer: Json = self._answer_of_wiki()
        answer["query"]["notifications"] = told
        return answer

    def _bend(self, value: Json, share: float) -> Json:
        bent = copy.deepcopy(value)
        if self._chance.random() < share:
            for _ in range(self._chance.randrange(1, 4)):
                holder, key = self._chance.choice(places(bent))
                holder[key] = copy.deepcopy(self._chance.choice(ODD))
        return bent

    def _write(self, value: Any) -> bytes:
        text = json.dumps(value).replace(f'"{LONG_NUMBER}"', "9" * 6000)
        return text.encode()


Tried = MastodonUpstream | WatchlistUpstream | EchoUpstream


async def attempt(upstream: Tried) -> Chunk | UpstreamError:
    """The newest chunk, or why there is none."""
    try:
        return await upstream.read(ChunkRequest(TOP, 40))
    except UpstreamError as failure:
        return failure


def check(chunk: Chunk) -> None:
    """What every row promises whoever shows it."""
    for row in chunk.rows:
        assert "\n" not in row.summary and row.summary.strip()
        check_value(row, depth=0)
        if isinstance(row, WatchlistNotification):
            markup = row.comment_html()
            assert markup is None or clean(markup) == markup
        if isinstance(row, EchoNotification):
            assert all(clean(markup) == markup for markup in (row.header(), row.body()))
        if isinstance(row, MastodonNotification) and row.status is not None:
            markup = row.status.content()
            assert markup is None or clean(markup) == markup


def check_value(value: Any, depth: int) -> None:
    """Numbers that GraphQL can say, and URLs of the web alone."""
    for each in fields(value):
        member = getattr(value, each.name)
        if isinstance(member, int):
            assert -LARGEST - 1 <= member <= LARGEST
        if (
            each.name in ("url", "avatar_url", "header_url", "diff_url", "preview_url", "icon_url")
            and member
        ):
            assert show_url(member)
        if is_dataclass(member) and depth < 4 and each.name != "inbox":
            check_value(member, depth + 1)


async def ask(count: int, seed: int) -> tuple[Counter[str], float]:
    """What became of so many answers, and the most seconds that one has taken."""
    chance, told, slowest = random.Random(seed), Counter[str](), 0.0  # noqa: S311 - a seed
    transport, api = Odd(chance), "https://wiki.test/api.php"
    for number in range(count):
        budget = RateBudget("it", LoopClock(), counts_paging=False)
        upstream: Tried
        if number % 3:
            http = Http(api, transport, "test", 4, "oauth", budget=budget)
            login = WikiLogin("wiki", api, http, LoopClock(), None)
            upstream = WatchlistUpstream(login) if number % 3 == 1 else EchoUpstream(login)
        else:
            http = Http("https://home.test", transport, "test", 4, "token", budget=budget)
            upstream = MastodonUpstream("home", "https://home.test", http, LoopClock())
        began = time.process_time()
        outcome = await attempt(upstream)
        if isinstance(outcome, UpstreamError):
            told[outcome.failure_code.name] += 1
            assert outcome.retry_at is None or (outcome.retry_at - LoopClock().now()).days <= 1
        else:
            told["read"] += 1
            check(outcome)
        slowest = max(slowest, time.process_time() - began)
    return told, slowest


def test_answers_of_instances() -> None:
    """Whatever they say, a chunk that keeps its promises or a failure with a code."""
    with asyncio.Runner(loop_factory=VirtualTimeLoop) as runner:
        told, slowest = runner.run(ask(rounds(100_000), 19))
    assert told["read"] > told.total() / 2, told
    assert slowest < 1
