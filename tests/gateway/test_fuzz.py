"""Documents that nobody has thought of: none may lead to a mistake of the gateway."""

import asyncio
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as some
from hypothesis_graphql import from_schema, nodes
from support.generated import examples
from support.virtual_time import VirtualTimeLoop
from support.worlds import PAGE, World, mixed_world

SCHEMA = (Path(__file__).parents[2] / "schema.graphql").read_text(encoding="utf-8")
ANSWERED = {200, 400, 422}
INPUT_ID = re.compile(r'((?:[iI]d|Ids): \[?)"[^"]*"')

instants = some.datetimes(timezones=some.timezones()).map(lambda when: when.isoformat())
DATES = some.one_of(instants, some.text(max_size=10)).map(nodes.String)
DOCUMENTS = from_schema(SCHEMA, custom_scalars={"DateTime": DATES})

fuzzing = settings(
    max_examples=examples(300), deadline=None, suppress_health_check=list(HealthCheck)
)


class Caller:
    """Asks a gateway over three inboxes, one document after the other."""

    def __init__(self, runner: asyncio.Runner) -> None:
        self._runner = runner
        self._world: World = mixed_world()
        page = runner.run(self._world.page(first=10))
        answer = runner.run(self._world.ask("{ inboxes { id instance { id } } }"))
        inboxes = answer["data"]["inboxes"]
        self.ids = [edge["node"]["id"] for edge in page["edges"]]
        self.ids += [each["id"] for each in inboxes] + [inboxes[0]["instance"]["id"]]

    def check(self, document: str, variables: dict[str, Any] | None = None) -> None:
        """The answer may have errors: with codes, and none of the gateway's own."""
        headers = {"accept": "application/graphql-response+json"}
        body = {"query": document, "variables": variables}
        asking = self._world.client().post("/graphql", json=body, headers=headers)
        response = self._runner.run(asking)
        answer: dict[str, Any] = response.json()
        assert response.status_code in ANSWERED, answer
        codes = [error["extensions"]["code"] for error in answer.get("errors", ())]
        assert "INTERNAL" not in codes, answer
        assert ("data" in answer) is (response.status_code == 200)


@pytest.fixture
def caller() -> Iterator[Caller]:
    """In virtual time: an instance is never slow, and nothing settles for long."""
    with asyncio.Runner(loop_factory=VirtualTimeLoop) as runner:
        yield Caller(runner)


@seed(8)
@fuzzing
@given(document=DOCUMENTS, data=some.data())
def test_any_document_of_the_schema(caller: Caller, document: str, data: some.DataObject) -> None:
    """Valid ones, mutations too, of IDs that are there and of any others."""
    ids = some.sampled_from(caller.ids)
    known = INPUT_ID.sub(lambda found: f'{found[1]}"{data.draw(ids)}"', document)
    caller.check(data.draw(some.sampled_from([document, known])))


@seed(8)
@fuzzing
@given(document=some.one_of(DOCUMENTS, some.just(PAGE)), data=some.data())
def test_any_document_that_is_spoilt(caller: Caller, document: str, data: some.DataObject) -> None:
    """Something of it is taken out, and something else is put there."""
    start = data.draw(some.integers(0, len(document)))
    end = data.draw(some.integers(start, min(len(document), start + 20)))
    caller.check(document[:start] + data.draw(some.text(max_size=5)) + document[end:])


SIMPLE = some.one_of(
    some.none(),
    some.booleans(),
    some.integers(-(2**40), 2**40),
    some.floats(allow_nan=False, allow_infinity=False),
    some.text(max_size=20),
)
KEYS = some.sampled_from(["types", "since", "inboxIds", "watchlist", "includeSeen", "x"])
VALUES = some.recursive(
    SIMPLE,
    lambda inner: some.lists(inner, max_size=3) | some.dictionaries(KEYS, inner, max_size=3),
    max_leaves=6,
)
VARIABLES = dict.fromkeys(("first", "after", "filter"), VALUES)


@seed(8)
@fuzzing
@given(variables=some.fixed_dictionaries({}, optional=VARIABLES))
def test_any_variables(caller: Caller, variables: dict[str, Any]) -> None:
    """Of any kind, for each argument of the list."""
    caller.check(PAGE, variables)
