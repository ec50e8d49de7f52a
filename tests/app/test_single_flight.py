"""One request for all who ask the same at once."""

import asyncio
import gc
from typing import Any

from app.cache.single_flight import SingleFlight


async def test_a_flight_that_lands_late_leaves_the_next_one() -> None:
    """Who comes after a newer flight has begun joins that one, though an older one has landed."""
    flights: SingleFlight[str, int, int] = SingleFlight()
    begun: list[int] = []

    async def fly(number: int) -> int:
        begun.append(number)
        await asyncio.sleep(number)
        return number

    older = flights.join("key", 1, lambda: fly(1), lambda under: under == 1)
    newer = flights.join("key", 2, lambda: fly(5), lambda under: under == 2)
    assert await older == 1
    last = flights.join("key", 2, lambda: fly(9), lambda under: under == 2)
    assert (await newer, await last) == (5, 5)
    assert begun == [1, 5]


async def test_who_goes_away_does_not_take_the_answer() -> None:
    """Nor does the end of the gateway leave anything under way."""
    flights: SingleFlight[str, int, int] = SingleFlight()

    async def fly() -> int:
        await asyncio.sleep(5)
        return 7

    first, second = (
        asyncio.ensure_future(flights.join("key", 1, fly, lambda _: True)) for _ in range(2)
    )
    await asyncio.sleep(1)
    first.cancel()
    assert await second == 7
    third = flights.join("key", 1, fly, lambda _: True)
    await flights.aclose()
    (outcome,) = await asyncio.gather(third, return_exceptions=True)
    assert isinstance(outcome, asyncio.CancelledError)


async def test_nobody_complains() -> None:
    """Of a failure that nobody waits for any more, nor of a flight that was ended."""
    complaints: list[dict[str, Any]] = []
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(lambda _, context: complaints.append(context))
    flights: SingleFlight[str, int, int] = SingleFlight()

    async def fail() -> int:
        await asyncio.sleep(1)
        raise ValueError

    waiting = asyncio.ensure_future(flights.join("key", 1, fail, lambda _: True))
    await asyncio.sleep(0)
    waiting.cancel()
    await asyncio.sleep(2)
    flights.join("key", 1, fail, lambda _: True)
    await asyncio.sleep(0)
    await flights.aclose()
    gc.collect()
    await asyncio.sleep(0)
    assert complaints == []
