"""Reloads as an operator sees them: what the log says, and what changes."""

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest
from structlog.testing import capture_logs
from support.virtual_time import LoopClock

from app.config.load import Configuration
from app.configuration_source import ConfigurationSource
from app.gateway import Gateway
from app.main import build_app
from app.reloading import Reloading
from app.upstreams.http.over_httpx import TransportByHost


def reloading(gateway: Gateway, read: Callable[[], Configuration]) -> Reloading:
    """What reloads a gateway that is not open to everybody."""
    return Reloading(gateway, read, is_open=False)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A configuration file of one inbox."""
    file = tmp_path / "tidings.toml"
    (tmp_path / "token").write_text("secret")
    file.write_text(
        '[upstream]\ncontact = "me@example.test"\n'
        '[[inboxes]]\nname = "home"\nplatform = "mastodon"\nurl = "https://home.test"\n'
        'token = "file:token"\n'
    )
    return file


def add(file: Path, text: str) -> None:
    """Writes more into a file."""
    file.write_text(file.read_text() + text)


def gateway_of(file: Path) -> tuple[Gateway, ConfigurationSource]:
    """A gateway, and where its configuration is from."""
    source = ConfigurationSource(file)
    settings = source.read().settings
    return build_app(settings, LoopClock(), TransportByHost({})), source


async def test_a_configuration_that_is_the_same(file: Path) -> None:
    """It is read, and nothing else happens."""
    gateway, source = gateway_of(file)
    view = gateway.view
    with capture_logs() as logs:
        await reloading(gateway, source.read).reload()
    assert [each["event"] for each in logs] == ["configuration is the same"]
    assert gateway.view is view


async def test_a_bad_one(file: Path) -> None:
    """Nothing changes, and every problem is in the log; what is written there is not."""
    gateway, source = gateway_of(file)
    view = gateway.view
    add(file, 'tokn = "hunter2"\n[limits]\ndepth = 0\n')
    with capture_logs() as logs:
        await reloading(gateway, source.read).reload()
    (line,) = logs
    assert line["event"] == "configuration not reloaded" and line["log_level"] == "error"
    assert "inboxes[0].tokn: there is no such setting: did you mean token?" in line["reason"]
    assert "limits.depth" in line["reason"] and "hunter2" not in str(line)
    assert gateway.view is view


async def test_a_good_one(file: Path) -> None:
    """It is served from now on; what waits for a restart is named."""
    gateway, source = gateway_of(file)
    add(file, "[limits]\ndepth = 3\n[cache]\nfresh = 1\n")
    with capture_logs() as logs:
        await reloading(gateway, source.read).reload()
    assert [each["event"] for each in logs] == [
        "settings wait for a restart",
        "configuration reloaded",
    ]
    assert logs[0]["settings"] == ["cache.fresh"]
    assert (gateway.settings.limits.depth, gateway.settings.cache.fresh) == (3, 15)


async def test_a_token_in_a_file_of_its_own(file: Path) -> None:
    """It is read anew, so that it can be exchanged without touching the configuration."""
    gateway, source = gateway_of(file)
    before = gateway.lasting.logins.configured["home"]
    (file.parent / "token").write_text("another")
    with capture_logs() as logs:
        await reloading(gateway, source.read).reload()
    assert [each["event"] for each in logs] == ["configuration reloaded"]
    assert gateway.lasting.logins.configured["home"] is not before


async def test_signals_in_a_row(file: Path) -> None:
    """They are one reload after another, of which the last reads what is there then."""
    gateway, source = gateway_of(file)
    reads = []

    def read() -> Configuration:
        reads.append(file.read_text())
        return source.read()

    each = reloading(gateway, read)
    with capture_logs():
        for _ in range(20):
            each.begin()
        await asyncio.sleep(0)
        add(file, "[limits]\ndepth = 3\n")
        each.begin()
        await each.finish()
    assert len(reads) == 2 and gateway.settings.limits.depth == 3
