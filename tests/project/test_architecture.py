"""docs/architecture.md says where things are, and the way of one query as it is."""

import re
import sys
from pathlib import Path
from types import FrameType

from support.worlds import mixed_world

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")


def test_the_architecture_names_modules_that_exist() -> None:
    """Every module that the page names in code style is a file or a folder."""
    for name in re.findall(r"`((?:app|resolvers)/[\w/*]+)`", TEXT):
        assert list(ROOT.glob(f"{name}.py")) or list(ROOT.glob(name)), name


async def first_calls() -> list[str]:
    """The modules that a query comes by, as `app/web/view`, each when it is first called."""
    world = mixed_world()
    world.client()
    first: dict[str, None] = {}

    def note(frame: FrameType, event: str, _: object) -> None:
        path = Path(frame.f_code.co_filename)
        if event == "call" and path.is_relative_to(ROOT):
            first.setdefault(path.relative_to(ROOT).with_suffix("").as_posix())

    sys.setprofile(note)
    try:
        await world.page(first=5)
    finally:
        sys.setprofile(None)
    return [*first]


async def test_the_way_of_one_query() -> None:
    """The table has its stops in the order in which a query comes by them first."""
    calls = await first_calls()
    section = TEXT.partition("## The way of one query")[2].partition("\n## ")[0]
    stops = re.findall(r"^\| `([\w/]+)`", section, re.MULTILINE)  # of each row the first
    turns = [
        next(turn for turn, name in enumerate(calls) if f"{name}/".startswith(f"{stop}/"))
        for stop in stops
    ]
    assert len(stops) >= 20
    assert [stops[at] for at, turn in enumerate(turns) if turn < max(turns[:at], default=0)] == []


def test_tests_are_named_after_what_they_test() -> None:
    """Each in tests/app and tests/resolvers after a module or a room of that package."""
    for package in ("app", "resolvers"):
        names = {path.stem for path in (ROOT / package).rglob("*")}
        tests = {path.stem for path in (ROOT / "tests" / package).glob("test_*.py")}
        assert not {name for name in tests if name.removeprefix("test_") not in names}
