"""What a reload takes of a configuration."""

import pytest

from app.config.changes import RELOADED, take_over
from app.config.load import BadConfiguration
from app.config.settings import Settings

INBOX = {"name": "home", "platform": "mastodon", "url": "https://home.test", "token": "t"}
KEY = "sha256:" + "0" * 64


def configured(**sections: object) -> Settings:
    """A configuration of one inbox, with other sections."""
    return Settings.model_validate(
        {"upstream": {"contact": "me@example.test"}, "inboxes": [INBOX], **sections}
    )


def test_what_a_reload_takes() -> None:
    """Clients, inboxes, documents, and limits other than a body's; nothing of connections."""
    wanted = configured(
        inboxes=[INBOX, {**INBOX, "name": "work"}],
        clients=[{"name": "app", "key": KEY}],
        limits={"depth": 3, "body": 2048},
        server={"port": 9000, "graphiql": False},
        cache={"fresh": 5},
    )
    taken, waiting = take_over(configured(), wanted, is_open=False)
    assert waiting == ["cache.fresh", "limits.body", "server.port"]
    assert (taken.server.port, taken.server.graphiql) == (8000, False)
    assert (taken.limits.depth, taken.limits.body) == (3, 128 * 1024)
    assert taken.cache.fresh == 15
    assert len(taken.inboxes) == 2 and len(taken.clients) == 1


def test_the_same_is_the_same() -> None:
    """Nothing is taken, and nothing waits."""
    assert take_over(configured(), configured(), is_open=False) == (configured(), [])


def test_what_would_open_the_gateway_to_everybody() -> None:
    """Clients go, and the address that needs them cannot go without a restart: nothing is taken."""
    running = configured(server={"host": "192.0.2.1"}, clients=[{"name": "app", "key": KEY}])
    with pytest.raises(BadConfiguration, match=r"server\.host would need a restart") as caught:
        take_over(running, configured(), is_open=False)
    assert "server.host: expected a loopback address" in str(caught.value)


def test_every_name_is_a_setting() -> None:
    """What is listed exists."""
    for section, names in RELOADED.items():
        fields = type(getattr(configured(), section)).model_fields
        assert set(names) <= set(fields)
