"""A gateway under mixed load while everything goes wrong, for some time: `make soak`.

`python -m soak SECONDS [scale]`: one process whose instances fail and whose configuration is
reloaded each second; or, with `scale`, two processes behind nginx that are killed and restarted.
Exits with 1 where an answer was wrong, an event was missed or came twice, or something is left.
"""

import asyncio
import random
import re
import signal
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Coroutine
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

from soak.checker import Checker
from soak.clients import Subscriber, keep_asking, keep_dismissing
from soak.gateways import Process, make_process, nginx, redis_store
from soak.instances import Instances, draw_fault

CLIENTS, SUBSCRIBERS = 6, 20
BEGINNING = 5.0
"""Seconds before anything goes wrong: what is down from the start joins with its newest."""
CALM = 75.0
"""Seconds at the end in which nothing goes wrong, by which all that happened is told, as
a circuit breaker waits up to 60."""
DRIFT = 0.05
"""How much memory may change from half of the time on, when all that is bounded is full."""


async def keep_happening(instances: Instances, chance: random.Random) -> None:
    """So many that a cursor can name those of a minute in each inbox, which are 64."""
    while True:
        instances.happen(chance.choice(["home", "home", "work", "wiki", "extra"]))
        await asyncio.sleep(0.4)


async def keep_failing(instances: Instances, chance: random.Random, seconds: float) -> None:
    """Another fault every 10 seconds, until it calms down."""
    ends = time.monotonic() + seconds
    await asyncio.sleep(BEGINNING)
    while time.monotonic() < ends:
        inbox, fault = draw_fault(chance)
        instances.set_fault(inbox, fault)
        print(f"  {inbox}: {fault or 'well'}")
        await asyncio.sleep(min(10, max(0.1, ends - time.monotonic())))
        instances.set_fault(inbox, "")


async def keep_reloading(process: Process, seconds: float) -> None:
    """Another configuration every second: one inbox comes and goes."""
    ends, has_extra = time.monotonic() + seconds, False
    while time.monotonic() < ends:
        has_extra = not has_extra
        process.configure(*(["extra"] if has_extra else []))
        process.send(signal.SIGHUP)
        await asyncio.sleep(1)
    process.configure()
    process.send(signal.SIGHUP)


async def kill_and_restart(processes: list[Process], seconds: float) -> None:
    """One is killed and started again; then both are restarted, one after the other."""
    await asyncio.sleep(seconds / 4)
    print("  killed")
    processes[0].send(signal.SIGKILL)
    await processes[0].end()
    await asyncio.sleep(seconds / 8)
    await processes[0].start()
    await asyncio.sleep(seconds / 4)
    for process in processes:
        print("  restarting")
        assert await process.end() == 0
        await process.start()
        await asyncio.sleep(seconds / 16)


@asynccontextmanager
async def together(*doing: Coroutine[Any, Any, None]) -> AsyncIterator[None]:
    """Some that go on meanwhile; what one of them raises ends it all."""
    tasks = [asyncio.create_task(each) for each in doing]
    try:
        yield
        for task in tasks:
            if task.done():
                task.result()
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def run(seconds: float, *, is_scale: bool, folder: Path) -> list[str]:
    """All that was wrong."""
    chance = random.Random("soak")  # noqa: S311 - a seed
    async with AsyncExitStack() as stack:
        instances = await stack.enter_async_context(Instances().served())
        for name in ("home", "work", "wiki"):
            for _ in range(100):
                instances.happen(name)
        store = await stack.enter_async_context(redis_store(folder / "redis")) if is_scale else ""
        names = ["a", "b"] if is_scale else ["a"]
        processes = [make_process(folder / name, instances, store) for name in names]
        address = processes[0].address
        if is_scale:
            address = await stack.enter_async_context(nginx(folder / "nginx", processes))
            for each in processes:
                each.configure(public_url=address.removesuffix("/graphql"))
        for each in processes:
            stack.push_async_callback(each.end)
            await each.start()
        wrong = await load(seconds, address, instances, processes, chance)
        for each in processes:
            wrong += [f"{each.log.parent.name}: {line}" for line in troubles(each)]
        return wrong


async def load(
    seconds: float,
    address: str,
    instances: Instances,
    processes: list[Process],
    chance: random.Random,
) -> list[str]:
    """Everything at once, then what is left of it."""
    checker = Checker(instances)
    subscribers = [Subscriber(address) for _ in range(SUBSCRIBERS)]
    if len(processes) > 1:
        trouble = [kill_and_restart(processes, seconds)]
    else:
        trouble = [
            keep_failing(instances, chance, seconds),
            keep_reloading(processes[0], seconds),
        ]
    listening = [each.listen() for each in subscribers]
    asking = [keep_asking(address, checker, 0.05) for _ in range(CLIENTS)]
    async with together(*listening):
        async with together(*asking, keep_dismissing(address, checker, 1), *trouble):
            async with together(keep_happening(instances, chance)):
                await asyncio.sleep(seconds / 2)
                before = processes[0].resident() if len(processes) == 1 else 0.0
                await asyncio.sleep(seconds / 2)
            until = time.time()
            missed = await catch_up(subscribers, checker, until)
            after = processes[0].resident()
        print(f"caught up after {time.time() - until:.1f} s")
    wrong = [*checker.wrong, *(line for each in subscribers for line in each.wrong)]
    wrong += [f"missed by a subscriber: {each}" for each in missed if each]
    arrived = sum(len(each.arrived) for each in subscribers)
    print(f"{checker.checked} answers, {len(checker.dismissed)} dismissals, {arrived} events")
    print(f"{sum(each.ends for each in subscribers)} ends of {SUBSCRIBERS} subscribers")
    if len(processes) == 1:
        print(f"memory {before:.1f} MB after half, {after:.1f} MB at the end")
        if abs(after - before) > DRIFT * before:
            wrong.append(f"memory went from {before} to {after} MB")
    return wrong + await left_over(processes)


async def catch_up(
    subscribers: list[Subscriber], checker: Checker, until: float
) -> list[list[tuple[str, int]]]:
    """What each has still missed, once that is nothing, or it is too late."""
    ends = time.monotonic() + CALM
    while True:
        await asyncio.sleep(1)
        missed = [each.missed(checker, until) for each in subscribers]
        if not any(missed) or time.monotonic() > ends:
            return missed


async def left_over(processes: list[Process]) -> list[str]:
    """What does not end with those who asked; and the exit status."""
    await asyncio.sleep(2)
    wrong = []
    for process in processes:
        for name in ("subscriptions", "live_connections", "requests_under_way"):
            count = await process.metric(f"tidings_{name}")
            if count:
                wrong.append(f"{name} left: {count}")
        status = await process.end()
        if status != 0:
            wrong.append(f"exit status {status}")
    return wrong


def troubles(process: Process) -> list[str]:
    """Lines of the log that nobody foresaw."""
    text = process.log.read_text(encoding="utf-8", errors="replace")
    return re.findall(
        r"^.*(?:Traceback|unforeseen|Exception in|never retrieved).*$", text, re.MULTILINE
    )


def main() -> None:
    """Runs it, and says what was wrong."""
    seconds, is_scale = float(sys.argv[1]), "scale" in sys.argv[2:]
    with tempfile.TemporaryDirectory() as folder:
        wrong = asyncio.run(run(seconds, is_scale=is_scale, folder=Path(folder)))
    for line in wrong[:30]:
        print(f"WRONG {line}")
    print(f"{len(wrong)} wrong")
    sys.exit(1 if wrong else 0)


main()
