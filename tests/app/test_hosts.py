"""Whom the gateway answers to, and whom it lets change something."""

from collections.abc import MutableMapping
from typing import Any

import pytest
from support.worlds import World, mixed_world

from app.web.hosts import HostCheck

QUERY = {"query": "{ __typename }"}
DISMISS = {
    "query": 'mutation { dismissNotification(input: {notificationId: "x"}) { clientMutationId } }'
}


def world_with(**server: object) -> World:
    """A gateway with these settings in `[server]`."""
    world = mixed_world()
    world.sections = {"server": server}
    return world


async def status_for(host: str, **server: object) -> int:
    """The status that a query under this `Host` gets."""
    client = world_with(**server).client()
    response = await client.post("/graphql", json=QUERY, headers={"host": host})
    if response.status_code == 421:
        assert response.json()["errors"][0]["extensions"] == {"code": "MISDIRECTED_REQUEST"}
    return response.status_code


@pytest.mark.parametrize(
    "host", ["localhost:8000", "127.0.0.1:8000", "[::1]:8000", "LOCALHOST:8000", "localhost.:8000"]
)
async def test_loopback_is_answered(host: str) -> None:
    """By each of its names, with the gateway's own port."""
    assert await status_for(host) == 200


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "evil.example:8000",
        "localhost",
        "localhost:8001",
        "127.0.0.1",
        "localhost.evil.example:8000",
        "evil.example:8000@localhost:8000",
        "[::2]:8000",
        "0.0.0.0:8000",
        "",
        "localhost:8000, evil.example",
    ],
)
async def test_other_names_are_misdirected(host: str) -> None:
    """A page whose name was made to resolve to loopback is not of one origin with the gateway."""
    assert await status_for(host) == 421


@pytest.mark.parametrize(
    ("host", "status"),
    [("tidings.example", 200), ("tidings.example:443", 200), ("127.0.0.1:8000", 200), ("a.b", 421)],
)
async def test_the_public_name_is_answered(host: str, status: int) -> None:
    """Beside loopback, by which the proxy may ask."""
    assert await status_for(host, public_url="https://tidings.example") == status


@pytest.mark.parametrize(
    ("host", "status"),
    [("a.example", 200), ("a.example:9", 200), ("b.example:81", 200), ("b.example", 421)],
)
async def test_names_can_be_configured(host: str, status: int) -> None:
    """One without a port holds for any port; loopback is not among them any more."""
    allowed = ["a.example", "b.example:81"]
    assert await status_for(host, allowed_hosts=allowed) == status
    assert await status_for("localhost:8000", allowed_hosts=allowed) == 421


@pytest.mark.parametrize("headers", [[], [(b"host", b"localhost:8000")] * 2])
async def test_one_name_and_no_other(headers: list[tuple[bytes, bytes]]) -> None:
    """Neither no `Host` nor two: https://www.rfc-editor.org/rfc/rfc9112#section-3.2"""
    sent: list[MutableMapping[str, Any]] = []
    await ask_as("http", headers, sent)
    assert sent[0]["status"] == 400


async def test_sockets_are_held_to_it_too() -> None:
    """A browser lets any page open a WebSocket."""
    sent: list[MutableMapping[str, Any]] = []
    await ask_as("websocket", [(b"host", b"evil.example")], sent)
    assert [each.get("status") for each in sent] == [421, None]


async def ask_as(
    kind: str, headers: list[tuple[bytes, bytes]], sent: list[MutableMapping[str, Any]]
) -> None:
    """Lets HostCheck handle a request; nothing of it may be read."""

    async def refuse(*_: object) -> None:
        raise AssertionError

    async def receive() -> MutableMapping[str, Any]:
        raise AssertionError

    async def send(message: MutableMapping[str, Any]) -> None:
        sent.append(message)

    denial: dict[str, dict[str, str]] = {
        "websocket.http.response": {}
    }  # how a server is told to refuse a handshake
    scope = {"type": kind, "headers": headers, "method": "GET", "extensions": denial}
    await HostCheck(refuse, ["localhost:8000"])(scope, receive, send)


@pytest.mark.parametrize(
    "origin", [None, "http://localhost:8000", "https://localhost:8000", "https://app.example"]
)
async def test_changes_from_our_own_and_allowed_pages(origin: str | None) -> None:
    """GraphiQL, configured frontends, and programs that send no `Origin`."""
    client = world_with(allowed_origins=["https://app.example"]).client()
    headers = {} if origin is None else {"origin": origin}
    response = await client.post("/graphql", json=DISMISS, headers=headers)
    assert response.json()["data"]["dismissNotification"] is not None


@pytest.mark.parametrize(
    "origin", ["null", "https://evil.example", "http://localhost", "https://app.example.evil", ""]
)
async def test_no_changes_from_other_pages(origin: str) -> None:
    """They may be able to send; nothing is written."""
    client = world_with(allowed_origins=["https://app.example"]).client()
    response = await client.post("/graphql", json=DISMISS, headers={"origin": origin})
    assert response.status_code == 403
    assert response.json()["errors"][0]["extensions"] == {"code": "FORBIDDEN_ORIGIN"}
    reading = await client.post("/graphql", json=QUERY, headers={"origin": origin})
    assert reading.status_code == 200
    assert "access-control-allow-origin" not in reading.headers


async def test_a_public_page_may_change_things() -> None:
    """Behind a proxy that passes another `Host` on, `public_url` says what its own origin is."""
    client = world_with(public_url="https://tidings.example").client()
    headers = {"origin": "https://tidings.example"}
    response = await client.post("/graphql", json=DISMISS, headers=headers)
    assert response.status_code == 200


PREFLIGHT = {
    "access-control-request-method": "POST",
    "access-control-request-headers": "content-type, authorization",
}


async def test_pages_that_are_allowed_can_ask() -> None:
    """A preflight, and an answer that the page can read, for the origins configured alone."""
    client = world_with(allowed_origins=["https://app.example"]).client()
    headers = {"origin": "https://app.example"}
    preflight = await client.options("/graphql", headers={**headers, **PREFLIGHT})
    assert preflight.status_code == 200
    assert preflight.headers["access-control-allow-origin"] == "https://app.example"
    response = await client.post("/graphql", json=QUERY, headers=headers)
    assert response.headers["access-control-allow-origin"] == "https://app.example"
    assert "access-control-allow-credentials" not in response.headers
    assert {"Accept", "Authorization", "Inbox-Authorization", "Origin"} == set(
        response.headers["vary"].split(", ")
    )
    refused = await client.post("/graphql", content=b"{", headers=headers)
    assert refused.headers["access-control-allow-origin"] == "https://app.example"


async def test_no_page_can_ask_by_default() -> None:
    """Without configuration there is no CORS at all, and no preflight is answered."""
    client = mixed_world().client()
    headers = {"origin": "https://app.example"}
    preflight = await client.options("/graphql", headers={**headers, **PREFLIGHT})
    assert preflight.status_code == 405
    assert not [name for name in preflight.headers if name.startswith("access-control")]


@pytest.mark.parametrize(
    "content_type", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data"]
)
async def test_what_a_form_can_send_is_refused(content_type: str) -> None:
    """A foreign page can send these without a preflight, so none of them is taken."""
    client = mixed_world().client()
    headers = {"content-type": content_type}
    body = '{"query": "{ __typename }"}'
    response = await client.post("/graphql", content=body, headers=headers)
    assert response.status_code == 415
