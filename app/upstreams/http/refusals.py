"""What an HTTP status means where an instance's API does not say it better."""

from http import HTTPStatus

from app.clock import Clock
from app.upstreams.http.reply import Reply
from app.upstreams.reading.times import UNSAID, read_retry_at
from resolvers.errors import UpstreamError, UpstreamFailureCode


def check_status(reply: Reply, instance: str, clock: Clock) -> None:
    """Raises the UpstreamError that a status other than 2xx stands for."""
    status = reply.status
    if 200 <= status < 300:
        return
    if status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN):
        failure = unauthorized(instance)
        failure.is_login_refused = status == HTTPStatus.UNAUTHORIZED
        raise failure
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        raise UpstreamError(
            UpstreamFailureCode.RATE_LIMITED,
            f"{instance} has been asked too often by this login: wait until `retryAt`.",
            read_retry_at(reply.headers, clock) or clock.now() + UNSAID,
        )
    if status >= 500:
        raise UpstreamError(
            UpstreamFailureCode.UNAVAILABLE,
            f"{instance} answers {status}: it has trouble of its own, ask again later.",
            read_retry_at(reply.headers, clock),
            is_outage=True,
        )
    if status < 400:
        raise UpstreamError(
            UpstreamFailureCode.BAD_RESPONSE,
            f"{instance} redirects its API elsewhere: configure the address that it is at.",
        )
    raise UpstreamError(
        UpstreamFailureCode.REJECTED, f"{instance} refuses the request with status {status}."
    )


def check_write_status(reply: Reply, instance: str, clock: Clock) -> None:
    """The same for a write: after a 5xx it is not known whether the instance acted."""
    try:
        check_status(reply, instance, clock)
    except UpstreamError as error:
        error.is_outcome_unknown = reply.status >= 500
        raise


def unsupported(instance: str, what: str) -> UpstreamError:
    """Something that such a server cannot do; `what` goes on after the instance's name."""
    return UpstreamError(UpstreamFailureCode.UNSUPPORTED, f"{instance} {what}")


def unauthorized(instance: str) -> UpstreamError:
    """The credential of a login is refused."""
    return UpstreamError(
        UpstreamFailureCode.UNAUTHORIZED,
        f"{instance} refuses the credential of this inbox: give it a new one in the configuration.",
        is_login_refused=True,
    )


def unauthorized_scope(instance: str, scope: str) -> UpstreamError:
    """A token that is good but may not do that."""
    return UpstreamError(
        UpstreamFailureCode.UNAUTHORIZED,
        f"{instance} does not let this token do that: it needs the scope {scope} too.",
    )


def bad_response(instance: str, what: str) -> UpstreamError:
    """An answer that its API does not promise; `what` goes on after the instance's name."""
    return UpstreamError(UpstreamFailureCode.BAD_RESPONSE, f"{instance} {what}")


def left_out(instance: str, count: int) -> UpstreamError | None:
    """What to report where some of the rows of an answer could not be read, if any."""
    if not count:
        return None
    what = (
        "a notification that cannot be read: it is"
        if count == 1
        else (f"{count} notifications that cannot be read: they are")
    )
    return bad_response(instance, f"sent {what} left out.")
