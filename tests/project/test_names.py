"""One word for one thing: docs/glossary.md is the law."""

import ast
import re
from collections import Counter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
RETIRED = {
    "finished answers": "response cache",
    "FinishedAnswers": "ResponseCache",
    "manners": "rate limits and retries",
    "cache.answers": "cache.responses",
    "makes? of server": "server software",
    "ask_make|every_make|SandboxMake": "Software",
    "circuits?(?!.breaker)": "circuit breaker",
    "tellers?": "read state",
    "entrance": "settings",
    "doors?": "HTTP",
    "greet": "warn_if_away",
    "hold_to": "check_limit",
    "LoginStatus": "LoginHealth",
    "RemoteStore": "RedisStore",
    "page_id=make_page_id": "subject",
}
"""Patterns of words that were given up, and what it is called instead."""

OF_APIS = {"wire", "wiki_pages"}
"""Modules that call entities as the APIs of instances do."""


def readable() -> list[Path]:
    """Code, settings, the SDL and the docs."""
    found = [*ROOT.glob("*.md"), *ROOT.glob("docs/*.md"), ROOT / "schema.graphql"]
    for folder in ("app", "resolvers", "bench", "tests"):
        found += (ROOT / folder).rglob("*.py")
    return [path for path in found if path != Path(__file__)]


@pytest.mark.parametrize("word", RETIRED)
def test_no_retired_word(word: str) -> None:
    """Neither in identifiers nor in texts."""
    pattern = re.compile(rf"\b(?:{word})\b", re.IGNORECASE)
    uses = [path for path in readable() if pattern.search(path.read_text(encoding="utf-8"))]
    assert not uses, f"it is {RETIRED[word]!r} now"


def test_no_two_classes_of_one_name() -> None:
    """What it means is told by the name and not by the module."""
    names = Counter(
        node.name
        for package in ("app", "resolvers")
        for path in (ROOT / package).rglob("*.py")
        if path.stem not in OF_APIS
        for node in ast.parse(path.read_text(encoding="utf-8")).body
        if isinstance(node, ast.ClassDef) and not node.name.startswith("_")
    )
    assert [name for name, count in names.items() if count > 1] == []
