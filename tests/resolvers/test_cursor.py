"""Cursors: any cut survives, and nothing else is taken for one."""

import base64
import string
from dataclasses import replace
from zlib import crc32

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resolvers.errors import BadCursor
from resolvers.merging.cursor import CursorWriter, decode_cursor, encode_cursor, longest_cursor
from resolvers.seam.chunk import TOP, Anchor, Direction, Place

DIGEST = b"abcd"
ROWS = st.binary(min_size=1, max_size=255)
ANCHORS = st.builds(Anchor, st.sampled_from(Direction), st.none() | ROWS, st.booleans())
FREE_PLACES = st.builds(Place, ANCHORS, st.none() | ROWS, st.none() | ROWS, st.booleans())
PLACES = FREE_PLACES | FREE_PLACES.map(
    lambda place: place._replace(chunk=replace(place.chunk, row=place.above))
)
"""Any, and those whose chunk begins at their own row above, as pages after the first do."""
NAMES = st.text(st.characters(codec="ascii", categories=["L", "N"]), min_size=1, max_size=40)
CUTS = st.dictionaries(NAMES, PLACES, max_size=5)


@given(CUTS)
def test_a_cut_comes_back_as_it_was(cut: dict[str, Place]) -> None:
    """What is decoded is what was encoded, for every inbox that still exists."""
    assert decode_cursor(encode_cursor(cut, DIGEST), DIGEST, cut) == cut


@given(CUTS, st.data())
def test_any_change_is_noticed(cut: dict[str, Place], data: st.DataObject) -> None:
    """A cursor with one character changed, added or missing is BAD_CURSOR."""
    cursor = encode_cursor(cut, DIGEST)
    index = data.draw(st.integers(0, len(cursor) - 1))
    character = data.draw(st.sampled_from("ABCxyz019-_=+ é\n"))
    for damaged in (
        cursor[:index] + character + cursor[index + 1 :],
        cursor[:index],
        cursor + character,
    ):
        if damaged != cursor:
            with pytest.raises(BadCursor):
                decode_cursor(damaged, DIGEST, cut)


@given(st.lists(st.tuples(NAMES, st.none() | PLACES), min_size=1), st.data(), ANCHORS, ROWS)
def test_edges_of_a_run_are_written_alike(
    places: list[tuple[str, Place | None]], data: st.DataObject, chunk: Anchor, row: bytes
) -> None:
    """Written from what they share they are the same as written whole."""
    index = data.draw(st.integers(0, len(places) - 1))
    names = [f"{number}-{name}" for number, (name, _) in enumerate(places)]
    writer = CursorWriter(DIGEST, names)
    writer.write([place for _, place in places])
    run = writer.of_run([place for _, place in places], index, chunk)
    cut = {name: place for name, (_, place) in zip(names, places, strict=True)}
    cut[names[index]] = Place(chunk, row, row)
    whole = encode_cursor({name: place for name, place in cut.items() if place}, DIGEST)
    assert run.shared.write(row) == whole


@given(st.text(max_size=200))
def test_text_that_is_no_cursor(text: str) -> None:
    """Any text that the gateway did not make is BAD_CURSOR and nothing worse."""
    with pytest.raises(BadCursor):
        decode_cursor(text, DIGEST, ["home"])


@pytest.mark.parametrize("other", [b"efgh", b"ABCD"])
def test_another_filter_is_refused(other: bytes) -> None:
    """A cursor is good for the filter that it was made for, and for no other."""
    cursor = encode_cursor({}, DIGEST)
    with pytest.raises(BadCursor):
        decode_cursor(cursor, other, [])


def many(inboxes: int, row: int = 255) -> dict[str, Place]:
    """A cut of so many inboxes with the longest rows."""
    return {f"inbox-{n}": Place(TOP, bytes([n % 251]) * row, None) for n in range(inboxes)}


@pytest.mark.parametrize("inboxes", [1, 200, 1000])
def test_the_longest_cursor(inboxes: int) -> None:
    """That of so many inboxes with the longest rows that real instances have, three in each."""
    row, other, third = (bytes([each]) * 26 for each in b"abc")
    place = Place(Anchor(Direction.DOWN, third), row, other)
    cut = {f"inbox-{number}": place for number in range(inboxes)}
    cursor = encode_cursor(cut, DIGEST)
    longest = longest_cursor(inboxes)
    assert longest * 0.9 < len(cursor) + 32 and len(cursor) <= longest
    assert decode_cursor(cursor, DIGEST, cut, longest) == cut


def test_an_oversized_cursor_is_refused() -> None:
    """A text that is longer than any cursor is not even decoded, and not echoed."""
    cursor, longest = encode_cursor(many(47), DIGEST), longest_cursor(47)
    assert len(cursor) > longest
    for text in (cursor, "A" * (longest + 1)):
        with pytest.raises(BadCursor) as caught:
            decode_cursor(text, DIGEST, many(47), longest)
        assert len(str(caught.value)) < 200


def test_removed_inboxes_are_dropped() -> None:
    """The places of inboxes that are gone from the configuration do not matter any more."""
    place = Place(Anchor(Direction.DOWN), b"1", b"2")
    cursor = encode_cursor({"home": place, "gone": place}, DIGEST)
    assert decode_cursor(cursor, DIGEST, ["home", "added"]) == {"home": place}


@pytest.mark.parametrize("row_size", [9, 12])
def test_cursors_are_short(row_size: int) -> None:
    """With rows of Mastodon (9 bytes) or a wiki (12) an inbox takes 80 characters at most."""
    rows = [bytes([number]) * row_size for number in range(3)]
    place = Place(Anchor(Direction.DOWN, rows[0]), rows[1], rows[2])
    empty = len(encode_cursor({}, DIGEST))
    cut = {f"inbox-{number}": place for number in range(10)}
    assert empty <= 32
    assert len(encode_cursor(cut, DIGEST)) <= empty + 10 * 80


def test_one_place_has_one_cursor() -> None:
    """Whichever objects say it: pages that are equal have cursors that are equal."""
    row, again, chunk = b"row", bytes(bytearray(b"row")), Anchor(Direction.DOWN)
    cursor = encode_cursor({"home": Place(TOP, row, row)}, DIGEST)
    assert encode_cursor({"home": Place(chunk, row, again)}, DIGEST) == cursor
    inside = encode_cursor({"home": Place(Anchor(Direction.DOWN, row), row, None)}, DIGEST)
    same = Place(Anchor(Direction.DOWN, again), row, None)
    assert encode_cursor({"home": same}, DIGEST) == inside


def test_a_cursor_of_another_version() -> None:
    """It is refused, though nothing else is wrong with it."""
    data = bytearray(base64.urlsafe_b64decode(encode_cursor({}, DIGEST) + "=="))
    data[0] += 1
    data[5:9] = crc32(data[:5] + data[9:]).to_bytes(4, "big")
    with pytest.raises(BadCursor):
        decode_cursor(base64.urlsafe_b64encode(data).decode().rstrip("="), DIGEST, [])


def test_one_text_for_one_cursor() -> None:
    """The last character has bits that decoding ignores: those are to be as they were written."""
    alphabet = string.ascii_letters + string.digits + "-_"
    for row in (bytes([byte]) * length for byte in range(256) for length in (2, 3)):
        cursor = encode_cursor({"home": Place(TOP, row, None)}, DIGEST)
        for last in alphabet.replace(cursor[-1], ""):
            with pytest.raises(BadCursor):
                decode_cursor(cursor[:-1] + last, DIGEST, ["home"])
