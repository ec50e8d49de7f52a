"""Single values that strangers write: read in every form, and never more than they may be."""

import importlib
import pkgutil
import re
import time
from datetime import UTC, datetime, timedelta
from types import ModuleType

import pytest
from support.virtual_time import START

import app.upstreams
import resolvers.types.markup
from app.upstreams.http.reply import Reply
from app.upstreams.mastodon.links import read_links
from app.upstreams.mediawiki.discovery import _find_edit_uri
from app.upstreams.reading.times import LONGEST, read_retry_at
from app.upstreams.reading.values import LARGEST, read_count, read_instant, read_number, read_url
from resolvers.types.html import clean, clean_with_base, plain_text
from resolvers.types.names import isolate, read_name


@pytest.mark.parametrize(
    ("text", "url"),
    [
        ("https://a.test/b?c=d#e", "https://a.test/b?c=d#e"),
        ("HTTPS://a.test/", "https://a.test/"),
        ("https://[::1]/x", "https://[::1]/x"),
        ("https://a.test/b c", "https://a.test/b%20c"),
        ("https://\u00fc.test/\u00e4", "https://\u00fc.test/\u00e4"),
        *(
            (bad, None)
            for bad in ("", "/b", "//a.test", "https:", "https://", "http://[", "mailto:a")
        ),
        *((bad, None) for bad in ("javascript:alert(1)", "data:text/html,x", "https://a b/")),
        *(
            (bad, None)
            for bad in ("https:///a", "ftp://a.test", "https:a", "https://a.test/" * 999)
        ),
        ("java\nscript:alert(1)", None),
        (" javascript:alert(1)//https://a.test", None),
    ],
)
def test_urls(text: str, url: str | None) -> None:
    """Absolute http(s) URLs pass, and nothing else does."""
    assert read_url(text) == url


@pytest.mark.parametrize("text", ["9" * 5000, "9" * 16, "-1", "1.5", "1e9", "\u0663", "", " ", "x"])
def test_what_is_no_number(text: str) -> None:
    """Also what Python would refuse to read."""
    assert read_number(text) is None


def test_counts() -> None:
    """Are what GraphQL can say: https://spec.graphql.org/October2021/#sec-Int"""
    counts = [None, -1, 0, 7, LARGEST, LARGEST + 1, 10**4000]
    assert [read_count(each) for each in counts] == [None, None, 0, 7, LARGEST, LARGEST, LARGEST]


NOW = START


class Noon:
    """A clock that stands still."""

    def now(self) -> datetime:
        return NOW

    def wall(self) -> datetime:
        return NOW


IN_A_MINUTE = NOW + timedelta(minutes=1)


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("60", IN_A_MINUTE),
        ("59.5", NOW + timedelta(seconds=59.5)),
        ("Tue, 24 Nov 2026 12:01:00 GMT", IN_A_MINUTE),
        ("Tue, 24 Nov 2026 12:01:00", IN_A_MINUTE),
        ("2026-11-24T12:01:00Z", IN_A_MINUTE),
        ("2026-11-24T12:01:00", IN_A_MINUTE),
        ("2026-11-24 13:01:00+01:00", IN_A_MINUTE),
        (str(int(IN_A_MINUTE.timestamp())), IN_A_MINUTE),
        (str(int(IN_A_MINUTE.timestamp() * 1000)), IN_A_MINUTE),
        ("9999-12-31T23:59:59Z", NOW + LONGEST),
        ("Fri, 31 Dec 9999 23:59:59 GMT", NOW + LONGEST),
        ("999999999", NOW + LONGEST),
        ("9" * 60, NOW + LONGEST),
        *((bad, None) for bad in ("0", "-5", "", "x", "9" * 5000, "2026-11-24T11:59:00Z", "1e3")),
        *(
            (bad, None)
            for bad in ("Tue, 24 Nov 2026 11:59:00 GMT", "99 Foo 9999 99:99:99", "\u0663")
        ),
        (str(int(NOW.timestamp()) - 300), None),
    ],
)
@pytest.mark.parametrize("header", ["retry-after", "x-ratelimit-reset"])
def test_when_to_ask_again(header: str, text: str, at: datetime | None) -> None:
    """In every form, in UTC, never in the past, and at most a day ahead."""
    assert read_retry_at({header: text}, Noon()) == at


