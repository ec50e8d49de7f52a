"""Global IDs."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resolvers.errors import NotFound
from resolvers.identity import make_id, parse_id

NAMES = st.text(st.characters(codec="ascii", categories=["L", "N"]), min_size=1, max_size=40)


@given(NAMES, st.text(max_size=200))
def test_an_id_says_what_it_was_made_of(inbox: str, key: str) -> None:
    """Type, inbox and key come back, whatever text the key is."""
    assert parse_id(make_id("Thing", inbox, key)) == ("Thing", inbox, key)


@given(NAMES, st.text(max_size=200), st.data())
def test_an_id_has_one_form(inbox: str, key: str, data: st.DataObject) -> None:
    """An ID with another last character, or with padding, is not the same ID."""
    made = make_id("Thing", inbox, key)
    last = data.draw(st.sampled_from("AQgwBRhxCSiyDTjz0123456789-_="))
    for other in (f"{made}=", f"{made[:-1]}{last}"):
        if other == made:
            continue
        with contextlib.suppress(NotFound):
            assert parse_id(other) != ("Thing", inbox, key)


@given(st.text(max_size=100))
def test_junk_is_not_found(text: str) -> None:
    """Text that is no ID is NOT_FOUND, or reads as an ID of something that nobody has."""
    try:
        parsed = parse_id(text)
    except NotFound:
        return
    assert len(parsed) == 3


@pytest.mark.parametrize("text", ["", "=", "A", "A" * 3000, "é", "a b", "bm9zdWNo"])
def test_what_cannot_be_an_id(text: str) -> None:
    """Empty, overlong, foreign and half an ID are all NOT_FOUND."""
    with pytest.raises(NotFound):
        parse_id(text)
