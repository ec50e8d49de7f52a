"""Whatever can go wrong between the gateway and an instance says where, what, and what to do."""

import re
from pathlib import Path

from support.failure_texts import find_failures

ROOT = Path(__file__).parents[2]
LONGEST = 300
"""Characters of a message that reach a client."""

NEXT_STEP = re.compile(
    r"(?:[:.] |, and |, )"
    r"(?:(?:ask|begin|check|clear|configure|dismiss|do|give|grant|have|if|it needs|log|look|make"
    r"|switch|try|wait)\b|is .*\?$)",
    re.IGNORECASE,
)
"""What a sentence goes on with that tells somebody to do something."""


def test_every_failure_has_its_next_step() -> None:
    """Each text of each `UpstreamError` in the source names the instance and what can be done."""
    sources = [*(ROOT / "app").rglob("*.py"), *(ROOT / "resolvers").rglob("*.py")]
    failures = [*find_failures(sources)]
    assert len(failures) > 60
    assert [each.where for each in failures if not each.names_instance] == []
    texts = {(each.where, text) for each in failures for text in each.texts}
    assert len(texts) > 90
    assert sorted(each for each in texts if not NEXT_STEP.search(each[1])) == []
    assert [each for each in texts if len(each[1]) > LONGEST] == []
