"""The log: nothing fails because it cannot be written."""

import errno
import io
import threading

import pytest

from app.observability.logging import MOST_WAITING, BackgroundStream, LineLogger


class Full(io.StringIO):
    """A stream on a disk without room, or into a pipe that nobody reads."""

    def __init__(self, error: OSError | ValueError) -> None:
        super().__init__()
        self._error = error

    def write(self, text: str, /) -> int:
        raise self._error


@pytest.mark.parametrize(
    "error",
    [OSError(errno.ENOSPC, "no room"), BrokenPipeError(), ValueError("closed")],
    ids=["full", "pipe", "closed"],
)
def test_a_line_that_cannot_be_written(error: OSError | ValueError) -> None:
    """Is lost, and the caller goes on."""
    LineLogger(Full(error)).error("a line")


def test_a_line() -> None:
    """Is written at once."""
    stream = io.StringIO()
    LineLogger(stream).info("a line")
    assert stream.getvalue() == "a line\n"


class Stuck(io.StringIO):
    """A pipe that nobody reads, until somebody does."""

    def __init__(self) -> None:
        super().__init__()
        self.is_read = threading.Event()

    def write(self, text: str, /) -> int:
        self.is_read.wait(10)
        return super().write(text)


def test_a_pipe_that_nobody_reads() -> None:
    """Nobody waits for it, what waits is bounded, and what was lost is said."""
    stuck = Stuck()
    stream = BackgroundStream(stuck, pause=0)
    log = LineLogger(stream)
    for number in range(2 * MOST_WAITING):
        log.msg(f"line {number}")
    stuck.is_read.set()
    stream.close(10)
    written = stuck.getvalue()
    assert written.startswith("line 0\nline 1\n")
    lines = [each for each in written.splitlines() if each.startswith("line")]
    told = [each for each in written.splitlines() if "lines were lost" in each]
    assert len(lines) + sum(int(each.split()[0]) for each in told) == 2 * MOST_WAITING
    assert MOST_WAITING <= len(lines) < 2 * MOST_WAITING


def test_what_waits_at_the_end() -> None:
    """It is written before the process ends."""
    written = io.StringIO()
    stream = BackgroundStream(written, pause=60)
    LineLogger(stream).info("the last line")
    stream.close(10)
    assert written.getvalue() == "the last line\n"
