"""GraphQL over HTTP, with GraphiQL for browsers."""

from collections.abc import Callable

import orjson
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.websockets import WebSocket
from strawberry import Schema
from strawberry.asgi import GraphQL
from strawberry.http import GraphQLHTTPResponse
from strawberry.http.base import BaseRequestProtocol

from app.graphiql.page import HEADERS, render_page
from app.http_caching import VARY, allow_revalidation, forbid_storing
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
        context = request.state.context = self._make_context()
        return context

    def encode_json(self, data: object) -> bytes:
        return orjson.dumps(data)

    def create_response(
        self,
        response_data: GraphQLHTTPResponse | list[GraphQLHTTPResponse],
        sub_response: Response,
    ) -> Response:
        response = super().create_response(response_data, sub_response)
        response.headers["vary"] = VARY
        if isinstance(response_data, list) or not _is_whole(response_data):
            forbid_storing(response)
        return response

    async def run(self, request: Request) -> Response:  # type: ignore[override] # no sockets here
        """Answers, and says what may be kept of the answer."""
        response = await super().run(request)
        is_answer = response.media_type == "application/json" and response.status_code == 200
        if not is_answer or "cache-control" in response.headers:
            return response
        if request.state.context.snapshot.has_written:
            forbid_storing(response)
            return response
        return allow_revalidation(request, response)

    def should_render_graphql_ide(self, request: BaseRequestProtocol) -> bool:
        """Only for a browser: plain `curl` takes everything and gets JSON."""
        accepts = request.headers.get("accept") or ""
        return request.method == "GET" and not request.query_params and "text/html" in accepts

    async def render_graphql_ide(self, request: Request) -> Response:
        return HTMLResponse(render_page(), headers=HEADERS)


def _is_whole(answer: GraphQLHTTPResponse) -> bool:
    """Whether nothing went wrong, here or at an instance."""
    return not answer.get("errors") and "failedInboxes" not in (answer.get("extensions") or {})
