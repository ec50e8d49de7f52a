"""Reading an answer, however its bytes arrive and whatever they are."""

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.answers import BAD_ANSWERS, EMPTY_ANSWERS, ODD_ANSWERS
from support.generated import examples

from app.upstreams.http.connections.response import ResponseReader
from app.upstreams.http.reply import Reply
from app.upstreams.http.transport import NotHttp

ANSWERS = {**ODD_ANSWERS, **EMPTY_ANSWERS}
SMALL = {name: answer for name, (answer, _) in BAD_ANSWERS.items() if len(answer) < 20_000}


def read(*parts: bytes) -> Reply | type[httpx.HTTPError]:
    """What becomes of an answer that arrives in these parts, and then ends."""
    reader = ResponseReader()
    try:
        for part in parts:
            reader.feed(part)
            if reader.reply is not None:
                return reader.reply
        return reader.finish()
    except httpx.HTTPError as error:
        return type(error)


def outcome(*parts: bytes) -> object:
    """The same, without what an answer of several parts may not have read to its end."""
    reply = read(*parts)
    return (reply.status, reply.headers, reply.body) if isinstance(reply, Reply) else reply


@pytest.mark.parametrize("answer", ANSWERS.values(), ids=ANSWERS)
def test_wherever_it_is_cut(answer: bytes) -> None:
    """An answer is the same in one part, in two of any sizes, and byte by byte."""
    whole = outcome(answer)
    assert outcome(*(answer[at : at + 1] for at in range(len(answer)))) == whole
    for at in range(0, len(answer), max(1, len(answer) // 500)):
        assert outcome(answer[:at], answer[at:]) == whole


@pytest.mark.parametrize("answer", SMALL.values(), ids=SMALL)
def test_a_bad_one_wherever_it_is_cut(answer: bytes) -> None:
    """It is bad in the same way."""
    whole = outcome(answer)
    assert outcome(*(answer[at : at + 1] for at in range(len(answer)))) == whole


@settings(max_examples=examples(500), deadline=None)
@given(
    st.sampled_from([*ANSWERS.values(), *SMALL.values()]),
    st.lists(st.tuples(st.integers(0, 10**6), st.binary(max_size=3)), max_size=4),
    st.integers(1, 400),
)
def test_damaged_answers(answer: bytes, damages: list[tuple[int, bytes]], size: int) -> None:
    """Whatever is changed in them, the outcome is an answer or one of the transport's errors."""
    for place, other in damages:
        at = place % (len(answer) + 1)
        answer = answer[:at] + other + answer[at + len(other) :]
    read(*(answer[at : at + size] for at in range(0, len(answer), size)))


def test_a_body_that_comes_byte_by_byte() -> None:
    """A million parts are held as one, and take time by their number alone."""
    reader = ResponseReader()
    reader.feed(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n")
    for _ in range(1_000_000):
        reader.feed(b"x")
    assert reader.reply is not None and reader.reply.body == b"x" * 1_000_000


def test_interim_answers_without_end() -> None:
    """A hundred are passed over, and no more: each takes its time."""
    interim, answer = b"HTTP/1.1 100\r\n\r\n", ODD_ANSWERS["chunks"]
    assert isinstance(read(interim * 100 + answer), Reply)
    assert read(interim * 101 + answer) is NotHttp
