"""Transports of httpx's make: by a proxy, and to the sandbox without a network."""

from collections.abc import Mapping
from urllib.request import proxy_bypass

import httpx

from app.upstreams.reply import Reply
from app.upstreams.transport import MOST_DECODED, MOST_RECEIVED, TooLarge, Transport


class OverHttpx(Transport):
    """Sends by a transport of httpx: https://www.python-httpx.org/advanced/transports/"""

    def __init__(self, transport: httpx.AsyncBaseTransport) -> None:
        self._transport = transport

    async def send(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes | None
    ) -> Reply:
        request = httpx.Request(method, url, headers=headers, content=body)
        response = await self._transport.handle_async_request(request)
        response.request = request
        received = bytearray()
        try:
            async for part in response.aiter_bytes():
                received += part
                if len(received) > MOST_DECODED or response.num_bytes_downloaded > MOST_RECEIVED:
                    raise TooLarge
        finally:
            await response.aclose()
        return Reply.read(response.status_code, response.headers.raw, bytes(received))

    async def aclose(self) -> None:
        await self._transport.aclose()


class TransportByProxy(Transport):
    """Goes through the proxy for a scheme, save to hosts that `no_proxy` names."""

    def __init__(
        self, by_scheme: Mapping[str, Transport], proxies: Mapping[str, str], direct: Transport
    ) -> None:
        self._by_scheme = by_scheme
        self._proxies = dict(proxies)
        self._direct = direct

    async def send(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes | None
    ) -> Reply:
        target = httpx.URL(url)
        way = self._by_scheme.get(target.scheme)
        if way is None or proxy_bypass(target.host, self._proxies):
            way = self._direct
        return await way.send(method, url, headers, body)

    async def aclose(self) -> None:
        for transport in (*self._by_scheme.values(), self._direct):
            await transport.aclose()


class TransportByHost(Transport):
    """Sends each request to the transport for its host: how the sandbox is reached in-process."""

    def __init__(
        self,
        hosts: Mapping[str, httpx.AsyncBaseTransport],
        others: Transport | None = None,
    ) -> None:
        self._hosts = {host: OverHttpx(transport) for host, transport in hosts.items()}
        self._others = others

    async def send(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes | None
    ) -> Reply:
        host = httpx.URL(url).host
        transport = self._hosts.get(host, self._others)
        if transport is None:
            raise httpx.ConnectError(f"No such host: {host}")
        return await transport.send(method, url, headers, body)

    async def aclose(self) -> None:
        for transport in (*self._hosts.values(), self._others):
            if transport is not None:
                await transport.aclose()
