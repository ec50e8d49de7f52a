"""What names a notification of a Mastodon-API server inside its inbox."""

from hypothesis import example, given
from hypothesis import strategies as some

from app.upstreams.mastodon.rows import decode_row, encode_row, is_id, is_row

IDS = some.one_of(some.text(max_size=300), some.integers(0, 10**60).map(str))


@given(IDS)
@example("")
@example("0")
@example("007")
@example("...")
@example("\x00")
@example("\x01")
@example("2025-11-15T10:00:00.000Z/follow/x")
def test_an_id_is_one_if_its_row_is(database_id: str) -> None:
    """Found out without making the row, which gives its ID back; that of NUL is the one of 0."""
    try:
        row = encode_row(database_id)
    except UnicodeEncodeError:
        return
    assert is_id(database_id) == (is_row(row) and decode_row(row) == database_id)
