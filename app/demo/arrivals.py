"""What happens in the sandbox: one thing when it is told to, or again and again."""

import asyncio
import random
from collections.abc import Callable, Mapping

ARRIVAL_EVERY = (3.0, 8.0)
"""Seconds, from and to."""


class UnknownFault(Exception):
    """The sandbox has no such inbox, or no such fault."""


class Arrivals:
    """Lets things happen in inboxes, by their names; `arrive` has what lets one happen in each."""

    def __init__(self, arrive: Mapping[str, Callable[[], None]]) -> None:
        self._arrive = arrive
        self._arriving: asyncio.Task[None] | None = None

    def begin(self) -> None:
        """From now on something happens every few seconds; nothing where that is so already."""
        if self._arriving is None:
            self._arriving = asyncio.create_task(self._keep_arriving())

    def let_arrive(self, name: str) -> None:
        """Lets one thing happen in an inbox. Raises UnknownFault."""
        if name not in self._arrive:
            raise UnknownFault(f"there is no inbox {name}: there are {', '.join(self._arrive)}.")
        self._arrive[name]()

    async def _keep_arriving(self) -> None:
        chance = random.Random("arrivals")  # noqa: S311 - a seed, no secret
        while True:
            await asyncio.sleep(chance.uniform(*ARRIVAL_EVERY))
            self._arrive[chance.choice([*self._arrive])]()
