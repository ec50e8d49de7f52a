"""Documents that the operator has named beforehand, each by its hash."""

from collections.abc import Callable, Mapping

from app.web.parameters import Parameters
from app.web.refusal import Refusal, Refused

_SCHEME = "sha256:"
"""May stand before a hash: https://graphql.github.io/graphql-over-http/draft/"""


class TrustedDocuments:
    """Finds the text of what is asked.

    `mode`: `off` takes every document, `log` tells of those that are not trusted (`tell` gets the
    text), `enforce` refuses them. A hash is taken in every mode.
    """

    def __init__(self, by_hash: Mapping[str, str], mode: str, tell: Callable[[str], None]) -> None:
        self._by_hash = by_hash
        self._texts = frozenset(by_hash.values())
        self._mode = mode
        self._tell = tell

    def knows(self, text: str) -> bool:
        """Whether a document is trusted."""
        return bool(self._texts) and text in self._texts

    def find(self, asked: Parameters) -> str:
        """The document to execute. Raises Refused."""
        if asked.query is None:
            return self._find_by_hash(asked.document_id or "")
        if self._mode != "off" and asked.query not in self._texts:
            self._tell(asked.query)
            if self._mode == "enforce":
                message = "This gateway executes trusted documents alone: send documentId."
                raise Refused(Refusal.DOCUMENT_NOT_TRUSTED, message)
        return asked.query

    def _find_by_hash(self, document_id: str) -> str:
        text = self._by_hash.get(document_id.removeprefix(_SCHEME))
        if text is None:
            message = "No trusted document has this hash: send the document itself as query."
            raise Refused(Refusal.PERSISTED_QUERY_NOT_FOUND, message)
        return text
