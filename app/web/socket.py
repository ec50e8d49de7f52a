"""GraphQL over a WebSocket: https://github.com/enisdenjo/graphql-ws/blob/master/PROTOCOL.md"""

from collections.abc import Callable, Collection
from contextlib import suppress

from starlette.types import Receive, Scope, Send
from starlette.websockets import WebSocket, WebSocketDisconnect

from app.web.callers import Callers
from app.web.clients import Clients
from app.web.close_codes import Close, CloseCode
from app.web.origins import check_origin
from app.web.refusal import JSON, Refused
from app.web.socket_connection import SocketConnection
from app.web.view import GraphQLView

PROTOCOL = "graphql-transport-ws"


class GraphQLSocket:
    """Takes a connection where the view takes a request; it never raises.

    `find_view` gives the view of the configuration as it is now. `allowed_origins` are the pages
    that may connect, besides the gateway's own: browsers let any.
    """

    def __init__(
        self,
        find_view: Callable[[], GraphQLView],
        clients: Clients,
        callers: Callers,
        allowed_origins: Collection[str],
        report: Callable[[Exception], str],
    ) -> None:
        self._find_view = find_view
        self._clients = clients
        self._callers = callers
        self._allowed_origins = allowed_origins
        self._report = report

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        socket = WebSocket(scope, receive, send)
        try:
            check_origin(socket.headers, self._allowed_origins)
        except Refused as refused:
            await socket.send_denial_response(refused.as_response(JSON))
            return
        if PROTOCOL not in socket.scope["subprotocols"]:
            await socket.accept()
            code = CloseCode.SUBPROTOCOL_NOT_ACCEPTABLE
            await socket.close(code, "Subprotocol not acceptable")
            return
        await socket.accept(PROTOCOL)
        try:
            subscriptions = self._find_view().subscriptions
            subscriptions.check_connection()
        except Refused as refused:
            await socket.close(CloseCode.TRY_AGAIN_LATER, str(refused))
            return
        parts = self._find_view, self._clients, self._callers, self._report
        connection = SocketConnection(socket, *parts)
        with subscriptions.connected(), self._callers.followed_by(connection.note_switch):
            await self._keep(socket, connection)

    async def _keep(self, socket: WebSocket, connection: SocketConnection) -> None:
        try:
            await connection.run()
        except Close as end:
            with suppress(RuntimeError, WebSocketDisconnect):
                await socket.close(end.code, str(end))
        except WebSocketDisconnect:
            pass
        finally:
            await connection.end()
