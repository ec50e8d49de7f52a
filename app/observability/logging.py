"""Structured logs on standard error: one line an event, for people on a terminal, else JSON."""

import asyncio
import logging
import sys
from contextlib import suppress
from typing import TextIO

import orjson
import structlog


class LineLogger:
    """Writes each event as a line. One that cannot be written, to a full disk or into a pipe that
    nobody reads, is lost: no request fails by it.
    """

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def msg(self, line: str) -> None:
        """One line."""
        with suppress(OSError, ValueError):  # ValueError: the stream is closed
            print(line, file=self._stream, flush=True)

    debug = info = warning = error = critical = exception = log = msg


class LineWriter:
    """Writes many lines with few system calls: those of a tenth of a second together."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._lines: list[str] = []

    def write(self, line: str) -> None:
        """One line, in a running event loop."""
        if not self._lines:
            asyncio.get_running_loop().call_later(_TOGETHER, self.flush)
        self._lines.append(line)

    def flush(self) -> None:
        """Writes what waits. What cannot be written is lost, as with `LineLogger`."""
        lines, self._lines = self._lines, []
        with suppress(OSError, ValueError):
            self._stream.write("\n".join([*lines, ""]))
            self._stream.flush()


_TOGETHER = 0.1
"""Seconds."""


def lines_of_operations(level: str, form: str) -> LineWriter | None:
    """Where operations are written by themselves; None where people read, or nobody."""
    is_json = form == "json" or (form == "auto" and not sys.stderr.isatty())
    return LineWriter(sys.stderr) if is_json and level in ("debug", "info") else None


def _dump(event: object, **_: object) -> str:
    return orjson.dumps(event, default=str).decode()


def set_up_logging(level: str = "info", form: str = "auto") -> None:
    """Configures structlog and what libraries log; for the commands, never for a library's user.

    `form` is `json`, `text`, or `auto`: text on a terminal.
    """
    is_text = form == "text" or (form == "auto" and sys.stderr.isatty())
    colors = sys.stderr.isatty()
    renderer = (
        structlog.dev.ConsoleRenderer(colors=colors)
        if is_text
        else structlog.processors.JSONRenderer(_dump)
    )
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(
            logging.getLevelNamesMapping()[level.upper()]
        ),
        logger_factory=lambda *_: LineLogger(sys.stderr),
    )
    # The HTTP client logs whole URLs, and GraphQL libraries log callers' mistakes as errors.
    logging.raiseExceptions = False  # what cannot be written is not worth another try
    for name in ("httpx", "httpcore", "strawberry"):
        logging.getLogger(name).setLevel(logging.CRITICAL)
