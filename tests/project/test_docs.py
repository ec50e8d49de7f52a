"""The documentation says what is so."""

import asyncio
import json
import re
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from graphql import build_schema, parse, validate
from pydantic import BaseModel
from support.asking import ask_api, make_api
from support.virtual_time import LoopClock

from app.clock import Clock
from app.config.cache import CacheSettings
from app.config.clients import ClientSettings
from app.config.limits import DocumentSettings, LimitSettings
from app.config.server import ServerSettings
from app.config.settings import Settings
from app.config.upstream import UpstreamSettings
from app.demo.instances import DEMO, demo_transport
from app.logins import Logins
from app.platforms.registry import PLATFORMS
from app.setting_types.inbox import CacheOverrides
from app.upstreams.http.over_httpx import TransportByHost
from app.upstreams.mastodon.reading import MOST_SCANNED
from app.upstreams.mastodon.software import recognise
from app.web.refusal import Refusal
from resolvers.context import Context
from resolvers.errors import RefusalCode, UpstreamFailureCode
from resolvers.mutations.payloads import UserErrorCode
from resolvers.seam.upstream import Upstream

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
PAGES = [
    *(ROOT / name for name in ("README.md", "CHANGELOG.md", "CONTRIBUTING.md")),
    *sorted((ROOT / "docs").glob("*.md")),
]
SECTIONS: dict[str, type[BaseModel]] = {
    "[server]": ServerSettings,
    "[limits]": LimitSettings,
    "[documents]": DocumentSettings,
    "[upstream]": UpstreamSettings,
    "[cache]": CacheSettings,
    " and ".join(f"[cache.{name}]" for name in PLATFORMS): CacheOverrides,
    "[[clients]]": ClientSettings,
    **{f'[[inboxes]] with platform = "{each.name}"': each.settings for each in PLATFORMS.values()},
}


def open_demo(clock: Clock) -> Mapping[str, Upstream]:
    """The upstreams of the demo."""
    transport = demo_transport(clock, TransportByHost({}))
    return Logins(Settings.model_validate(DEMO), clock, transport).configured


def blocks(text: str, language: str) -> list[str]:
    """The code blocks of one language."""
    return re.findall(rf"```{language}\n(.*?)```", text, re.DOTALL)


def test_the_readme_is_short_and_begins_with_the_commands() -> None:
    """150 lines at most, and both commands before line 30."""
    lines = README.splitlines()
    assert len(lines) <= 150
    head = "\n".join(lines[:30])
    assert "make demo" in head and "make test" in head


async def test_the_readmes_query_has_the_answer_shown() -> None:
    """The example runs over the demo, at the instant that it was written for."""
    (query,) = blocks(README, "graphql")
    (answer,) = blocks(README, "json")
    clock = LoopClock()
    upstreams = open_demo(clock)
    result = await ask_api(make_api(), query, Context(upstreams, 5))
    assert "errors" not in result
    assert result["data"] == json.loads(answer)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_documents_in_the_docs_fit_the_schema(page: Path) -> None:
    """Whole ones, and those that a command sends."""
    text = page.read_text(encoding="utf-8")
    sent = [json.loads(body) for body in re.findall(r"-d '(\{.*\})'", text)]
    documents = blocks(text, "graphql") + [body["query"] for body in sent if "query" in body]
    schema = build_schema((ROOT / "schema.graphql").read_text(encoding="utf-8"))
    assert [error for each in documents for error in validate(schema, parse(each))] == []


def test_the_readmes_configuration_is_a_good_one() -> None:
    """It has two inboxes and every key in it exists."""
    (text,) = blocks(README, "toml")
    settings = Settings.model_validate(tomllib.loads(text))
    assert [inbox.platform for inbox in settings.inboxes] == ["mastodon", "mediawiki"]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    """Every relative link names a file that is there."""
    links = re.findall(r"\]\(([^)#]+)\)", page.read_text(encoding="utf-8"))
    for link in links:
        assert link.startswith("http") or (page.parent / link).exists(), link


def test_commands_that_the_docs_name_exist() -> None:
    """Every `make` target of README and CONTRIBUTING is in the Makefile."""
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    contributing = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    for target in set(re.findall(r"(?:`|^)make ([a-z-]+)", README + contributing, re.MULTILINE)):
        assert re.search(rf"^{target}:", makefile, re.MULTILINE), target


def settings_tables() -> Iterator[str]:
    """The tables of docs/configuration.md as the code has them."""
    for heading, section in SECTIONS.items():
        yield f"## {heading}\n"
        yield "| key | default | what it is |\n|---|---|---|"
        for name, field in section.model_fields.items():
            if isinstance(field.default, BaseModel):
                continue  # a section of its own
            has_default = not field.is_required() and field.default not in (None, (), {})
            written = str(field.default).lower() if field.annotation is bool else field.default
            default = f"`{written}`" if has_default else ""
            yield f"| `{name}` | {default} | {field.description} |"
        yield ""


