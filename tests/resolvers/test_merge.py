"""The merge downwards, against a plain list: whatever happens between pages."""

from dataclasses import dataclass, field

from hypothesis import given, settings
from hypothesis import strategies as st
from support.generated import examples
from support.worlds import NO_COPIES, World, names, nodes

SIZES = st.integers(1, 12)
EVENTS = st.sampled_from(["arrival", "dismissal", "failure", "recovery", "nothing"])


@dataclass
class Story:
    """Inboxes with their rows' seconds, and what happens between one page and the next."""

    inboxes: dict[str, list[int]]
    steps: list[tuple[int, str, str]]
    cache: int
    world: World = field(default_factory=World)


@st.composite
def stories(draw: st.DrawFn) -> Story:
    """Up to five inboxes of both platforms, with ties and runs longer than a chunk."""
    count = draw(st.integers(1, 5))
    inboxes = {}
    for number in range(count):
        name = f"{draw(st.sampled_from(['wiki', 'home']))}-{number}"
        seconds = st.lists(st.integers(0, 30), max_size=draw(st.sampled_from([3, 20, 100])))
        inboxes[name] = sorted(draw(seconds))
    step = st.tuples(SIZES, EVENTS, st.sampled_from(sorted(inboxes)))
    steps = draw(st.lists(step, max_size=12))
    return Story(inboxes, steps, draw(st.sampled_from([0, 15])))


def build(story: Story) -> World:
    """The world that a story begins with."""
    world = story.world
    world.sections = {"cache": {} if story.cache else NO_COPIES}
    for name, seconds in story.inboxes.items():
        if name.startswith("wiki"):
            world.add_wiki(name)
        else:
            world.add_mastodon(name)
        for number, second in enumerate(seconds):
            add(world, name, second, number)
    return world


def add(world: World, name: str, second: int, number: int) -> None:
    """One more row; a wiki's page is one of five."""
    if name.startswith("wiki"):
        world.edit(name, second, page=f"Page {number % 5}")
    else:
        world.post(name, second)


def dismiss_newest(world: World, name: str) -> None:
    """Takes the newest row, or on a wiki the newest row's page, out of the list."""
    if name.startswith("wiki"):
        pages = world.wikis[name].pages
        alice = pages.users["Alice"]
        newest = next(pages.watchlist(alice, only_unread=True), None)
        if newest:
            alice.marks[newest.title] = None
    else:
        del world.mastodons[name].mailboxes[f"token-of-{name}"].notifications[:1]


@settings(max_examples=examples(150), deadline=None)
@given(stories())
async def test_everything_below_is_shown_once(story: Story) -> None:
    """Along a chain of pages every row that stays is shown exactly once, and none twice.

    Each page is in order, and so is each inbox over all pages. What arrives meanwhile is above and
    not shown. An inbox that fails comes late.
    """
    world = build(story)
    before = [node["id"] for node in nodes(*await world.walk(100))]
    world.restart()
    shown: list[str] = []
    dismissed = False
    after, second = None, 1000
    for size, event, name in [*story.steps, *[(50, "recovery", each) for each in story.inboxes]]:
        page = await world.page(first=size, after=after)
        created = [node["createdAt"].replace(".000Z", "Z") for node in nodes(page)]
        assert created == sorted(created, reverse=True)
        shown += [node["id"] for node in nodes(page)]
        after = page["pageInfo"]["endCursor"]
        second += 1
        match event:
            case "arrival":
                add(world, name, second, second)
            case "dismissal":
                dismiss_newest(world, name)
                dismissed = True
            case "failure":
                world.instances[name].is_down = True
            case "recovery":
                world.instances[name].is_down = False
    pages = await world.walk(100, after=after)
    shown += [node["id"] for node in nodes(*pages)]
    assert len(shown) == len(set(shown))
    assert set(shown) <= set(before)
    if not dismissed:
        assert sorted(shown) == sorted(before)


@settings(max_examples=examples(60), deadline=None)
@given(stories(), SIZES)
async def test_pages_join_in_order(story: Story, size: int) -> None:
    """Where nothing happens, pages of any size are the sorted list, ties by the configuration."""
    world = build(story)
    pages = await world.walk(size)
    order = list(story.inboxes)
    expected = sorted(
        ((second, name) for name, seconds in story.inboxes.items() for second in seconds),
        key=lambda row: (-row[0], order.index(row[1])),
    )
    assert names(*pages) == [name for _, name in expected]
    assert all(len(page["edges"]) == size for page in pages[:-1])
