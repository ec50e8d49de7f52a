"""Whether the process lives, and whether it is to be sent requests: for load balancers.

Neither depends on the store or on an instance: one hiccup of these would take every process out at
once. How they are stands beside, for people. There is no key, so nothing here is secret.
"""

from collections.abc import Callable, Mapping
from http import HTTPStatus

import orjson
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from app.web.lifecycle import Lifecycle

PREFIX = "/health/"
LIVE, READY = "/health/live", "/health/ready"

TellState = Callable[[], Mapping[str, object]]
"""How what the process depends on is, as JSON may have it."""


class Health:
    """Answers under `/health/`, before anything is checked of a request."""

    def __init__(self, lifecycle: Lifecycle, tell_state: TellState) -> None:
        self._lifecycle = lifecycle
        self._tell_state = tell_state

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._answer(scope)(scope, receive, send)

    def _answer(self, scope: Scope) -> Response:
        if scope["method"] not in ("GET", "HEAD"):
            return _show({"status": "unknown"}, HTTPStatus.METHOD_NOT_ALLOWED, allow="GET, HEAD")
        if scope["path"] == LIVE:
            return _show({"status": "live"}, HTTPStatus.OK)
        if scope["path"] != READY:
            return _show({"status": "unknown"}, HTTPStatus.NOT_FOUND)
        is_ready = not self._lifecycle.is_draining
        status = HTTPStatus.OK if is_ready else HTTPStatus.SERVICE_UNAVAILABLE
        return _show({"status": "ready" if is_ready else "draining", **self._tell_state()}, status)


def _show(body: Mapping[str, object], status: HTTPStatus, **headers: str) -> Response:
    kept = {"cache-control": "no-store", "x-content-type-options": "nosniff", **headers}
    return Response(orjson.dumps(body), status, kept, "application/json")
