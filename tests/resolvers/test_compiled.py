"""Compiled completion gives what graphql-core gives, and leaves to it what it does not know."""

import asyncio
import json
from collections.abc import Coroutine, Sequence
from copy import copy
from dataclasses import fields, is_dataclass, replace
from datetime import datetime
from enum import Enum
from pathlib import Path
from typing import Any

import pytest
from graphql import (
    FieldNode,
    OperationDefinitionNode,
    Visitor,
    get_introspection_query,
    parse,
    print_ast,
    visit,
)
from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as some
from hypothesis_graphql import from_schema, nodes
from support.asking import ask_api, make_api
from support.generated import examples
from support.virtual_time import VirtualTimeLoop
from support.worlds import mixed_world

from app.upstreams.wrappers.wrapper import UpstreamWrapper
from resolvers.context import Context
from resolvers.errors import RequestRefused
from resolvers.executing.execution import Api
from resolvers.seam.chunk import TOP, Chunk, ChunkRequest
from resolvers.seam.upstream import Upstream

SCHEMA = (Path(__file__).parents[2] / "schema.graphql").read_text(encoding="utf-8")
instants = some.datetimes(timezones=some.timezones()).map(lambda when: when.isoformat())
DOCUMENTS = from_schema(SCHEMA, custom_scalars={"DateTime": instants.map(nodes.String)})

CASES = [
    "{ notifications { nodes { id } } }",
    "{ notifications(first: 3) { edges { cursor node { id type createdAt summary url } } } }",
    "{ a: notifications(first: 1) { nodes { x: id x: id } } b: notifications { isIncomplete } }",
    "{ notifications { nodes { __typename ... on MastodonNotification { status { text } } } } }",
    "{ notifications { ...F ...G } } fragment F on NotificationConnection { nodes { id } } "
    "fragment G on NotificationConnection { nodes { type ...H } pageInfo { endCursor } } "
    "fragment H on Notification { actor { id handle ... on WikiUser { name } } }",
    "query ($a: Boolean = false) { notifications { nodes { id @skip(if: $a) type @include(if: $a) "
    "... @include(if: $a) { summary } } } }",
    "query ($a: Boolean!) { notifications { nodes { id @skip(if: $a) summary } } }",
    "query ($a: Boolean = false) { notifications @skip(if: $a) { isIncomplete } }",
    '{ notifications(first: 1) { isIncomplete } bad: notifications(after: "x") { isIncomplete } }',
    "query ($n: Int = 2) { notifications(first: $n, filter: {types: [MENTION]}) { nodes { id } } }",
    "{ inboxes { name instance { url platform } capabilities { canDismiss } } }",
    "{ notificationGroups { nodes { summary count actors(first: 2) { handle } notifications { id } "
    "target { __typename ... on MastodonStatus { text } ... on WikiTitle { title } } } } }",
    "query ($n: Int = 1) { notificationGroups { nodes { actors(first: $n) { handle } } } }",
    "{ notifications { nodes { inbox { name } ... { ... on Node { id } } } } }",
    "{ notifications { sources { freshness fetchedAt inbox { name } failure { code } } } }",
    "{ notifications { nodes { inbox { handle } } } }",
    "{ inboxes { unreadCount { count } } __typename }",
    '{ inbox(name: "home") { name } none: inbox(name: "x") { name } node(id: "x") { id } }',
    '{ nodes(ids: ["x"]) { id } }',
    'mutation { dismissNotification(input: {notificationId: "x"}) { userErrors { code } } }',
    get_introspection_query(),
]


COMPILED, PLAIN = make_api(), make_api(compiles=False)