def test_the_local_zone_is_nobodys(monkeypatch: pytest.MonkeyPatch) -> None:
    """A time without a zone is UTC, wherever the gateway stands."""
    monkeypatch.setenv("TZ", "America/New_York")
    time.tzset()
    try:
        assert read_retry_at({"x-ratelimit-reset": "2026-11-24T12:01:00"}, Noon()) == IN_A_MINUTE
    finally:
        monkeypatch.undo()
        time.tzset()


@pytest.mark.parametrize("code", [0x20, 0xA0, 0x200B, 0x200D, 0x2800, 0x3164, 0xFE0F, 0xE0001, 9])
def test_names_that_show_nothing(code: int) -> None:
    """Count as none."""
    assert read_name(chr(code)) is None and read_name(chr(code) * 3) is None


@pytest.mark.parametrize(
    ("name", "shown", "in_a_line"),
    [
        ("Zed", "Zed", "Zed"),
        ("J\u00fcrgen \U0001f600", "J\u00fcrgen \U0001f600", "J\u00fcrgen \U0001f600"),
        ("\u202eevil", "evil", "evil"),
        ("Otter\u202e", "Otter", "Otter"),
        ("\u2067\u05e2\u05d3\u05d9", "\u05e2\u05d3\u05d9", "\u2068\u05e2\u05d3\u05d9\u2069"),
        ("\u05e2 Zed", "\u05e2 Zed", "\u2068\u05e2 Zed\u2069"),
        ("two\nlines\x00\x1b[0m", "two lines [0m", "two lines [0m"),
        (
            "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647",
            "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647",
            "\u2068\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u2069",
        ),
    ],
)
def test_names_in_a_line(name: str, shown: str, in_a_line: str) -> None:
    """They do not turn the rest of it round, and others gain no invisible character."""
    assert read_name(name) == shown
    assert isolate(shown) == in_a_line


@pytest.mark.parametrize(
    "header",
    [
        '<https://a.test/?max_id=5>; rel="next", <https://a.test/?min_id=9>; rel="prev"',
        '<https://a.test/?max_id=5>;rel=next,<https://a.test/?min_id=9> ; REL="PREV"',
        '<x>; rel="other", <https://a.test/?max_id=5>; rel="next", <?min_id=9>; rel="prev"',
    ],
)
def test_links(header: str) -> None:
    """Are read however they are spelt."""
    links = read_links(Reply(200, {"link": header}, b""))
    assert links == {"next": ("max_id", "5"), "prev": ("min_id", "9")}


@pytest.mark.parametrize(
    "link",
    [
        '<link rel="EditURI" type="application/rsd+xml" href="//a.test/api.php?action=rsd">',
        "<LINK HREF='//a.test/api.php?action=rsd' REL=EditURI />",
        '<link\n href = "//a.test/api.php?action=rsd"\trel = "edituri">',
        '<link title=">" rel="x EditURI" href="&#47;/a.test/api.php?action=rsd">',
    ],
)
def test_the_address_for_editing(link: str) -> None:
    """In every spelling of HTML."""
    page = f'<html><head><link rel="icon" href="/x">{link}</head><body>text</body>'
    assert _find_edit_uri(page.encode()) == "//a.test/api.php?action=rsd"


