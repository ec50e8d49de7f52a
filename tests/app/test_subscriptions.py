"""How many subscriptions there may be."""

from collections.abc import AsyncGenerator

import pytest

from app.web.refusal import Refused
from app.web.subscriptions import MOST, MOST_OF_A_CLIENT, MOST_OPENED, Subscriptions


async def nothing() -> AsyncGenerator[int]:
    """Events that never come, one after the other."""
    while True:
        yield 0


async def test_how_many_of_a_client_and_of_all() -> None:
    """A client has 1,000 at most and all together 5,000; one that ends makes room."""
    seconds = iter(range(100_000))
    subscriptions = Subscriptions(lambda: next(seconds), 10)
    running = []
    for number in range(MOST):
        name = f"client {number // MOST_OF_A_CLIENT}"
        subscriptions.check(name)
        running.append(subscriptions.counted(name, nothing()))
        await anext(running[-1])
        if number == MOST_OF_A_CLIENT - 1:
            with pytest.raises(Refused):
                subscriptions.check(name)
    with pytest.raises(Refused) as refused:
        subscriptions.check("another")
    assert refused.value.refusal.name == "OVERLOADED" and len(subscriptions) == MOST
    await running.pop().aclose()
    subscriptions.check("another")
    for each in running:
        await each.aclose()
    assert not len(subscriptions)


def test_how_many_are_opened_in_a_second() -> None:
    """Ten by one client; another one has ten of its own, and a second later there are ten more."""
    now = [0.0]
    subscriptions = Subscriptions(lambda: now[0], 10)
    for name in ("one", "other"):
        for _ in range(MOST_OPENED):
            subscriptions.check(name)
        with pytest.raises(Refused):
            subscriptions.check(name)
    now[0] = 1.0
    subscriptions.check("one")