def test_every_setting_is_documented() -> None:
    """docs/configuration.md has each key, its default and its description as the code has them."""
    text = (ROOT / "docs" / "configuration.md").read_text(encoding="utf-8")
    for line in "\n".join(settings_tables()).splitlines():
        assert line in text.splitlines(), line


RULES = [
    "merging.md",
    "writing.md",
    "caching.md",
    "rate-limits.md",
    "http.md",
    "limits.md",
    "security.md",
]


@pytest.mark.parametrize("page", RULES)
def test_rules_name_tests_that_exist(page: str) -> None:
    """Each numbered rule cites at least one test, and every one cited is there."""
    text = (ROOT / "docs" / page).read_text(encoding="utf-8")
    sources = "\n".join(path.read_text(encoding="utf-8") for path in ROOT.glob("tests/**/*.py"))
    rules = re.findall(r"^(\d+)\. (.*?)(?=^\d+\. |^## |\Z)", text, re.DOTALL | re.MULTILINE)
    assert [int(number) for number, _ in rules] == list(range(1, len(rules) + 1))
    for number, rule in rules:
        cited = re.findall(r"`(test_\w+)`", rule)
        assert cited, f"rule {number} names no test"
        for name in cited:
            assert f"def {name}(" in sources, name


def test_the_glossary_has_every_code() -> None:
    """The codes of failures and user errors are all explained."""
    text = (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8")
    codes = (UpstreamFailureCode, UserErrorCode, RefusalCode, Refusal)
    for code in (name for kind in codes for name in kind.__members__):
        assert f"| `{code}` |" in text


def test_the_demo_begins_with_the_query_that_it_prints() -> None:
    """What `make demo` prints as a first query runs."""
    from app.serving import FIRST_QUERY

    async def ask() -> None:
        clock = LoopClock()
        upstreams = open_demo(clock)
        result = await ask_api(make_api(), FIRST_QUERY, Context(upstreams, 5))
        assert "errors" not in result

    asyncio.run(ask())


def servers_table() -> Iterator[str]:
    """The rows of docs/servers.md for Mastodon-API servers, as the code has them."""
    for name, called, version in (
        ("Mastodon 4.3 and later", "mastodon", "4.3.0"),
        ("Mastodon 2.6 to 2.9", "mastodon", "2.6.0"),
        ("Mastodon 2.4 and 2.5", "mastodon", "2.5.2"),
        ("GoToSocial", "gotosocial", None),
        ("Takahe", "takahe", None),
        ("snac", "snac", None),
        ("Pleroma, Akkoma", "akkoma", None),
        ("Hollo", "hollo", None),
        ("Sharkey", "sharkey", None),
        ("Firefish", "firefish", None),
        ("Iceshrimp-JS", "iceshrimp", None),
        ("Friendica", "friendica", None),
        ("Pixelfed", "pixelfed", None),
        ("another", None, None),
    ):
        software = recognise(called, version)
        can = {True: "yes", False: "no", None: "tried"}
        counts = can[software.has_markers]
        if counts == "yes" and not software.counts_unread and not software.lists_all_at_once:
            counts = f"the newest {software.largest_chunk}"
        is_free = software.pages_upwards or software.lists_all_at_once
        up = "yes" if is_free else f"the newest {software.largest_chunk * MOST_SCANNED}"
        does = [can[each] for each in (software.dismisses, software.clears, software.has_markers)]
        does += [counts, up]
        yield f"| {name} | {' | '.join(does)} |"
        if called != "mastodon":
            beside = software.answers_follow_requests, software.mutes_conversations
            yield f"| {name} | {' | '.join(can[each] for each in (*beside, software.has_policy))} |"


def test_the_table_of_servers_is_the_codes() -> None:
    """docs/servers.md says of each software what the code does about it."""
    text = (ROOT / "docs" / "servers.md").read_text(encoding="utf-8")
    for row in servers_table():
        assert row in text.splitlines(), row


def test_the_lines_that_resume_are_those_that_are_tried() -> None:
    """docs/live.md has what the conformance run puts around each transport."""
    (shown,) = blocks((ROOT / "docs" / "live.md").read_text(encoding="utf-8"), "js")
    tried = (ROOT / "tests" / "conformance" / "resuming.mjs").read_text(encoding="utf-8")
    assert shown.strip() in tried


def test_the_facts_about_the_page_are_those_that_are_tried() -> None:
    """docs/page.md has each fact of the walk in a browser, by its number and its words."""
    walk = ROOT / "tests" / "conformance" / "page"
    texts = [
        path.read_text(encoding="utf-8") for path in [*walk.glob("facts/*.mjs"), walk / "walk.mjs"]
    ]
    tried = {
        int(number): words
        for text in texts
        for number, words in re.findall(r"check\(\s*[`\"](\d+)\. ([^`\"]*)[`\"]", text)
    }
    told = re.findall(r"^(\d+)\. (.*)\.$", (ROOT / "docs" / "page.md").read_text(), re.MULTILINE)
    assert [int(number) for number, _ in told] == sorted(tried) == list(range(1, len(tried) + 1))
    for number, words in told:
        assert "${" in tried[int(number)] or tried[int(number)] == words
