"""Reads a manifest of trusted documents, as Relay's and Apollo's tools write it."""

from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

import msgspec

LARGEST = 16 * 1024 * 1024
"""Bytes; some 10,000 documents."""


class _ApolloOperation(msgspec.Struct):
    id: str
    body: str


class _ApolloManifest(msgspec.Struct):
    """https://www.apollographql.com/docs/react/api/link/persisted-queries"""

    operations: list[_ApolloOperation]


def read_manifest(path: Path) -> Mapping[str, str]:
    """The documents by hash. Raises ValueError with what is wrong with the file."""
    try:
        with path.open("rb") as file:
            text = file.read(LARGEST + 1)
    except OSError:
        raise ValueError("a file that can be read") from None
    if len(text) > LARGEST:
        raise ValueError(f"a file of at most {LARGEST} bytes")
    with suppress(msgspec.DecodeError, UnicodeDecodeError):
        apollo = msgspec.json.decode(text, type=_ApolloManifest)
        return {operation.id: operation.body for operation in apollo.operations}
    with suppress(msgspec.DecodeError, UnicodeDecodeError):
        return msgspec.json.decode(text, type=dict[str, str])
    raise ValueError("a manifest of Relay (a JSON object of texts by hash) or of Apollo")
