"""Authorities and proxies, over real sockets."""

import asyncio
import socket
import ssl
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import pytest
import trustme
from conftest import REAL_TIME
from support.servers import http_response, read_request, run_connections, run_server

from app.config.load import BadConfiguration, check_configuration
from app.upstreams.http.client import Http
from app.upstreams.http.connections.opening import Client, open_transport
from app.upstreams.http.connections.pool import AddressInfo, resolve
from app.upstreams.http.transport import Transport
from resolvers.errors import UpstreamError, UpstreamFailureCode


@pytest.fixture
def anyio_backend() -> tuple[str, dict[str, object]]:
    """Sockets take real time."""
    return REAL_TIME


@pytest.fixture(params=["pool", "httpx"])
def client(request: pytest.FixtureRequest) -> Client:
    """Each client of HTTP."""
    name: Client = request.param
    return name


async def ask(transport: Transport, url: str) -> bytes:
    """What an instance answers."""
    return (await Http(url, transport, "test", 5).get(url)).body


async def fail(transport: Transport, url: str) -> str:
    """The sentence of an instance that cannot be reached."""
    with pytest.raises(UpstreamError) as caught:
        await ask(transport, url)
    assert caught.value.failure_code is UpstreamFailureCode.UNREACHABLE
    assert not caught.value.is_outcome_unknown
    return str(caught.value)


def trust(authority: trustme.CA, name: str) -> ssl.SSLContext:
    """What a server has whose certificate only this authority vouches for."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert(name).configure_cert(context)
    return context


async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Says `private`, again and again."""
    while True:
        await read_request(reader)
        writer.write(http_response(b"private"))


async def test_a_private_authority(tmp_path: Path, client: Client) -> None:
    """An instance that only a private authority vouches for is trusted where that is configured."""
    authority = trustme.CA()
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    async with run_connections(answer, context=trust(authority, "127.0.0.1")) as port:
        url = f"https://127.0.0.1:{port}"
        async with open_transport(2, client=client) as transport:
            assert "certificate that is not trusted" in await fail(transport, url)
        async with open_transport(2, ca_file=tmp_path / "ca.pem", client=client) as transport:
            assert [await ask(transport, url) for _ in range(2)] == [b"private"] * 2


async def test_a_certificate_of_another_host(tmp_path: Path, client: Client) -> None:
    """Even an authority that is trusted does not make it good."""
    authority = trustme.CA()
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    async with (
        run_connections(answer, context=trust(authority, "other.test")) as port,
        open_transport(2, ca_file=tmp_path / "ca.pem", client=client) as transport,
    ):
        assert "another host's" in await fail(transport, f"https://127.0.0.1:{port}")


async def test_tls_where_there_is_none(client: Client) -> None:
    """Neither a server that speaks plainly nor one that hangs up is trusted with a request."""

    async def hang_up(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1)

    async def speak(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1)
        writer.write(http_response(b"plain", status="400 Bad Request"))

    async with open_transport(2, client=client) as transport:
        for serve in (hang_up, speak):
            async with run_connections(serve) as port:
                url = f"https://127.0.0.1:{port}"
                assert "takes no encrypted connection" in await fail(transport, url)


async def test_a_write_that_no_encrypted_connection_carries(client: Client) -> None:
    """Neither a certificate that is not trusted nor a server without TLS leaves it in doubt."""
    bad = trust(trustme.CA(), "127.0.0.1")
    for context in (bad, None):
        async with (
            run_connections(answer, context=context) as port,
            open_transport(2, client=client) as transport,
        ):
            url = f"https://127.0.0.1:{port}"
            with pytest.raises(UpstreamError) as caught:
                await Http(url, transport, "test", 0.3).post(url)
            assert not caught.value.is_outcome_unknown


async def test_a_host_beyond_ascii() -> None:
    """Is called by its name in ASCII: https://www.rfc-editor.org/rfc/rfc5891"""
    asked = []

    async def resolve_here(host: str, port: int) -> Sequence[AddressInfo]:
        asked.append(host)
        return await resolve("127.0.0.1", port)

    async def say_host(head: bytes, writer: asyncio.StreamWriter) -> None:
        writer.write(http_response(head.split(b"\r\n")[1]))

    async with run_server(say_host) as url, open_transport(2, resolve=resolve_here) as transport:
        port = url.rpartition(":")[2]
        host = f"xn--bcher-kva.test:{port}"
        assert await ask(transport, f"http://b\u00fccher.test:{port}/") == f"host: {host}".encode()
    assert asked == ["xn--bcher-kva.test"]


