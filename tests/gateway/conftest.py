"""What is asked by HTTP is asked twice: of a gateway that compiles, and of a plain one."""

from collections.abc import Iterator

import pytest
from support.worlds import World

ASKED_TWICE = {
    *("test_over_http", "test_bad_requests", "test_bad_input", "test_errors_page", "test_nodes"),
    *("test_notifications", "test_mutations", "test_filters", "test_backwards"),
    *("test_authorisation", "test_overload"),
}
"""Modules of tests; the others count, or compare the two themselves."""


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """One test for each way to execute."""
    if metafunc.module.__name__.rpartition(".")[2] in ASKED_TWICE:
        metafunc.fixturenames.append("compiles")
        metafunc.parametrize("compiles", [True, False], ids=["compiled", "plain"], indirect=True)


@pytest.fixture
def compiles(request: pytest.FixtureRequest) -> Iterator[None]:
    """Every world of a test is of one kind."""
    World.compiles = request.param
    yield
    World.compiles = True
