"""Where a token is sent to for a stream, and where it is not."""

import pytest

from app.upstreams.mastodon.stream_address import choose_address
from app.upstreams.mastodon.wire import Instance, InstanceUrls
from resolvers.errors import UpstreamError

HOME = "https://home.test"


def told(url: str | None) -> Instance:
    """What an instance says of itself."""
    return Instance(urls=InstanceUrls(streaming_api=url))


@pytest.mark.parametrize(
    ("instance", "named", "address"),
    [
        (HOME, "wss://home.test", HOME),
        (HOME, "wss://home.test/", HOME),
        (HOME, "wss://HOME.test", "https://HOME.test"),
        (HOME, "https://streaming.home.test", "https://streaming.home.test"),
        (HOME, "wss://a.b.home.test:443/api", "https://a.b.home.test:443/api"),
        ("https://home.test:8443", "wss://home.test:8443", "https://home.test:8443"),
        ("https://home.test:8443", "wss://home.test", HOME),
        ("http://home.test", "wss://home.test", HOME),
        ("http://localhost:3000", "ws://localhost:4000", "http://localhost:4000"),
        ("http://127.0.0.1:3000", "ws://localhost:4000", "http://localhost:4000"),
        ("https://192.0.2.7", "wss://192.0.2.7", "https://192.0.2.7"),
    ],
)
def test_addresses_of_the_instance_itself(instance: str, named: str, address: str) -> None:
    """Its host at its port or 443, and subdomains, by TLS; on loopback any port."""
    assert choose_address(instance, told(named), None) == address


@pytest.mark.parametrize(
    ("instance", "named"),
    [
        (HOME, "ws://home.test"),
        (HOME, "wss://home.test:4000"),
        (HOME, "wss://evil.test"),
        (HOME, "wss://evilhome.test"),
        (HOME, "wss://home.test.evil.test"),
        (HOME, "wss://home.test@evil.test"),
        (HOME, "wss://evil.test/.home.test"),
        (HOME, "wss://evil.test?.home.test"),
        (HOME, "wss://evil.test#.home.test"),
        (HOME, "wss://evil.test\\.home.test"),
        (HOME, "ws://localhost:4000"),
        (HOME, "wss://user:secret@home.test"),
        (HOME, "wss://home.test:0"),
        (HOME, "wss://home.test:99999999"),
        (HOME, "wss://[home.test"),
        (HOME, "file:///etc/passwd"),
        (HOME, "nonsense"),
        (HOME, "wss://home.test\u202e"),
        ("https://192.0.2.7", "wss://1.192.0.2.7"),
        ("http://localhost:3000", "wss://evil.test"),
    ],
)
def test_addresses_of_others(instance: str, named: str) -> None:
    """The token goes to none of them, and the failure says what can be done."""
    with pytest.raises(UpstreamError) as caught:
        choose_address(instance, told(named), None)
    assert "streaming_url" in str(caught.value) and "\u202e" not in str(caught.value)


def test_what_is_configured_counts() -> None:
    """Whatever the instance says."""
    assert choose_address(HOME, told(None), "https://other.test") == "https://other.test"
    assert choose_address(HOME, told("wss://home.test"), "https://other.test/x") == (
        "https://other.test/x"
    )


def test_an_instance_that_names_none() -> None:
    """It is polled."""
    with pytest.raises(UpstreamError, match="names no address"):
        choose_address(HOME, told(None), None)
