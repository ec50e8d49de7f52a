"""What imports what: no module needs, by whatever way, one that needs it."""

import ast
from collections.abc import Iterator, Mapping
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MODULES = {
    ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): path
    for package in ("app", "resolvers")
    for path in (ROOT / package).rglob("*.py")
}
FOR_A_QUICK_START = {
    ("app.cli", "app.config.settings"),
    ("app.cli", "app.configuration_source"),
    ("app.main", "app.cache.shared.redis_store"),
    ("app.serving", "app.observability.metrics"),
}
"""Imports at call time, as they take a while; the types stand in annotations all the same."""


def imports_of(tree: ast.AST, *, are_for_types: bool = False) -> Iterator[tuple[str, bool]]:
    """Each module that is imported anywhere, and whether for types alone."""
    for node in ast.iter_child_nodes(tree):
        is_guard = isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test)
        if isinstance(node, ast.Import):
            yield from ((alias.name, are_for_types) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0
            yield from ((f"{node.module}.{alias.name}", are_for_types) for alias in node.names)
        yield from imports_of(node, are_for_types=are_for_types or is_guard)


def module_of(name: str) -> str | None:
    """The module of ours that an imported name is, or is in."""
    while name and name not in MODULES:
        name = name.rpartition(".")[0]
    return name or None


@pytest.fixture(scope="module")
def imports() -> Mapping[str, set[tuple[str, bool]]]:
    """What each module imports of ours."""
    return {
        name: {
            (module, is_for_types)
            for imported, is_for_types in imports_of(ast.parse(path.read_text()))
            if (module := module_of(imported)) is not None and module != name
        }
        for name, path in MODULES.items()
    }


def test_no_circle(imports: Mapping[str, set[tuple[str, bool]]]) -> None:
    """Of all imports, also those at call time and those for types alone."""
    graph = {name: {each for each, _ in found} for name, found in imports.items()}
    TopologicalSorter(graph).prepare()  # raises CycleError, which names the circle


def test_imports_for_types_alone(imports: Mapping[str, set[tuple[str, bool]]]) -> None:
    """There are these, and no others: a circle is mended, and not hidden."""
    hidden = {
        (name, each)
        for name, found in imports.items()
        for each, is_for_types in found
        if is_for_types
    }
    assert hidden == FOR_A_QUICK_START
