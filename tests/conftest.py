"""Fixtures that every folder of tests may use."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.debian import CannotInstall, default_cache
from support.generated import load_profile
from support.real_redis import RealRedis, run_redis
from support.real_wiki.server import NEWEST, OLDEST, RealWiki, run_wiki
from support.virtual_time import VirtualTimeLoop
from support.worlds import World

Backend = tuple[str, dict[str, object]]

load_profile()

VIRTUAL_TIME: Backend = ("asyncio", {"loop_factory": VirtualTimeLoop})
REAL_TIME: Backend = ("asyncio", {})


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest first, so that no process is left alone with them at the end."""
    items.sort(key=lambda item: "model" not in item.path.parts)


@pytest.fixture
def anyio_backend() -> Backend:
    """Time jumps; a test that talks over a socket overrides this with REAL_TIME."""
    return VIRTUAL_TIME


@pytest.fixture(scope="session")
def real_wiki(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RealWiki]:
    """A real MediaWiki with seeded pages. Only a machine that cannot have one skips it."""
    yield from _run_wiki(tmp_path_factory, OLDEST)


@pytest.fixture(scope="session")
def newer_wiki(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RealWiki]:
    """The same of the newest MediaWiki that Debian has."""
    yield from _run_wiki(tmp_path_factory, NEWEST)


def _run_wiki(tmp_path_factory: pytest.TempPathFactory, version: str) -> Iterator[RealWiki]:
    base, cache = tmp_path_factory.mktemp("wiki") / "base", default_cache("tidings-real-wiki")
    try:
        with run_wiki(base, cache, version=version) as wiki:
            yield wiki
    except CannotInstall as error:
        if os.environ.get("CI"):
            raise
        pytest.skip(str(error))


@pytest.fixture(scope="session")
def real_redis(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RealRedis]:
    """A real Redis without anything in it. Only a machine that cannot have one skips it."""
    try:
        with run_redis(tmp_path_factory.mktemp("redis"), default_cache("tidings-real-redis")) as it:
            yield it
    except CannotInstall as error:
        if os.environ.get("CI"):
            raise
        pytest.skip(str(error))


@pytest.fixture(scope="session")
def recordings() -> Path:
    """Recorded answers of real servers, which are others' and not part of this repository."""
    folder = os.environ.get("TIDINGS_RECORDINGS")
    if not folder:
        pytest.skip("TIDINGS_RECORDINGS does not name a folder of recordings")
    return Path(folder)


ASKED_TWICE = {
    *("test_over_http", "test_bad_requests", "test_bad_input", "test_errors_page", "test_nodes"),
    *("test_notifications", "test_mutations", "test_filters", "test_backwards"),
    *("test_authorisation", "test_overload", "test_answer_caching", "test_clients", "test_hosts"),
    *("test_trusted_documents", "test_inbox_authorization"),
}
"""Modules whose tests ask by HTTP: of a gateway that compiles, and of a plain one. Those left out
count what is kept, or compare the two themselves."""


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
