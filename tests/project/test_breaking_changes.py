"""What would break the clients of a release has to be in the changelog."""

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parents[2]
RELEASED = "type Query { a: A b: Int } type A { c: Int d(e: Int): Int }"
NOTHING = (
    "# Changelog\n\n## Unreleased\n\n### Added\n\n- `A.x`\n\n## 1.0\n\n### Breaking\n\n- `A.c`\n"
)


def load() -> ModuleType:
    """The script of the conformance run."""
    path = ROOT / "tests" / "conformance" / "breaking_changes.py"
    spec = importlib.util.spec_from_file_location("breaking_changes", path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize(
    ("current", "names"),
    [
        ("type Query { a: A b: Int } type A { c: Int d(e: Int): Int new: Int }", []),
        ("type Query { a: A b: Int } type A { d(e: Int): Int }", ["A.c"]),
        ("type Query { a: A b: String } type A { c: Int d(e: Int!): Int }", ["A.d", "Query.b"]),
        ("type Query { b: Int }", ["A", "Query.a"]),
    ],
)
def test_a_breaking_change_has_to_be_announced(current: str, names: list[str]) -> None:
    """By its name, under "Breaking" of what is unreleased; earlier announcements do not count."""
    find_unannounced = load().find_unannounced
    found = find_unannounced(RELEASED, current, NOTHING)
    assert len(found) == len(names)
    assert all(any(name in change for change in found) for name in names)
    announced = "".join(f"- `{name}` is another now.\n" for name in names)
    changelog = NOTHING.replace("### Added", f"### Breaking\n\n{announced}\n### Added")
    assert find_unannounced(RELEASED, current, changelog) == []
