"""Authorities and proxies, over real sockets."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import trustme
from conftest import REAL_TIME
from support.servers import http_response, run_server

from app.config.load import BadConfiguration, check_configuration
from app.upstreams.connections import open_transport
from app.upstreams.http import Http
from app.upstreams.transport import Transport
from resolvers.errors import UpstreamError, UpstreamFailureCode


@pytest.fixture
def anyio_backend() -> tuple[str, dict[str, object]]:
    """Sockets take real time."""
    return REAL_TIME


async def ask(transport: Transport, url: str) -> bytes:
    """What an instance answers."""
    return (await Http(url, transport, "test", 5).get(url)).body


@asynccontextmanager
async def run_tls_server(authority: trustme.CA) -> AsyncIterator[str]:
    """A server with a certificate that only this authority vouches for."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("127.0.0.1").configure_cert(context)

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(http_response(b"private"))
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0, ssl=context)
    async with server:
        yield f"https://127.0.0.1:{server.sockets[0].getsockname()[1]}"


async def test_a_private_authority(tmp_path: Path) -> None:
    """An instance that only a private authority vouches for is trusted where that is configured."""
    authority = trustme.CA()
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    async with run_tls_server(authority) as url:
        async with open_transport(2) as transport:
            with pytest.raises(UpstreamError) as caught:
                await ask(transport, url)
            assert caught.value.failure_code is UpstreamFailureCode.UNREACHABLE
        async with open_transport(2, tmp_path / "ca.pem") as transport:
            assert await ask(transport, url) == b"private"


async def test_proxies_of_the_environment() -> None:
    """Requests go through the proxy for their scheme, save to hosts that `no_proxy` names."""
    seen: list[bytes] = []

    async def proxy(head: bytes, writer: asyncio.StreamWriter) -> None:
        seen.append(head.split(b"\r\n")[0])
        writer.write(http_response(b"by proxy"))

    async def direct(head: bytes, writer: asyncio.StreamWriter) -> None:
        writer.write(http_response(b"directly"))

    async with run_server(proxy) as proxy_url, run_server(direct) as direct_url:
        proxies = {"http": proxy_url, "no": "127.0.0.1"}
        async with open_transport(2, proxies=proxies) as transport:
            assert await ask(transport, "http://instance.test/api") == b"by proxy"
            assert await ask(transport, direct_url) == b"directly"
    assert seen == [b"GET http://instance.test/api HTTP/1.1"]


@pytest.mark.parametrize("content", [None, "no certificate"])
def test_a_file_without_certificates(tmp_path: Path, content: str | None) -> None:
    """A problem of the key, told at start."""
    if content is not None:
        (tmp_path / "ca.pem").write_text(content)
    with pytest.raises(BadConfiguration) as caught:
        check_configuration({"upstream": {"ca_file": "ca.pem"}}, {}, "a test", tmp_path)
    assert "upstream.ca_file: expected a file that can be read" in str(caught.value)
