"""Who did something in the demo, and when."""

import random
from collections.abc import Sequence
from datetime import datetime, timedelta

WATCHER = "Ada"
BOT_PASSWORD = "sandbox0sandbox0sandbox0sandbox0"  # noqa: S105 - opens nothing but the sandbox
STRANGERS = ("Kemal", "Lotte")
PEOPLE = ("Ada", "Bela", "Chidi", "Dora", "Emre", "Farah", "Goro", "Hana", "Iris", "Jonas")


def instants(
    chance: random.Random, count: int, span: timedelta, now: datetime
) -> Sequence[datetime]:
    """`count` instants of the time up to now, oldest first."""
    return sorted(now - span * chance.random() for _ in range(count))
