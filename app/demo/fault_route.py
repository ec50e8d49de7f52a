"""Faults at run time: `POST /sandbox/faults` with `{"wiki": "hang"}`, or null for none."""

from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from app.config.server import ServerSettings
from app.demo.instances import Demo, UnknownFault
from app.web.clients import Clients
from app.web.negotiation import media_type_for
from app.web.origins import check_origin
from app.web.parameters import receive_json
from app.web.refusal import Refusal, Refused

_MOST = 4096
"""Bytes of a request."""


def fault_route(demo: Demo, clients: Clients, server: ServerSettings) -> Route:
    """Takes what whoever may change something asks for, from pages of the gateway's own origin."""

    async def set_faults(request: Request) -> Response:
        try:
            await _check(request, clients, server)
            demo.set_faults(_read(await receive_json(request, _MOST, server.body_timeout)))
        except UnknownFault as unknown:
            refused = Refused(Refusal.BAD_REQUEST, str(unknown))
            return refused.as_response(media_type_for(request.headers))
        except Refused as refused:
            return refused.as_response(media_type_for(request.headers))
        return JSONResponse({name: way.fault and way.fault.key for name, way in demo.ways.items()})

    return Route("/sandbox/faults", set_faults, methods=["POST"])


async def _check(request: Request, clients: Clients, server: ServerSettings) -> None:
    address = request.client.host if request.client else ""
    client = await clients.recognise(request.headers.getlist("authorization"), address)
    if not client.may_write:
        raise Refused(Refusal.UNAUTHORIZED, "Faults need a key that may write.")
    check_origin(request.headers, server.origins)


def _read(body: bytes) -> Any:
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError:
        raise Refused(Refusal.BAD_REQUEST, "The body is no JSON.") from None