class Both:
    """The same world for a compiling API and a plain one."""

    def __init__(self, compiled: Api = COMPILED) -> None:
        self.upstreams = mixed_world().upstreams()
        self.compiled, self.plain = compiled, PLAIN

    async def ask(
        self, api: Api, document: str, variables: dict[str, Any], upstreams: Any = None
    ) -> str:
        """The answer as JSON, with its order; or why there is none."""
        context = Context(upstreams or self.upstreams, 5)
        try:
            answer = await ask_api(api, document, context, variables)
        except RequestRefused as refused:
            return str(refused.errors)
        return json.dumps(answer)

    async def check(self, document: str, variables: dict[str, Any] | None = None) -> None:
        """Both give the same answer, byte for byte."""
        compiled = await self.ask(self.compiled, document, variables or {})
        assert compiled == await self.ask(self.plain, document, variables or {})


def run(asking: Coroutine[Any, Any, None]) -> None:
    """In a loop of its own, which holds nothing when it is done."""
    with asyncio.Runner(loop_factory=VirtualTimeLoop) as runner:
        runner.run(asking)


@pytest.mark.parametrize("variables", [{}, {"a": True}, {"a": False}])
@pytest.mark.parametrize("document", CASES, ids=lambda document: document[:60])
async def test_the_answer_is_the_same(document: str, variables: dict[str, Any]) -> None:
    """Aliases, merged fields, fragments, interfaces, conditions, nulls, lists and errors."""
    both = Both()
    await both.check(document, variables)
    await both.check(document, variables)


@pytest.mark.parametrize(
    ("document", "reason"),
    [
        ("{ notifications { nodes { inbox { handle } } } }", "an asynchronous field"),
        ("{ inboxes { notifications { isIncomplete } } }", "an asynchronous field"),
        ("{ notifications { nodes { id } } }", None),
        (
            "query ($n: Int = 1) { notificationGroups { nodes { actors(first: $n) { id } } } }",
            "a field with a variable",
        ),
        (
            "{ notificationGroups { nodes { actors(first: 2) { id } target { __typename } } } }",
            None,
        ),
    ],
)
async def test_why_a_field_was_not_compiled_is_counted(document: str, reason: str | None) -> None:
    """Once for each compilation; the answer is graphql-core's then."""
    both = Both(make_api())
    for _ in range(2):
        await both.ask(both.compiled, document, {})
    assert dict(both.compiled.uncompiled) == ({reason: 1} if reason else {})


def test_plans_have_a_bound() -> None:
    """Of one operation sixteen, for as many sets of conditions; beyond that it is not compiled."""
    declared = ", ".join(f"$v{n}: Boolean!" for n in range(6))
    used = " ".join(f"a{n}: id @skip(if: $v{n})" for n in range(6))
    document = f"query ({declared}) {{ notifications {{ nodes {{ id {used} }} }} }}"

    async def check_all() -> None:
        both = Both()
        for number in range(64):
            values = {f"v{n}": bool(number >> n & 1) for n in range(6)}
            await both.check(document, values)

    run(check_all())


BAD = [None, 1, "x", 2**40, 1.5, float("nan"), True, [], {}, ValueError("why"), object()]


def spoil(value: Any, path: Sequence[int], bad: Any) -> Any:
    """The same value of the API with something bad in the place of one of its parts."""
    parts = parts_of(value)
    if not parts:
        return bad
    name, spoilt = parts[path[0] % len(parts)], copy(value)
    inner = getattr(value, name)
    rest = path[1:]
    if isinstance(inner, list | tuple) and inner and rest:
        setattr(spoilt, name, [spoil(inner[0], rest, bad), *inner[1:]])
    else:
        setattr(spoilt, name, spoil(inner, rest, bad) if rest else bad)
    return spoilt


def parts_of(value: Any) -> list[str]:
    """The attributes of a value that the API shows."""
    plain = isinstance(value, Enum | datetime | str)
    return [each.name for each in fields(value)] if is_dataclass(value) and not plain else []


