"""What one operation may ask for: nothing can be hidden in fragments, and measuring is linear."""

from collections.abc import Callable, Iterator
from dataclasses import asdict, replace

import pytest
from graphql import (
    DocumentNode,
    SelectionNode,
    SelectionSetNode,
    Visitor,
    get_introspection_query,
    parse,
    visit,
)
from support.asking import Told, ask_api, make_api

from resolvers.context import Context
from resolvers.errors import RequestRefused
from resolvers.executing.document_limits import find_excesses
from resolvers.limits import Excess, Limits

MANY = 10**6
WIDE = Limits(MANY, MANY, MANY, MANY, MANY, MANY, MANY, MANY, MANY)


def change(limits: Limits, name: str, most: int) -> Limits:
    """The same with another bound for one thing."""
    values = {**asdict(limits), name: most}
    return Limits(**values)


INNER = "fragment G on B { z: d }"


@pytest.mark.parametrize(
    ("limit", "document", "count"),
    [
        ("depth", "{ a }", 1),
        ("depth", "{ a { b { c } } d }", 3),
        ("depth", "{ ...F } fragment F on Q { a { ...G } } fragment G on A { b { c } }", 3),
        ("depth", "{ a { ... on A { ... on B { c } } } }", 2),
        ("depth", "{ __schema { types { fields { type { name } } } } }", 1),
        ("depth", "query A { a } query B { a { b } }", 2),
        ("aliases", "{ x: a y: b c }", 2),
        ("aliases", "{ a { ...F } b { ...F } } fragment F on A { x: c y: d }", 4),
        ("aliases", "{ ...F ...F } fragment F on Q { x: a }", 1),
        ("aliases", "{ ...F } fragment F on Q { x: b { ...G } y: c { ...G } } " + INNER, 4),
        ("root_fields", "{ a b c: a }", 3),
        ("root_fields", "{ a a ...F ... on Q { a b } } fragment F on Q { b c }", 3),
        ("directives", "query @a { b @c ... @d { e } ...F @g } fragment F on Q @h { i @j }", 6),
        ("directives", "query ($v: Int @a) { b }", 1),
        ("overlaps", "{ a a a }", 3),
        ("overlaps", "{ a { b } a { b c } }", 2),
        ("overlaps", "{ ...F ...G } fragment F on Q { a { x } } fragment G on Q { a { x y } }", 2),
        ("overlaps", "{ a { ...F } b { ...F } } fragment F on A { c d }", 2),
    ],
)  # fmt: skip
def test_what_counts(limit: str, document: str, count: int) -> None:
    """Through fragments as if they were written out; a fragment twice in one place counts once."""
    node = parse(document)
    assert find_excesses(node, change(WIDE, limit, count - 1)) == [Excess(limit, count - 1, count)]
    assert find_excesses(node, change(WIDE, limit, count)) == []


def chain(count: int, links: str) -> str:
    """Fragments of which each spreads the next one, in a way."""
    parts = [f"fragment F{n} on Q {{ {links.format(n + 1)} }}" for n in range(count)]
    return f"{{ ...F0 }} {' '.join(parts)} fragment F{count} on Q {{ a }}"


DOUBLING = "x: a {{ ...F{0} }} y: a {{ ...F{0} }}"
"""Each fragment twice in the one before: written out, the document doubles with each."""

INTROSPECTION = " __schema { types { fields { type { name } } } }"


def side_by_side(size: int) -> str:
    """Many fragments in one place, all with the same field."""
    spreads = "".join(f" ...F{n}" for n in range(size))
    return f"{{ {spreads} }}" + "".join(f" fragment F{n} on Q {{ a {{ b }} }}" for n in range(size))


def shared(size: int) -> str:
    """Many operations over the same chain of fragments."""
    operations = "".join(f"query Q{n} {{ ...F0 }} " for n in range(size))
    return operations + chain(size, "...F{0} a").removeprefix("{ ...F0 }")


def deep_inputs(size: int) -> str:
    """Lists in lists, and many objects."""
    depth = min(size, 90)
    return f"{{ a(b: {'[' * depth}{']' * depth}) {'c(d: {e: 1}) ' * size} }}"


