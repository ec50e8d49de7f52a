"""What can be done to the sandbox at run time.

`POST /sandbox/faults` takes `{"wiki": "hang"}`, or null for no fault; `POST /sandbox/arrive` takes
`{"inbox": "wiki"}`, where one thing happens then.
"""

from collections.abc import Awaitable, Callable
from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from app.config.server import ServerSettings
from app.demo.arrivals import Arrivals, UnknownFault
from app.demo.instances import Demo
from app.web.clients import Clients
from app.web.negotiation import media_type_for
from app.web.origins import check_origin
from app.web.parameters import receive_json
from app.web.refusal import Refusal, Refused

_MOST = 4096
"""Bytes of a request."""

Act = Callable[[Any], object]
"""Does what a body asks, and gives what is answered. Raises UnknownFault."""


def sandbox_routes(demo: Demo, clients: Clients, server: ServerSettings) -> list[BaseRoute]:
    """For whoever may change something, from pages of the gateway's own origin."""

    def set_faults(asked: Any) -> object:
        demo.set_faults(asked)
        return {name: way.fault and way.fault.key for name, way in demo.ways.items()}

    faults = Route("/sandbox/faults", _handle(set_faults, clients, server), methods=["POST"])
    return [faults, arrival_route(demo.arrivals, clients, server)]


def arrival_route(arrivals: Arrivals, clients: Clients, server: ServerSettings) -> Route:
    """Lets something happen in an inbox, for the same."""

    def arrive(asked: Any) -> object:
        name = asked.get("inbox") if isinstance(asked, dict) else None
        arrivals.let_arrive(name if isinstance(name, str) else "")
        return {"inbox": name}

    return Route("/sandbox/arrive", _handle(arrive, clients, server), methods=["POST"])


def _handle(
    act: Act, clients: Clients, server: ServerSettings
) -> Callable[[Request], Awaitable[Response]]:
    async def handle(request: Request) -> Response:
        try:
            await _check(request, clients, server)
            return JSONResponse(act(_read(await receive_json(request, _MOST, server.body_timeout))))
        except UnknownFault as unknown:
            refused = Refused(Refusal.BAD_REQUEST, str(unknown))
            return refused.as_response(media_type_for(request.headers))
        except Refused as refused:
            return refused.as_response(media_type_for(request.headers))

    return handle


async def _check(request: Request, clients: Clients, server: ServerSettings) -> None:
    address = request.client.host if request.client else ""
    client = await clients.recognise(request.headers.getlist("authorization"), address)
    if not client.may_write:
        raise Refused(Refusal.UNAUTHORIZED, "The sandbox needs a key that may write.")
    check_origin(request.headers, server.origins)


def _read(body: bytes) -> Any:
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError:
        raise Refused(Refusal.BAD_REQUEST, "The body is no JSON.") from None