@seed(10)
@settings(
    max_examples=examples(300, share=8), deadline=None, suppress_health_check=list(HealthCheck)
)
@given(document=DOCUMENTS.filter(lambda document: not document.startswith("mutation")))
def test_any_document(document: str) -> None:
    """Whatever the schema allows to be asked: no difference."""
    run(Both().check(document))


CONDITIONS = some.lists(
    some.tuples(some.integers(0, 60), some.sampled_from(["skip", "include"]), some.integers(0, 2)),
    min_size=1,
    max_size=6,
)
GIVEN = some.dictionaries(
    some.sampled_from(["v0", "v1", "v2"]), some.sampled_from([True, False, None])
)


class Conditions(Visitor):
    """Puts @skip and @include with nullable variables to some of a document's fields."""

    def __init__(self, wanted: dict[int, dict[str, int]], default: str) -> None:
        super().__init__()
        self._wanted = wanted
        self._default = default
        self._number = 0

    def leave_field(self, node: FieldNode, *_: object) -> FieldNode:
        conditions = self._wanted.get(self._number, {})
        self._number += 1
        texts = (f"@{directive}(if: $v{number})" for directive, number in conditions.items())
        return replace(node, directives=parse_field(f"a {' '.join(texts)}").directives)

    def leave_operation_definition(
        self, node: OperationDefinitionNode, *_: object
    ) -> OperationDefinitionNode:
        used = {number for each in self._wanted.values() for number in each.values()}
        declared = ", ".join(f"$v{number}: Boolean = {self._default}" for number in sorted(used))
        (header,) = parse(f"query ({declared}) {{ a }}").definitions
        assert isinstance(header, OperationDefinitionNode)
        return replace(node, variable_definitions=header.variable_definitions)


def add_conditions(document: str, conditions: list[tuple[int, str, int]], default: str) -> str:
    """The same document with conditions at some of its fields."""
    count = document.count("{") or 1  # there are as many fields at least
    wanted: dict[int, dict[str, int]] = {}
    for place, directive, number in conditions:
        wanted.setdefault(place % count, {})[directive] = number
    return print_ast(visit(parse(document), Conditions(wanted, default)))


def parse_field(text: str) -> FieldNode:
    """One field of a query."""
    (operation,) = parse(f"{{ {text} }}").definitions
    assert isinstance(operation, OperationDefinitionNode)
    (field,) = operation.selection_set.selections
    assert isinstance(field, FieldNode)
    return field


@seed(11)
@settings(
    max_examples=examples(200, share=8), deadline=None, suppress_health_check=list(HealthCheck)
)
@given(
    document=DOCUMENTS.filter(lambda document: not document.startswith("mutation")),
    conditions=CONDITIONS,
    defaults=some.sampled_from(["true", "false"]),
    variables=GIVEN,
)
def test_any_document_with_conditions(
    document: str, conditions: list[tuple[int, str, int]], defaults: str, variables: dict[str, Any]
) -> None:
    """Nullable variables, defaults and explicit nulls in @skip and @include: no difference."""
    run(Both().check(add_conditions(document, conditions, defaults), variables))


@pytest.mark.parametrize("place", ["root", "nested"])
@pytest.mark.parametrize("directive", ["skip", "include"])
async def test_a_condition_that_is_null(directive: str, place: str) -> None:
    """Is a mistake, told in the same way."""
    condition = f"@{directive}(if: $v)"
    root, nested = (condition, "") if place == "root" else ("", condition)
    document = (
        f"query ($v: Boolean = true) {{ notifications {root} {{ nodes {{ id {nested} }} }} }}"
    )
    both = Both()
    await both.check(document, {"v": None})
    assert "null" in await both.ask(both.compiled, document, {"v": None})


ROWS = """{ notifications(first: 4) { edges { cursor node {
  id type rawType createdAt isUnread url summary inbox { name }
  actor { id handle displayName isBot ... on WikiUser { name } }
  ... on MastodonNotification { account { username emojis { shortcode } followersCount }
    status { id createdAt content mediaAttachments { type } tags { name } visibility } }
  ... on WatchlistNotification { page { title namespace } lengthDelta isMinor tags }
} } pageInfo { hasNextPage endCursor } sources { freshness } isIncomplete } }"""


