"""Opens what carries requests to instances, as it is configured."""

import ssl
from collections.abc import Mapping
from pathlib import Path
from typing import Literal

import httpx

from app.upstreams.http.connections.pool import Pool, Resolve, resolve
from app.upstreams.http.connections.turns import TurnTaking
from app.upstreams.http.over_httpx import OverHttpx, TransportByProxy
from app.upstreams.http.sockets.over_network import StreamTransport
from app.upstreams.http.transport import Transport

Client = Literal["pool", "httpx"]
"""Which client of HTTP speaks to instances: our own, or httpx's."""


def open_transport(
    connections: int,
    connections_per_host: int | None = None,
    ca_file: Path | None = None,
    proxies: Mapping[str, str] | None = None,
    client: Client = "pool",
    *,
    resolve: Resolve = resolve,
) -> Transport:
    """The connections that all logins share; `aclose` ends them.

    No more than `connections` are open, and no more than `connections_per_host` are in use to one
    host. `ca_file` holds more certificate authorities than the system's. `proxies` are as
    `urllib.request.getproxies` gives them; what goes by a proxy is carried by httpx.
    """
    authorities = ssl.create_default_context()
    authorities.set_alpn_protocols(["http/1.1"])
    if ca_file is not None:
        authorities.load_verify_locations(ca_file)

    def open_httpx(proxy: str | None) -> Transport:
        limits = httpx.Limits(max_connections=None, max_keepalive_connections=0)
        return OverHttpx(
            httpx.AsyncHTTPTransport(
                verify=authorities, limits=limits, retries=0, trust_env=False, proxy=proxy
            )
        )

    events = open_httpx(None)
    way = Pool(connections, authorities, resolve) if client == "pool" else open_httpx(None)
    proxies = proxies or {}
    schemes = [scheme for scheme in ("http", "https") if scheme in proxies]
    if schemes:
        by_scheme = {scheme: open_httpx(proxies[scheme]) for scheme in schemes}
        way = TransportByProxy(by_scheme, proxies, way)
        events = TransportByProxy(by_scheme, proxies, events)
    in_turn = TurnTaking(way, connections, connections_per_host or connections)
    return StreamTransport(in_turn, events, authorities, dict(proxies))
