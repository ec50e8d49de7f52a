"""What the log is told of requests: a line each, without anything that a caller must not see."""

import secrets
from hashlib import sha256
from traceback import format_exception

import structlog
from graphql import GraphQLError

from resolvers.limits import Excess

log = structlog.get_logger()


def make_trace_id() -> str:
    """What a caller is given for an error that only the log tells of; as long as W3C's."""
    return secrets.token_hex(16)


def log_unforeseen(error: GraphQLError, trace_id: str) -> None:
    """An error of one field that callers do not get to see, with its traceback."""
    _log_exception(error.original_error or error, trace_id, path=error.path)


def log_crash(error: Exception) -> str:
    """An exception that took the whole answer along; the trace ID that the caller gets."""
    trace_id = make_trace_id()
    _log_exception(error, trace_id)
    return trace_id


def _log_exception(error: BaseException, trace_id: str, **more: object) -> None:
    """The traceback is made here, without local variables: those hold tokens."""
    traceback = "".join(format_exception(error))
    log.error("unforeseen error", trace_id=trace_id, traceback=traceback, **more)


def log_excess(excess: Excess, operation_name: str | None) -> None:
    """A limit that is exceeded and not enforced."""
    log.warning(
        "limit exceeded",
        limit=excess.limit,
        most=excess.most,
        found=excess.found,
        operation=operation_name,
    )


def log_untrusted(document: str) -> None:
    """A document that the manifest does not have, by the hash that it would have there."""
    digest = sha256(document.encode()).hexdigest()
    log.warning("document is not trusted", sha256=digest, length=len(document))