@seed(10)
@settings(
    max_examples=examples(300, share=8), deadline=None, suppress_health_check=list(HealthCheck)
)
@given(
    path=some.lists(some.integers(0, 40), min_size=1, max_size=4),
    bad=some.sampled_from(BAD),
    index=some.integers(0, 1),
)
def test_any_value_that_is_none(path: list[int], bad: Any, index: int) -> None:
    """Nulls, wrong types and exceptions in what resolvers give: the same data, errors and paths."""

    async def check() -> None:
        both = Both()
        upstreams = {
            name: Spoilt(upstream, index, path, bad) for name, upstream in both.upstreams.items()
        }
        compiled = await both.ask(both.compiled, ROWS, {}, upstreams)
        assert compiled == await both.ask(both.plain, ROWS, {}, upstreams)

    run(check())


class Spoilt(UpstreamWrapper):
    """An upstream of which one row is not what it should be."""

    def __init__(self, inner: Upstream, index: int, path: Sequence[int], bad: Any) -> None:
        super().__init__(inner)
        self._spoil = index, path, bad

    async def read(self, request: ChunkRequest) -> Chunk:
        chunk = await self._inner.read(request)
        index, path, bad = self._spoil
        rows = list(chunk.rows)
        if index < len(rows):
            rows[index] = spoil(rows[index], path, bad)
        return replace(chunk, rows=rows)


async def test_a_row_is_completed_once_for_a_selection() -> None:
    """What stands in an answer is used again while it is the same row and the same selection."""
    world = mixed_world()
    upstreams, api = world.upstreams(), make_api()

    async def ask(document: str) -> list[Any]:
        answer = await ask_api(api, document, Context(upstreams, 5))
        nodes: list[Any] = answer["data"]["notifications"]["nodes"]
        return nodes

    first = await ask("{ notifications { nodes { id type } } }")
    assert [*map(id, await ask("{ notifications { nodes { id type } } }"))] == [*map(id, first)]
    other = await ask("{ notifications { nodes { id } } }")
    assert other == [{"id": each["id"]} for each in first]
    again = await ask("{ notifications { nodes { id type } } }")
    assert again == first and again[0] is not first[0]


class CountingReads(UpstreamWrapper):
    """Counts what is read of an upstream."""

    reads = 0

    async def read(self, request: ChunkRequest) -> Chunk:
        self.reads += 1
        return await super().read(request)


@pytest.mark.parametrize(
    "beside", ["inboxes { name }", 'bad: notifications(after: "x") { isIncomplete }']
)
async def test_no_root_field_is_resolved_twice(beside: str) -> None:
    """Also where one of them fails, or a value surprises: graphql-core is given the outcomes."""
    document = f"{{ notifications(first: 2) {{ nodes {{ id summary }} }} {beside} }}"
    both = Both()
    for bad in ("fine", None):
        spoilt = {
            name: Spoilt(each, 0, [1], bad) if bad is None else each
            for name, each in both.upstreams.items()
        }
        counted = {name: CountingReads(each) for name, each in spoilt.items()}
        await both.ask(both.compiled, document, {}, counted)
        assert all(each.reads == 1 or each.left_out for each in counted.values())


async def test_cursors_are_made_where_they_are_selected() -> None:
    """And nowhere else: a row that was shown without one remembers none."""
    both = Both()
    (row, *_) = (await both.upstreams["home"].read(ChunkRequest(TOP, 41))).rows
    await both.ask(both.compiled, "{ notifications { edges { node { id } } } }", {})
    assert row.completed is not None and row.last_cursor is None
    await both.ask(both.compiled, "{ notifications { edges { cursor } } }", {})
    assert row.last_cursor is not None
