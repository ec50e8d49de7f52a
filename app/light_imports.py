"""Keeps out of memory what libraries load by themselves and the gateway has no use for."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def without(*names: str) -> Iterator[None]:
    """Lets packages not be found while others are imported, unless they are loaded already."""
    hidden = [name for name in names if name not in sys.modules]
    for name in hidden:
        sys.modules[name] = None  # type: ignore[assignment] # by which its import fails
    try:
        yield
    finally:
        for name in hidden:
            del sys.modules[name]
