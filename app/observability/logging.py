"""Structured logs on standard error: one line an event, for people on a terminal, else JSON."""

import logging
import sys

import structlog


def set_up_logging() -> None:
    """Configures structlog and what libraries log; for the commands, never for a library's user."""
    is_terminal = sys.stderr.isatty()
    renderer = (
        structlog.dev.ConsoleRenderer() if is_terminal else structlog.processors.JSONRenderer()
    )
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
    # The HTTP client logs whole URLs, and GraphQL libraries log callers' mistakes as errors.
    for name in ("httpx", "httpcore", "strawberry"):
        logging.getLogger(name).setLevel(logging.CRITICAL)
