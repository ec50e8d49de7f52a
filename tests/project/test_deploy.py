"""What stands in deploy/ for operators fits the gateway that it is for."""

import json
import os
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.debian import CannotInstall
from support.debian_tools import find_program
from support.metrics import MetricsPage
from support.virtual_time import LoopClock
from support.worlds import World

from app.cache.shared.redis_store import RedisStore
from app.main import build_app
from app.observability.metrics import Metrics
from app.setting_types.store_url import StoreUrl
from app.upstreams.http.over_httpx import TransportByHost

DEPLOY = Path(__file__).parents[2] / "deploy"
DASHBOARD = DEPLOY / "grafana" / "tidings.json"
RULES = DEPLOY / "prometheus" / "tidings.rules.yml"


@pytest.fixture(scope="session")
def promtool() -> str:
    """Prometheus' own judge."""
    try:
        return str(find_program("prometheus", "usr/bin/promtool"))
    except CannotInstall as error:
        if os.environ.get("CI"):
            raise
        pytest.skip(str(error))


def judge(
    command: list[str], folder: Path | None = None, text: str = ""
) -> subprocess.CompletedProcess[str]:
    """What a judge says."""
    return subprocess.run(
        command, cwd=folder, input=text, text=True, capture_output=True, check=False
    )


async def page_of_all() -> str:
    """A page that has every metric, as that of a gateway with a store."""
    world, metrics = World(), Metrics()
    world.add_mastodon("home")
    store = RedisStore(StoreUrl("127.0.0.1", 1))
    gateway = build_app(world.settings(), LoopClock(), TransportByHost({}), store)
    return await MetricsPage(gateway, metrics).text()


def names_in(page: str) -> set[str]:
    """The names of its samples, also of those that nothing was counted for."""
    names = set()
    for name, kind in re.findall(r"^# TYPE (\S+) (\S+)$", page, re.MULTILINE):
        ends = ("_bucket", "_count", "_sum") if kind == "histogram" else ("",)
        names |= {name + end for end in ends}
    return names


def expressions() -> Iterator[str]:
    """All that the dashboard asks Prometheus."""
    for panel in json.loads(DASHBOARD.read_text(encoding="utf-8"))["panels"]:
        for target in panel["targets"]:
            yield target["expr"].replace("$__rate_interval", "5m")


async def test_they_ask_for_metrics_that_there_are() -> None:
    """The dashboard and the alerts name no other; each of ours has a panel, or an alert."""
    page = names_in(await page_of_all())
    asked = " ".join([*expressions(), RULES.read_text(encoding="utf-8")])
    named = set(re.findall(r"\b(?:tidings_\w+|process_\w+)", asked))
    assert named <= page
    ours = {name for name in page if name.startswith("tidings") and not name.endswith("_created")}
    families = {re.sub(r"_(bucket|count|sum)$", "", name) for name in ours}
    shown = {re.sub(r"_(bucket|count|sum)$", "", name) for name in named}
    assert families <= shown


async def test_prometheus_reads_the_page(promtool: str) -> None:
    """It finds no fault with names, types and texts."""
    ran = judge([promtool, "check", "metrics"], text=await page_of_all())
    assert (ran.returncode, ran.stdout, ran.stderr) == (0, "", "")


def test_alerts(promtool: str) -> None:
    """Their expressions can be read, and they fire when they should."""
    for arguments in (["check", "rules", RULES.name], ["test", "rules", "tidings.test.yml"]):
        ran = judge([promtool, *arguments], RULES.parent)
        assert ran.returncode == 0, ran.stdout + ran.stderr


def test_the_dashboard(promtool: str, tmp_path: Path) -> None:
    """Each expression can be read."""
    rules = [{"record": f"panel:{index}", "expr": each} for index, each in enumerate(expressions())]
    file = tmp_path / "panels.yml"
    file.write_text(json.dumps({"groups": [{"name": "panels", "rules": rules}]}))
    ran = judge([promtool, "check", "rules", str(file)])
    assert ran.returncode == 0, ran.stdout + ran.stderr


async def test_the_page_of_metrics() -> None:
    """docs/operating.md has each of ours, with the words that Prometheus shows."""
    page = await page_of_all()
    told = re.findall(r"^# HELP (tidings_\w+) (.*)$", page, re.MULTILINE)
    text = (DEPLOY.parent / "docs" / "operating.md").read_text(encoding="utf-8")
    _, table, _ = text.split("<!-- metrics -->")
    rows = re.findall(r"^\| `(\w+)` \|[^|]*\| (.*) \|$", table, re.MULTILINE)
    assert rows == [(name, words) for name, words in told if not name.endswith("_created")]
