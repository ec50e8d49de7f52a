"""Documents are parsed and validated once, and those that are kept have a bound."""

import gc
import tracemalloc
from collections.abc import Callable

import pytest
from support.asking import make_api

from resolvers.executing.compiled.executor import Compiler
from resolvers.executing.documents import Documents
from resolvers.limits import Limits

MOST = 1024 * 1024


def test_a_document_is_read_once() -> None:
    """The same text is the same document; a space makes it another one."""
    documents = make_api().documents
    first = documents.read("{ __typename }")
    assert documents.read("{ __typename }") is first
    assert documents.read("{ __typename } ") is not first


def test_documents_have_a_bound() -> None:
    """Of their bytes together; the least used go first."""
    documents = make_documents()
    texts = [f"{{ __typename }} # {n} {'x' * 4096}" for n in range(2 * MOST // 10_000)]
    used, unused = documents.read(texts[0]), documents.read(texts[1])
    for text in texts[2:]:
        documents.read(text)
        assert documents.read(texts[0]) is used
    assert documents.read(texts[1]) is not unused
    assert MOST // 2 < documents.used <= MOST


def make_documents() -> Documents:
    """A small store of documents."""
    schema = make_api().documents.schema
    return Documents(schema, Limits(), allows_introspection=True, most=MOST)


CONDITIONS = ", ".join(f"$v{number}: Boolean!" for number in range(4))
KINDS: dict[str, Callable[[int], str]] = {
    "small": lambda n: f"{{ inboxes {{ a{n}: name }} }}",
    "large": lambda n: f"{{ inboxes {{ {' '.join(f'a{n}x{m}: name' for m in range(25))} }} }}",
    "commented": lambda n: "{ __typename }" + f"#{n}" + "\u20ac" * 2000,
    "with conditions": lambda n: (
        f"query ({CONDITIONS}) {{ notifications {{ nodes {{ a{n}: id id @skip(if: $v0) "
        "type @skip(if: $v1) url @skip(if: $v2) summary @skip(if: $v3) } } }"
    ),
}


@pytest.mark.parametrize("write", KINDS.values(), ids=KINDS)
def test_what_documents_take(write: Callable[[int], str]) -> None:
    """No more than 1.3 times the bound, with all that is compiled for them."""
    documents, compiler = make_documents(), Compiler(make_api().documents.schema)
    values = [{f"v{n}": bool(number >> n & 1) for n in range(4)} for number in range(16)]

    def fill(numbers: range) -> None:
        for number in numbers:
            operation = documents.read(write(number)).choose(None)
            for variables in values:
                compiler.plan(operation, variables)

    fill(range(3))
    gc.collect()
    tracemalloc.start()
    number, before = 3, -1
    while documents.used > before:  # until one has to go
        before = documents.used
        fill(range(number, number + 1))
        number += 1
    gc.collect()
    taken, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert taken < 1.3 * MOST