async def test_a_host_with_an_address_that_nothing_leads_to() -> None:
    """What the other address says is told: that its port is closed."""

    async def resolve_both(host: str, port: int) -> Sequence[AddressInfo]:
        unreachable = (socket.AF_INET6, socket.SOCK_STREAM, 0, "", ("fe80::1", port, 0, 0))
        return [unreachable, *await resolve("127.0.0.1", port)]

    async with open_transport(2, resolve=resolve_both) as transport:
        assert "refuses the connection" in await fail(transport, "http://both.test:1")


class Proxy:
    """A proxy that knows one way, whoever is asked for."""

    def __init__(self, port: int) -> None:
        self.seen: list[bytes] = []
        self._port = port

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        request = await read_request(reader)
        self.seen.append(request.split(b"\r\n")[0])
        if not request.startswith(b"CONNECT"):
            writer.write(http_response(b"by proxy"))
            return
        there_reader, there_writer = await asyncio.open_connection("127.0.0.1", self._port)
        writer.write(b"HTTP/1.1 200 Connected\r\n\r\n")
        copying = asyncio.create_task(_copy(there_reader, writer))
        try:
            await _copy(reader, there_writer)
        finally:
            copying.cancel()
            there_writer.transport.abort()
            with suppress(OSError):
                await there_writer.wait_closed()


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while part := await reader.read(65536):
        writer.write(part)


async def test_proxies_of_the_environment(client: Client) -> None:
    """Requests go through the proxy for their scheme, save to hosts that `no_proxy` names."""

    async def direct(head: bytes, writer: asyncio.StreamWriter) -> None:
        writer.write(http_response(b"directly"))

    proxy = Proxy(1)
    async with run_connections(proxy.serve) as port, run_server(direct) as direct_url:
        proxies = {"http": f"http://127.0.0.1:{port}", "no": "127.0.0.1"}
        async with open_transport(2, proxies=proxies, client=client) as transport:
            assert await ask(transport, "http://instance.test/api") == b"by proxy"
            assert await ask(transport, direct_url) == b"directly"
    assert proxy.seen == [b"GET http://instance.test/api HTTP/1.1"]


async def test_a_proxy_for_encrypted_requests(tmp_path: Path, client: Client) -> None:
    """It is asked for a tunnel, and the instance's certificate is checked through it."""
    authority = trustme.CA()
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    async with run_connections(answer, context=trust(authority, "instance.test")) as instance:
        proxy = Proxy(instance)
        async with run_connections(proxy.serve) as port:
            proxies = {"https": f"http://127.0.0.1:{port}"}
            ca_file = tmp_path / "ca.pem"
            async with open_transport(
                2, ca_file=ca_file, proxies=proxies, client=client
            ) as transport:
                assert await ask(transport, "https://instance.test/api") == b"private"
                assert "another host's" in await fail(transport, "https://other.test/api")
    assert proxy.seen == [
        b"CONNECT instance.test:443 HTTP/1.1",
        b"CONNECT other.test:443 HTTP/1.1",
    ]


async def test_a_proxy_that_is_away(client: Client) -> None:
    """It is what has to be looked for, not the instance."""
    proxies = {"http": "http://127.0.0.1:1", "https": "http://127.0.0.1:1"}
    async with open_transport(2, proxies=proxies, client=client) as transport:
        for url in ("http://instance.test", "https://instance.test"):
            assert "HTTPS_PROXY" in await fail(transport, url)


@pytest.mark.parametrize("content", [None, "no certificate"])
def test_a_file_without_certificates(tmp_path: Path, content: str | None) -> None:
    """A problem of the key, told at start."""
    if content is not None:
        (tmp_path / "ca.pem").write_text(content)
    with pytest.raises(BadConfiguration) as caught:
        check_configuration({"upstream": {"ca_file": "ca.pem"}}, {}, "a test", tmp_path)
    assert "upstream.ca_file: expected a file that can be read" in str(caught.value)