LONG = 200_000
WORST: dict[str, list[str]] = {
    "app.upstreams.http.connections.response._END_OF_HEAD": ["\r\n\r" * LONG, "\r" * LONG],
    "app.upstreams.http.connections.response._FOLD": ["\n" * LONG, "\n " * LONG],
    "app.upstreams.http.connections.response._STATUS_LINE": ["HTTP/1.1 200 " + " " * LONG + "\n"],
    "app.upstreams.http.connections.response._NAME": ["a" * LONG + " "],
    "app.upstreams.http.connections.response._LENGTH": ["1" * LONG],
    "app.upstreams.http.connections.response._CHUNK_SIZE": [" " * LONG + "x", "1" + " " * LONG],
    "app.upstreams.http.connections.response._KEPT": ["timeout=" * LONG, "timeout=" + "1" * LONG],
    "app.upstreams.mastodon.links._REL": [" " * LONG, "; " * LONG],
    "app.upstreams.mastodon.software._COMPATIBLE": [
        "(compatible; " * LONG,
        "(compatible; " + "a" * LONG,
    ],
    "app.upstreams.mastodon.software._NAMED": [
        "a" * LONG,
        "really " * LONG,
        "a/" + "b" * LONG + " ",
    ],
    "app.upstreams.mastodon.software._NUMBERED": ["1" * LONG, "1." * LONG],
    "app.upstreams.mastodon.facts._HOST": ["a" * LONG, "a." * LONG, "a-" * LONG, "-" * LONG],
    "app.upstreams.http.refusals._OF_PHP": ["<b>" * LONG, "<b>Warning" * LONG],
    "app.upstreams.mediawiki.rows._ILLEGAL": ["a" * LONG],
    "app.upstreams.mastodon.paging._FIRST_ID": [
        " " * LONG,
        "[" + " " * LONG,
        '[{"id":"' + "1" * LONG,
    ],
    "app.upstreams.mastodon.rows._TIMED": ["1" * LONG],
    "app.upstreams.mastodon.stream_address._HOST": ["a" * LONG, "a." * LONG, ":" * LONG],
    "app.upstreams.mediawiki.discovery._LINK": [
        "<link" * LONG,
        '<link a="' * LONG,
        "<link a" * LONG,
    ],
    "app.upstreams.mediawiki.discovery._ATTRIBUTE": [' a="' * LONG, " a" * LONG],
    "app.upstreams.mediawiki.echo.places._PAIR": ["1" * LONG, "1|" + "1" * LONG],
    "app.upstreams.mediawiki.errors._PRINTABLE": ["a" * LONG],
    "app.upstreams.mediawiki.rows._KEY": ["1" * LONG, "1|1|a|1|1|" + "u" * LONG, "1|" * LONG],
    "app.upstreams.mediawiki.timestamps._NUMBER": ["1" * LONG],
    "app.upstreams.reading.values._BLANK": [" " * LONG],
    "app.upstreams.reading.values._HALF_CHARACTER": ["\\ud8" * LONG, "\\ud800" * LONG, "\\" * LONG],
    "app.upstreams.reading.values._LONG_NUMBER": [("1" * 999 + "x") * 4000],
    "app.upstreams.reading.values._PLAIN_URL": ["https://" + "a" * LONG + " ", "h" * LONG],
    **{
        f"resolvers.types.markup.{name}": [
            *("<p" * LONG, "</p>" * LONG, "<p " * LONG, "<p>" + " " * LONG, "<p> " * LONG),
            *("<br" * LONG, "<br" + " " * LONG, "<img " * LONG, "\x01 " * LONG, " " * LONG),
        ]
        for name in (
            *("_PARAGRAPH", "_LINE", "_CELL", "_BREAK", "_LOST_BLOCK", "_PICTURE", "_EMPTY"),
            *("_UNUSUAL", "_BOUNDARY", "_TAG"),
        )
    },
    "app.upstreams.reading.values._EPOCH": ["1" * LONG, "1." * LONG],
    "resolvers.types.markup._ALT": ["alt=" * 1000, "alt='" * 800, " alt" + " " * 4000],
    "resolvers.types.markup._QUOTE_LINE": [
        "<p class='" * 1000,
        "<p" + " " * LONG,
        "<p class='" + "a " * LONG,
        ("<span class='" + "a-b " * 8) * 100,
    ],
    "resolvers.types.markup._ANNOTATION": ["<annotation>" * LONG, "<annotation " * LONG],
}
"""By the name of each regular expression that sees foreign text, what it finds hardest."""


