"""Says what is wrong with an answer, by docs/merging.md and docs/caching.md, knowing what happened.

It holds for every page, whatever goes wrong at the instances meanwhile.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from soak.instances import Instances, number_in

PAGE = """{ notifications(first: 30) {
  nodes { id summary createdAt inbox { name } }
  sources { inbox { name } freshness fetchedAt failure { code } } } }"""
LONGEST = 10.0
"""Seconds: `page_timeout` and what a busy machine adds."""
MARGIN = 3.0
"""Seconds in which what happens may not be listed yet."""


@dataclass
class Checker:
    """Knows what is listed where, and what clients have dismissed, since when."""

    instances: Instances
    dismissed: dict[str, float] = field(default_factory=dict)
    tried: set[tuple[str, int]] = field(default_factory=set)
    """What somebody wanted to dismiss: it may be listed or not."""
    wrong: list[str] = field(default_factory=list)
    checked: int = 0

    def check(self, answer: Any, status: int, began: float, ended: float) -> None:
        """Looks at an answer to PAGE, and notes what is wrong with it."""
        self.checked += 1
        if status != 200 or "errors" in answer:
            self.wrong.append(f"status {status}: {str(answer)[:300]}")
            return
        page = answer["data"]["notifications"]
        self.wrong += [*self._flaws(page["nodes"], page["sources"], began, ended)]

    def _flaws(self, nodes: Any, sources: Any, began: float, ended: float) -> Iterator[str]:
        if ended - began > LONGEST:
            yield f"late: {ended - began:.1f} s"
        times = [datetime.fromisoformat(each["createdAt"]) for each in nodes]
        if times != sorted(times, reverse=True):
            yield f"not newest first: {times}"
        if len({each["id"] for each in nodes}) < len(nodes):
            yield "a notification twice"
        for each in nodes:
            if self.dismissed.get(each["id"], ended) < began:
                yield f"shown after it was dismissed: {each}"
            if (each["inbox"]["name"], number_in(each["summary"])) not in self.instances.happened:
                yield f"shown, and never happened: {each}"
        names = [each["inbox"]["name"] for each in sources]
        if names not in (["home", "work", "wiki"], ["home", "work", "wiki", "extra"]):
            yield f"other inboxes than configured: {names}"
        for source in sources:
            yield from self._flaws_of_source(nodes, source)

    def _flaws_of_source(self, nodes: Any, source: Any) -> Iterator[str]:
        """What is FRESH lacks nothing that happened before it was fetched."""
        name, freshness = source["inbox"]["name"], source["freshness"]
        if source["failure"] and freshness == "FRESH":
            yield f"failed, and fresh: {source}"
        if freshness != "FRESH":
            return
        until = datetime.fromisoformat(source["fetchedAt"]).timestamp() - MARGIN
        oldest = datetime.fromisoformat(nodes[-1]["createdAt"]).timestamp() if nodes else 0.0
        since = oldest + 2 if len(nodes) == 30 else 0.0
        shown = {number_in(each["summary"]) for each in nodes if each["inbox"]["name"] == name}
        for (inbox, number), happening in self.instances.happened.items():
            is_due = inbox == name and since < happening.at < until
            if is_due and number not in shown and (inbox, number) not in self.tried:
                yield f"lacking in a fresh page: {inbox} {number}, {source}"
