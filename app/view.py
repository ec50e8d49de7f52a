"""GraphQL over HTTP, with GraphiQL for browsers."""

from collections.abc import Callable

import orjson
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.websockets import WebSocket
from strawberry import Schema
from strawberry.asgi import GraphQL
from strawberry.http.base import BaseRequestProtocol

from app.graphiql.page import HEADERS, render_page
from resolvers.context import Context

MakeContext = Callable[[], Context]


class GraphQLView(GraphQL[Context, None]):
    """Strawberry's own view with our context, our JSON and our GraphiQL."""

    def __init__(self, schema: Schema, make_context: MakeContext) -> None:
        super().__init__(schema, subscription_protocols=())
        self._make_context = make_context

    async def get_context(
        self, request: Request | WebSocket, response: Response | WebSocket
    ) -> Context:
        return self._make_context()

    def encode_json(self, data: object) -> bytes:
        return orjson.dumps(data)

    def should_render_graphql_ide(self, request: BaseRequestProtocol) -> bool:
        """Only for a browser: plain `curl` takes everything and gets JSON."""
        accepts = request.headers.get("accept") or ""
        return request.method == "GET" and not request.query_params and "text/html" in accepts

    async def render_graphql_ide(self, request: Request) -> Response:
        return HTMLResponse(render_page(), headers=HEADERS)