WORST: dict[str, Callable[[int], str]] = {
    "nested fragments": lambda size: chain(size, "a {{ ...F{0} }}"),
    "doubling fragments": lambda size: chain(size, DOUBLING),
    "aliases": lambda size: "{" + "".join(f" a{n}: a" for n in range(size)) + " }",
    "one field": lambda size: "{" + " a { b }" * size + " }",
    "fragments in one place": side_by_side,
    "operations": shared,
    "deep inputs": deep_inputs,
    "introspection": lambda size: "{" + INTROSPECTION * size + " }",
}


class Counted(tuple[SelectionNode, ...]):
    """Selections that know how often they were looked at."""

    looked_at = 0

    def __iter__(self) -> Iterator[SelectionNode]:
        for each in super().__iter__():
            Counted.looked_at += 1
            yield each


class Counting(Visitor):
    """Puts counted selections in the place of all."""

    selections = 0

    def enter_selection_set(self, node: SelectionSetNode, *_: object) -> None:
        self.selections += len(node.selections)
        object.__setattr__(node, "selections", Counted(node.selections))


def work(document: DocumentNode) -> int:
    """How many selections are looked at to find what a document exceeds."""
    Counted.looked_at = 0
    find_excesses(document, Limits())
    return Counted.looked_at


@pytest.mark.parametrize("kind", WORST)
def test_measuring_is_linear(kind: str) -> None:
    """Three looks at each selection, and as many more as pairs are compared, however it is made."""
    for size in (10, 40, 90):
        document, counting = parse(WORST[kind](size)), Counting()
        visit(document, counting)
        assert work(document) <= 4 * counting.selections + 2 * Limits().overlaps, size


async def test_a_document_that_doubles_is_refused_at_once() -> None:
    """90 fragments, each twice in the one before: no server could execute what that means."""
    with pytest.raises(RequestRefused) as refused:
        make_api().documents.read(WORST["doubling fragments"](90))
    shown = [error.formatted["extensions"] for error in refused.value.errors]
    limits_named = {extensions["limit"]["name"] for extensions in shown}
    assert {"depth", "aliases"} <= limits_named


def test_what_tools_ask_is_within_the_limits() -> None:
    """The introspection that GraphiQL and code generators send."""
    query = get_introspection_query(input_value_deprecation=True, specified_by_url=True)
    operation = make_api().documents.read(query).choose(None)
    assert not operation.excesses


@pytest.mark.parametrize(
    "document",
    [
        "{ inboxes { instance { url } } }",
        "{" + " __typename" * 20 + "}",
        "{ a: __typename b: __typename }",
        "{ __typename @include(if: true) @skip(if: false) }",
        "{ inboxes { name name name } }",
        "{ notifications(first: 3) { nodes { id } } }",
        "{ notifications(last: 9) { isIncomplete } }",
        'query ($ids: [ID!] = ["x", "y", "z"]) { nodes(ids: $ids) { id } }',
    ],
)
async def test_every_limit_can_be_noted_instead(document: str) -> None:
    """In that mode nothing is refused, and the operator is told of what would have been."""
    low = Limits(2, 1, 1, 15, 1, 1, 5, 2, 2)
    assert await is_refused(low, document)
    told = Told()
    assert not await is_refused(replace(low, is_enforced=False), document, told)
    assert told.excesses


async def is_refused(limits: Limits, document: str, told: Told | None = None) -> bool:
    """Whether a document, or an argument in it, is too much."""
    try:
        answer = await ask_api(make_api(limits, told), document, Context({}, 5, limits))
    except RequestRefused:
        return True
    return any("expected" in error["message"] for error in answer.get("errors", ()))


def test_excesses_say_what_and_how_much() -> None:
    """By the setting's name, so that caller and operator speak of the same."""
    (excess,) = find_excesses(parse("{ a { b { c } } }"), replace(Limits(), depth=2))
    assert excess == Excess("depth", 2, 3)
    assert str(excess) == "The operation exceeds the limit depth: 2, and it has 3"


@pytest.mark.parametrize(
    "query", ["{ __schema { queryType { name } } }", '{ __type(name: "A") { name } }']
)
def test_introspection_and_suggestions_go_together(query: str) -> None:
    """Who may not see the schema is not told of it by way of mistakes either."""
    closed = make_api(allows_introspection=False).documents
    with pytest.raises(RequestRefused):
        closed.read(query)
    assert make_api().documents.read(query)
    for documents, suggests in ((closed, False), (make_api().documents, True)):
        with pytest.raises(RequestRefused) as refused:
            documents.read("{ notification { id } }")
        assert ("Did you mean" in refused.value.errors[0].message) is suggests
    assert closed.read("{ __typename }")
