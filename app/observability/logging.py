"""Structured logs on standard error: one line an event, for people on a terminal, else JSON."""

import logging
import sys
import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Protocol

import orjson
import structlog


class Writable(Protocol):
    """What a log is written to."""

    def write(self, text: str, /) -> int: ...

    def flush(self) -> None: ...


class LineLogger:
    """Writes each event as a line. One that cannot be written, to a full disk or into a pipe that
    nobody reads, is lost: no request fails by it.
    """

    def __init__(self, stream: Writable) -> None:
        self._stream = stream

    def msg(self, line: str) -> None:
        """One line."""
        with suppress(OSError, ValueError):  # ValueError: the stream is closed
            self._stream.write(f"{line}\n")
            self._stream.flush()

    debug = info = warning = error = critical = exception = log = msg


class BackgroundStream:
    """Another stream, written to in a thread, as many lines as there are at once.

    So a pipe that nobody reads stops nobody. What waits is bounded: what comes beyond is lost, and
    it is said how much.
    """

    def __init__(self, stream: Writable, pause: float = 0.1) -> None:
        """`pause` is for how many seconds lines are collected."""
        self._stream = stream
        self._pause = pause
        self._waiting: deque[str] = deque()
        self._lost = self._told_lost = 0
        self._is_awake = threading.Event()
        self._closing = threading.Event()
        self._writing = threading.Thread(target=self._run, name="log", daemon=True)
        self._writing.start()

    def write(self, text: str) -> int:
        """Takes a text, and returns at once."""
        if len(self._waiting) < MOST_WAITING:
            self._waiting.append(text)
        else:
            self._lost += 1
        if not self._is_awake.is_set():
            self._is_awake.set()
        return len(text)

    def flush(self) -> None:
        """It is written soon anyway."""

    def close(self, seconds: float) -> None:
        """Writes what waits, for so long at most."""
        self._closing.set()
        self._is_awake.set()
        self._writing.join(seconds)

    def _run(self) -> None:
        while not self._closing.is_set():
            self._is_awake.wait()
            self._closing.wait(self._pause)
            self._is_awake.clear()
            self._write_all()
        self._write_all()

    def _write_all(self) -> None:
        texts = [self._waiting.popleft() for _ in range(len(self._waiting))]
        lost = self._lost
        if lost > self._told_lost:
            texts.append(f"{lost - self._told_lost} lines were lost, as nobody read the log.\n")
            self._told_lost = lost
        if texts:
            with suppress(OSError, ValueError):
                self._stream.write("".join(texts))
                self._stream.flush()


@contextmanager
def logging_in_background(level: str, form: str) -> Iterator[BackgroundStream | None]:
    """The log of a server, as `set_up_logging` has it, but written in a thread.

    Gives where lines of JSON can be written directly; None where people read, or nobody.
    """
    stream = BackgroundStream(sys.stderr)
    set_up_logging(level, form, stream)
    try:
        yield stream if level in ("debug", "info") and not _is_text(form) else None
    finally:
        stream.close(_LONGEST_END)
        set_up_logging(level, form)


MOST_WAITING = 10_000
"""Lines."""
_LONGEST_END = 1.0
"""Seconds for what waits at the end of the process."""


def _is_text(form: str) -> bool:
    return form == "text" or (form == "auto" and sys.stderr.isatty())


def _dump(event: object, **_: object) -> str:
    return orjson.dumps(event, default=str).decode()


def set_up_logging(level: str = "info", form: str = "auto", stream: Writable | None = None) -> None:
    """Configures structlog and what libraries log; for the commands, never for a library's user.

    `form` is `json`, `text`, or `auto`: text on a terminal. `stream` is in place of standard error.
    """
    colors = sys.stderr.isatty()
    renderer = (
        structlog.dev.ConsoleRenderer(colors=colors)
        if _is_text(form)
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
        logger_factory=lambda *_: LineLogger(stream or sys.stderr),
    )
    # The HTTP client logs whole URLs, and GraphQL libraries log callers' mistakes as errors.
    logging.raiseExceptions = False  # what cannot be written is not worth another try
    for name in ("httpx", "httpcore", "strawberry"):
        logging.getLogger(name).setLevel(logging.CRITICAL)
