"""How many stories are generated, and whether they are the same each time.

`make test` makes the same few each time, so that nobody's change fails by somebody else's mistake.
`make test-random` makes many others; what it finds becomes an example with a fix.
"""

import os

from hypothesis import settings

IS_RANDOM = os.environ.get("TIDINGS_RANDOM") == "1"


def examples(many: int, share: int = 4) -> int:
    """Of a test that is to try `many` a night: a quarter of them by day, or another share."""
    return many if IS_RANDOM else many // share


def rounds(many: int) -> int:
    """Of a test that throws inputs at something: a hundredth by day."""
    return many if IS_RANDOM else many // 100


def load_profile() -> None:
    """For all tests that hypothesis feeds."""
    settings.register_profile("same", derandomize=True, database=None)
    settings.register_profile("random", derandomize=False, print_blob=True)
    settings.load_profile("random" if IS_RANDOM else "same")
