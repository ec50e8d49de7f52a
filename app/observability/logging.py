"""Structured logs on standard error: one line an event, for people on a terminal, else JSON."""

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
