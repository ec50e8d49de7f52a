"""Dismissing among whatever happens to pages, held to what a mark may do."""

from datetime import datetime

import pytest
from conftest import REAL_TIME
from contract.test_writes import WATCHER, T, Wiki, real_mediawiki, sandbox_wiki
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from support.generated import examples
from support.real_wiki.server import Operation, RealWiki

from app.upstreams.http.connections.opening import open_transport
from resolvers.types.mediawiki import WatchlistNotification

KINDS = ["edit", "edit", "edit", "protect", "move", "delete", "dismiss", "dismiss"]
Step = tuple[str, int, int, int]
"""What, which page, how many seconds after the step before, and which row to dismiss."""

STEPS = st.lists(
    st.tuples(
        st.sampled_from(KINDS), st.integers(0, 2), st.sampled_from([0, 0, 1, 3]), st.integers(0, 50)
    ),
    min_size=12,
    max_size=40,
)


@pytest.fixture
def anyio_backend() -> tuple[str, dict[str, object]]:
    """A real wiki answers in real time."""
    return REAL_TIME


class Story:
    """Carries steps out on a wiki, only those that its pages allow."""

    def __init__(self, wiki: Wiki, number: int) -> None:
        self.wiki = wiki
        self.titles = [f"Story {number} {letter}" for letter in "ABC"]
        self.existing: set[str] = set()
        self.second = T + 1
        wiki.apply([("watch", title, WATCHER, T) for title in self.titles])

    def next_operation(self, step: Step) -> Operation | None:
        """What a step does now; None where it cannot be done."""
        what, index, seconds, _ = step
        title = self.titles[index]
        self.second += seconds
        if what == "edit":
            self.existing.add(title)
            return ("edit", title, self.second)
        if title not in self.existing:
            return None
        free = [each for each in self.titles if each not in self.existing]
        if what == "move" and free:
            self.existing.add(free[0])  # the old title keeps a redirect
            return ("move", title, free[0], self.second)
        if what == "delete":
            self.existing.discard(title)
            return ("delete", title, self.second)
        return ("protect", title, self.second) if what == "protect" else None

    async def dismiss(self, choice: int) -> None:
        """Dismisses one of the pending changes, and checks what left and what the marks did."""
        listed = await self.wiki.pending(*self.titles)
        if not listed:
            return
        chosen = listed[choice % len(listed)]
        before = await self.wiki.marks()
        await self.wiki.dismiss(chosen)
        after, left = await self.wiki.marks(), await self.wiki.pending(*self.titles)
        assert {title for title in before if before[title] != after[title]} == {chosen.page.title}
        assert is_forward(before[chosen.page.title], after[chosen.page.title])
        assert [row.id for row in left] == [row.id for row in listed if stays(row, chosen)]


def stays(row: WatchlistNotification, dismissed: WatchlistNotification) -> bool:
    """Other pages' changes and those of a later second are still pending."""
    return row.page.id != dismissed.page.id or row.created_at > dismissed.created_at


def is_forward(before: str, after: str) -> bool:
    """A mark that moved on, or was taken away as all is seen."""
    return after == "" or datetime.fromisoformat(after) > datetime.fromisoformat(before)


async def tell(story: Story, steps: list[Step]) -> None:
    """Carries the steps out, dismissing in between."""
    waiting: list[Operation] = []
    for step in steps:
        if step[0] != "dismiss":
            operation = story.next_operation(step)
            waiting += [operation] if operation else []
        else:
            story.wiki.apply(waiting)
            waiting = []
            await story.dismiss(step[3])


@settings(max_examples=examples(500, share=6), deadline=None)
@given(STEPS)
async def test_marks_only_move_forward_and_take_no_later_change(steps: list[Step]) -> None:
    """In the sandbox: what was dismissed leaves, nothing of a later second does."""
    await tell(Story(sandbox_wiki(WATCHER), 0), steps)


_stories = iter(range(1, 1000))


@settings(
    max_examples=5, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(STEPS)
async def test_the_same_on_a_real_wiki(each_wiki: RealWiki, steps: list[Step]) -> None:
    """A sample of the same stories on MediaWiki itself."""
    async with open_transport(2) as transport:
        await tell(Story(real_mediawiki(each_wiki, transport, WATCHER), next(_stories)), steps)


@settings(
    max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(STEPS)
@example([("edit", 0, 0, 0), ("move", 0, 0, 0), ("delete", 0, 0, 0)])  # all in one second
@example(  # a redirect is protected as its page was
    [("edit", 0, 0, 0), ("protect", 0, 1, 0), ("move", 0, 1, 0), ("protect", 0, 1, 0)]
)
@example(  # over a title whose page was protected and deleted
    [
        *(("edit", 0, 0, 0), ("protect", 0, 1, 0), ("delete", 0, 1, 0), ("edit", 1, 1, 0)),
        *(("move", 1, 1, 0), ("protect", 0, 1, 0), ("protect", 1, 1, 0)),
    ]
)
async def test_the_sandbox_keeps_the_same_list(real_wiki: RealWiki, steps: list[Step]) -> None:
    """After the same edits, protections, moves and deletions both wikis list the same changes.

    The sandbox plays 1.39; a later MediaWiki keeps edits of a page that was moved and deleted.
    """
    async with open_transport(2) as transport:
        number = next(_stories)
        real = Story(real_mediawiki(real_wiki, transport, WATCHER), number)
        sandbox = Story(sandbox_wiki(WATCHER), number)
        for story in (real, sandbox):
            operations = [story.next_operation(step) for step in steps]
            story.wiki.apply([each for each in operations if each])
        assert await listed(real) == await listed(sandbox)
        marks = await real.wiki.marks()
        assert {title: marks[title] for title in real.titles} == await sandbox.wiki.marks()


async def listed(story: Story) -> list[tuple[object, ...]]:
    """What tells changes apart but for numbers that each wiki counts by itself."""
    return [
        (row.created_at, row.raw_type, row.page.title, row.log_entry and row.log_entry.action)
        for row in await story.wiki.pending(*story.titles)
    ]
