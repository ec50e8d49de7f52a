"""Instances that are reached over real sockets, in whatever time the loop has."""

import asyncio
import itertools
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from urllib.parse import urlsplit

import httpx

from app.upstreams.http.connections.opening import Client, open_transport
from app.upstreams.http.reply import Reply
from app.upstreams.http.transport import Request, Transport
from support.servers import read_request, reset, run_connections
from support.virtual_time import wait_for_stores

_NUMBER = "x-request-number"


@dataclass
class Traffic:
    """Which requests somebody waits for, and which of them an instance is thinking about."""

    asked: set[str] = field(default_factory=set)
    thinking: set[str] = field(default_factory=set)

    @property
    def in_flight(self) -> int:
        """Those of which something is on its way: time stands still meanwhile."""
        return len(self.asked - self.thinking)


class OverSockets(Transport):
    """Sends requests to servers on loopback, one for each host, by one of the clients."""

    def __init__(self, ports: Mapping[str, int], carrier: Transport, traffic: Traffic) -> None:
        self._ports = ports
        self._carrier = carrier
        self._traffic = traffic
        self._numbers = itertools.count()

    async def send(self, request: Request) -> Reply:
        parts, number = urlsplit(request.url), str(next(self._numbers))
        port = self._ports[parts.hostname or ""]
        url = parts._replace(scheme="http", netloc=f"127.0.0.1:{port}").geturl()
        sent = replace(request, url=url, headers={**request.headers, _NUMBER: number})
        self._traffic.asked.add(number)
        try:
            return await self._carrier.send(sent)
        finally:
            request.stage = sent.stage
            self._traffic.asked.discard(number)


@asynccontextmanager
async def over_sockets(
    instances: Mapping[str, httpx.AsyncBaseTransport], client: Client
) -> AsyncIterator[OverSockets]:
    """The way to these instances, by host."""
    traffic = Traffic()
    async with AsyncExitStack() as stack:
        ports = {}
        for host, instance in instances.items():
            served = _Served(instance, host, traffic)
            ports[host] = await stack.enter_async_context(run_connections(served.serve))
        carrier = await stack.enter_async_context(open_transport(20, client=client))
        wait_for_stores(traffic)
        yield OverSockets(ports, carrier, traffic)


class _Served:
    """One instance as a server; its connections are closed after each answer that breaks off."""

    def __init__(self, instance: httpx.AsyncBaseTransport, host: str, traffic: Traffic) -> None:
        self._instance = instance
        self._host = host
        self._traffic = traffic

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            request = self._parse(await read_request(reader))
            number = request.headers[_NUMBER]
            self._traffic.thinking.add(number)
            try:
                await self._answer(request, writer, number)
            except httpx.ReadError:
                await writer.drain()
                reset(writer)
                return
            except httpx.TransportError:  # no answer, or no end of one
                return
            finally:
                self._traffic.thinking.discard(number)

    def _parse(self, text: bytes) -> httpx.Request:
        head, _, body = text.partition(b"\r\n\r\n")
        first, *lines = head.decode("latin-1").split("\r\n")
        method, target, _ = first.split(" ")
        headers = [(name, value.strip()) for name, _, value in (x.partition(":") for x in lines)]
        url = httpx.URL(f"https://{self._host}").copy_with(raw_path=target.encode())
        return httpx.Request(method, url, headers=headers, content=body)

    async def _answer(
        self, request: httpx.Request, writer: asyncio.StreamWriter, number: str
    ) -> None:
        response = await self._instance.handle_async_request(request)
        lines = [f"HTTP/1.1 {response.status_code} ", "transfer-encoding: chunked"]
        lines += [
            f"{name}: {value}"
            for name, value in response.headers.multi_items()
            if name not in ("content-length", "transfer-encoding")
        ]
        writer.write("\r\n".join([*lines, "", ""]).encode("latin-1"))
        stream = response.stream
        assert isinstance(stream, httpx.AsyncByteStream)
        parts = aiter(stream)
        while True:
            self._traffic.thinking.add(number)
            part = await anext(parts, None)
            self._traffic.thinking.discard(number)
            if part is None:
                break
            if part:
                writer.write(b"%x\r\n%s\r\n" % (len(part), part))
                await writer.drain()
        writer.write(b"0\r\n\r\n")
