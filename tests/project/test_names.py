"""One word for one thing: docs/glossary.md is the law."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
RETIRED = {
    "finished answers": "response cache",
    "FinishedAnswers": "ResponseCache",
    "manners": "rate limits and retries",
    "cache.answers": "cache.responses",
}
"""Words that were given up, and what it is called instead."""


def readable() -> list[Path]:
    """Code, settings, the SDL and the docs."""
    found = [*ROOT.glob("*.md"), *ROOT.glob("docs/*.md"), ROOT / "schema.graphql"]
    for folder in ("app", "resolvers", "bench", "tests"):
        found += (ROOT / folder).rglob("*.py")
    return [path for path in found if path != Path(__file__)]


@pytest.mark.parametrize("word", RETIRED)
def test_no_retired_word(word: str) -> None:
    """Neither in identifiers nor in texts."""
    pattern = re.compile(rf"\b{re.escape(word)}\b", re.IGNORECASE)
    uses = [path for path in readable() if pattern.search(path.read_text(encoding="utf-8"))]
    assert not uses, f"it is {RETIRED[word]!r} now"
