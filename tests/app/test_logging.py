"""The log: nothing fails because it cannot be written."""

import errno
import io

import pytest

from app.observability.logging import LineLogger


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
