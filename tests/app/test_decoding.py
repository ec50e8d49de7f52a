"""Rows are read and mapped once, as long as anybody holds them."""

import gc
import json
from typing import Any

import msgspec
import pytest

from app.clock import SystemClock
from app.upstreams.mastodon import wire
from app.upstreams.mastodon.decoding import KnownRows, RowDecoder, Sent
from app.upstreams.mastodon.mapping import NotificationMapper
from app.upstreams.reading.values import read_json
from resolvers.fields.inbox import make_inbox
from resolvers.platforms import Platform
from resolvers.types.scalars import format_instant

INBOX = make_inbox("home", Platform.MASTODON, "https://home.test")


def notification(number: int, username: str = "zed", **more: object) -> dict[str, Any]:
    """A follow by an account that always has the same ID."""
    account = {"id": "1", "username": username, "acct": username}
    at = "2026-11-25T12:00:00Z"
    return {"id": str(number), "type": "follow", "created_at": at, "account": account, **more}


def decode(known: KnownRows, *rows: object) -> Sent:
    """What one login is shown of a list."""
    texts = read_json(json.dumps(rows).encode(), wire.NotificationTexts)
    return RowDecoder(NotificationMapper(INBOX), known, SystemClock()).decode(texts)


def test_what_is_sent_again_is_the_same_value() -> None:
    """Also to another login; a row of which a single character is another one is made anew."""
    known = KnownRows()
    first = decode(known, notification(2), notification(1))
    again = decode(known, notification(3), notification(2), notification(1, "zoe"))
    assert again.rows[1] is first.rows[0]
    assert again.rows[2] is not first.rows[1]
    assert [row.actor.handle for row in again.rows if row.actor] == [
        "@zed@home.test",
        "@zed@home.test",
        "@zoe@home.test",
    ]


def test_rows_that_nobody_holds_are_forgotten() -> None:
    """What is remembered has no bound of its own: it takes no memory that others do not."""
    known = KnownRows()
    held = decode(known, notification(1))
    for number in range(2, 100):
        decode(known, notification(number))
    gc.collect()
    assert [*known.values()] == [*held.rows]


def test_a_row_shows_what_was_sent_with_it() -> None:
    """Though a neighbour names the same account otherwise: rows are anybody's who is sent them."""
    known = KnownRows()
    sent = decode(known, notification(2, "old"), notification(1, "new"))
    assert [row.actor.handle for row in sent.rows if row.actor] == [
        "@old@home.test",
        "@new@home.test",
    ]


def test_equal_accounts_of_an_answer_are_one() -> None:
    """A list repeats its accounts, which are the larger part of it."""
    one, other = decode(KnownRows(), notification(2), notification(1)).rows
    assert one.account is other.account


def test_what_has_no_place_is_counted() -> None:
    """Without an ID, or no object at all."""
    sent = decode(KnownRows(), notification(2, id=""), None, 7, notification(1))
    assert [row.database_id for row in sent.rows] == ["1"]
    assert sent.unreadable == 3


NOON, LATER = "2026-11-25T12:00:00Z", "2026-11-25T13:00:00Z"


@pytest.mark.parametrize(
    ("dates", "shown"),
    [
        ([LATER, "yesterday", NOON], [LATER, LATER, NOON]),
        ([None, None, NOON], [NOON, NOON, NOON]),
        ([LATER, {}, ""], [LATER, LATER, LATER]),
    ],
)
def test_a_row_whose_date_cannot_be_read_has_its_neighbours(
    dates: list[object], shown: list[str]
) -> None:
    """That of the row above it, or of the first below that has one: it is not lost for its date."""
    rows = [notification(3 - index, created_at=at) for index, at in enumerate(dates)]
    sent = decode(KnownRows(), *rows)
    assert [format_instant(row.created_at) for row in sent.rows] == shown


def test_rows_without_any_date_are_new() -> None:
    """Where nothing tells when they happened they come first, with the time of the look."""
    before = SystemClock().now()
    sent = decode(KnownRows(), *(notification(each, created_at=None) for each in (2, 1)))
    assert [row.database_id for row in sent.rows] == ["2", "1"]
    assert before <= sent.rows[1].created_at <= sent.rows[0].created_at


def test_each_row_is_mapped_once() -> None:
    """Of a renewed chunk with one new row only that one is decoded."""
    known, mapper = KnownRows(), CountingMapper(INBOX)
    decoder = RowDecoder(mapper, known, SystemClock())
    held = []
    for newest in (40, 41, 42):
        rows = [notification(newest - index) for index in range(40)]
        held.append(decoder.decode([msgspec.Raw(json.dumps(row).encode()) for row in rows]))
    assert mapper.mapped == 42


class CountingMapper(NotificationMapper):
    """Counts what it maps."""

    mapped = 0

    def map(self, *args: Any) -> Any:
        self.mapped += 1
        return super().map(*args)