SEARCHED = {
    *("_END_OF_HEAD", "_FOLD", "_KEPT", "_COMPATIBLE", "_NAMED", "_LINK", "_ATTRIBUTE", "_BLANK"),
    *("_HALF_CHARACTER", "_LONG_NUMBER", "_BREAK", "_PARAGRAPH", "_ILLEGAL", "_OF_PHP"),
    *("_LINE", "_CELL", "_LOST_BLOCK", "_PICTURE", "_EMPTY", "_UNUSUAL", "_BOUNDARY", "_ALT"),
    *("_ANNOTATION", "_TAG", "_QUOTE_LINE"),
}
"""Those that are looked for anywhere in a text; the others are held to its beginning."""


def patterns() -> dict[str, re.Pattern[str] | re.Pattern[bytes]]:
    """All regular expressions of the modules that read what instances send."""
    found = {}
    names = [info.name for info in pkgutil.walk_packages(app.upstreams.__path__, "app.upstreams.")]
    modules: list[ModuleType] = [resolvers.types.markup, *map(importlib.import_module, names)]
    for module in modules:
        for name, value in vars(module).items():
            if isinstance(value, re.Pattern):
                found[f"{module.__name__}.{name}"] = value
    return found


def test_every_regular_expression_is_tried() -> None:
    """One that is new needs its worst case here."""
    assert set(patterns()) == set(WORST)


@pytest.mark.parametrize("name", WORST)
def test_no_regular_expression_takes_more_than_its_share(name: str) -> None:
    """Each takes time by the length of the text alone: a quadratic one would take minutes."""
    pattern = patterns()[name]
    began = time.process_time()
    for text in WORST[name]:
        given = text.encode("latin-1") if isinstance(pattern.pattern, bytes) else text
        if name.rpartition(".")[2] in SEARCHED:
            pattern.sub(pattern.pattern[:0], given)  # type: ignore[arg-type] # of its own kind
        else:
            pattern.match(given)  # type: ignore[arg-type] # the same
            pattern.fullmatch(given)  # type: ignore[arg-type] # the same
    assert time.process_time() - began < 3


@pytest.mark.parametrize(
    "piece",
    [
        "<",
        "<a",
        '<a href="',
        "<p><i>",
        "&",
        "</p>",
        "<br ",
        '"',
        "<a title='",
        "<math>",
        "<img alt='",
        "<td>",
    ],
)
def test_markup_takes_time_by_its_length(piece: str) -> None:
    """Whatever it is made of."""
    markup, began = piece * (100_000 // len(piece)), time.process_time()
    for read in (clean, plain_text, lambda text: clean_with_base(text, "https://a.test")):
        read(markup)
    _find_edit_uri(markup.encode())
    read_links(Reply(200, {"link": markup}, b""))
    assert time.process_time() - began < 3


def test_utc_is_what_is_meant() -> None:
    """The instants of these tests are aware."""
    assert NOW.tzinfo is UTC


@pytest.mark.parametrize(
    "text",
    [
        "2026-11-24T12:00:00Z",
        "2026-11-24T12:00:00z",
        "2026-11-24T12:00:00.000Z",
        "2026-11-24 12:00:00 UTC",
        "2026-11-24T13:00:00+01:00",
        "2026-11-24T12:00:00",
        "1795521600",
        "1795521600000",
        "1795521600.0",
        1795521600,
        1795521600000,
    ],
)
def test_dates_as_servers_write_them(text: str | int) -> None:
    """With either letter for UTC, its name, an offset, nothing, or as a number since 1970."""
    assert read_instant(text) == datetime(2026, 11, 24, 12, tzinfo=UTC)


@pytest.mark.parametrize("text", ["", "soon", "z", "UTC", "C", "-5", None])
def test_what_is_no_date(text: str | None) -> None:
    """Whatever it is, nothing is raised."""
    assert read_instant(text) is None
