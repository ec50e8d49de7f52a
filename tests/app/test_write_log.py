"""What a write log says of a copy, and how far back it reaches."""

from datetime import timedelta
from itertools import count

import pytest
from support.virtual_time import START

from app.cache.write_log import (
    MOST_ENTRIES,
    LogEntry,
    LogTimes,
    Since,
    What,
    WriteLog,
    WriteOutcome,
)
from resolvers.seam.writes import Dismissal, ReadUpTo

KEEP, SETTLING, UNKNOWN = timedelta(hours=1), timedelta(seconds=5), timedelta(seconds=60)
GONE = Dismissal(["a"])
VOID = Since(holds=False, is_void=True)
OF_BEFORE = Since(holds=False, is_void=False, is_marked=True)


def make_log() -> WriteLog:
    """An empty one, whose tokens are numbers."""
    numbers = count()
    return WriteLog(LogTimes(KEEP, SETTLING, UNKNOWN), lambda: next(numbers).to_bytes(8))


def write(log: WriteLog, what: What, at: timedelta = timedelta()) -> LogEntry:
    """A write from its begin to its end; the entry it ended with."""
    begun = log.begin(START + at)
    log.learn(begun)
    ended = log.end(begun.write, what, START + at)
    log.learn(ended)
    return ended


def note(log: WriteLog, what: WriteOutcome, at: timedelta = timedelta()) -> LogEntry:
    """Something that is no write."""
    entry = log.note(what, START + at)
    log.learn(entry)
    return entry


@pytest.mark.parametrize(
    ("what", "expected"),
    [
        (GONE, Since(holds=True, is_void=False, dismissals=(GONE,))),
        (ReadUpTo("id"), Since(holds=True, is_void=False, is_marked=True)),
        (WriteOutcome.CHANGED, OF_BEFORE),
        (WriteOutcome.UNKNOWN, OF_BEFORE),
        (WriteOutcome.CLEARED, VOID),
    ],
)
def test_a_copy_from_before_a_write(what: What, expected: Since) -> None:
    """It holds less what was dismissed, or is one of before, or is of no use, by how it ended."""
    log = make_log()
    token = log.last
    write(log, what)
    assert log.since(token) == expected
    assert log.since(log.last) == Since(holds=True, is_void=False)


@pytest.mark.parametrize(
    ("what", "expected"),
    [
        (WriteOutcome.OPENED, Since(holds=True, is_void=False)),
        (WriteOutcome.LOST, OF_BEFORE),
        (WriteOutcome.REFUSED, VOID),
    ],
)
def test_a_copy_from_before_what_is_no_write(what: WriteOutcome, expected: Since) -> None:
    """That a log begins changes nothing; that one was lost or a credential refused does."""
    log = make_log()
    token = log.last
    note(log, what)
    assert log.since(token) == expected


def test_a_copy_from_beside_a_write() -> None:
    """While it is under way no copy holds, and one that was read during it never will."""
    log = make_log()
    before = log.last
    begun = log.begin(START)
    log.learn(begun)
    during = log.last
    assert log.is_writing and log.since(before) == log.since(during) == OF_BEFORE
    log.learn(log.end(begun.write, WriteOutcome.CHANGED, START))
    assert not log.is_writing and log.since(during) == OF_BEFORE


def test_a_token_that_no_entry_has() -> None:
    """A copy of another log is of no use."""
    log = make_log()
    write(log, GONE)
    assert log.since(b"foreign") == VOID


def test_how_far_back_it_reaches() -> None:
    """As long as copies are kept: what was read just before that, and nothing from further back."""
    log = make_log()
    tokens = [log.last] + [
        note(log, WriteOutcome.OPENED, timedelta(minutes=n)).token for n in range(90)
    ]
    # the last is of minute 89, so that those of minutes 29 to 89 are kept
    are_void = [log.since(token).is_void for token in tokens]
    assert are_void == [True] * 29 + [False] * 62


def test_many_that_grow_old_at_once() -> None:
    """What was read under the newest of them still has all that came later."""
    log = make_log()
    tokens = [note(log, WriteOutcome.OPENED, timedelta(minutes=n)).token for n in range(10)]
    note(log, WriteOutcome.OPENED, timedelta(hours=3))
    assert [log.since(token).is_void for token in tokens] == [True] * 9 + [False]


def test_how_many_entries_it_holds() -> None:
    """So many, however short the time."""
    log = make_log()
    tokens = [log.last] + [note(log, WriteOutcome.OPENED).token for _ in range(MOST_ENTRIES + 5)]
    are_void = [log.since(token).is_void for token in tokens]
    assert are_void == [True] * 5 + [False] * (MOST_ENTRIES + 1)


def test_only_what_came_later_counts() -> None:
    """A copy knows of what stood in the log when it was read."""
    log = make_log()
    dismissals = [Dismissal([str(number)]) for number in range(5)]
    tokens = [log.last] + [write(log, each).token for each in dismissals]
    for number, token in enumerate(tokens):
        kept = bytes(bytearray(token))  # as it comes from a store
        assert [*log.since(kept).dismissals] == dismissals[number:]


def test_an_entry_is_learned_once() -> None:
    """Others tell of what is known already, also of what was just forgotten to be old."""
    log = make_log()
    ended = write(log, GONE)
    last = note(log, WriteOutcome.OPENED).token
    log.learn(ended)
    assert log.last == last and [*log.since(ended.token).dismissals] == []


@pytest.mark.parametrize(
    ("what", "settling"),
    [
        (WriteOutcome.CHANGED, SETTLING),
        (WriteOutcome.CLEARED, SETTLING),
        (WriteOutcome.UNKNOWN, UNKNOWN),
        (ReadUpTo("id"), timedelta()),
        (GONE, timedelta()),
    ],
)
def test_settling(what: What, settling: timedelta) -> None:
    """For so long after a write its instance may still be applying it."""
    log = make_log()
    assert not log.is_settling(START)
    write(log, what)
    assert not log.is_settling(START + settling)
    assert not log.is_settling(START + settling + KEEP)
    assert not settling or log.is_settling(START + settling - timedelta(microseconds=1))


def test_settling_ends_with_the_longest() -> None:
    """A later write that settles sooner does not end it."""
    log = make_log()
    write(log, WriteOutcome.UNKNOWN)
    write(log, WriteOutcome.CHANGED, timedelta(seconds=1))
    assert log.is_settling(START + UNKNOWN - timedelta(seconds=1))


def test_a_refused_credential_is_noted_once() -> None:
    """Until it is accepted again."""
    log = make_log()
    first = log.refuse(START)
    assert first is not None and first.what is WriteOutcome.REFUSED and log.refuse(START) is None
    log.accept()
    assert log.refuse(START) is not None


def test_writes_that_have_not_ended() -> None:
    """Those that began before an instant, and neither later ones nor those that ended."""
    log = make_log()
    write(log, GONE)
    early, late = log.begin(START), log.begin(START + timedelta(seconds=10))
    log.learn(early)
    log.learn(late)
    assert [*log.writes_from_before(START)] == []
    assert [*log.writes_from_before(START + timedelta(seconds=10))] == [early.write]
    log.learn(log.end(early.write, WriteOutcome.UNKNOWN, START))
    assert [*log.writes_from_before(START + timedelta(seconds=11))] == [late.write]


def test_the_end_of_a_write_whose_begin_is_not_known() -> None:
    """It counts like any other: the begin was dropped, or never told."""
    log = make_log()
    token = log.last
    log.learn(log.end(b"unknown", GONE, START))
    assert log.since(token) == Since(holds=True, is_void=False, dismissals=(GONE,))
