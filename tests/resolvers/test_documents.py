"""Documents are parsed and validated once, and those that are kept have a bound."""

from support.asking import make_api

from resolvers.documents import MOST_KEPT


def test_a_document_is_read_once() -> None:
    """The same text is the same document; a space makes it another one."""
    documents = make_api().documents
    first = documents.read("{ __typename }")
    assert documents.read("{ __typename }") is first
    assert documents.read("{ __typename } ") is not first


def test_documents_have_a_bound() -> None:
    """Of their characters together; the least used go first."""
    documents = make_api().documents
    texts = [f"{{ __typename }} # {n} {'x' * 4096}" for n in range(2 * MOST_KEPT // 4096)]
    used, unused = documents.read(texts[0]), documents.read(texts[1])
    for text in texts[2:]:
        documents.read(text)
        assert documents.read(texts[0]) is used
    assert documents.read(texts[1]) is not unused
