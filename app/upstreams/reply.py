"""What comes back from an instance."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Reply:
    """An instance's whole answer; header names are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes
