"""Which names the gateway answers to.

A page on the web can make its own name resolve to a loopback address, and then is of one origin
with a gateway there (DNS rebinding): only the `Host` that the browser sends tells it apart.
"""

from collections.abc import Iterable

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send
from starlette.websockets import WebSocket

from app.web.negotiation import media_type_for
from app.web.refusal import JSON, Refusal, Refused

_DEFAULT_PORTS = {"80", "443"}


def is_same_host(host: str, allowed: str) -> bool:
    """Whether a `Host` is one that is allowed; without a port, at whichever port."""
    name, port = split_port(host.lower())
    allowed_name, allowed_port = split_port(allowed.lower())
    if name.rstrip(".") != allowed_name:
        return False
    return not allowed_port or port == allowed_port or (not port and allowed_port in _DEFAULT_PORTS)


def split_port(host: str) -> tuple[str, str]:
    """`name:port` in two; the port is empty where there is none."""
    name, colon, port = host.rpartition(":")
    if colon and not host.endswith("]"):
        return name, port
    return host, ""


def _hosts_of(scope: Scope) -> list[bytes]:
    return [value for name, value in scope["headers"] if name == b"host"]


class HostCheck:
    """Answers 421 to every request under another name, before anything of it is read."""

    def __init__(self, app: ASGIApp, allowed: Iterable[str]) -> None:
        self._app = app
        self._allowed = tuple(allowed)
        self._usual = {each.lower().encode() for each in self._allowed}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan" or self._is_allowed(scope):
            await self._app(scope, receive, send)
            return
        if scope["type"] == "websocket":
            refused = self._refuse(scope).as_response(JSON)
            await WebSocket(scope, receive, send).send_denial_response(refused)
            return
        response = self._refuse(scope).as_response(media_type_for(Headers(scope=scope)))
        await response(scope, receive, send)

    @staticmethod
    def _refuse(scope: Scope) -> Refused:
        close = {"connection": "close"}
        if len(_hosts_of(scope)) != 1:  # https://www.rfc-editor.org/rfc/rfc9112#section-3.2
            message = "A request has exactly one Host."
            return Refused(Refusal.BAD_REQUEST, message, close)
        message = "This gateway does not answer to the name in Host: see server.allowed_hosts."
        return Refused(Refusal.MISDIRECTED_REQUEST, message, close)

    def _is_allowed(self, scope: Scope) -> bool:
        hosts = _hosts_of(scope)
        if len(hosts) != 1:
            return False
        if hosts[0] in self._usual:
            return True
        host = hosts[0].decode("latin-1")
        return any(is_same_host(host, allowed) for allowed in self._allowed)
